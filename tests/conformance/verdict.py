"""Runs cases and says for each of them whether its results are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from conformance import interpreter, runner
from conformance.case import Array, Case
from conformance.compare import difference


@dataclass(frozen=True)
class Verdict:
    """What became of a case: `problem` is None if its results are right; `unchecked` says why nothing could check
    them.
    """

    case: Case
    problem: str | None
    unchecked: str | None = None


def judge(cases: Sequence[Case], device: str = runner.DEVICE) -> list[Verdict]:
    """Runs the cases in one batch on a device."""
    wanted = interpreter.evaluate([case for case in cases if case.reference is None])
    references = iter(wanted)
    expected: list[list[Array] | str] = [
        next(references) if case.reference is None else [np.asarray(v) for v in case.reference(*case.inputs)]
        for case in cases
    ]
    return [
        _verdict(case, got, want) for case, got, want in zip(cases, runner.run(cases, device), expected, strict=True)
    ]


def _verdict(case: Case, got: list[Array] | str, want: list[Array] | str) -> Verdict:
    if isinstance(got, str):
        return Verdict(case, got)
    if isinstance(want, str):
        return Verdict(case, None, want)
    for i, (mine, theirs) in enumerate(zip(got, want, strict=True)):
        if (problem := difference(mine, theirs, case.tolerance)) is not None:
            return Verdict(case, f"result {i} {problem}")
    return Verdict(case, None)
