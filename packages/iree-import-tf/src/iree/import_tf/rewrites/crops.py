"""Crops of images resized to one size, as tensorflow/core/kernels/image/crop_and_resize_op.cc samples them."""

from __future__ import annotations

from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites.kept import Kept


def _scalar(number: float) -> Any:
    return hlo.filled(number, hlo.tensor([], ir.F32Type.get()))


def _binary(kind: str, left: Any, right: Any) -> Any:
    return hlo.op(kind, [left, right], left.type)


def _spread(scalar: Any, like: Any) -> Any:
    return hlo.spread(scalar, loops.sizes_of(like))


def crop(op: Any) -> list[Any] | None:
    """``tf.CropAndResize``: boxes of open number from images of open size."""
    image, boxes, which, size = op.operands
    known = hlo.known_elements(size)
    if known is None:
        return None
    result = [int(known[0]), int(known[1])]
    count = loops.sizes_of(which)[0]
    sizes = loops.sizes_of(image)
    space = [count, *result]
    image = hlo.convert(image, hlo.tensor(hlo.shape(image), ir.F32Type.get()))
    positions = [_positions(boxes, count, axis, sizes[1 + axis], result[axis]) for axis in range(2)]
    inside = [hlo.broadcast(_within(at, limit), space, [0, 1 + axis]) for axis, (at, limit) in enumerate(positions)]
    number = hlo.broadcast(hlo.to_i32(which), space, [0])

    def sampled(kinds: tuple[str, str]) -> Any:
        parts = [number]
        for axis, kind in enumerate(kinds):
            at = positions[axis][0]
            whole = hlo.convert(hlo.op(kind, [at], at.type), hlo.tensor(hlo.shape(at), hlo.i32()))
            parts.append(hlo.broadcast(whole, space, [0, 1 + axis]))
        return _gather(image, parts, space, sizes[3])

    if ir.StringAttr(op.attributes["method"]).value == "nearest":
        value = sampled(("round_nearest_afz", "round_nearest_afz"))
    else:
        rows = []
        for row in ("floor", "ceil"):
            left, right = sampled((row, "floor")), sampled((row, "ceil"))
            rows.append(_mixed(left, right, positions[1][0], 2))
        value = _mixed(rows[0], rows[1], positions[0][0], 1)
    outside = _scalar(op.attributes["extrapolation_value"].value)
    chosen = hlo.broadcast(_binary("and", *inside), loops.sizes_of(value), [0, 1, 2])
    return [hlo.cast(hlo.op("select", [chosen, value, _spread(outside, value)], value.type), op.result.type)]


def _positions(boxes: Any, count: hlo.Size, axis: int, size: hlo.Size, result: int) -> tuple[Any, Any]:
    """Where the rows (or columns) of each crop lie in the image, count x result, and the last that it has."""
    low, high = (hlo.reshape(hlo.slice_between(boxes, [0, i], [count, i + 1]), [count]) for i in (axis, axis + 2))
    last = hlo.convert(hlo.size_value(hlo.arithmetic("subtract", size, 1)), hlo.tensor([], ir.F32Type.get()))
    limit = hlo.spread(last, [count])
    if result == 1:
        middle = _binary("multiply", _spread(_scalar(0.5), low), _binary("add", low, high))
        return hlo.reshape(_binary("multiply", middle, limit), [count, 1]), last
    step = _binary(
        "divide", _binary("multiply", _binary("subtract", high, low), limit), _spread(_scalar(result - 1), low)
    )
    numbers = loops.iota([count, result], 1, ir.F32Type.get())
    start = hlo.broadcast(_binary("multiply", low, limit), [count, result], [0])
    moved = _binary("multiply", numbers, hlo.cast(hlo.broadcast(step, [count, result], [0]), numbers.type))
    return _binary("add", hlo.cast(start, numbers.type), moved), last


def _within(at: Any, last: Any) -> Any:
    low = hlo.compare("GE", at, _spread(_scalar(0), at))
    return _binary("and", low, hlo.compare("LE", at, _spread(last, at)))


def _gather(image: Any, places: list[Any], space: list[hlo.Size], depth: hlo.Size) -> Any:
    columns = [hlo.reshape(place, [*space, 1]) for place in places]
    shape = [*hlo.shape(columns[0])[:3]]
    indices = hlo.op("concatenate", columns, hlo.tensor([*shape, 3], hlo.i32()), dimension="3 : i64")
    numbers = (
        "#stablehlo.gather<offset_dims = [3], collapsed_slice_dims = [0, 1, 2], start_index_map = [0, 1, 2], "
        "index_vector_dim = 3>"
    )
    options = {"dimension_numbers": numbers, "indices_are_sorted": "false"}
    type_ = hlo.tensor([*shape, hlo.shape(image)[3]], hlo.element(image))
    if isinstance(depth, int):
        return hlo.op("gather", [image, indices], type_, slice_sizes=hlo.array([1, 1, 1, depth]), **options)
    return hlo.op("dynamic_gather", [image, indices, hlo.vector([1, 1, 1, depth])], type_, **options)


def _mixed(first: Any, second: Any, at: Any, axis: int) -> Any:
    """Between two samples, by the fraction of the position along `axis`."""
    fraction = _binary("subtract", at, hlo.op("floor", [at], at.type))
    weight = hlo.cast(hlo.broadcast(fraction, loops.sizes_of(first), [0, axis]), first.type)
    return _binary("add", first, _binary("multiply", _binary("subtract", second, first), weight))


KEPT = {"tf.CropAndResize": Kept(crop, ("method", "extrapolation_value"))}
