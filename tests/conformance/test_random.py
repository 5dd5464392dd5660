"""Random programs against the StableHLO interpreter. A failure is shrunk to a small program."""

from __future__ import annotations

import os

from conformance.case import Case
from conformance.programs import programs
from conformance.verdict import judge
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

PROGRAMS = int(os.environ.get("IREE_RANDOM_PROGRAMS", "12"))
"""Of each of these, several variants are compiled; more find more."""
TOGETHER = 6


@settings(
    max_examples=PROGRAMS,
    deadline=None,
    database=None,
    derandomize="IREE_RANDOM_PROGRAMS" not in os.environ,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)
@given(st.lists(programs() | programs(dynamic=True), min_size=TOGETHER, max_size=TOGETHER))
def test_random_programs(cases: list[Case]) -> None:
    wrong = [f"{v.problem}\n{v.case.function('main')}" for v in judge(cases) if v.problem is not None]
    assert not wrong, "\n".join(wrong)
