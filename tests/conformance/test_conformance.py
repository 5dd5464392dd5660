"""Every operation through the whole compiler and runtime, against the StableHLO interpreter or NumPy.

Every case runs; with IREE_CONFORMANCE=quick a static case per operation and dtype and a dynamic one per operation.
`python -m conformance.coverage` (in tests/) runs all and writes docs/coverage.md.
"""

import os
import re
from collections.abc import Iterator, Sequence

import pytest
from conformance.case import Case
from conformance.coverage import BATCH, OUTPUT
from conformance.known import reason
from conformance.table import FAMILIES, all_cases, one_of_each_kind
from conformance.verdict import judge


def _chosen(cases: Sequence[Case]) -> Sequence[Case]:
    return one_of_each_kind(cases) if os.environ.get("IREE_CONFORMANCE") == "quick" else cases


def _batches() -> Iterator[object]:
    for family in FAMILIES:
        cases = _chosen(all_cases(family))
        for start in range(0, len(cases), BATCH):
            yield pytest.param(cases[start : start + BATCH], id=f"{family}-{start}")


@pytest.mark.parametrize("cases", list(_batches()))
def test_conformance(cases: list[Case]) -> None:
    wrong = [
        f"{verdict.case.name}: {verdict.problem}"
        for verdict in judge(cases)
        if verdict.problem is not None and reason(verdict.case) is None
    ]
    assert not wrong, "\n".join(wrong)


def test_there_are_enough() -> None:
    assert sum(len(all_cases(family)) for family in FAMILIES) >= 4500


def test_the_coverage_table_has_the_form_that_is_generated() -> None:
    """Its rows count cases that there are; it may be older than the newest of them."""
    lines = OUTPUT.read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("| operation |"))
    rows = dict(line.strip("| ").split(" | ")[:2] for line in lines[start + 2 :] if line.startswith("| "))
    cases = [case for family in FAMILIES for case in all_cases(family)]
    there = {case.op: [0, 0] for case in cases}
    for case in cases:
        there[case.op][case.dynamic] += 1
    assert rows
    for op, cell in rows.items():
        counted = re.fullmatch(r"(?:(?:\d+/)?(\d+)(?: \+ |$))?(?:(?:\d+/)?(\d+) dyn)?", cell.replace("*", ""))
        assert counted, f"{op}: {cell}"
        static, dynamic = (int(part or 0) for part in counted.groups())
        assert static <= there[op][0] and dynamic <= there[op][1], f"{op}: {cell}"
