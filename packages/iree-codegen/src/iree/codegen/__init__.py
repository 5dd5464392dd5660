"""Code generation and the compiler's driver: StableHLO in, a module file out."""

from iree.codegen._version import __version__

__all__ = ["__version__"]
