"""select_and_scatter: a loop over the windows, each of which looks for its selected element and adds to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iree.dialects.input.build import as_value, cast, constant, dims, empty, index, scalar, signless
from iree.dialects.input.loops import at_least, kernel, less, nest, when
from iree.dialects.input.rules import Rule
from iree.dialects.input.scalars import inline
from iree.dialects.input.window_attributes import attribute_list, padding_list
from iree.dialects.mlir import arith, ir, linalg, tensor


def select_and_scatter(op: Any) -> list[Any]:
    """`stablehlo.select_and_scatter` with any windows, padding and computations."""
    operand, source, start = (signless(value) for value in op.operands)
    sizes = dims(operand)
    rank = len(sizes)
    window, strides = attribute_list(op, "window_dimensions", rank, 1), attribute_list(op, "window_strides", rank, 1)
    low = [before for before, _ in padding_list(op, rank)]
    select, scatter = (region.blocks[0] for region in op.regions)
    i1, element = ir.IntegerType.get_signless(1), operand.type.element_type

    def position(i: Any, at: Any, axis: int) -> Any:
        begin = arith.SubIOp(arith.MulIOp(i, index(strides[axis])).result, index(low[axis])).result
        return arith.AddIOp(begin, at).result

    def one_window(where: list[Any], values: list[Any]) -> Sequence[Any]:
        def consider(at: list[Any], best: list[Any]) -> Sequence[Any]:
            here = [position(i, offset, axis) for axis, (i, offset) in enumerate(zip(where, at, strict=True))]
            inside = constant(1, i1)
            for place, size in zip(here, sizes, strict=True):
                inside = arith.AndIOp(inside, at_least(place, index(0))).result
                inside = arith.AndIOp(inside, less(place, as_value(size))).result

            def compare() -> Sequence[Any]:
                found, chosen, *old = best
                value = tensor.ExtractOp(operand, here).result
                keep = arith.AndIOp(found, inline(select, [chosen, value])[0]).result
                places = [arith.SelectOp(keep, a, b).result for a, b in zip(old, here, strict=True)]
                return [constant(1, i1), arith.SelectOp(keep, chosen, value).result, *places]

            return when(inside, [value.type for value in best], compare, best)

        nothing = tensor.ExtractOp(source, where).result  # any value: it is not looked at
        first = [constant(0, i1), nothing, *[index(0)] * rank]
        found, _, *chosen = nest(window, first, consider)

        def add() -> Sequence[Any]:
            old = tensor.ExtractOp(values[0], chosen).result
            new = inline(scatter, [old, tensor.ExtractOp(source, where).result])[0]
            return [tensor.InsertOp(new, values[0], chosen).result]

        return when(found, [values[0].type], add, values)

    filled = linalg.fill(scalar(start), outs=[empty(sizes, element)])
    return [cast(kernel(dims(source), [filled], one_window)[0], op.results[0].type)]


RULES: Mapping[str, Rule] = {"stablehlo.select_and_scatter": select_and_scatter}
