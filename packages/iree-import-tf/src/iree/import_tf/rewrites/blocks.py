"""Space to batch and back, rolls and where maxima are, for open shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites.kept import Kept


def pairs(matrix: Any) -> list[tuple[hlo.Size, hlo.Size]]:
    """The rows of an integer matrix with two columns."""
    count = hlo.shape(matrix)[0] or 0
    known = hlo.known_elements(matrix)
    if known is not None:
        return [(int(known[2 * i]), int(known[2 * i + 1])) for i in range(count)]
    flat = hlo.reshape(matrix, [2 * count])
    return [(hlo.at(flat, 2 * i), hlo.at(flat, 2 * i + 1)) for i in range(count)]


def _blocks(op: Any) -> list[int]:
    known = hlo.known_elements(op.operands[1])
    assert known is not None
    return [int(size) for size in known]


def _transposed(value: Any, order: Sequence[int]) -> Any:
    sizes = hlo.shape(value)
    type_ = hlo.tensor([sizes[i] for i in order], hlo.element(value))
    return hlo.op("transpose", [value], type_, permutation=hlo.array(order))


def _product(sizes: Sequence[hlo.Size]) -> hlo.Size:
    total: hlo.Size = 1
    for size in sizes:
        total = hlo.arithmetic("multiply", total, size)
    return total


def space_to_batch(op: Any) -> list[Any]:
    """``tf.SpaceToBatchND``: (batch, h*bh, w*bw, …), padded, as (bh*bw*batch, h, w, …)."""
    value, blocks = op.operands[0], _blocks(op)
    pads = pairs(op.operands[2])
    count, rank = len(blocks), len(hlo.shape(value))
    rest = rank - 1 - count
    low = [0, *(pair[0] for pair in pads), *[0] * rest]
    high = [0, *(pair[1] for pair in pads), *[0] * rest]
    padded = [
        size if i in (0, *range(count + 1, rank)) else None for i, size in enumerate(hlo.shape(value))
    ]  # what is known of padded sizes follows from folding
    zero = hlo.filled(0, hlo.tensor([], hlo.element(value)))
    vectors = [hlo.vector(low), hlo.vector(high), hlo.vector([0] * rank)]
    value = hlo.op("dynamic_pad", [value, zero, *vectors], hlo.tensor(padded, hlo.element(value)))
    batch, *sizes = loops.sizes_of(value)
    outer = [hlo.arithmetic("divide", size, block) for size, block in zip(sizes, blocks, strict=False)]
    inner = [part for pair in zip(outer, blocks, strict=True) for part in pair]
    value = hlo.reshape(value, [batch, *inner, *sizes[count:]])
    order = [
        *(2 * i + 2 for i in range(count)), 0, *(2 * i + 1 for i in range(count)),
        *range(2 * count + 1, 2 * count + 1 + rest),
    ]  # fmt: skip
    result = [_product([*blocks, batch]), *outer, *sizes[count:]]
    return [hlo.reshape(_transposed(value, order), result, op.result.type)]


def batch_to_space(op: Any) -> list[Any]:
    """``tf.BatchToSpaceND``: (bh*bw*batch, h, w, …) as (batch, h*bh, w*bw, …), cropped."""
    value, blocks = op.operands[0], _blocks(op)
    crops = pairs(op.operands[2])
    count = len(blocks)
    batch, *sizes = loops.sizes_of(value)
    rest = len(sizes) - count
    batch = hlo.arithmetic("divide", batch, _product(blocks))
    value = hlo.reshape(value, [*blocks, batch, *sizes])
    order = [
        count, *(part for i in range(count) for part in (count + 1 + i, i)),
        *range(2 * count + 1, 2 * count + 1 + rest),
    ]  # fmt: skip
    wide = [hlo.arithmetic("multiply", size, block) for size, block in zip(sizes, blocks, strict=False)]
    value = hlo.reshape(_transposed(value, order), [batch, *wide, *sizes[count:]])
    starts = [0, *(low for low, _ in crops), *[0] * rest]
    limits = [hlo.arithmetic("subtract", size, high) for size, (_, high) in zip(wide, crops, strict=True)]
    return [hlo.cast(hlo.slice_between(value, starts, [batch, *limits, *sizes[count:]]), op.result.type)]


def roll(op: Any) -> list[Any]:
    """``tf.Roll``: along each of the axes what is beyond the end comes first."""
    value, shifts, axes = op.operands
    known = hlo.known_elements(axes)
    assert known is not None
    sizes = loops.sizes_of(value)
    rank = len(sizes)
    amounts = hlo.known_elements(shifts)
    flat = shifts if hlo.shape(shifts) else hlo.reshape(shifts, [1])
    for i, number in enumerate(known):
        axis = int(number) % rank
        amount: hlo.Size = hlo.at(flat, i) if amounts is None else int(amounts[i])
        size = hlo.arithmetic("maximum", sizes[axis], 1)
        whole = hlo.arithmetic("multiply", hlo.arithmetic("divide", amount, size), size)
        moved = hlo.arithmetic("subtract", amount, whole)
        moved = hlo.choose("LT", moved, 0, hlo.arithmetic("add", moved, size), moved)
        count = [sizes[axis]]
        turned = hlo.arithmetic("subtract", size, moved)
        places = loops.iota(count, 0)
        places = hlo.op("add", [places, hlo.spread(hlo.size_value(turned), count)], places.type)
        whole_turn = hlo.spread(hlo.size_value(size), count)
        beyond = hlo.compare("GE", places, whole_turn)
        back = hlo.op("subtract", [places, whole_turn], places.type)
        places = hlo.op("select", [beyond, back, places], places.type)
        value = hlo.reshape(hlo.take(value, places, axis), sizes, value.type)
    return [hlo.cast(value, op.result.type)]


def where_extreme(kind: str, direction: str) -> Any:
    """``tf.ArgMax``, ``tf.ArgMin``: where the extreme element is first; what is no number is passed over."""

    def rewrite(op: Any) -> list[Any]:
        value = op.operands[0]
        known = hlo.known_elements(op.operands[1])
        assert known is not None
        sizes = loops.sizes_of(value)
        axis = int(known[0]) % len(sizes)
        worst = _worst(hlo.element(value), direction)
        if not isinstance(hlo.element(value), ir.IntegerType):
            number = hlo.compare("EQ", value, value)
            value = hlo.op("select", [number, value, hlo.spread(worst, sizes)], value.type)
        best = hlo.reduce(kind, value, worst, [axis])
        hit = hlo.compare("EQ", value, hlo.broadcast(best, sizes, [i for i in range(len(sizes)) if i != axis]))
        places = loops.iota(sizes, axis)
        nowhere = hlo.spread(hlo.size_value(sizes[axis]), sizes)
        first = hlo.op("select", [hit, places, nowhere], places.type)
        return [hlo.convert(hlo.reduce("minimum", first, hlo.size_value(sizes[axis]), [axis]), op.result.type)]

    return rewrite


def _worst(kind: Any, direction: str) -> Any:
    """The element that no other is worse than."""
    type_ = hlo.tensor([], kind)
    if not isinstance(kind, ir.IntegerType):
        return hlo.filled(float("-inf" if direction == "GT" else "inf"), type_)
    bits = kind.width - (0 if kind.is_unsigned else 1)
    least, most = (0 if kind.is_unsigned else -(1 << bits)), (1 << bits) - 1
    return hlo.filled(least if direction == "GT" else most, type_)


def _ints(attribute: Any) -> list[int]:
    return [item.value for item in attribute]


def max_pool_with_argmax(op: Any) -> list[Any] | None:
    """``tf.MaxPoolWithArgmax``: each place of the window in turn, of which the first greatest is kept.

    Places count through the padded image's inside: ``(y * width + x) * channels + channel``, and through the whole
    batch if asked to.
    """
    value = op.operands[0]
    _, height, width, channels = hlo.shape(value)
    if height is None or width is None or channels is None:
        return None
    windows, strides = (_ints(op.attributes[name])[1:3] for name in ("ksize", "strides"))
    same = op.attributes["padding"].value == "SAME"
    counts, pads = [], []
    for size, window, stride in zip((height, width), windows, strides, strict=True):
        count = -(-size // stride) if same else (size - window) // stride + 1
        missing = max((count - 1) * stride + window - size, 0) if same else 0
        counts.append(count)
        pads.append((missing // 2, missing - missing // 2))
    sizes = loops.sizes_of(value)
    numbers = loops.iota(sizes, 3)
    through = 1 if op.attributes["include_batch_in_index"].value else 0
    for axis, step in ((2, channels), (1, channels * width), (0, channels * width * height * through)):
        if step:
            scale = hlo.spread(hlo.size_value(step), sizes)
            part = hlo.op("multiply", [loops.iota(sizes, axis), scale], numbers.type)
            numbers = hlo.op("add", [numbers, part], numbers.type)
    lowest = _worst(hlo.element(value), "GT")
    padded, padded_numbers = _framed(value, lowest, pads), _framed(numbers, hlo.size_value(0), pads)
    best = found = None
    for y in range(windows[0]):
        for x in range(windows[1]):
            candidate = _every(padded, (y, x), counts, strides)
            place = _every(padded_numbers, (y, x), counts, strides)
            if best is None:
                best, found = candidate, place
                continue
            better = hlo.compare("GT", candidate, best)
            best = hlo.op("select", [better, candidate, best], best.type)
            found = hlo.op("select", [better, place, found], place.type)
    return [hlo.cast(best, op.results[0].type), hlo.convert(found, op.results[1].type)]


def _framed(image: Any, filler: Any, pads: Sequence[tuple[int, int]]) -> Any:
    low, high = [0, pads[0][0], pads[1][0], 0], [0, pads[0][1], pads[1][1], 0]
    if not any((*low, *high)):
        return image
    sizes = [None if s is None else s + a + b for s, a, b in zip(hlo.shape(image), low, high, strict=True)]
    return hlo.op(
        "pad", [image, filler], hlo.tensor(sizes, hlo.element(image)),
        edge_padding_low=hlo.array(low), edge_padding_high=hlo.array(high), interior_padding=hlo.array([0] * 4),
    )  # fmt: skip


def _every(image: Any, start: tuple[int, int], counts: Sequence[int], strides: Sequence[int]) -> Any:
    """The pixels at `start` and every stride from there."""
    ends = [begin + (count - 1) * stride + 1 for begin, count, stride in zip(start, counts, strides, strict=True)]
    batch, _, _, channels = loops.sizes_of(image)
    starts, limits, steps = [0, *start, 0], [batch, *ends, channels], [1, *strides, 1]
    type_ = hlo.tensor([hlo.shape(image)[0], *counts, channels], hlo.element(image))
    if isinstance(batch, int):
        bounds = {"start_indices": hlo.array(starts), "limit_indices": hlo.array(limits), "strides": hlo.array(steps)}
        return hlo.op("slice", [image], type_, **bounds)
    return hlo.op("real_dynamic_slice", [image, *map(hlo.vector, (starts, limits, steps))], type_)


def _is_open(op: Any) -> bool:
    return None in hlo.shape(op.operands[0])


def _is_open_block(op: Any) -> bool:
    return hlo.known_elements(op.operands[1]) is not None and (
        _is_open(op) or hlo.known_elements(op.operands[2]) is None
    )


def _is_open_roll(op: Any) -> bool:
    axes = hlo.known_elements(op.operands[2])
    return axes is not None and (_is_open(op) or hlo.known_elements(op.operands[1]) is None)


def _is_open_search(op: Any) -> bool:
    return _is_open(op) and hlo.known_elements(op.operands[1]) is not None


KEPT = {
    "tf.SpaceToBatchND": Kept(space_to_batch, (), _is_open_block),
    "tf.BatchToSpaceND": Kept(batch_to_space, (), _is_open_block),
    "tf.Roll": Kept(roll, (), _is_open_roll),
    "tf.ArgMax": Kept(where_extreme("maximum", "GT"), (), _is_open_search),
    "tf.ArgMin": Kept(where_extreme("minimum", "LT"), (), _is_open_search),
    "tf.MaxPoolWithArgmax": Kept(max_pool_with_argmax, ("ksize", "strides", "padding", "include_batch_in_index")),
}
