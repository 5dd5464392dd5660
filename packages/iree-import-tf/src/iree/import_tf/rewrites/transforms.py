"""Fourier transforms of several dimensions in batches of open size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iree.import_tf import hlo
from iree.import_tf.rewrites.kept import Kept
from iree.import_tf.rewrites.window_gradients import stretched


def _lengths(op: Any, rank: int) -> list[int] | None:
    """The lengths of the transform."""
    if len(op.operands) == 1:
        sizes = hlo.shape(op.operands[0])[-rank:]
        return None if None in sizes else [size for size in sizes if size is not None]
    known = hlo.known_elements(op.operands[1])
    return None if known is None else [int(size) for size in known]


def transform(kind: str, rank: int) -> Callable[[Any], list[Any] | None]:
    """``tf.FFT2D`` and its like: real ones cut what they take, or fill it up, to the lengths they are given."""

    def rewrite(op: Any) -> list[Any] | None:
        value, lengths = op.operands[0], _lengths(op, rank)
        if lengths is None or None in hlo.shape(value)[-rank:]:
            return None
        batch = hlo.shape(value)[:-rank]
        taken = [*lengths[:-1], lengths[-1] // 2 + 1] if kind == "IRFFT" else lengths
        missing = [wanted - size for wanted, size in zip(taken, hlo.shape(value)[-rank:], strict=True)]  # type: ignore[operator]
        if any(missing):
            none = [0] * len(hlo.shape(value))
            value = stretched(value, none, [*[0] * len(batch), *missing], none)
            value = hlo.cast(value, hlo.tensor([*batch, *taken], hlo.element(value)))
        made = [*lengths[:-1], lengths[-1] // 2 + 1] if kind == "RFFT" else lengths
        type_ = hlo.tensor([*batch, *made], hlo.element(op.result))
        options = {"fft_type": f"#stablehlo<fft_type {kind}>", "fft_length": hlo.array(lengths)}
        return [hlo.cast(hlo.op("fft", [value], type_, **options), op.result.type)]

    return rewrite


def _is_open(op: Any) -> bool:
    return None in hlo.shape(op.operands[0])


KEPT = {
    f"tf.{kind}{rank}D": Kept(transform(kind, rank), (), _is_open)
    for kind in ("FFT", "IFFT", "RFFT", "IRFFT")
    for rank in (2, 3)
}
