"""Parts, mirrored edges, gathered slices, depth that becomes space, and matrices of diagonals, where sizes are open."""

from __future__ import annotations

from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import dims, hlo, loops
from iree.import_tf.rewrites import residual, vectors
from iree.import_tf.rewrites.blocks import pairs
from iree.import_tf.rewrites.kept import Kept
from iree.import_tf.rewrites.window_gradients import stretched


def mirror_pad(op: Any) -> list[Any]:
    """``tf.MirrorPad``: the edge itself is repeated if the mode is SYMMETRIC."""
    value = op.operands[0]
    again = 1 if op.attributes["mode"].value == "SYMMETRIC" else 0
    for axis, (low, high) in enumerate(pairs(op.operands[1])):
        if (low, high) == (0, 0):
            continue
        size = loops.sizes_of(value)[axis]
        count = [hlo.arithmetic("add", hlo.arithmetic("add", size, low), high)]
        place = loops.iota(count, 0)

        def line(number: hlo.Size, count: Any = count) -> Any:
            return hlo.spread(hlo.size_value(number), count)

        place = vectors.binary("subtract", place, line(low))
        before = vectors.binary("subtract", line(-again), place)
        beyond = vectors.binary("subtract", line(hlo.arithmetic("subtract", _twice(size), 2 - again)), place)
        place = vectors.select(vectors.compare("LT", place, 0), before, place)
        place = vectors.select(vectors.compare("GE", place, size), beyond, place)
        value = hlo.take(value, place, axis)
    return [hlo.cast(value, op.result.type)]


def transpose(op: Any) -> list[Any] | None:
    """``tf.Transpose`` whose permutation is computed, of what is known without a run."""
    value, order = op.operands
    known = dims.elements(order)
    rank = len(hlo.shape(value))
    axes = [axis % rank for axis in known or () if isinstance(axis, int)]
    if len(axes) != rank:
        return None
    turned = hlo.tensor([hlo.shape(value)[axis] for axis in axes], hlo.element(value))
    return [hlo.cast(hlo.op("transpose", [value], turned, permutation=hlo.array(axes)), op.result.type)]


def split(op: Any) -> list[Any] | None:
    """``tf.SplitV``: one of the sizes may be -1, which takes what the others leave."""
    value, parts, axis_value = op.operands
    known = hlo.known_elements(axis_value)
    if known is None:
        return None
    sizes, counts = loops.sizes_of(value), residual.sizes_in(parts)
    axis = int(known[0]) % len(sizes)
    total: hlo.Size = 0
    for count in counts:
        total = hlo.arithmetic("add", total, count)
    left = hlo.arithmetic("subtract", hlo.arithmetic("subtract", sizes[axis], total), 1)  # but for the -1
    results, start = [], 0
    for count, result in zip(counts, op.results, strict=True):
        wide = left if count == -1 else count if isinstance(count, int) else hlo.choose("LT", count, 0, left, count)
        end = hlo.arithmetic("add", start, wide)
        starts = [start if i == axis else 0 for i in range(len(sizes))]
        limits = [end if i == axis else size for i, size in enumerate(sizes)]
        results.append(hlo.cast(hlo.slice_between(value, starts, limits), result.type))
        start = end
    return results


def broadcast_shapes(op: Any) -> list[Any] | None:
    """``tf.BroadcastArgs``: 1 gives way."""
    shapes = list(op.operands)
    if any(hlo.shape(shape)[0] is None for shape in shapes):
        return None
    sizes = [residual.sizes_in(shape) for shape in shapes]
    rank = max(map(len, sizes))
    first, second = ([1] * (rank - len(one)) + one for one in sizes)
    joined = [hlo.choose("EQ", a, 1, b, a) for a, b in zip(first, second, strict=True)]
    return [hlo.convert(hlo.vector(joined), op.result.type)]


def pad(op: Any) -> list[Any]:
    """``tf.Pad`` of complex numbers, which TensorFlow leaves."""
    low, high = (list(amounts) for amounts in zip(*pairs(op.operands[1]), strict=True))
    return [hlo.cast(stretched(op.operands[0], low, high, [0] * len(low)), op.result.type)]


def gather(op: Any) -> list[Any] | None:
    """``tf.GatherNd`` of slices of open size."""
    value, indices = op.operands
    depth = hlo.shape(indices)[-1]
    if depth is None:
        return None
    outer, sizes = len(hlo.shape(indices)) - 1, loops.sizes_of(value)
    inner = range(outer, outer + len(sizes) - depth)
    listed = list(range(depth))
    numbers = (
        f"#stablehlo.gather<offset_dims = {list(inner)}, collapsed_slice_dims = {listed}, start_index_map = {listed}, "
        f"index_vector_dim = {outer}>"
    )
    type_ = hlo.tensor([*hlo.shape(indices)[:-1], *hlo.shape(value)[depth:]], hlo.element(value))
    window = hlo.vector([*[1] * depth, *sizes[depth:]])
    options = {"dimension_numbers": numbers, "indices_are_sorted": "false"}
    return [hlo.cast(hlo.op("dynamic_gather", [value, hlo.to_i32(indices), window], type_, **options), op.result.type)]


def _twice(size: hlo.Size) -> hlo.Size:
    return hlo.arithmetic("multiply", size, 2)


def _moved(value: Any, parts: list[hlo.Size], order: list[int], sizes: list[hlo.Size], type_: Any) -> Any:
    apart = hlo.reshape(value, parts)
    turned = hlo.tensor([hlo.shape(apart)[i] for i in order], hlo.element(value))
    return hlo.reshape(hlo.op("transpose", [apart], turned, permutation=hlo.array(order)), sizes, type_)


def depth_to_space(op: Any) -> list[Any]:
    """``tf.DepthToSpace`` with channels last."""
    block = op.attributes["block_size"].value
    batch, height, width, depth = loops.sizes_of(op.operands[0])
    less = hlo.arithmetic("divide", depth, block * block)
    sizes = [batch, hlo.arithmetic("multiply", height, block), hlo.arithmetic("multiply", width, block), less]
    parts = [batch, height, width, block, block, less]
    return [_moved(op.operands[0], parts, [0, 1, 3, 2, 4, 5], sizes, op.result.type)]


def space_to_depth(op: Any) -> list[Any]:
    """``tf.SpaceToDepth`` with channels last."""
    block = op.attributes["block_size"].value
    batch, height, width, depth = loops.sizes_of(op.operands[0])
    rows, columns = hlo.arithmetic("divide", height, block), hlo.arithmetic("divide", width, block)
    sizes = [batch, rows, columns, hlo.arithmetic("multiply", depth, block * block)]
    parts = [batch, rows, block, columns, block, depth]
    return [_moved(op.operands[0], parts, [0, 1, 3, 2, 4, 5], sizes, op.result.type)]


def _main_diagonal(sizes: list[hlo.Size]) -> Any:
    rank = len(sizes)
    return hlo.compare("EQ", loops.iota(sizes, rank - 2), loops.iota(sizes, rank - 1))


def diagonal_matrix(op: Any) -> list[Any]:
    """``tf.MatrixDiagV3``: square matrices, from their main diagonals."""
    values, padding = op.operands[0], op.operands[4]
    sizes = loops.sizes_of(values)
    sizes = [*sizes, sizes[-1]]
    wide = hlo.broadcast(values, sizes, list(range(len(sizes) - 1)))
    return [hlo.cast(vectors.select(_main_diagonal(sizes), wide, hlo.spread(padding, sizes)), op.result.type)]


def diagonal_set(op: Any) -> list[Any]:
    """``tf.MatrixSetDiagV3``: the main diagonal."""
    value, diagonal, _ = op.operands
    sizes = loops.sizes_of(value)
    rank = len(sizes)
    longest = [*loops.sizes_of(diagonal)[:-1], sizes[-2]]  # rows below the last of the diagonal keep what they have
    missing = hlo.arithmetic("subtract", sizes[-2], loops.sizes_of(diagonal)[-1])
    if missing != 0:
        low = hlo.vector([0] * (rank - 1))
        high = hlo.vector([*[0] * (rank - 2), missing])
        zero = hlo.filled(0, hlo.tensor([], hlo.element(value)))
        kind = hlo.tensor([*hlo.shape(diagonal)[:-1], None], hlo.element(value))
        diagonal = hlo.reshape(hlo.op("dynamic_pad", [diagonal, zero, low, high, low], kind), longest)
    wide = hlo.broadcast(diagonal, sizes, list(range(rank - 1)))
    return [hlo.cast(vectors.select(_main_diagonal(sizes), wide, value), op.result.type)]


def diagonal_part(op: Any) -> list[Any]:
    """``tf.MatrixDiagPartV3``: the main diagonal."""
    value = op.operands[0]
    sizes = loops.sizes_of(value)
    rank = len(sizes)
    zero = hlo.filled(0, hlo.tensor([], hlo.element(value)))
    only = vectors.select(_main_diagonal(sizes), value, hlo.spread(zero, sizes))
    line = hlo.reduce("add", only, zero, [rank - 1])
    least = hlo.arithmetic("minimum", sizes[-2], sizes[-1])
    return [hlo.cast(hlo.slice_between(line, [0] * (rank - 1), [*sizes[:-2], least]), op.result.type)]


def _is_open(op: Any) -> bool:
    return None in hlo.shape(op.operands[0])


def _is_computed(op: Any) -> bool:
    return any(hlo.known_elements(operand) is None for operand in op.operands)


def _channels_last(op: Any) -> bool:
    return _is_open(op) and op.attributes["data_format"].value == "NHWC"


def _is_main(op: Any, place: int) -> bool:
    known = hlo.known_elements(op.operands[place])
    return known is not None and len(known) == 1 and known[0] == 0


def _is_square(op: Any) -> bool:
    sizes = [hlo.known_elements(op.operands[i]) for i in (2, 3)]
    return _is_open(op) and _is_main(op, 1) and all(size is not None and size[0] == -1 for size in sizes)


def _takes_open_slices(op: Any) -> bool:
    depth = hlo.shape(op.operands[1])[-1]
    return depth is not None and None in hlo.shape(op.operands[0])[depth:]


KEPT = {
    "tf.MirrorPad": Kept(mirror_pad, ("mode",), _is_open),
    "tf.DepthToSpace": Kept(depth_to_space, ("block_size",), _channels_last),
    "tf.SpaceToDepth": Kept(space_to_depth, ("block_size",), _channels_last),
    "tf.Pad": Kept(pad, (), lambda op: _is_open(op) and isinstance(hlo.element(op.operands[0]), ir.ComplexType)),
    "tf.Transpose": Kept(transpose, (), lambda op: hlo.known_elements(op.operands[1]) is None),
    "tf.SplitV": Kept(split, (), lambda op: _is_open(op) or hlo.known_elements(op.operands[1]) is None),
    "tf.BroadcastArgs": Kept(broadcast_shapes, (), _is_computed),
    "tf.GatherNd": Kept(gather, (), _takes_open_slices),
    "tf.MatrixDiagV3": Kept(diagonal_matrix, (), _is_square),
    "tf.MatrixSetDiagV3": Kept(diagonal_set, (), lambda op: _is_open(op) and _is_main(op, 2)),
    "tf.MatrixDiagPartV3": Kept(diagonal_part, (), lambda op: _is_open(op) and _is_main(op, 1)),
}
