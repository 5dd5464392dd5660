"""Rounding to integers with nothing but sums and comparisons, for machines without instructions for it."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.scalars import Floats


def roundeven(f: Floats, x: Any) -> Any:
    """Nearest integer, halves to even."""
    return f.nearest(x)


def floor(f: Floats, x: Any) -> Any:
    """Largest integer that is not above x."""
    rounded = roundeven(f, x)
    return f.copysign(f.select(f.compare("ogt", rounded, x), f.sub(rounded, 1.0), rounded), x)


def ceil(f: Floats, x: Any) -> Any:
    """Smallest integer that is not below x."""
    rounded = roundeven(f, x)
    return f.copysign(f.select(f.compare("olt", rounded, x), f.add(rounded, 1.0), rounded), x)


def trunc(f: Floats, x: Any) -> Any:
    """Towards zero."""
    return f.copysign(floor(f, f.abs(x)), x)


def round_(f: Floats, x: Any) -> Any:
    """Nearest integer, halves away from zero."""
    magnitude = f.abs(x)
    whole = floor(f, magnitude)
    up = f.compare("oge", f.sub(magnitude, whole), 0.5)
    return f.copysign(f.select(up, f.add(whole, 1.0), whole), x)
