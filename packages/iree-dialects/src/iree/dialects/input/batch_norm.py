"""batch_norm_inference, batch_norm_training and batch_norm_grad, as the StableHLO specification defines them.

The statistics are computed per feature, so that what remains over the whole tensor is one pass that fuses with its
neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iree.dialects.input.build import as_value, constant, dims, elementwise, fill, generic
from iree.dialects.input.rules import Rule
from iree.dialects.mlir import arith, ir, math


@dataclass(frozen=True)
class _Norm:
    """What the three operations share: the operand, its feature dimension and epsilon."""

    operand: Any
    feature: int
    epsilon: float

    @staticmethod
    def of(op: Any) -> _Norm:
        return _Norm(op.operands[0], op.attributes["feature_index"].value, op.attributes["epsilon"].value)

    @property
    def element(self) -> Any:
        return self.operand.type.element_type

    def per_feature(self, inputs: Sequence[Any], body: Callable[..., Any]) -> Any:
        """A vector over the features."""
        return elementwise(inputs, [dims(self.operand)[self.feature]], self.element, body)

    def whole(self, operands: Sequence[Any], vectors: Sequence[Any], body: Callable[..., Any]) -> Any:
        """A tensor like the operand, from such tensors and from vectors over the features."""
        axes = [None] * len(operands) + [[self.feature]] * len(vectors)
        return elementwise([*operands, *vectors], dims(self.operand), self.element, body, axes)

    def sum(self, operands: Sequence[Any], vectors: Sequence[Any], body: Callable[..., Any]) -> Any:
        """The sum of `body` over all dimensions but the feature."""
        rank = self.operand.type.rank
        by_feature = ir.AffineMap.get(rank, 0, [ir.AffineDimExpr.get(self.feature)])
        maps = [ir.AffineMap.get_identity(rank)] * len(operands) + [by_feature] * (len(vectors) + 1)
        kinds = ["parallel" if axis == self.feature else "reduction" for axis in range(rank)]
        zero = fill(constant(0, self.element), [dims(self.operand)[self.feature]])
        return generic([*operands, *vectors], maps, [zero], kinds, lambda *a: _add(a[-1], body(*a[:-1])))[0]

    def count(self) -> Any:
        """The number of elements per feature, as a scalar of the element type."""
        product, dynamic = 1, []
        for axis, size in enumerate(dims(self.operand)):
            if axis == self.feature:
                continue
            if isinstance(size, int):
                product *= size
            else:
                dynamic.append(size)
        if not dynamic:
            return constant(product, self.element)
        total = as_value(product)
        for size in dynamic:
            total = arith.MulIOp(total, size).result
        wide = arith.IndexCastOp(ir.IntegerType.get_signless(64), total).result
        return arith.SIToFPOp(self.element, wide).result

    def inverse_deviation(self, variance: Any) -> Any:
        """1 / sqrt(variance + epsilon), by feature."""
        one, epsilon = constant(1, self.element), constant(self.epsilon, self.element)
        return self.per_feature([variance], lambda v: _div(one, _sqrt(_add(v, epsilon))))

    def normalize(self, scale: Any, offset: Any, mean: Any, variance: Any) -> Any:
        slope = self.per_feature([self.inverse_deviation(variance), scale], _mul)
        return self.whole([self.operand], [mean, slope, offset], lambda x, m, k, b: _add(_mul(_sub(x, m), k), b))


def _add(a: Any, b: Any) -> Any:
    return arith.AddFOp(a, b).result


def _sub(a: Any, b: Any) -> Any:
    return arith.SubFOp(a, b).result


def _mul(a: Any, b: Any) -> Any:
    return arith.MulFOp(a, b).result


def _div(a: Any, b: Any) -> Any:
    return arith.DivFOp(a, b).result


def _sqrt(a: Any) -> Any:
    return math.SqrtOp(a).result


def inference(op: Any) -> list[Any]:
    """Normalises with given statistics."""
    _, scale, offset, mean, variance = op.operands
    return [_Norm.of(op).normalize(scale, offset, mean, variance)]


def training(op: Any) -> list[Any]:
    """Normalises with the batch's own statistics and returns them."""
    norm = _Norm.of(op)
    _, scale, offset = op.operands
    count = norm.count()
    mean = norm.per_feature([norm.sum([norm.operand], [], lambda x: x)], lambda s: _div(s, count))
    squares = norm.sum([norm.operand], [mean], lambda x, m: _mul(_sub(x, m), _sub(x, m)))
    variance = norm.per_feature([squares], lambda s: _div(s, count))
    return [norm.normalize(scale, offset, mean, variance), mean, variance]


def grad(op: Any) -> list[Any]:
    """Gradients with respect to operand, scale and offset."""
    norm = _Norm.of(op)
    x, scale, mean, variance, dy = op.operands
    count = norm.count()
    inverse = norm.inverse_deviation(variance)
    sum_dy = norm.sum([dy], [], lambda g: g)
    sum_dy_x = norm.sum([x, dy], [mean], lambda v, g, m: _mul(g, _sub(v, m)))
    grad_scale = norm.per_feature([sum_dy_x, inverse], _mul)
    # Per feature: grad_operand = scale * inverse / n * (n * dy - sum(dy) - (x - mean) * sum(dy * (x - mean)) /
    # (variance + eps))
    slope = norm.per_feature([scale, inverse], lambda s, i: _div(_mul(s, i), count))
    pull = norm.per_feature([sum_dy_x, inverse], lambda s, i: _mul(s, _mul(i, i)))
    grad_operand = norm.whole(
        [x, dy],
        [mean, slope, sum_dy, pull],
        lambda v, g, m, k, s, p: _mul(k, _sub(_sub(_mul(count, g), s), _mul(_sub(v, m), p))),
    )
    return [grad_operand, grad_scale, sum_dy]


RULES: Mapping[str, Rule] = {
    "stablehlo.batch_norm_inference": inference,
    "stablehlo.batch_norm_training": training,
    "stablehlo.batch_norm_grad": grad,
}
