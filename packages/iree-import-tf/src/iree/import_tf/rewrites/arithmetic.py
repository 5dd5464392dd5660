"""Formulas over tensors of floats, written as such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.import_tf import hlo, loops


@dataclass(frozen=True)
class Float:
    """A tensor of floats; operators work element by element, and take numbers as well."""

    value: Any

    def of(self, number: Float | float) -> Any:
        """A number, a scalar or a tensor of this one's shape as a value of this one's type."""
        if isinstance(number, Float):
            if number.value.type == self.value.type:
                return number.value
            scalar = number.value
        else:
            scalar = hlo.filled(number, hlo.tensor([], hlo.element(self.value)))
        return hlo.cast(hlo.spread(scalar, loops.sizes_of(self.value)), self.value.type)

    def _with(self, kind: str, other: Float | float) -> Float:
        return Float(hlo.op(kind, [self.value, self.of(other)], self.value.type))

    def __add__(self, other: Float | float) -> Float:
        return self._with("add", other)

    def __sub__(self, other: Float | float) -> Float:
        return self._with("subtract", other)

    def __mul__(self, other: Float | float) -> Float:
        return self._with("multiply", other)

    def __truediv__(self, other: Float | float) -> Float:
        return self._with("divide", other)

    def largest(self, other: Float | float) -> Float:
        """The larger of two."""
        return self._with("maximum", other)

    def least(self, other: Float | float) -> Float:
        """The smaller of two."""
        return self._with("minimum", other)

    def apply(self, kind: str) -> Float:
        """An operation of StableHLO that has one operand, such as ``floor``."""
        return Float(hlo.op(kind, [self.value], self.value.type))

    def where(self, direction: str, other: Float | float, yes: Float | float, no: Float | float) -> Float:
        """`yes` where this one compares so to another, else `no`."""
        condition = hlo.compare(direction, self.value, self.of(other))
        return Float(hlo.op("select", [condition, self.of(yes), self.of(no)], self.value.type))


def element(vector: Any, index: int) -> Float:
    """One element of a vector, as a scalar."""
    part = hlo.slice_between(vector, [index], [index + 1])
    return Float(hlo.reshape(part, []))
