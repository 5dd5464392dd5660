"""Runs a program of constants with the project's own runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from iree import vm
from iree.codegen.folding.hoist import FUNCTION
from numpy.typing import NDArray


def evaluate(path: Path) -> list[NDArray[Any]]:
    """The results of `FUNCTION` of a module file, in memory of their own."""
    returned = getattr(vm.load(path, device="cpu"), FUNCTION)()
    results = returned if isinstance(returned, tuple) else (returned,)
    return [np.array(result, order="C", copy=True) for result in results]
