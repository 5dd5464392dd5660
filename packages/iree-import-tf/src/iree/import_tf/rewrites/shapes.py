"""Shape computations: broadcasts of shapes that upstream does not lower, and what turns out to be known or equal."""

from __future__ import annotations

from typing import Any

import numpy as np
from iree.dialects.mlir import ir
from iree.import_tf import dims, hlo
from iree.import_tf.rewrites import Table


def broadcast_shapes(op: Any) -> list[Any]:
    """``shape.broadcast`` of any number of shapes, by NumPy's rule: 1 gives way, also to 0."""
    shapes = [sizes_in(operand) for operand in op.operands]
    rank = max(map(len, shapes))
    result = [_joined([sizes[i - rank] for sizes in shapes if len(sizes) >= rank - i]) for i in range(rank)]
    values = hlo.vector(result)
    return [ir.Operation.create("arith.index_cast", results=[op.result.type], operands=[values]).result]


def sizes_in(vector: Any) -> list[dims.Size]:
    """The elements of a vector of index type, which only shape computations have."""
    known = dims.elements(vector)
    if known is not None:
        return known
    type_ = hlo.tensor(vector.type.shape, hlo.i32())
    values = ir.Operation.create("arith.index_cast", results=[type_], operands=[vector]).result
    return [dims.Scalar(hlo.at(values, i)) for i in range(vector.type.shape[0])]


def _joined(sizes: list[dims.Size]) -> hlo.Size:
    """The size of a broadcast dimension, as `hlo` takes it."""
    wide = [size for size in dict.fromkeys(sizes) if size != 1]
    known = [size for size in wide if isinstance(size, int)]
    if known or not wide:
        return known[0] if known else 1
    result = dims.materialize(wide[0])
    for size in wide[1:]:
        result = hlo.choose("EQ", result, 1, dims.materialize(size), result)
    return result


def _broadcast_in_dim(op: Any) -> list[Any] | None:
    value, sizes = op.operands
    wanted = dims.elements(sizes)
    axes = hlo.known_list(op.attributes["broadcast_dimensions"])
    if wanted is not None and axes == list(range(len(wanted))) and _has_sizes(value, wanted):
        return [hlo.cast(value, op.result.type)]
    known = [dims.dim(value, i) for i in range(len(axes))]
    type_ = hlo.tensor([size if isinstance(size, int) else None for size in known], hlo.element(value))
    if value.type == type_:
        return None
    attributes = {name: op.attributes[name] for name in op.attributes}
    return [hlo.op("dynamic_broadcast_in_dim", [hlo.cast(value, type_), sizes], op.result.type, **attributes)]


def _reshape(op: Any) -> list[Any] | None:
    value, sizes = op.operands
    wanted = dims.elements(sizes)
    same = wanted is not None and value.type == op.result.type and _has_sizes(value, wanted)
    return [value] if same else None


def _has_sizes(value: Any, sizes: list[dims.Size]) -> bool:
    own = hlo.shape(value)
    return len(own) == len(sizes) and all(dims.dim(value, i) == size for i, size in enumerate(sizes))


def _pad(op: Any) -> list[Any] | None:
    """A pad by known amounts."""
    amounts = [dims.elements(operand) for operand in op.operands[2:]]
    if any(a is None or not all(isinstance(size, int) for size in a) for a in amounts):
        return None
    names = ("edge_padding_low", "edge_padding_high", "interior_padding")
    attributes = {name: hlo.array(a) for name, a in zip(names, amounts, strict=True)}  # type: ignore[arg-type]
    if all(size == 0 for a in amounts for size in a):  # type: ignore[union-attr]
        return [hlo.cast(op.operands[0], op.result.type)]
    low, high, interior = amounts
    assert low is not None and high is not None and interior is not None
    padded = [
        None if size is None else size + low[i] + high[i] + max(size - 1, 0) * interior[i]  # type: ignore[operator]
        for i, size in enumerate(hlo.shape(op.operands[0]))
    ]
    result = hlo.op("pad", list(op.operands)[:2], hlo.tensor(padded, hlo.element(op.operands[0])), **attributes)
    return [hlo.convert(result, op.result.type)]


def _known_integers(op: Any) -> list[Any] | None:
    """A small integer vector whose elements are all known."""
    if not isinstance(op.result.type, ir.RankedTensorType):
        return None
    found = dims.elements(op.result)
    if found is None:
        return None
    type_ = op.result.type
    if all(isinstance(size, int) for size in found) and str(type_.element_type) in _STORAGE:
        return [hlo.constant(np.array(found, _STORAGE[str(type_.element_type)]).reshape(type_.shape))]
    if (
        op.name == "stablehlo.get_dimension_size"
        and isinstance(found[0], dims.Dim)
        and found[0].value != op.operands[0]
    ):
        return [hlo.size_value(dims.materialize(found[0]))]
    if not len(type_.shape) and isinstance(found[0], dims.Scalar) and found[0].value.type == type_:
        return [found[0].value] if found[0].value != op.result else None
    return None


def _transpose(op: Any) -> list[Any] | None:
    """A small integer constant turned around, such as pads for each side."""
    known = hlo.known_elements(op.operands[0])
    type_ = op.result.type
    if known is None or len(known) > _SMALL or str(type_.element_type) not in _STORAGE:
        return None
    sizes = [size or 0 for size in hlo.shape(op.operands[0])]
    turned = known.reshape(sizes).transpose(list(op.attributes["permutation"]))
    return [hlo.constant(turned.astype(_STORAGE[str(type_.element_type)]))]


def _constant_reshape(op: Any) -> list[Any] | None:
    known = hlo.known_elements(op.operands[0])
    type_ = op.result.type
    if known is None or len(known) > _SMALL or str(type_.element_type) not in _STORAGE:
        return _known_integers(op)
    return [hlo.constant(known.astype(_STORAGE[str(type_.element_type)]).reshape(type_.shape))]


_SMALL = 64
_STORAGE = {"i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64}


def slice_bounds(op: Any) -> list[Any] | None:
    """``real_dynamic_slice`` by bounds of index type, which upstream does not lower."""
    value, *bounds = op.operands
    if not isinstance(hlo.element(bounds[0]), ir.IndexType):
        return None
    vectors = [hlo.vector([dims.materialize(size) for size in sizes_in(bound)]) for bound in bounds]
    return [hlo.op("real_dynamic_slice", [value, *vectors], op.result.type)]


def sharpen(module: Any) -> None:
    """Puts sizes that are known one by one into the types of reshapes and broadcasts: upstream wants all or none."""
    found: list[Any] = []

    def visit(op: Any) -> Any:
        if op.name in ("stablehlo.dynamic_reshape", "stablehlo.dynamic_broadcast_in_dim"):
            found.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    with dims.remembering():
        for op in found:
            wanted = dims.elements(op.operands[1])
            if wanted is None or any(use.owner.operation.name == "func.return" for use in op.result.uses):
                continue
            own = hlo.shape(op.result)
            sizes = [size if isinstance(size, int) else known for size, known in zip(wanted, own, strict=True)]
            if sizes != own:
                op.result.set_type(hlo.tensor(sizes, hlo.element(op.result)))


def _index_cast(op: Any) -> list[Any] | None:
    """A shape as i64: upstream lowers those of i32 alone."""
    if not isinstance(op.result.type, ir.RankedTensorType):
        return None
    wide = hlo.tensor(hlo.shape(op.operands[0]), ir.IntegerType.get_signless(64))
    if op.result.type != wide:
        return None
    narrow = hlo.tensor(hlo.shape(op.operands[0]), hlo.i32())
    values = ir.Operation.create("arith.index_cast", results=[narrow], operands=[op.operands[0]]).result
    return [hlo.convert(values, wide)]


BROADCASTS: Table = {
    "shape.broadcast": broadcast_shapes,
    "stablehlo.real_dynamic_slice": slice_bounds,
    "arith.index_cast": _index_cast,
}
"""For TensorFlow's output as it comes."""

FOLDS: Table = {
    **{
        f"stablehlo.{name}": _known_integers
        for name in "add subtract multiply divide maximum minimum convert concatenate slice get_dimension_size".split()
    },
    "stablehlo.reshape": _constant_reshape,
    "stablehlo.transpose": _transpose,
    "stablehlo.dynamic_broadcast_in_dim": _broadcast_in_dim,
    "stablehlo.dynamic_reshape": _reshape,
    "stablehlo.dynamic_pad": _pad,
}
"""For StableHLO."""
