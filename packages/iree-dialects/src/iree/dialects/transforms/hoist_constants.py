"""Moves constant tensors out of functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir, ml_program
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import functions, is_tensor, walk


@dataclass(frozen=True)
class HoistConstants(Pass):
    """Every `arith.constant` tensor that is not a splat becomes an immutable `ml_program.global`, equal ones one.

    Splats stay: kernels make them on the fly.
    """

    name = "hoist-constants"

    def apply(self, module: Any) -> None:
        """See the class."""
        names: dict[Any, str] = {}
        for function in functions(module):
            for op in walk(function):
                if op.name != "arith.constant" or not is_tensor(op.results[0].type):
                    continue
                value = op.attributes["value"]
                if isinstance(value, ir.DenseElementsAttr) and value.is_splat:
                    continue
                type_ = op.results[0].type
                if value not in names:
                    names[value] = f"constant_{len(names)}"
                    with ir.InsertionPoint.at_block_begin(module.body), op.location:
                        ml_program.GlobalOp(names[value], type_, value=value, sym_visibility="private")
                with ir.InsertionPoint(op), op.location:
                    load = ml_program.GlobalLoadConstOp(type_, ir.FlatSymbolRefAttr.get(names[value]))
                op.results[0].replace_all_uses_with(load.result)
                op.erase()
