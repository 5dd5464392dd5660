"""Loads MLIR so that it gets along with a TensorFlow in the same process.

TensorFlow makes its symbols, LLVM's among them, visible to every library loaded later. Unless MLIR's library looks
at its own
symbols first, the two share LLVM's globals and the process aborts.
"""

from __future__ import annotations

import importlib
import os
import sys

if "tensorflow" in sys.modules and "iree.dialects.mlir" not in sys.modules and hasattr(os, "RTLD_DEEPBIND"):
    _flags = sys.getdlopenflags()
    sys.setdlopenflags(_flags | os.RTLD_DEEPBIND)
    try:
        importlib.import_module("iree.dialects.mlir")
    finally:
        sys.setdlopenflags(_flags)
