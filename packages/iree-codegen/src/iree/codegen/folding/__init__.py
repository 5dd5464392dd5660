"""Evaluation at compile time of whatever depends on constants and immutable globals alone."""

from iree.codegen.folding.evaluate import evaluate
from iree.codegen.folding.hoist import Hoisted, hoist, replace

__all__ = ["Hoisted", "evaluate", "hoist", "replace"]
