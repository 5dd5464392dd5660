"""Depthwise convolutions and pools with channels last: a thread has four channels of some pixels of a row.

What the windows of a thread's pixels share is loaded once. A border of zeros around the image, where it is part of the
kernel, is never stored: places outside of the image are zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.structured import PARALLEL, Generic, defining, generics
from iree.codegen.cpu.templates.match import is_contraction
from iree.codegen.spirv.indices import Size, add, known, multiply, value_of
from iree.codegen.spirv.scalar import extents, place
from iree.codegen.spirv.templates.edges import Guard, both, ceildiv, clamp, divides, or_zero
from iree.codegen.spirv.templates.elementwise import Lanes, apply_all, evaluate, is_stored_in_vectors
from iree.codegen.spirv.templates.match import follow, is_fill
from iree.codegen.spirv.tile import read_chain
from iree.dialects.mlir import arith, ir, memref, scf, vector
from iree.dialects.mlir import math as math_ops

_LANES = 4
_PIXELS = ((4, 16384), (2, 4096), (1, 0))
"""Pixels of a thread, and threads that make them worthwhile."""
_UNROLLED = 32
"""Taps of a window that are written out."""
_UNKNOWN = 64
"""What an unknown size is taken for."""
_ULT = 6
_LOADS = ("memref.load", "tensor.extract")


@dataclass(frozen=True)
class Axis:
    """A dimension of the image, read at pixel * stride + tap * dilation.

    Attributes:
        pixel: The parallel loop.
        stride: Its factor.
        tap: The reduction loop, None if there is none.
        dilation: Its factor.
    """

    pixel: int
    stride: int
    tap: int | None
    dilation: int


@dataclass(frozen=True)
class Border:
    """Zeros around an image.

    Attributes:
        image: What they are around.
        places: Per dimension of the image the dimension with the border, or None if the image has one element there.
        low: Zeros before the image, per dimension of the image.
    """

    image: Any
    places: tuple[int | None, ...]
    low: tuple[int, ...]


def is_depthwise(function: Any) -> bool:
    """Whether a prepared kernel on tensors is one that the template fits."""
    chain = read_chain(function)
    if chain is None:
        return False
    number = next((i for i, g in enumerate(chain.generics) if g.reductions), None)
    if number is None or read_axes(chain.generics[number]) is None:
        return False
    before, after = chain.generics[:number], chain.generics[number + 1 :]
    bordered = not before or (len(before) == 1 and read_border(before[0]) is not None)
    return bordered and not any(g.reductions or not _is_arithmetic(g) for g in after)


def read_axes(generic: Generic) -> tuple[Axis, ...] | None:
    """How a window of an image is read for each channel by itself: per dimension of the image but the result's last.

    Where several results are made of a channel, channels are like the pixels of an axis of their own. None if the
    operation is another, or the extents of the window or the last dimension are unknown.
    """
    if len(generic.inputs) != 2 or len(generic.inits) != 1 or not _is_arithmetic(generic):
        return None
    if not all(isinstance(v.type, ir.ShapedType) and v.type.rank > 0 for v in generic.operands):
        return None
    *pixels, channel = generic.dims(2)
    window, sizes = generic.dims(1), generic.loop_sizes()
    filters = bool(list(generic.block.arguments[1].uses))
    places = list(generic.maps[0].results)
    if None in pixels or None in window or channel is None or not places:
        return None
    own = {channel} if (last := _factors(places[-1])) == {channel: 1} else {channel, *(last or ())}
    if set(window) != set(generic.reductions) | (own if filters else set()):
        return None
    if (filters and window[-1] != channel) or any(sizes[loop] is None for loop in (*own, *generic.reductions)):
        return None
    axes = [_axis(generic, expr) for expr in (places[:-1] if len(own) == 1 else places)]
    found = tuple(axis for axis in axes if axis is not None)
    taps = [axis.tap for axis in found if axis.tap is not None]
    if len(found) < len(axes) or not taps or sorted(taps) != sorted(generic.reductions):
        return None
    return found if sorted(axis.pixel for axis in found) == sorted(p for p in pixels if p is not None) else None


def _is_arithmetic(generic: Generic) -> bool:
    return all(op.name.startswith(("arith.", "math.", "linalg.yield")) for op in generic.body)


def _axis(generic: Generic, expr: Any) -> Axis | None:
    factors = _factors(expr)
    if factors is None or min(factors.values()) < 1:
        return None
    pixels = [loop for loop in factors if generic.iterators[loop] == PARALLEL]
    taps = [loop for loop in factors if generic.iterators[loop] != PARALLEL]
    if len(pixels) != 1 or len(taps) > 1:
        return None
    tap = taps[0] if taps else None
    return Axis(pixels[0], factors[pixels[0]], tap, 1 if tap is None else factors[tap])


def _factors(expr: Any) -> dict[int, int] | None:
    """The loops that an index is a sum of multiples of; None if it is something else."""
    e = expr.maybe_downcast()
    if isinstance(e, ir.AffineDimExpr):
        return {int(e.position): 1}
    if isinstance(e, ir.AffineAddExpr):
        left, right = _factors(e.lhs), _factors(e.rhs)
        return None if left is None or right is None or set(left) & set(right) else left | right
    if isinstance(e, ir.AffineMulExpr):
        left, factor = _factors(e.lhs), e.rhs.maybe_downcast()
        if left is not None and isinstance(factor, ir.AffineConstantExpr):
            return {loop: n * int(factor.value) for loop, n in left.items()}
    return None


# --- Borders ---


def read_border(generic: Generic) -> Border | None:
    """The border that a generic which `moves` made writes, if it is one of zeros of known size."""
    loads = [inner.operation for op in generic.body if op.name == "scf.if" for inner in op.regions[0].blocks[0]]
    if generic.inputs or len(generic.inits) != 1 or len(loads) != 2 or loads[0].name not in _LOADS:
        return None
    load, choice = loads[0], generic.body[-1].operands[0].owner
    image, *places = load.operands
    zero = defining(list(choice.regions[1].blocks[0].operations)[-1].operands[0])
    if not _is_zero(zero) or not _tests(choice.operands[0], image, places):
        return None
    found = [_place(place) for place in places]
    if any(place is None for place in found):
        return None
    sure = [place for place in found if place is not None]
    return Border(image, tuple(d for d, _ in sure), tuple(low for _, low in sure))


def _is_zero(op: Any) -> bool:
    value = op.attributes["value"] if op is not None and op.name == "arith.constant" else None
    return isinstance(value, (ir.FloatAttr, ir.IntegerAttr)) and value.value == 0


def _tests(condition: Any, image: Any, places: Sequence[Any]) -> bool:
    """Whether a condition is that places are in the image."""
    op = defining(condition)
    if op is None:
        return False
    if op.name == "arith.andi":
        return all(_tests(v, image, places) for v in op.operands)
    if op.name != "arith.cmpi" or op.operands[0] not in places:
        return False
    predicate, limit = arith.CmpIPredicate(ir.IntegerAttr(op.attributes["predicate"]).value), op.operands[1]
    if predicate == arith.CmpIPredicate.sge:
        return known(limit) == 0
    return predicate == arith.CmpIPredicate.slt and _is_extent(limit, image, list(places).index(op.operands[0]))


def _is_extent(value: Any, image: Any, dimension: int) -> bool:
    """Whether a value is the size of a dimension of the image."""
    if not image.type.is_dynamic_dim(dimension):
        return bool(known(value) == image.type.shape[dimension])
    op = defining(value)
    if op is None or op.name not in ("tensor.dim", "memref.dim"):
        return False
    return op.operands[0] == image and known(op.operands[1]) == dimension


def _place(value: Any) -> tuple[int | None, int] | None:
    """The dimension that an index goes along and what is subtracted from it; None if it is something else."""
    op = defining(value)
    if op is None:
        return None
    if op.name == "arith.subi":
        inner, low = _place(op.operands[0]), known(op.operands[1])
        return (inner[0], low) if inner is not None and low is not None and low >= 0 and inner[1] == 0 else None
    if op.name == "linalg.index":
        return int(ir.IntegerAttr(op.attributes["dim"]).value), 0
    return (None, 0) if known(value) == 0 else None


# --- Code ---


def apply(kernel: Kernel) -> bool:
    """Rewrites a bufferized kernel of generics to an `scf.forall` over threads.

    Returns:
        False, with nothing changed, if it is something else.
    """
    found = generics(kernel.function)
    number = next((i for i, g in enumerate(found) if g.reductions), len(found))
    after, fills = found[number + 1 :], [g for g in found[:number] if is_fill(g, found[number])]
    borders = [g for g in found[:number] if g not in fills]
    axes = read_axes(found[number]) if number < len(found) else None
    if axes is None or len(fills) > 1 or len(borders) > 1 or not follow(found[number], after):
        return False
    border = read_border(borders[0]) if borders else None
    if borders and (border is None or borders[0].inits[0] != found[number].inputs[0]):
        return False
    writer = _Writer(found[number], axes, border, after)
    writer.write(fills[0] if fills else None)
    for generic in (*after[::-1], found[number], *fills, *borders):
        generic.op.erase()
    return True


class _Writer:
    """Writes one kernel."""

    def __init__(
        self, generic: Generic, axes: tuple[Axis, ...], border: Border | None, after: Sequence[Generic]
    ) -> None:
        self.generic, self.axes, self.border, self.after = generic, axes, border, after
        (channel,) = generic.dims(2)[-1:]
        assert channel is not None
        self.channel = channel
        self.row = next(axis for axis in reversed(axes) if axis.tap is not None)
        self.known_sizes = generic.loop_sizes()
        self.lanes = _LANES if self._fits_vectors() else 1
        multiplies = is_contraction(generic) and len(generic.body) == 3
        self.fuses = multiplies and isinstance(generic.inits[0].type.element_type, ir.F32Type)
        self.pixels = self._choose()

    def _fits_vectors(self) -> bool:
        """Whether four channels are always neighbours, in buffers that may be ones of vectors."""
        used = [v for g in (self.generic, *self.after) for v in g.operands if isinstance(v.type, ir.MemRefType)]
        straight = all(g.dims(len(g.inputs)) == tuple(range(len(g.iterators))) for g in self.after)
        size = self.known_sizes[self.channel]
        assert size is not None  # axes are read of known channels alone
        return size % _LANES == 0 and straight and all(is_stored_in_vectors(v.type.element_type) for v in used)

    def _choose(self) -> int:
        """How many pixels a thread has."""
        sizes = [size or _UNKNOWN for size in self.known_sizes]
        threads = prod(sizes[axis.pixel] for axis in self.axes) * sizes[self.channel] // self.lanes
        return next(count for count, enough in _PIXELS if threads // count >= enough)

    def write(self, fill: Generic | None) -> None:
        """Writes the loop over threads before the last of the operations; `fill` gives the results' first value."""
        last = (self.after or (self.generic,))[-1].op
        outer = [axis.pixel for axis in self.axes if axis is not self.row]
        with last.location, ir.InsertionPoint(last):
            self.sizes = extents(self.generic)
            columns = ceildiv(self.sizes[self.row.pixel], self.pixels)
            bounds = [*(self.sizes[loop] for loop in outer), columns, self.sizes[self.channel] // self.lanes]
            loop = scf.ForallOp([0] * len(bounds), bounds, [1] * len(bounds))
        with last.location, ir.InsertionPoint.at_block_begin(loop.body):
            *places, column, vector_ = list(loop.body.arguments)[: len(bounds)]
            indices: list[Size] = [0] * len(self.sizes)
            for number, place in zip(outer, places, strict=True):
                indices[number] = place
            indices[self.channel] = multiply(vector_, self.lanes)
            self.first = multiply(column, self.pixels)
            sums = self._initial(fill, indices)
            sums = self._taps([axis for axis in self.axes if axis.tap is not None], indices, sums)
            exact = divides(self.sizes[self.row.pixel], self.pixels)
            for pixel, value in enumerate(sums):
                indices[self.row.pixel] = add(self.first, pixel)
                with Guard(None if exact else (indices[self.row.pixel], self.sizes[self.row.pixel])):
                    evaluate(self.generic, self.after, value, indices, Lanes(self.channel, self.lanes))
            scf.InParallelOp()

    def _initial(self, fill: Generic | None, indices: list[Size]) -> list[Any]:
        """What the sums of the pixels start from: a number, or what is there."""
        if fill is not None:
            number = fill.body[-1].operands[0]
            number = fill.inputs[number.arg_number] if isinstance(number, ir.BlockArgument) else number
            return [self._spread(number)] * self.pixels
        size, values = self.sizes[self.row.pixel], []
        for pixel in range(self.pixels):
            inside = None if divides(size, self.pixels) else True
            indices[self.row.pixel] = clamp(add(self.first, pixel), size, inside)
            places = place(self.generic, len(self.generic.inputs), indices)
            values.append(_load(self.generic.inits[0], places, self.lanes))
        return values

    def _taps(self, axes: Sequence[Axis], indices: list[Size], sums: list[Any]) -> list[Any]:
        """Adds what the windows have along some axes, whose last is the row."""
        if not axes:
            return self._tap(indices, sums, {})
        axis, *rest = axes
        assert axis.tap is not None
        count = self.known_sizes[axis.tap]
        assert count is not None
        if prod(self.known_sizes[loop] or 1 for loop in self.generic.reductions) <= _UNROLLED:
            loaded: dict[int, Any] = {}
            for tap in range(count):
                indices[axis.tap] = tap
                sums = self._taps(rest, indices, sums) if rest else self._tap(indices, sums, loaded)
            return sums
        loop = scf.ForOp(value_of(0), value_of(count), value_of(1), sums)
        indices[axis.tap] = loop.induction_variable
        with ir.InsertionPoint(loop.body):
            scf.YieldOp(self._taps(rest, indices, list(loop.inner_iter_args)))
        return list(loop.results)

    def _tap(self, indices: list[Size], sums: list[Any], loaded: dict[int, Any]) -> list[Any]:
        """One tap of the windows of all pixels. `loaded` has the image's elements of this row, by their column."""
        generic, tap = self.generic, indices[self.row.tap] if self.row.tap is not None else 0
        left, right, carried = generic.block.arguments
        weight = None
        result = []
        for pixel, value in enumerate(sums):
            indices[self.row.pixel] = add(self.first, pixel)
            offset = pixel * self.row.stride + tap * self.row.dilation if isinstance(tap, int) else None
            image = loaded.get(offset) if offset is not None else None
            if image is None:
                image = self._image(indices)
                if offset is not None:
                    loaded[offset] = image
            if weight is None and list(right.uses):
                where = [value_of(indices[d]) for d in generic.dims(1) if d is not None]
                weight = _load(generic.inputs[1], where, self.lanes)
            if self.fuses:
                result.append(math_ops.FmaOp(image, weight, value).result)
                continue
            given = {left: image, right: weight, carried: value}
            result.append(apply_all(generic, given, indices, Lanes(self.channel, self.lanes))[0])
        return result

    def _image(self, indices: list[Size]) -> Any:
        """Four channels of the image, or one if results of it are vectors; zeros outside of it."""
        source, places, inside = self.generic.inputs[0], [], None
        for d, axis in enumerate(self.axes):
            tap = 0 if axis.tap is None else indices[axis.tap]
            at = add(multiply(indices[axis.pixel], axis.stride), multiply(tap, axis.dilation))
            if axis is self.row and not divides(self.sizes[axis.pixel], self.pixels):
                dynamic = source.type.is_dynamic_dim(d)
                at = clamp(at, memref.DimOp(source, value_of(d)).result if dynamic else source.type.shape[d], True)
            places.append(at)
        lanes = self.lanes if len(places) < source.type.rank else 1
        if len(places) < source.type.rank:
            places.append(indices[self.channel])
        if self.border is None:
            return self._spread(_load(source, [value_of(at) for at in places], lanes))
        source, moved = self.border.image, []
        for d, (number, low) in enumerate(zip(self.border.places, self.border.low, strict=True)):
            at, extent = add(0 if number is None else places[number], -low), source.type.shape[d]
            unknown = source.type.is_dynamic_dim(d)
            if number is not None and (unknown or extent != self.generic.inputs[0].type.shape[number]):
                extent = memref.DimOp(source, value_of(d)).result if unknown else extent
                within = arith.CmpIOp(_ULT, value_of(at), value_of(extent)).result
                at = arith.SelectOp(within, value_of(at), value_of(0)).result
                inside = both(inside, within)
            moved.append(value_of(at))
        return self._spread(or_zero(_load(source, moved, lanes), inside))

    def _spread(self, value: Any) -> Any:
        """A number as a vector, where there are vectors."""
        if self.lanes == 1 or isinstance(value.type, ir.VectorType):
            return value
        return vector.BroadcastOp(ir.VectorType.get([self.lanes], value.type), value).result


def _load(source: Any, places: list[Any], lanes: int) -> Any:
    if lanes == 1:
        return memref.LoadOp(source, places).result
    return vector.LoadOp(ir.VectorType.get([lanes], source.type.element_type), source, places).result
