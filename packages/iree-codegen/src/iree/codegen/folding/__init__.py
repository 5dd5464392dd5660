"""Evaluation at compile time of whatever depends on constants and immutable globals alone."""

from iree.codegen.folding.evaluate import evaluate
from iree.codegen.folding.hoist import Hoisted, hoist, parameter_keys, replace
from iree.codegen.folding.packs import fold_packs

__all__ = ["Hoisted", "evaluate", "fold_packs", "hoist", "parameter_keys", "replace"]
