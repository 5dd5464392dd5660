"""All cases, by family."""

from __future__ import annotations

import importlib

import numpy as np
from conformance.case import Case

FAMILIES = ("elementwise", "shapes", "reductions", "contractions", "indexing", "algebra", "control", "chlo", "narrow")


def all_cases(family: str) -> list[Case]:
    """The cases of a family; a file of that name in cases/."""
    with np.errstate(all="ignore"):
        return list(importlib.import_module(f"conformance.cases.{family}").cases())
