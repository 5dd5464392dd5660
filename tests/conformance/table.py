"""All cases, by family."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Sequence

import numpy as np
from conformance.case import Case

FAMILIES = (
    "elementwise", "shapes", "reductions", "contractions", "indexing", "algebra", "control", "chlo", "narrow",
    "quantized", "rare",
)  # fmt: skip


def all_cases(family: str) -> list[Case]:
    """The cases of a family; a file of that name in cases/."""
    with np.errstate(all="ignore"):
        return list(importlib.import_module(f"conformance.cases.{family}").cases())


def one_of_each_kind(cases: Sequence[Case]) -> list[Case]:
    """A static case per operation and dtype and a dynamic one per operation, the same in every run."""
    kinds: dict[tuple[object, ...], Case] = {}
    for case in sorted(cases, key=lambda case: zlib.crc32(case.name.encode())):
        kinds.setdefault((case.op, "" if case.dynamic else case.dtype, case.dynamic), case)
    return list(kinds.values())
