"""What is in a program: for `iree-import-tf --list`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from iree.dialects.manifest import Literal, Shape, TensorSpec, Tree
from iree.import_tf import obstacles
from iree.import_tf.dtypes import mlir_dtype, numpy_dtype, type_name
from iree.import_tf.program import Export, Leaf, Program, Variable

_MANY = 12
"""More variables than this are summed up."""


def describe(program: Program) -> str:
    """A text with functions, signatures, variables, sizes and what stands in the way of importing each."""
    lines = [program.source]
    for title, wanted in (("functions", False), ("signatures", True)):
        exports = [export for export in program.exports.values() if export.signature == wanted]
        if exports:
            lines.append(f"{title}:")
        for export in exports:
            lines.append(f"  {_call(export)}")
            lines += [f"    cannot be imported: {reason}" for reason in obstacles.find(program, export)]
    lines += _variables(list(program.variables.values()))
    return "\n".join(lines)


def _call(export: Export) -> str:
    names = [f"{name}: " for name in export.input_names] + [""] * len(export.input_args)
    args = [name + _tree(tree, export.inputs) for name, tree in zip(names, export.input_args, strict=False)]
    args += [f"{name}={_tree(tree, export.inputs)}" for name, tree in export.input_kwargs.items() if tree is not None]
    return f"{export.name}({', '.join(args)}) -> {_tree(export.outputs, export.output_leaves)}"


def _tree(tree: Tree, leaves: Sequence[Leaf]) -> str:
    match tree:
        case TensorSpec():
            leaf = leaves[tree.index]
            return f"{mlir_dtype(leaf.dtype) or type_name(leaf.dtype)}{_shape(leaf.shape)}"
        case dict():
            return "{" + ", ".join(f"{name}: {_tree(child, leaves)}" for name, child in tree.items()) + "}"
        case list():
            return "[" + ", ".join(_tree(child, leaves) for child in tree) + "]"
        case tuple():
            return "(" + ", ".join(_tree(child, leaves) for child in tree) + ")"
        case Literal():
            return repr(tree.value)
        case None:
            return "None"


def _shape(shape: Shape | None) -> str:
    return "[…]" if shape is None else "[" + ", ".join("?" if size is None else str(size) for size in shape) + "]"


def _variables(variables: Sequence[Variable]) -> list[str]:
    if not variables:
        return ["variables: none"]
    lines = [f"variables and constants: {len(variables)}, {sum(map(_bytes, variables)) / 1e6:.2f} MB"]
    shown = sorted(variables, key=_bytes, reverse=True)
    for variable in shown[:_MANY]:
        dtype = mlir_dtype(variable.dtype) or type_name(variable.dtype)
        lines.append(f"  {variable.name}: {dtype}{_shape(variable.shape)}")
    if len(shown) > _MANY:
        lines.append(f"  and {len(shown) - _MANY} smaller ones")
    return lines


def _bytes(variable: Variable) -> int:
    dtype = numpy_dtype(variable.dtype)
    return 0 if dtype is None else dtype.itemsize * math.prod(size or 0 for size in variable.shape or (0,))
