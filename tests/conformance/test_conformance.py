"""Every operation through the whole compiler and runtime, against the StableHLO interpreter or NumPy.

Every case runs; with IREE_CONFORMANCE=quick a static case per operation and dtype and a dynamic one per operation.
`python -m conformance.coverage` (in tests/) runs all and writes docs/coverage.md.
"""

import os
import zlib
from collections.abc import Iterator, Sequence

import pytest
from conformance.case import Case
from conformance.coverage import BATCH, OUTPUT, table
from conformance.known import reason
from conformance.table import FAMILIES, all_cases
from conformance.verdict import Verdict, judge


def _chosen(cases: Sequence[Case]) -> list[Case]:
    """One case of each kind, the same in every run."""
    if os.environ.get("IREE_CONFORMANCE") != "quick":
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


def test_there_are_enough() -> None:
    assert sum(len(all_cases(family)) for family in FAMILIES) >= 4500


def test_the_coverage_table_lists_every_case() -> None:
    verdicts = [Verdict(case, reason(case)) for family in FAMILIES for case in all_cases(family)]
    assert table(verdicts) in OUTPUT.read_text(), "run: cd tests && python -m conformance.coverage"
