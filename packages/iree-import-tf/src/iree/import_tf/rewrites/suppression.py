"""Non-maximum suppression: boxes in the order of their scores, without those that overlap a better one too much.

tensorflow/core/kernels/image/non_max_suppression_op.cc says how boxes overlap and which of equal scores comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites.kept import Kept


def _binary(kind: str, left: Any, right: Any) -> Any:
    return hlo.op(kind, [left, right], left.type)


def _spread(scalar: Any, like: Any) -> Any:
    """A scalar in every place of a tensor of the given sizes, or of those of another tensor."""
    return hlo.spread(scalar, like if isinstance(like, list) else loops.sizes_of(like))


def _corners(boxes: Any, count: hlo.Size) -> list[Any]:
    """The least and the greatest y and x of each box: four vectors."""
    columns = [hlo.reshape(hlo.slice_between(boxes, [0, i], [count, i + 1]), [count]) for i in range(4)]
    (y1, x1, y2, x2) = columns
    pairs = ((y1, y2), (x1, x2))
    return [_binary("minimum", *pair) for pair in pairs] + [_binary("maximum", *pair) for pair in pairs]


def _at(vector: Any, place: Any) -> Any:
    taken = hlo.op("dynamic_slice", [vector, place], hlo.tensor([1], hlo.element(vector)), slice_sizes=hlo.array([1]))
    return hlo.reshape(taken, [])


def _overlap(corners: Sequence[Any], one: Sequence[Any]) -> Any:
    """Intersection over union of each box with that in the same place of `one`; 0 if one of the two is empty."""
    low_y, low_x, high_y, high_x = corners
    zero = _spread(hlo.filled(0, hlo.tensor([], hlo.element(low_y))), low_y)

    def area(box: Sequence[Any]) -> Any:
        return _binary("multiply", _binary("subtract", box[2], box[0]), _binary("subtract", box[3], box[1]))

    height = _binary("subtract", _binary("minimum", high_y, one[2]), _binary("maximum", low_y, one[0]))
    width = _binary("subtract", _binary("minimum", high_x, one[3]), _binary("maximum", low_x, one[1]))
    common = _binary("multiply", _binary("maximum", height, zero), _binary("maximum", width, zero))
    own, other = area(corners), area(one)
    union = _binary("subtract", _binary("add", own, other), common)
    solid = _binary("and", hlo.compare("GT", own, zero), hlo.compare("GT", other, zero))
    return hlo.op("select", [solid, _binary("divide", common, union), zero], zero.type)


def _chosen(boxes: Any, scores: Any, most: Any, overlap: Any, least: Any) -> tuple[Any, Any]:
    """The places of chosen boxes, as many as there are boxes (zero where there is none), and how many are chosen."""
    (count,) = loops.sizes_of(scores)
    kind = hlo.element(scores)
    corners = _corners(boxes, count)
    gone = hlo.filled(float("-inf"), hlo.tensor([], kind))
    left = scores
    if least is not None:
        good = hlo.compare("GT", scores, _spread(hlo.convert(least, hlo.tensor([], kind)), scores))
        left = hlo.op("select", [good, scores, _spread(gone, scores)], scores.type)
    numbers = loops.iota([count], 0)
    limit = hlo.op("minimum", [most, hlo.size_value(count)], most.type)
    overlap = hlo.convert(overlap, hlo.tensor([], hlo.element(boxes)))

    def best(left: Any) -> Any:
        return hlo.reduce("maximum", left, gone, [0])

    def goes_on(state: Sequence[Any]) -> Any:
        found, left, _ = state
        return _binary("and", hlo.compare("LT", found, limit), hlo.compare("GT", best(left), gone))

    def step(state: Sequence[Any]) -> list[Any]:
        found, left, places = state
        is_best = hlo.compare("EQ", left, _spread(best(left), left))
        nowhere = _spread(hlo.size_value(count), numbers)
        first = hlo.op("select", [is_best, numbers, nowhere], numbers.type)
        place = hlo.reduce("minimum", first, hlo.size_value(count), [0])
        one = [_spread(_at(corner, place), corner) for corner in corners]
        near = hlo.compare("GT", share := _overlap(corners, one), _spread(overlap, share))
        out = _binary("or", near, hlo.compare("EQ", numbers, _spread(place, numbers)))
        left = hlo.op("select", [out, _spread(gone, left), left], left.type)
        places = hlo.op("dynamic_update_slice", [places, hlo.reshape(place, [1]), found], places.type)
        return [_binary("add", found, hlo.size_value(1)), left, places]

    none = _spread(hlo.size_value(0), numbers)
    found, _, places = loops.while_loop([hlo.size_value(0), left, none], goes_on, step)
    return places, found


def suppress(op: Any) -> list[Any] | None:
    """``tf.NonMaxSuppression`` up to V5, of which that without decay of scores."""
    boxes, scores, most, *rest = op.operands
    version = op.name.rpartition("NonMaxSuppression")[2]
    if version == "":
        overlap = hlo.constant(np.float32(op.attributes["iou_threshold"].value))  # type: ignore[arg-type]
    else:
        overlap = rest[0]
    least = rest[1] if len(rest) > 1 else None
    if version == "V5" and not _is_zero(rest[2]):
        return None
    places, found = _chosen(boxes, scores, most, overlap, least)
    padded = "pad_to_max_output_size" in op.attributes and op.attributes["pad_to_max_output_size"].value
    known = hlo.known_elements(most)
    wanted: hlo.Size = hlo.to_i32(most) if known is None else int(known[0])
    if padded:
        (count,) = loops.sizes_of(scores)
        missing = hlo.arithmetic("maximum", hlo.arithmetic("subtract", wanted, count), 0)
        sizes = [hlo.vector([0]), hlo.vector([missing]), hlo.vector([0])]
        places = hlo.op("dynamic_pad", [places, hlo.size_value(0), *sizes], hlo.tensor([None], hlo.i32()))
    result = hlo.slice_between(places, [0], [wanted if padded else found])
    results = [hlo.cast(result, op.results[0].type)]
    if version == "V5":
        chosen = hlo.take(scores, result, 0)
        if padded:
            real = hlo.compare("LT", numbers := loops.iota(loops.sizes_of(result), 0), _spread(found, numbers))
            zero = _spread(hlo.filled(0, hlo.tensor([], hlo.element(scores))), chosen)
            chosen = hlo.op("select", [real, chosen, zero], chosen.type)
        results.append(hlo.cast(chosen, op.results[1].type))
    if len(op.results) > len(results):
        results.append(found)
    return results


def suppress_combined(op: Any) -> list[Any] | None:
    """``tf.CombinedNonMaxSuppression``: for all images and classes at once, then the best of each image's classes."""
    boxes, scores, most, total, overlap, least = op.operands
    known = [hlo.known_elements(limit) for limit in (most, total)]
    if any(limit is None for limit in known):
        return None
    each, wanted = (int(limit[0]) for limit in known if limit is not None)
    images, _, classes = loops.sizes_of(scores)
    found, corners = _chosen_of_classes(boxes, scores, each, overlap, least)
    rows = hlo.arithmetic("multiply", classes, each)
    numbers = loops.iota([images, classes, each], 1, ir.F32Type.get())
    ordered = loops.sort([hlo.reshape(part, [images, rows]) for part in (found, *corners, numbers)], 1, "GT")
    if op.attributes["pad_per_class"].value:
        wanted = hlo.arithmetic("minimum", wanted, rows)
    results = []
    gone = _spread(hlo.filled(float("-inf"), hlo.tensor([], ir.F32Type.get())), [images, wanted])
    for part in ordered:
        joined = hlo.tensor([hlo.shape(part)[0], None], hlo.element(part))
        longer = hlo.op("concatenate", [part, hlo.cast(gone, joined)], joined, dimension="1 : i64")
        results.append(hlo.slice_between(longer, [0, 0], [images, wanted]))
    real = hlo.compare("GT", results[0], hlo.cast(gone, results[0].type))
    zero = hlo.filled(0, hlo.tensor([], ir.F32Type.get()))

    def or_zero(part: Any) -> Any:
        return hlo.op("select", [real, part, _spread(zero, [images, wanted])], part.type)

    best, low_y, low_x, high_y, high_x, kinds = map(or_zero, results)
    sides = [hlo.reshape(side, [images, wanted, 1]) for side in (low_y, low_x, high_y, high_x)]
    if op.attributes["clip_boxes"].value:
        one = hlo.filled(1, hlo.tensor([], ir.F32Type.get()))
        sides = [hlo.op("clamp", [zero, side, one], side.type) for side in sides]
    chosen = hlo.op("concatenate", sides, hlo.tensor([*hlo.shape(best), 4], hlo.element(best)), dimension="2 : i64")
    ones = hlo.convert(real, hlo.tensor(hlo.shape(real), hlo.i32()))
    valid = hlo.reduce("add", ones, hlo.size_value(0), [1])
    made = (chosen, best, kinds, valid)
    return [hlo.cast(value, result.type) for value, result in zip(made, op.results, strict=True)]


def _chosen_of_classes(boxes: Any, scores: Any, each: int, overlap: Any, least: Any) -> tuple[Any, list[Any]]:
    """The scores and the four corners (y, x, y, x, as they were given) of the boxes that are chosen for each image and
    class, `each` of them, best first; scores are -inf where there is none.
    """
    images, count, classes = loops.sizes_of(scores)
    space = [images, classes, count]
    kind = hlo.tensor([], hlo.element(scores))
    shared = hlo.shape(boxes)[2] == 1
    scores = hlo.op("transpose", [scores], hlo.tensor([hlo.shape(scores)[i] for i in (0, 2, 1)], hlo.element(scores)),
                    permutation=hlo.array([0, 2, 1]))  # fmt: skip
    sides = []
    for i in range(4):
        limits = [images, count, 1 if shared else classes, i + 1]
        side = hlo.slice_between(boxes, [0, 0, 0, i], limits)
        side = hlo.reshape(side, limits[:2] if shared else limits[:3])
        sides.append(hlo.broadcast(side, space, [0, 2] if shared else [0, 2, 1]))
    corners = [_binary(name, *sides[i::2]) for name in ("minimum", "maximum") for i in range(2)]
    gone, zero = hlo.filled(float("-inf"), kind), hlo.filled(0, kind)
    far = _spread(gone, scores)
    good = hlo.compare("GT", scores, _spread(hlo.convert(least, kind), scores))
    left = hlo.op("select", [good, scores, far], scores.type)
    overlap = hlo.convert(overlap, kind)
    numbers = loops.iota(space, 2)
    nowhere = hlo.spread(hlo.size_value(count), space)

    def goes_on(state: Sequence[Any]) -> Any:
        some = hlo.compare("GT", hlo.reduce("maximum", state[1], gone, [0, 1, 2]), gone)
        return _binary("and", hlo.compare("LT", state[0], hlo.size_value(each)), some)

    def step(state: Sequence[Any]) -> list[Any]:
        found, left, *kept = state
        best = hlo.reduce("maximum", left, gone, [2])
        is_best = hlo.compare("EQ", left, hlo.broadcast(best, space, [0, 1]))
        first = hlo.reduce(
            "minimum", hlo.op("select", [is_best, numbers, nowhere], numbers.type), hlo.size_value(count), [2]
        )
        here = hlo.compare("EQ", numbers, hlo.broadcast(first, space, [0, 1]))

        def at_place(side: Any) -> Any:
            only = hlo.op("select", [here, side, _spread(zero, side)], side.type)
            return hlo.reduce("add", only, zero, [2])

        one = [hlo.broadcast(at_place(corner), space, [0, 1]) for corner in corners]
        near = hlo.compare("GT", share := _overlap(corners, one), _spread(overlap, share))
        left = hlo.op("select", [_binary("or", near, here), far, left], left.type)
        place = [hlo.size_value(0), hlo.size_value(0), found]
        new = [best, *map(at_place, sides)]
        kept = [
            hlo.op("dynamic_update_slice", [old, hlo.reshape(value, [images, classes, 1]), *place], old.type)
            for old, value in zip(kept, new, strict=True)
        ]
        return [_binary("add", found, hlo.size_value(1)), left, *kept]

    none = [hlo.spread(gone, [images, classes, each])] + [hlo.spread(zero, [images, classes, each])] * 4
    _, _, found, *chosen = loops.while_loop([hlo.size_value(0), left, *none], goes_on, step)
    return found, chosen


def _is_zero(value: Any) -> bool:
    owner = value.owner
    if isinstance(owner, ir.Block) or owner.name not in ("stablehlo.constant", "tf.Const"):
        return False
    attribute = owner.attributes["value"]
    return isinstance(attribute, ir.DenseFPElementsAttr) and attribute[0] == 0.0


_COMBINED = ("pad_per_class", "clip_boxes")
_FLAGS = ("pad_to_max_output_size", "iou_threshold")
KEPT = {f"tf.NonMaxSuppression{version}": Kept(suppress, _FLAGS) for version in ("", "V2", "V3", "V4", "V5")} | {
    "tf.CombinedNonMaxSuppression": Kept(suppress_combined, _COMBINED)
}
