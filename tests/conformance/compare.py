"""Whether results are near enough, and how to say where they are not."""

from __future__ import annotations

import ml_dtypes
import numpy as np
from conformance.case import Array, Tolerance


def difference(got: Array, want: Array, tolerance: Tolerance) -> str | None:
    """None if `got` is right, else what is wrong: shape, dtype, or the worst element."""
    if got.shape != want.shape or got.dtype != want.dtype:
        return f"is {got.dtype}{list(got.shape)}, not {want.dtype}{list(want.shape)}"
    if got.dtype.kind == "c":
        for part in ("real", "imag"):
            if (problem := difference(getattr(got, part), getattr(want, part), tolerance)) is not None:
                return f"{part} part {problem}"
        return None
    wrong = _wrong(got, want, tolerance)
    if not wrong.any():
        return None
    where = np.unravel_index(int(np.argmax(wrong)), wrong.shape) if wrong.ndim else ()
    place = [int(i) for i in where]
    return (
        f"at {place}: {got[where]!r} instead of {want[where]!r}; {int(wrong.sum())} of {wrong.size} elements are wrong"
    )


def _wrong(got: Array, want: Array, tolerance: Tolerance) -> Array:
    if got.dtype.kind in "biu" or str(got.dtype) in ("int2", "int4", "uint2", "uint4"):
        return np.asarray(got != want)
    nan = np.isnan(want.astype(np.float64))
    g, w = got.astype(np.float64), want.astype(np.float64)
    same = np.where(nan, np.isnan(g), (g == w) & (np.signbit(g) == np.signbit(w)))
    if tolerance == Tolerance():
        return ~same
    with np.errstate(all="ignore"):
        info = ml_dtypes.finfo(got.dtype)
        exponent = np.floor(np.log2(np.maximum(np.abs(w), float(info.smallest_normal))))
        spacing = np.exp2(exponent) * float(info.eps)
        near = np.abs(g - w) <= tolerance.absolute + tolerance.ulp * spacing
    return ~(same | (near & np.isfinite(w) & np.isfinite(g)))
