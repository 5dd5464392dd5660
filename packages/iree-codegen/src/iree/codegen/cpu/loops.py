"""Loop order and rounding of reductions that stay loops, so that LLVM's vectorizer can take them."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import Generic, defining, generics, nested_generics, read_generic, rebuild
from iree.codegen.cpu.templates.match import is_matrix_product
from iree.dialects.mlir import ir

_COMBINE = {"arith.addf", "arith.mulf"}


def order_loops(function: Any, *, keep_reductions: bool) -> None:
    """Makes the loop over contiguous elements the innermost one of every generic but matrix products and
    convolutions; with `keep_reductions` only where reduction loops stay in their order.
    """
    for generic in generics(function):
        if not is_matrix_product(generic):
            order = _order(generic)
            reductions = [loop for loop in order if loop in generic.reductions]
            if order != sorted(order) and not (keep_reductions and reductions != sorted(reductions)):
                _interchange(read_generic(generic.op), order)


def _order(generic: Generic) -> list[int]:
    """The loops as the result has them, those of a reduction as its largest input."""
    key = len(generic.inputs)
    if generic.reductions and generic.inputs:
        key = max(range(len(generic.inputs)), key=lambda n: len({d for d in generic.dims(n) if d is not None}))
    leading = [d for d in dict.fromkeys(generic.dims(key)) if d is not None]
    return [i for i in range(len(generic.iterators)) if i not in leading] + leading


def _interchange(generic: Generic, order: list[int]) -> None:
    place = {loop: ir.AffineExpr.get_dim(i) for i, loop in enumerate(order)}
    count = len(order)
    substitution = ir.AffineMap.get(count, 0, [place[i] for i in range(count)])
    maps = [ir.AffineMap.get(count, 0, [e.compose(substitution) for e in m.results]) for m in generic.maps]
    new = rebuild(generic, generic.inputs, generic.inits, maps, [generic.iterators[i] for i in order])
    for op in new.regions[0].blocks[0].operations:
        if op.operation.name == "linalg.index":
            loop = ir.IntegerAttr(op.operation.attributes["dim"])
            op.operation.attributes["dim"] = ir.IntegerAttr.get(loop.type, order.index(loop.value))
    for old, result in zip(list(generic.op.results), list(new.results), strict=True):
        old.replace_all_uses_with(result)
    generic.op.erase()


def allow_reassociation(function: Any) -> None:
    """Lets sums and products of reductions be regrouped: vectors of partial results."""
    for generic in generics(function):
        accumulators = list(generic.block.arguments)[len(generic.inputs) :]
        for op in generic.body if generic.reductions else []:
            if op.name in _COMBINE and any(v in accumulators for v in op.operands):
                op.attributes["fastmath"] = ir.Attribute.parse("#arith.fastmath<reassoc,contract>")
                product = next((defining(v) for v in op.operands if v not in accumulators), None)
                if product is not None and product.name == "arith.mulf":
                    product.attributes["fastmath"] = ir.Attribute.parse("#arith.fastmath<contract>")


def reuse_dying_inputs(function: Any) -> None:
    """Makes elementwise operations write over an intermediate that dies there, which saves its buffer."""
    for generic in nested_generics(function):
        count = len(generic.inputs)
        arguments = list(generic.block.arguments)
        for number, init in enumerate(generic.inits):
            if generic.reductions or list(arguments[count + number].uses):
                continue
            for i, value in enumerate(generic.inputs):
                producer = defining(value)
                if (
                    producer is not None
                    and producer.name == "linalg.generic"
                    and value.type == init.type
                    and generic.maps[i] == generic.maps[count + number]
                    and all(_not_after(use.owner, generic.op) for use in value.uses)
                ):
                    generic.op.operands[count + number] = value
                    break


def _not_after(op: Any, last: Any) -> bool:
    op = op.operation
    return bool(op == last) or (bool(op.block == last.block) and bool(op.is_before_in_block(last)))
