"""Depthwise convolutions and pools: lanes of vectors are channels, the pixels of a part of a row stay in registers.

The image is read where it lies, without a border: of a pad with zeros only the numbers are used. Which rows of a window
are in the image follows from the row of the result, so the loop over them gets its bounds from that. Which columns are
is known when the code is written, for the first and the last pixels of a row one by one; for all others all are.

What a window has outside the image is left out, not multiplied by zero: filters that are infinite make no NaNs there.

The number of images may be one that only the call knows: workgroups take some images each, the last what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.structured import Generic, defining, find
from iree.codegen.cpu.templates.blocks import (
    Size,
    index,
    insert_parallel,
    load,
    loop,
    plus,
    remaining,
    slice_,
    store,
)
from iree.codegen.cpu.templates.chain import Chain
from iree.codegen.cpu.templates.lanes import compute, has_lanes, spread
from iree.codegen.cpu.templates.match import is_contraction
from iree.codegen.cpu.templates.registers import WORKGROUP_FLOPS
from iree.codegen.cpu.templates.script import Script
from iree.codegen.cpu.templates.tiles import power_of_two_divisor, split_work
from iree.dialects.mlir import affine, ir, scf, tensor, vector

_PIXELS = {32: 8, 16: 4}
"""Pixels of a register tile, by the number of vector registers."""
_WORKGROUP_FLOPS = WORKGROUP_FLOPS / 3
"""What one workgroup does: other kernels come closer to the machine's peak. A pool waits for memory: 4 times less."""
_MIN_LANES = 4
"""With fewer channels to a vector other templates are faster."""
_MAX_COLUMNS = 16
"""Columns of a window, which are unrolled."""
_IMAGES = 256
"""What an unknown number of images is taken for."""
_MAX_TILES = 6
"""Register tiles at the ends of a row, of which each has code of its own."""


@dataclass(frozen=True)
class Axis:
    """What a dimension of the image is read by: pixel * stride + tap * dilation - low.

    Attributes:
        pixel: The parallel loop.
        tap: The reduction loop, None if there is one tap.
        low: Zeros before the image.
        size: Of the image; `_IMAGES` if that is unknown.
    """

    pixel: int
    stride: int
    tap: int | None
    dilation: int
    low: int
    size: int


@dataclass(frozen=True)
class Depthwise:
    """A kernel that is a depthwise convolution, or a pool, and operations on its elements.

    Attributes:
        chain: The kernel.
        generic: The convolution.
        multiplies: Whether it is one; a pool does the same to each element of a window.
        image: What it reads, without the border.
        axes: Per dimension of the image but the channels.
        sizes: Of its loops; `_IMAGES` if that is unknown.
        channel: The loop over channels.
        images: The size of the loop over images, the first axis, if that is unknown.
    """

    chain: Chain
    generic: Generic
    multiplies: bool
    image: Any
    axes: tuple[Axis, ...]
    sizes: tuple[int, ...]
    channel: int
    images: Any


@dataclass(frozen=True)
class Plan(Depthwise):
    """How to compute it.

    Attributes:
        lanes: Channels of a vector.
        pixels: Of a register tile, at most.
        workgroup: Iterations of each parallel loop that a workgroup takes; those of the last axis it takes all.
    """

    lanes: int
    pixels: int
    workgroup: dict[int, int]


def script(chain: Chain, machine: Machine) -> Script | None:
    """The script for a depthwise convolution or a pool with channels last, of known sizes but for the number of images;
    None if the kernel is another.
    """
    found = _read(chain)
    plan = _plan(found, machine) if found is not None else None
    if plan is None:
        return None
    result = Script()
    result.then(partial(_write, plan=plan))
    return result


def _read(chain: Chain) -> Depthwise | None:
    reduced = [g for g in chain.generics if g.reductions]
    if len(reduced) != 1 or len(chain.pads) > 1:
        return None
    multiplies = is_contraction(reduced[0])
    if not multiplies and (chain.pads or not _pools(reduced[0])):
        return None
    generic = reduced[0]
    *others, channel = generic.dims(2) or (None,)
    elements = {v.type.element_type for v in generic.operands}
    if channel is None or len(elements) != 1:
        return None
    if not isinstance(elements.pop(), (ir.F32Type, ir.F64Type)) or not _follows(chain, generic, channel):
        return None
    image, low = _image(generic.inputs[0])
    if chain.pads and image == generic.inputs[0]:
        return None
    if generic.dims(0)[-1:] != (channel,) or image.type.shape[-1] != generic.inputs[0].type.shape[-1]:
        return None
    axes = [_axis(generic, d, low[d], _size(image, d)) for d in range(len(low) - 1)]
    found, sizes = tuple(axis for axis in axes if axis is not None), _sizes(generic)
    taps = {axis.tap for axis in found if axis.tap is not None}
    if len(found) != len(axes) or not 2 <= len(axes) <= 3 or sizes is None:
        return None
    window = [*sorted(taps), channel] if multiplies else sorted(taps)
    if list(generic.dims(1)) != window or taps != set(generic.reductions) or [a.pixel for a in found] != others:
        return None
    unknown = _unknown(chain)
    if unknown and (unknown != {found[0].pixel} or found[0].tap is not None or found[0].stride != 1):
        return None
    images = _images(chain.root) if unknown else None
    if unknown and images is None:
        return None
    return Depthwise(chain, generic, multiplies, image, found, sizes, channel, images)


def _unknown(chain: Chain) -> set[int | None]:
    """Loops of the convolution along which some tensor has an unknown size; None is one that is no such loop."""
    (generic,) = (g for g in chain.generics if g.reductions)
    of_root = {root: loop_ for loop_, root in (chain.loops_of(generic) or {}).items()}
    found = set[int | None]()
    for g in chain.generics:
        loops = {loop_: of_root.get(root) for loop_, root in chain.shared_loops_of(g).items()}
        for number, value in enumerate(g.operands):
            if isinstance(value.type, ir.ShapedType):
                open_ = [loop_ for d, loop_ in enumerate(g.dims(number)) if value.type.is_dynamic_dim(d)]
                found.update(loops.get(loop_) if loop_ is not None else None for loop_ in open_)
    return found


def _images(root: Generic) -> Any:
    """The kernel's argument that is the size of the result where that is unknown; None if the size is none."""
    empty = defining(root.inits[0])
    if empty is not None and empty.name == "linalg.fill":
        empty = defining(empty.operands[1])
    if empty is None or empty.name != "tensor.empty" or len(empty.operands) != 1:
        return None
    return empty.operands[0] if defining(empty.operands[0]) is None else None


def _size(value: Any, dimension: int) -> int:
    return _IMAGES if value.type.is_dynamic_dim(dimension) else int(value.type.shape[dimension])


def _pools(generic: Generic) -> bool:
    """Whether it does the same to each element of a window, whose extents a second input tells."""
    if len(generic.inputs) != 2 or not has_lanes(generic) or list(generic.block.arguments[1].uses):
        return False
    return all(op.name != "linalg.index" for op in generic.body)


def _plan(found: Depthwise, machine: Machine) -> Plan | None:
    sizes, channel, row = found.sizes, found.channel, found.axes[-1]
    lanes = power_of_two_divisor(sizes[channel], machine.vector_bytes * 8 // found.image.type.element_type.width)
    if lanes < _MIN_LANES or (row.tap is not None and sizes[row.tap] > _MAX_COLUMNS):
        return None
    tiles = -(-sizes[row.pixel] // _PIXELS.get(machine.vector_registers, 4))
    outer = [*(axis.pixel for axis in found.axes[:-1]), channel]
    counts = [*(sizes[loop_] for loop_ in outer[:-1]), sizes[channel] // lanes]
    flops = 2.0 * prod(sizes[loop_] for loop_ in found.generic.reductions) * sizes[row.pixel] * lanes
    taken = split_work(counts, flops if found.multiplies else 4 * flops, _WORKGROUP_FLOPS)
    workgroup = dict(zip(outer, taken, strict=True)) | {channel: taken[-1] * lanes}
    plan = Plan(**vars(found), lanes=lanes, pixels=-(-sizes[row.pixel] // tiles), workgroup=workgroup)
    return plan if len(_ends(plan)) <= _MAX_TILES else None


def _image(value: Any) -> tuple[Any, list[int]]:
    """What is read without its border, and the zeros before it; a pad with something else stays."""
    pad = defining(value)
    if pad is None or pad.name != "tensor.pad" or len(pad.operands) > 1:
        return value, [0] * value.type.rank
    number = defining(list(pad.regions[0].blocks[0].operations)[-1].operands[0])
    low, high = (list(ir.DenseI64ArrayAttr(pad.attributes[name])) for name in ("static_low", "static_high"))
    if number is None or number.name != "arith.constant" or min(*low, *high) < 0:
        return value, [0] * value.type.rank
    if any(value.type.is_dynamic_dim(d) and low[d] + high[d] for d in range(value.type.rank)):
        return value, [0] * value.type.rank
    zero = number.attributes["value"]
    if not isinstance(zero, ir.FloatAttr) or zero.value != 0:
        return value, [0] * value.type.rank
    return pad.operands[0], low


def _axis(generic: Generic, dimension: int, low: int, size: int) -> Axis | None:
    factors = _factors(generic.maps[0].results[dimension])
    pixels = [loop_ for loop_ in factors or () if loop_ not in generic.reductions]
    taps = [loop_ for loop_ in factors or () if loop_ in generic.reductions]
    if factors is None or len(pixels) != 1 or len(taps) > 1 or min(factors.values()) < 1:
        return None
    tap = taps[0] if taps else None
    return Axis(pixels[0], factors[pixels[0]], tap, factors[tap] if tap is not None else 1, low, size)


def _factors(expr: Any) -> dict[int, int] | None:
    """The loops that an index is a sum of multiples of; None if it is something else."""
    e = expr.maybe_downcast()
    if isinstance(e, ir.AffineDimExpr):
        return {e.position: 1}
    if isinstance(e, ir.AffineAddExpr):
        left, right = _factors(e.lhs), _factors(e.rhs)
        return None if left is None or right is None or set(left) & set(right) else left | right
    if isinstance(e, ir.AffineMulExpr):
        dims, factor = _factors(e.lhs), e.rhs.maybe_downcast()
        if dims is not None and isinstance(factor, ir.AffineConstantExpr):
            return {loop_: n * factor.value for loop_, n in dims.items()}
    return None


def _sizes(generic: Generic) -> tuple[int, ...] | None:
    """The filter and the result tell every loop."""
    sizes: dict[int, int] = {}
    for number in (1, 2):
        for position, loop_ in enumerate(generic.dims(number)):
            if loop_ is not None:
                sizes[loop_] = _size(generic.operands[number], position)
    loops = range(len(generic.iterators))
    return tuple(sizes[loop_] for loop_ in loops) if all(loop_ in sizes for loop_ in loops) else None


def _follows(chain: Chain, generic: Generic, channel: int) -> bool:
    """Whether the convolution starts from a number, and all else is done to its elements one by one."""
    init, own = defining(generic.inits[0]), chain.loops_of(generic)
    if init is None or init.name != "linalg.fill" or own is None:
        return False
    root = chain.root
    if len(set(own.values())) != len(root.iterators) - len(root.reductions):
        return False
    for other in chain.generics:
        if other.op == generic.op:
            continue
        if not has_lanes(other) or list(other.block.arguments[-1].uses) or chain.depends(generic, other):
            return False
        if any(op.name == "linalg.index" for op in other.body):
            return False
        loops = chain.shared_loops_of(other)
        for number in range(len(other.operands)):
            dims = [loops.get(loop_) if loop_ is not None else None for loop_ in other.dims(number)]
            if None in dims or own[channel] in dims[:-1]:
                return False
    return True


def _ends(plan: Plan) -> list[tuple[int, int]]:
    """The first pixel and the number of pixels of each register tile at an end of a row."""
    first, last = _middle(plan)
    count = plan.sizes[plan.axes[-1].pixel]
    return [
        (start, min(plan.pixels, end - start))
        for begin, end in ((0, first), (last, count))
        for start in range(begin, end, plan.pixels)
    ]


def _middle(plan: Plan) -> tuple[int, int]:
    """The pixels of a row whose windows lie within the image: whole register tiles of them."""
    row = plan.axes[-1]
    reach = 0 if row.tap is None else (plan.sizes[row.tap] - 1) * row.dilation
    inside = -(-row.low // row.stride)
    beyond = min((row.size + row.low - 1 - reach) // row.stride + 1, plan.sizes[row.pixel])
    first = -(-inside // plan.pixels) * plan.pixels
    return (first, first + (beyond - first) // plan.pixels * plan.pixels) if first < beyond else (0, 0)


def _write(function: Any, plan: Plan) -> None:
    """Replaces the kernel's generics by a loop over workgroups."""
    root = plan.chain.root.op
    with root.location, ir.InsertionPoint(root):
        result = _Writer(plan).write()
    root.results[0].replace_all_uses_with(result)
    for generic in reversed(plan.chain.generics):
        generic.op.erase()
    for op in reversed(find(function, "linalg.fill", "tensor.pad")):
        if not list(op.results[0].uses):
            op.erase()


class _Writer:
    """Writes the loops. Places are iterations of the convolution's loops, by their numbers."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        of_root = {root: loop_ for loop_, root in (plan.chain.loops_of(plan.generic) or {}).items()}
        self._others = [
            (other, {loop_: of_root[root] for loop_, root in plan.chain.shared_loops_of(other).items()})
            for other in plan.chain.generics
            if other.op != plan.generic.op
        ]
        root = plan.chain.root
        self._result = [of_root[loop_] for loop_ in root.dims(len(root.inputs)) if loop_ is not None]
        self._row = plan.axes[-1]

    def write(self) -> Any:
        """Writes it at the insertion point; returns the result."""
        plan = self._plan
        into = plan.chain.root.inits[0]
        if (fill := defining(into)) is not None and fill.name == "linalg.fill":
            into = fill.operands[1]
        outer = list(plan.workgroup)
        ends, steps = [self._whole(loop_) for loop_ in outer], [plan.workgroup[loop_] for loop_ in outer]
        forall = scf.ForallOp([0] * len(outer), ends, steps, [into])
        with ir.InsertionPoint(forall.body):
            start = dict(zip(outer, forall.induction_variables, strict=True))
            counts: dict[int, Size] = dict(plan.workgroup)
            if plan.images is not None and counts[outer[0]] > 1:
                counts[outer[0]] = remaining(start[outer[0]], plan.images, counts[outer[0]])
            offsets = [start.get(loop_, 0) for loop_ in self._result]
            extents = [counts.get(loop_, plan.sizes[loop_]) for loop_ in self._result]
            out = forall.inner_iter_args[0]
            made = self._rows(start, counts, slice_(out, offsets, extents))
            with ir.InsertionPoint(scf.InParallelOp().block):
                insert_parallel(made, out, offsets, extents)
        return forall.results[0]

    def _whole(self, loop_: int) -> Size:
        plan = self._plan
        return plan.images if plan.images is not None and loop_ == plan.axes[0].pixel else plan.sizes[loop_]

    def _rows(self, start: dict[int, Any], counts: dict[int, Size], out: Any) -> Any:
        """All `counts` rows of a workgroup: channels are the outermost loop, so that the rows of a window stay near."""
        order = [self._plan.channel, *(axis.pixel for axis in self._plan.axes[:-1])]

        def nest(loops: Sequence[int], inside: dict[int, Size], out: Any) -> Any:
            if not loops:
                return self._one_row(start, inside, out)
            step = self._plan.lanes if loops[0] == self._plan.channel else 1

            def write(at: Any, carried: Sequence[Any]) -> list[Any]:
                return [nest(loops[1:], inside | {loops[0]: at}, carried[0])]

            return loop(0, counts[loops[0]], step, [out], write)[0]

        return nest(order, {}, out)

    def _one_row(self, start: dict[int, Any], inside: dict[int, Size], out: Any) -> Any:
        """A row of the result, of one vector of channels; `inside` is where in the workgroup's part it is."""
        plan = self._plan
        at = {loop_: plus(start[loop_], inside[loop_]) for loop_ in start}
        first, last = _middle(plan)

        def tile(pixel: Size, count: int, out: Any) -> Any:
            sums = self._sums(at, pixel, count)
            for number, value in enumerate(sums):
                places = at | {self._row.pixel: plus(pixel, number)}
                where = inside | {self._row.pixel: places[self._row.pixel]}
                out = store(self._finish(value, places), out, [where[loop_] for loop_ in self._result])
            return out

        ends = _ends(plan)
        for pixel, count in (end for end in ends if end[0] < first):
            out = tile(pixel, count, out)
        (out,) = loop(first, last, plan.pixels, [out], lambda pixel, o: [tile(pixel, plan.pixels, o[0])])
        for pixel, count in (end for end in ends if end[0] >= last):
            out = tile(pixel, count, out)
        return out

    def _sums(self, at: dict[int, Any], pixel: Size, count: int) -> list[Any]:
        """Sums of products of some pixels of a row, from `pixel` on."""
        plan = self._plan
        number = plan.generic.inits[0].owner.operands[0]

        def nest(axes: Sequence[Axis], taps: dict[int, Size], sums: Sequence[Any]) -> Sequence[Any]:
            if not axes:
                return self._window(at, taps, pixel, sums)
            axis, *rest = axes
            own = () if axis.tap is None else (axis.tap,)
            low, high = self._taps(axis, at[axis.pixel])
            return loop(low, high, 1, sums, lambda i, carried: nest(rest, taps | dict.fromkeys(own, i), carried))

        return list(nest(plan.axes[:-1], {}, [spread(number, plan.lanes)] * count))

    def _taps(self, axis: Axis, pixel: Any) -> tuple[Size, Size]:
        """The taps of an axis that lie in the image."""
        count, pixels = self._count(axis), self._plan.sizes[axis.pixel]
        before = ir.AffineExpr.get_dim(0) * -axis.stride + axis.low
        low, high = (
            ir.AffineExpr.get_ceil_div(expr, ir.AffineExpr.get_constant(axis.dilation))
            for expr in (before, before + axis.size)
        )
        first: Size = 0
        if axis.low:
            first = _extreme(affine.AffineMaxOp, low, 0, pixel)
        if (pixels - 1) * axis.stride + (count - 1) * axis.dilation < axis.size + axis.low:
            return first, count
        return first, _extreme(affine.AffineMinOp, high, count, pixel)

    def _count(self, axis: Axis) -> int:
        return 1 if axis.tap is None else self._plan.sizes[axis.tap]

    def _window(self, at: dict[int, Any], taps: dict[int, Size], pixel: Size, sums: Sequence[Any]) -> list[Any]:
        """Adds the products of a row of the window."""
        plan, row, sums = self._plan, self._row, list(sums)
        places = at | taps
        loaded: dict[int, Any] = {}

        def image(offset: int) -> Any:
            if offset not in loaded:
                indices = []
                for axis in plan.axes[:-1]:
                    tap = places[axis.tap] if axis.tap is not None else 0
                    indices.append(_position(axis, places[axis.pixel], tap))
                indices.append(_position(row, pixel, 0, offset))
                loaded[offset] = load(plan.image, [*indices, at[plan.channel]], plan.lanes)
            return loaded[offset]

        for tap in range(self._count(row)):
            dims = plan.generic.dims(1)
            where = places | ({} if row.tap is None else {row.tap: tap})
            weight: Any = None
            if plan.multiplies:
                weight = load(plan.generic.inputs[1], [where[loop_] for loop_ in dims if loop_ is not None], plan.lanes)
            for number, value in enumerate(sums):
                offset = number * row.stride + tap * row.dilation
                column = pixel * row.stride + offset - row.low if isinstance(pixel, int) else 0
                if not 0 <= column < row.size:
                    continue
                if plan.multiplies:
                    sums[number] = vector.FMAOp(image(offset), weight, value).result
                else:
                    sums[number] = compute(plan.generic, [image(offset), None, value], plan.lanes, index)
        return sums

    def _finish(self, value: Any, places: dict[int, Size]) -> Any:
        """What is done to an element."""
        plan = self._plan
        values = {plan.generic.op.results[0]: value}
        for other, loops in self._others:
            operands: list[Any] = []
            for number, operand in enumerate(other.inputs):
                if operand in values:
                    operands.append(values[operand])
                elif not isinstance(operand.type, ir.RankedTensorType):
                    operands.append(spread(operand, plan.lanes))
                else:
                    dims = [loops[loop_] for loop_ in other.dims(number) if loop_ is not None]
                    indices = [index(places[loop_]) for loop_ in dims]
                    if plan.channel in dims:
                        operands.append(load(operand, indices, plan.lanes))
                    else:
                        operands.append(spread(tensor.ExtractOp(operand, indices).result, plan.lanes))
            value = values[other.op.results[0]] = compute(other, [*operands, None], plan.lanes, index)
        return value


def _extreme(op: Any, expr: Any, other: int, value: Any) -> Any:
    map_ = ir.AffineMap.get(1, 0, [expr, ir.AffineExpr.get_constant(other)])
    return op(map_, [index(value)]).result


def _position(axis: Axis, pixel: Size, tap: Size, offset: int = 0) -> Size:
    """Where in the image a tap of a pixel is, `offset` further."""
    dims = [ir.AffineExpr.get_dim(n) for n in (0, 1)]
    expr = dims[0] * axis.stride + dims[1] * axis.dilation + (offset - axis.low)
    return affine.AffineApplyOp(ir.AffineMap.get(2, 0, [expr]), [index(pixel), index(tap)]).result
