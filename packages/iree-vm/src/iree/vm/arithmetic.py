"""The value instructions over raw bits, as `iree.vm.reference` runs them."""

from __future__ import annotations

import ctypes
import math
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

from iree.vm.errors import InvalidArgumentError, Trap

OUT_OF_RANGE = 11
_FLOATS = {"f32": ("<f", "<I"), "f64": ("<d", "<Q")}


def decode(type_: str, bits: int) -> float:
    """Raw bits as a number: signed, or a float."""
    if type_[0] == "i":
        size = int(type_[1:])
        return bits - (1 << size) if bits >> (size - 1) else bits
    value, raw = _FLOATS[type_]
    number: float = struct.unpack(value, struct.pack(raw, bits))[0]
    return number


def encode(type_: str, number: float) -> int:
    """A number as raw bits: integers wrap around, floats are rounded to nearest even."""
    if type_[0] == "i":
        return int(number) & ((1 << int(type_[1:])) - 1)
    value, raw = _FLOATS[type_]
    try:
        packed = struct.pack(value, number)
    except OverflowError:
        packed = struct.pack(value, math.copysign(math.inf, number))
    bits: int = struct.unpack(raw, packed)[0]
    return bits


def _division(a: int, b: int, bits: int, kind: str) -> int:
    if b == 0:
        raise InvalidArgumentError("division by zero", code=3)
    if kind == "div_u":
        return a // b
    if kind == "rem_u":
        return a % b
    a, b = int(decode(f"i{bits}", a)), int(decode(f"i{bits}", b))
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    if kind == "rem_s":
        return a - quotient * b
    if quotient == 1 << (bits - 1):
        raise Trap("integer overflow in division", code=OUT_OF_RANGE)
    return quotient


def _integers(bits: int) -> dict[str, Callable[..., int]]:
    def signed(x: int) -> int:
        return x - (1 << bits) if x >> (bits - 1) else x

    table: dict[str, Callable[..., int]] = {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "and": lambda a, b: a & b,
        "or": lambda a, b: a | b,
        "xor": lambda a, b: a ^ b,
        "shl": lambda a, b: a << (b % bits),
        "shr_s": lambda a, b: signed(a) >> (b % bits),
        "shr_u": lambda a, b: a >> (b % bits),
        "min_s": lambda a, b: min(a, b, key=signed),
        "max_s": lambda a, b: max(a, b, key=signed),
        "min_u": min,
        "max_u": max,
        "clz": lambda a: bits - a.bit_length(),
        "ctz": lambda a: (a & -a).bit_length() - 1 if a else bits,
        "popcnt": int.bit_count,
        "cmp.eq": lambda a, b: a == b,
        "cmp.ne": lambda a, b: a != b,
        "cmp.lt_s": lambda a, b: signed(a) < signed(b),
        "cmp.le_s": lambda a, b: signed(a) <= signed(b),
        "cmp.lt_u": lambda a, b: a < b,
        "cmp.le_u": lambda a, b: a <= b,
    }
    for kind in ("div_s", "div_u", "rem_s", "rem_u"):
        table[kind] = lambda a, b, kind=kind: _division(a, b, bits, kind)
    return table


def _minimum(a: float, b: float, sign: float) -> float:
    if math.isnan(a) or math.isnan(b):
        return math.nan
    if a == b:
        return a if math.copysign(1, a) * sign < 0 else b
    return min(a, b) if sign > 0 else max(a, b)


def _divide(a: float, b: float) -> float:
    if b != 0:
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1, b)


def _whole(function: Callable[[float], int]) -> Callable[[float], float]:
    """A rounding function that keeps infinities, NaNs and the sign of zero."""
    return lambda a: math.copysign(function(a), a) if math.isfinite(a) else a


def _half_away(a: float) -> int:
    whole = math.trunc(a)
    return whole + int(math.copysign(1, a)) if abs(a - whole) >= 0.5 else whole


def _libm(name: str, type_: str, arity: int) -> Callable[..., float]:
    """C's own function: results must agree to the last bit."""
    c_type = ctypes.c_float if type_ == "f32" else ctypes.c_double
    function = ctypes.CDLL("libm.so.6")[name + ("f" if type_ == "f32" else "")]
    function.restype, function.argtypes = c_type, [c_type] * arity
    result: Callable[..., float] = function
    return result


def _floats(type_: str) -> dict[str, Callable[..., float]]:
    # Sum, difference, product, quotient and square root of f32 are exact when computed in f64 and rounded once more.
    table: dict[str, Callable[..., float]] = {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "div": _divide,
        "min": lambda a, b: _minimum(a, b, 1),
        "max": lambda a, b: _minimum(a, b, -1),
        "neg": lambda a: -a,
        "abs": abs,
        "ceil": _whole(math.ceil),
        "floor": _whole(math.floor),
        "trunc": _whole(math.trunc),
        "round": _whole(_half_away),
        "roundeven": _whole(round),
        "sqrt": lambda a: math.sqrt(a) if a >= 0 else math.nan,
    }
    for name in ("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "tanh", "erf"):
        table[name] = _libm(name, type_, 1)
    for name, c_name in (("rem", "fmod"), ("pow", "pow"), ("atan2", "atan2")):
        table[name] = _libm(c_name, type_, 2)
    return table


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "cmp.eq": lambda a, b: a == b,
    "cmp.ne": lambda a, b: a != b,
    "cmp.lt": lambda a, b: a < b,
    "cmp.le": lambda a, b: a <= b,
    "cmp.unordered": lambda a, b: math.isnan(a) or math.isnan(b),
}


def _saturate(number: float, low: int, high: int) -> int:
    if math.isnan(number):
        return 0
    if math.isinf(number):
        return high if number > 0 else low
    return min(max(math.trunc(number), low), high)


def _round_to_float(number: int, type_: str) -> float:
    """An integer to the nearest float, ties to even; Python rounds to f64 only, so f32 takes a step in between."""
    if type_ == "f64":
        return float(number)
    sign, magnitude = (-1 if number < 0 else 1), abs(number)
    excess = max(magnitude.bit_length() - 24, 0)
    kept = magnitude >> excess
    rest = magnitude - (kept << excess)
    half = 1 << excess >> 1
    if excess and (rest > half or (rest == half and kept & 1)):
        kept += 1
    return float(sign * (kept << excess))


def _extend(width: int, signed: bool, bits: int) -> int:
    low = bits & ((1 << width) - 1)
    return encode("i32", decode(f"i{width}", low)) if signed else low


def _to_float(i: str, f: str, signed: bool, bits: int) -> int:
    return encode(f, _round_to_float(int(decode(i, bits)) if signed else bits, f))


def _to_integer(i: str, f: str, signed: bool, bits: int) -> int:
    size = int(i[1:])
    low, high = (-(1 << (size - 1)), (1 << (size - 1)) - 1) if signed else (0, (1 << size) - 1)
    return encode(i, _saturate(decode(f, bits), low, high))


def _conversions() -> dict[str, Callable[[int], int]]:
    table: dict[str, Callable[[int], int]] = {
        "trunc.i64.i32": lambda a: a & 0xFFFFFFFF,
        "ext_s.i32.i64": lambda a: encode("i64", decode("i32", a)),
        "ext_u.i32.i64": lambda a: a,
        "fpext.f32.f64": lambda a: encode("f64", decode("f32", a)),
        "fptrunc.f64.f32": lambda a: encode("f32", decode("f64", a)),
    }
    for pair in ("i32.f32", "f32.i32", "i64.f64", "f64.i64"):
        table[f"bitcast.{pair}"] = lambda a: a
    for width in (1, 8, 16):
        table[f"ext_s.i{width}.i32"] = partial(_extend, width, True)
        table[f"ext_u.i{width}.i32"] = partial(_extend, width, False)
    for i in ("i32", "i64"):
        for f in ("f32", "f64"):
            for sign in "su":
                table[f"fp_{sign}.{i}.{f}"] = partial(_to_float, i, f, sign == "s")
                table[f"int_{sign}.{f}.{i}"] = partial(_to_integer, i, f, sign == "s")
    return table


def _all() -> dict[str, Callable[..., int]]:
    table: dict[str, Callable[..., int]] = dict(_conversions())
    for type_ in ("i32", "i64"):
        for name, function in _integers(int(type_[1:])).items():
            out = "i32" if name.startswith("cmp.") else type_
            table[f"{name}.{type_}"] = lambda *a, f=function, t=out: encode(t, f(*a))
    for type_ in ("f32", "f64"):

        def on_bits(function: Callable[..., Any], out: str, type_: str = type_) -> Callable[..., int]:
            return lambda *a: encode(out, function(*(decode(type_, x) for x in a)))

        table |= {f"{name}.{type_}": on_bits(f, type_) for name, f in _floats(type_).items()}
        table |= {f"{name}.{type_}": on_bits(f, "i32") for name, f in _COMPARISONS.items()}
    return table


TABLE: dict[str, Callable[..., int]] = _all()
"""By mnemonic: raw bits of the operands in, raw bits of the result out."""
