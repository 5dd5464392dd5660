"""What looks at an image through a window, element by element of the window: patches, and grayscale dilation with its
gradients (as tensorflow/core/kernels/dilation_ops.cc has them: of equal maxima the first one counts).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites import segments, vectors
from iree.import_tf.rewrites.kept import Kept
from iree.import_tf.rewrites.window_gradients import minus, span, stretched
from iree.import_tf.rewrites.windows import amounts, ints


@dataclass(frozen=True)
class _Window:
    """A window on images (batch, height, width, channels): what pads them, what comes out, and its taps."""

    sizes: Sequence[hlo.Size]
    front: Sequence[hlo.Size]
    back: Sequence[hlo.Size]
    result: Sequence[hlo.Size]
    strides: Sequence[int]
    offsets: Sequence[tuple[int, int]]

    def taps(self, image: Any, filler: float) -> Iterator[Any]:
        """For each element of the window what it sees: (batch, result height, result width, channels)."""
        wide = stretched(image, self.front, self.back, [0] * 4, filler)
        batch, _, _, depth = self.sizes
        for y, x in self.offsets:
            starts = [0, y, x, 0]
            ends = [
                hlo.arithmetic("add", at, span(n, s))
                for at, n, s in zip(starts, self.result, self.strides, strict=True)
            ]
            limits = [batch, *ends[1:3], depth]
            kind = hlo.tensor([n if isinstance(n, int) else None for n in self.result], hlo.element(image))
            bounds = [hlo.vector(starts), hlo.vector(limits), hlo.vector(list(self.strides))]
            yield hlo.op("real_dynamic_slice", [wide, *bounds], kind)

    def back_to_image(self, tap: Any, offset: tuple[int, int]) -> Any:
        """Each value of a tap where it was seen, zero elsewhere: in the image's shape."""
        at = [0, *offset, 0]
        low = [minus(start, front) for start, front in zip(at, self.front, strict=True)]
        spans = [span(n, s) for n, s in zip(self.result, self.strides, strict=True)]
        high = [minus(size, s, b) for size, s, b in zip(self.sizes, spans, low, strict=True)]
        return hlo.reshape(stretched(tap, low, high, [s - 1 for s in self.strides]), self.sizes)


def _window(op: Any, image: Any, height: int, width: int) -> _Window:
    strides, rates = ints(op.attributes["strides"]), ints(op.attributes["rates"])
    reach = [1, (height - 1) * rates[1] + 1, (width - 1) * rates[2] + 1, 1]
    sizes = loops.sizes_of(image)
    front, back = amounts(op, sizes, reach, strides)
    result = []
    for size, low, high, wide, stride in zip(sizes, front, back, reach, strides, strict=True):
        free = minus(hlo.arithmetic("add", hlo.arithmetic("add", size, low), high), wide)
        result.append(hlo.arithmetic("add", hlo.arithmetic("divide", free, stride), 1))
    offsets = [(y * rates[1], x * rates[2]) for y in range(height) for x in range(width)]
    return _Window(sizes, front, back, result, strides, offsets)


def patches(op: Any) -> list[Any]:
    """``tf.ExtractImagePatches``: what the window sees becomes channels."""
    image = op.operands[0]
    _, height, width, _ = ints(op.attributes["ksizes"])
    parts = list(_window(op, image, height, width).taps(image, 0))
    *outer, depth = hlo.shape(parts[0])
    joined = hlo.tensor([*outer, None if depth is None else depth * len(parts)], hlo.element(image))
    return [hlo.cast(hlo.op("concatenate", parts, joined, dimension="3 : i64"), op.result.type)]


def _sums(window: _Window, image: Any, kernel: Any) -> list[Any]:
    """For each element of the window the image plus the kernel, least where the window is outside of the image."""
    height, width, depth = hlo.shape(kernel)
    assert height is not None and width is not None
    rows = hlo.reshape(kernel, [height * width, depth])
    sums = []
    for i, tap in enumerate(window.taps(image, segments.least(hlo.element(image)))):
        row = hlo.reshape(hlo.slice_between(rows, [i, 0], [i + 1, depth]), [depth])
        wide = hlo.broadcast(row, window.result, [3])
        sums.append(vectors.binary("add", tap, wide))
    return sums


def _under_kernel(op: Any) -> _Window:
    height, width, _ = hlo.shape(op.operands[1])
    assert height is not None and width is not None
    return _window(op, op.operands[0], height, width)


def _largest(sums: Sequence[Any]) -> Any:
    largest = sums[0]
    for value in sums[1:]:
        largest = vectors.binary("maximum", largest, value)
    return largest


def dilation(op: Any) -> list[Any]:
    """``tf.Dilation2D``: the largest sum of image and kernel in each window."""
    image, kernel = op.operands
    return [hlo.cast(_largest(_sums(_under_kernel(op), image, kernel)), op.result.type)]


def _shares(op: Any) -> tuple[_Window, list[Any]]:
    """The upper gradient where an element of the window made the maximum, zero elsewhere, for each element."""
    image, kernel, upper = op.operands
    window = _under_kernel(op)
    sums = _sums(window, image, kernel)
    largest = _largest(sums)
    zero = vectors.filled(0, loops.sizes_of(largest), hlo.element(upper))
    left, shares = hlo.cast(upper, largest.type), []
    for value in sums:
        here = vectors.compare("EQ", value, largest)
        shares.append(vectors.select(here, left, zero))
        left = vectors.select(here, zero, left)
    return window, shares


def dilation_input(op: Any) -> list[Any]:
    """``tf.Dilation2DBackpropInput``."""
    window, shares = _shares(op)
    parts = [window.back_to_image(share, at) for share, at in zip(shares, window.offsets, strict=True)]
    total = parts[0]
    for part in parts[1:]:
        total = vectors.binary("add", total, part)
    return [hlo.cast(total, op.result.type)]


def dilation_kernel(op: Any) -> list[Any]:
    """``tf.Dilation2DBackpropFilter``."""
    _, shares = _shares(op)
    zero = hlo.filled(0, hlo.tensor([], hlo.element(op.result)))
    depth = hlo.shape(op.operands[1])[2]
    rows = [hlo.reshape(hlo.reduce("add", share, zero, [0, 1, 2]), [1, depth]) for share in shares]
    joined = hlo.op("concatenate", rows, hlo.tensor([len(rows), depth], hlo.element(zero)), dimension="0 : i64")
    return [hlo.reshape(joined, hlo.shape(op.result), op.result.type)]


def _is_open(op: Any) -> bool:
    return None in hlo.shape(op.operands[0])


def _knows_window(op: Any) -> bool:
    is_float = not isinstance(hlo.element(op.operands[0]), ir.IntegerType)
    return is_float and None not in hlo.shape(op.operands[1])


_WINDOW = ("strides", "rates", "padding")
KEPT = {
    "tf.ExtractImagePatches": Kept(patches, (*_WINDOW, "ksizes"), _is_open),
    "tf.Dilation2D": Kept(dilation, _WINDOW, _knows_window),
    "tf.Dilation2DBackpropInput": Kept(dilation_input, _WINDOW, _knows_window),
    "tf.Dilation2DBackpropFilter": Kept(dilation_kernel, _WINDOW, _knows_window),
}
