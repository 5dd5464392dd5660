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
    return hlo.spread(scalar, loops.sizes_of(like))


def _corners(boxes: Any, count: hlo.Size) -> list[Any]:
    """The least and the greatest y and x of each box: four vectors."""
    columns = [hlo.reshape(hlo.slice_between(boxes, [0, i], [count, i + 1]), [count]) for i in range(4)]
    (y1, x1, y2, x2) = columns
    pairs = ((y1, y2), (x1, x2))
    return [_binary("minimum", *pair) for pair in pairs] + [_binary("maximum", *pair) for pair in pairs]


def _at(vector: Any, place: Any) -> Any:
    taken = hlo.op("dynamic_slice", [vector, place], hlo.tensor([1], hlo.element(vector)), slice_sizes=hlo.array([1]))
    return hlo.reshape(taken, [])


def _overlap(corners: Sequence[Any], place: Any) -> Any:
    """Intersection over union of each box with the one at `place`; 0 if one of the two is empty."""
    low_y, low_x, high_y, high_x = corners
    one = [_spread(_at(corner, place), corner) for corner in corners]
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
        near = hlo.compare("GT", share := _overlap(corners, place), _spread(overlap, share))
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


def _is_zero(value: Any) -> bool:
    owner = value.owner
    if isinstance(owner, ir.Block) or owner.name not in ("stablehlo.constant", "tf.Const"):
        return False
    attribute = owner.attributes["value"]
    return isinstance(attribute, ir.DenseFPElementsAttr) and attribute[0] == 0.0


_FLAGS = ("pad_to_max_output_size", "iou_threshold")
KEPT = {f"tf.NonMaxSuppression{version}": Kept(suppress, _FLAGS) for version in ("", "V2", "V3", "V4", "V5")}
