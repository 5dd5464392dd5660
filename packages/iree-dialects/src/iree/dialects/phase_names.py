"""The names of the compiler's phases. Needs no MLIR, which takes long to load."""

PHASES = ("input", "flow", "executables", "hal", "vm")
"""In order; see `iree.dialects.phases`."""
