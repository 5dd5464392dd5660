"""Loads MLIR's libraries so that they get along with a TensorFlow in the same process.

TensorFlow makes its symbols, LLVM's among them, visible to every library loaded later. Unless MLIR's libraries look at
their own symbols first, the two share LLVM's globals and the process aborts.
"""

from __future__ import annotations

import importlib
import os
import sys

_LIBRARIES = ("torch_mlir.ir", "torch_mlir._mlir_libs._stablehlo", "torch_mlir._mlir_libs._torchMlir")


def load() -> None:
    """Loads them; does nothing if no TensorFlow was loaded before, or where a library cannot look at itself first."""
    if "tensorflow" not in sys.modules or not hasattr(os, "RTLD_DEEPBIND"):
        return
    flags = sys.getdlopenflags()
    sys.setdlopenflags(flags | os.RTLD_DEEPBIND)
    try:
        for library in _LIBRARIES:
            importlib.import_module(library)
    finally:
        sys.setdlopenflags(flags)


load()
