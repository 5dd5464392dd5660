"""What runs of the cases on GPUs and on emulated CPUs found, in devices.json: the columns that docs/coverage.md has
beside this CPU's.

`IREE_CONFORMANCE_DEVICE=vulkan python -m conformance.coverage` (in tests/) renews those of a device, with `--families`
some rows of it; `python -m conformance.devices` puts them into a docs/coverage.md that lacks them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance.table import FAMILIES, all_cases

DOCUMENT = Path(__file__).parents[2] / "docs" / "coverage.md"
FILE = Path(__file__).with_name("devices.json")
DEVICES = ("vulkan", "webgpu", "aarch64")
HEADER = ["operation", "right", *DEVICES, "by dtype"]
_TITLE, _NEXT = "## On other devices", "\n## Limits"


def merge(device: str, name: str, family: str, rows: dict[str, list[int]], wrong: dict[str, dict[str, int]]) -> None:
    """Puts the run of a family into the file.

    Args:
        device: One of `DEVICES`.
        name: What the device calls itself.
        family: Of cases.
        rows: Per operation how many static cases are right and how many there are, and of dynamic ones.
        wrong: Per operation how many cases are not, by the reason.
    """
    found = _read()
    of_device = found.setdefault(device, {"name": name, "families": {}})
    of_device["name"] = name
    of_device["families"][family] = {"rows": rows, "wrong": wrong}
    FILE.write_text(json.dumps(found, ensure_ascii=False, sort_keys=True).replace("}, ", "},\n") + "\n")


def add_columns(text: str) -> str:
    """The document with what the file has of each device."""
    found = _read()
    columns = [_rows(found.get(device)) for device in DEVICES]
    lines = [_with_columns(line, columns) for line in text.splitlines()]
    whole = "\n".join(lines) + "\n"
    start = whole.find("\n" + _TITLE)
    if start >= 0:
        whole = whole[:start] + whole[whole.index(_NEXT) :]
    return whole.replace(_NEXT, _section(found) + _NEXT)


def _rows(of_device: dict[str, Any] | None) -> dict[str, list[int]]:
    """Those of all families together."""
    total: dict[str, list[int]] = {}
    for family in (of_device or {"families": {}})["families"].values():
        for op, numbers in family["rows"].items():
            total[op] = [a + b for a, b in zip(total.get(op, [0] * 4), numbers, strict=True)]
    return total


def cell(numbers: Sequence[int]) -> str:
    """A cell of the table: static and dynamic cases that are right, of how many if some are not."""
    texts = []
    for right, all_, kind in ((*numbers[:2], ""), (*numbers[2:], " dyn")):
        if all_:
            texts.append((f"{right}" if right == all_ else f"**{right}/{all_}**") + kind)
    return " + ".join(texts)


def _with_columns(line: str, columns: Sequence[dict[str, list[int]]]) -> str:
    """A line of the document: one of the table gets the devices' cells."""
    cells = line.strip("| ").split(" | ")
    if line.startswith("| operation |"):
        cells = HEADER
    elif line.startswith("|---"):
        return "|---" * len(HEADER) + "|"
    elif line.startswith("| "):
        ours = [cell(column.get(cells[0], [0] * 4)) for column in columns]
        cells = [*cells[:2], *ours, cells[-1]]
    else:
        return line
    return f"| {' | '.join(cells)} |"


def _read() -> dict[str, Any]:
    return json.loads(FILE.read_text()) if FILE.exists() else {}


def _section(found: dict[str, Any]) -> str:
    lines = ["", _TITLE, ""]
    for device in DEVICES:
        if device not in found:
            continue
        numbers = list(_rows(found[device]).values())
        good, total = (sum(row[i] + row[i + 2] for row in numbers) for i in (0, 1))
        kinds = (
            "" if 2 * total > sum(len(all_cases(family)) for family in FAMILIES) else ", of which one of each kind ran,"
        )
        share = f"{good} of {total} cases{kinds} are right ({1000 * good // total / 10} %)"
        lines.append(f"- **{device}** on {found[device]['name']}: {share}.")
        reasons: dict[str, Counter[str]] = {}
        for family in found[device]["families"].values():
            for op, counts in family["wrong"].items():
                for why, count in counts.items():
                    reasons.setdefault(why, Counter())[op] += count
        for why, ops in reasons.items():
            named = ", ".join(f"{op} ({count})" for op, count in ops.items())
            lines.append(f"  - {named}: {why}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(add_columns(DOCUMENT.read_text()))
