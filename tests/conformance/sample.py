"""Runs a case per operation, static and dynamic by turns, on a device, with what is hard for devices, and prints what
is wrong.

A process of its own: cases run in processes that are forked, which GPU drivers do not survive.
"""

from __future__ import annotations

import sys
import zlib

from conformance import hard
from conformance.case import Case
from conformance.known import reason, refused
from conformance.table import FAMILIES, all_cases
from conformance.verdict import judge


def main(device: str) -> int:
    """The program. Returns 1 if something is wrong."""
    wrong = [f"{v.case.name}: {v.problem}" for v in judge(_sample(device), device) if v.problem is not None]
    print(*wrong, sep="\n")
    return int(bool(wrong))


def _sample(device: str) -> list[Case]:
    """The same in every run."""
    cases = [case for family in FAMILIES for case in all_cases(family)]
    chosen: dict[str, Case] = {}
    for case in sorted(cases, key=lambda case: zlib.crc32(f"{device} {case.name}".encode())):
        if reason(case, device) is None and refused(case, device) is None:
            chosen.setdefault(case.op, case)
    return [*chosen.values(), *hard.cases()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
