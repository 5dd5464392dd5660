"""StableHLO to linalg on tensors: one file per family of operations, `pipeline` puts them together."""

from iree.dialects.input.pipeline import input_to_linalg

__all__ = ["input_to_linalg"]
