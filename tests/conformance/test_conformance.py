"""Every operation through the whole compiler and runtime, against the StableHLO interpreter or NumPy.

By default a static case per operation and dtype and a dynamic one per operation run; IREE_CONFORMANCE=all runs all of
them.
`python -m conformance.coverage` (in tests/) runs all and writes the coverage table.
"""

import os
import zlib
from collections.abc import Iterator, Sequence

import pytest
from conformance.case import Case
from conformance.known import reason
from conformance.table import FAMILIES, all_cases
from conformance.verdict import judge

BATCH = 24


def _chosen(cases: Sequence[Case]) -> list[Case]:
    """One case of each kind, the same in every run."""
    if os.environ.get("IREE_CONFORMANCE") == "all":
        return list(cases)
    kinds: dict[tuple[object, ...], Case] = {}
    for case in sorted(cases, key=lambda case: zlib.crc32(case.name.encode())):
        kinds.setdefault((case.op, "" if case.dynamic else case.dtype, case.dynamic), case)
    return list(kinds.values())


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
