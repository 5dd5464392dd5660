"""chlo.broadcast_*: operands of different shapes, broadcast against each other as NumPy does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iree.dialects.input.build import DYNAMIC, Dim, as_value, cast, dim, index, like, refine, signless
from iree.dialects.input.dynamic import broadcast
from iree.dialects.input.rules import Rule
from iree.dialects.input.sizes import same
from iree.dialects.mlir import arith, ir

_STABLEHLO = (
    "add and atan2 compare complex divide maximum minimum multiply or power remainder select shift_left "
    "shift_right_arithmetic shift_right_logical subtract xor"
)
_PLAIN = {name: f"stablehlo.{name}" for name in _STABLEHLO.split()} | {
    name: f"chlo.{name}" for name in ("next_after", "polygamma", "zeta")
}


def _combine(a: Dim, b: Dim) -> Dim:
    """The size that two sizes broadcast to. That unequal sizes other than 1 do not fit is not checked here."""
    if a == 1 and isinstance(a, int):
        return b
    if isinstance(b, int) and (b == 1 or isinstance(a, int)):
        return a
    if isinstance(a, int):
        return a
    if isinstance(b, int):
        return b
    if same(a, b):
        return a
    one = arith.CmpIOp(arith.CmpIPredicate.eq, a, index(1)).result
    return arith.SelectOp(one, as_value(b), a).result


def broadcast_binary(op: Any) -> Sequence[Any] | None:
    """Broadcasts the operands explicitly and applies the plain operation."""
    plain = _PLAIN[op.name.removeprefix("chlo.broadcast_")]
    type_ = op.results[0].type
    if not isinstance(type_, ir.RankedTensorType):
        return None
    rank = type_.rank
    explicit = (
        [int(i) for i in op.attributes["broadcast_dimensions"]] if "broadcast_dimensions" in op.attributes else None
    )
    axes = []
    for operand in op.operands:
        r = operand.type.rank
        axes.append(explicit if explicit is not None and r < rank else list(range(rank - r, rank)))
    sizes: list[Dim] = [1] * rank
    for operand, where in zip(op.operands, axes, strict=True):
        for i, axis in enumerate(where):
            sizes[axis] = _combine(sizes[axis], dim(operand, i))
    sizes = [size if n == DYNAMIC else int(n) for size, n in zip(sizes, type_.shape, strict=True)]
    operands = []
    for operand, where in zip(op.operands, axes, strict=True):
        target = like(type_, element=operand.type.element_type)
        shaped = where == list(range(rank)) and all(same(dim(operand, i), n) for i, n in enumerate(sizes))
        wide = operand if shaped else cast(broadcast(signless(operand), sizes, where), like(target, _static(sizes)))
        operands.append(refine(wide, target))
    attributes = {n: _plain(op.attributes[n]) for n in op.attributes if n != "broadcast_dimensions"}
    return [ir.Operation.create(plain, results=[type_], operands=operands, attributes=attributes).result]


def _plain(attribute: Any) -> Any:
    """The attribute of StableHLO for one of CHLO (of comparisons), which have no bindings."""
    text = str(attribute)
    return ir.Attribute.parse(text.replace("#chlo<", "#stablehlo<", 1)) if text.startswith("#chlo<") else attribute


def _static(sizes: Sequence[Dim]) -> list[int]:
    return [n if isinstance(n, int) else DYNAMIC for n in sizes]


RULES: Mapping[str, Rule] = {f"chlo.broadcast_{name}": broadcast_binary for name in _PLAIN}
