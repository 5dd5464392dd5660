"""Versions of all parts that take part in a compilation."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

PARTS = ("iree-codegen", "iree-dialects", "iree-vm", "torch-mlir", "llvmlite", "numpy")


def versions() -> dict[str, str]:
    """Version of each distribution; ``not installed`` where there is none."""
    found = {}
    for part in PARTS:
        try:
            found[part] = version(part)
        except PackageNotFoundError:
            found[part] = "not installed"
    return found
