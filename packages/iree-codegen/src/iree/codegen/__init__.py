"""Code generation and the compiler's driver: StableHLO in, a module file out.

MLIR is loaded with the first use of a function, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from iree.codegen._version import __version__

if TYPE_CHECKING:
    from iree.codegen.compiler import compile_file, compile_str
    from iree.codegen.options import CompilerOptions, Limits
    from iree.codegen.statistics import Statistics
    from iree.dialects.errors import CompileError

__all__ = ["CompileError", "CompilerOptions", "Limits", "Statistics", "__version__", "compile_file", "compile_str"]

_HOME = {
    "CompileError": "iree.dialects.errors",
    "CompilerOptions": "iree.codegen.options",
    "Limits": "iree.codegen.options",
    "Statistics": "iree.codegen.statistics",
    "compile_file": "iree.codegen.compiler",
    "compile_str": "iree.codegen.compiler",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'iree.codegen' has no attribute '{name}'")
