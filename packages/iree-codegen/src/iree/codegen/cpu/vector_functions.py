"""Functions of f32 for machines with AVX-512, in LLVM IR: what its vectors can do cannot be said of single elements.

An exponential is scaled by one instruction, and powers of two, values of tanh and the error function's coefficients
come from tables in registers. Machines start half as many multiplications as other operations, so there are few, and
arguments are rounded by additions where the step is a power of two.

A processor sees only some tens of operations ahead, so functions of several vectors are computed in step. Zen 4 starts
fewer operations of three operands than of two, which costs look-ups in tables of 32 values and selections of signs.

Calls stay calls until LLVM has vectorized the loops around them (each function says which of its variants takes 8 or 16
elements); then `object.optimize` links the definitions in and inlines them. All variants give the same results.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.gelu import find_gelu
from iree.codegen.cpu.structured import walk
from iree.dialects.mlir import ir, vector

WORK = 16
"""Operations that a call stands for, about."""
_LANES = 16
_VARIANTS = (8, _LANES)
_STEPS = {"exp": 2, "erf": 4, "tanh": 4, "gelu": 2}
"""Numbers of vectors that are computed in step: the fastest, with tables in 32 registers."""
_MAGIC = 1.5 * 2.0**23
"""Adding it rounds to an integer, which the low bits of the sum are; adding a multiple of it, to multiples of that."""
_SIGNED, _UNSIGNED = 2, 10
"""Which sign `range` gives."""
_POSITIVE = 0x17131121
"""For `fixupimm`, of each class of numbers a digit (NaN, signaling NaN, 0, 1, -inf, inf, negative, positive, from the
lowest on): 1 is the number itself, 2 as a quiet NaN, 3 a NaN, 7 is -0."""
_EXP_STEP = 1 / 16
_EXP = (0.1666721999645233, 0.5000162124633789, 1.0)
"""(e^r - 1) / r for |r| <= ln2 / 32, highest power first: error of 1 + r times that 1.6e-9."""
_EXP_TABLE = (tuple(2.0 ** (i / 16) for i in range(16)),)
_TANH_STEP, _TANH_LIMIT = 0.5, 9.5
_TANH = (15.031, 6.0103178)
"""u (p + u^2) / (p + q u^2) is tanh(u) for |u| <= 1/4, relative error 4e-8 where rounding needs it to be negative."""
_TANH_TABLE = (tuple(math.tanh(i / 2) for i in range(32)),)
_ERF_STEP, _ERF_LIMIT = 0.25, 3.8749
_ERF_LOW = -5.8635383e-08
"""What 2 / sqrt(pi) as f32 lacks."""
_ERF = (
    (
        0.1111913, 0.08090534, 0.009134974, -0.052969173, -0.06889508, -0.047076836,
        -0.014987869, 0.006481846, 0.013005676, 0.010640526, 0.006130816, 0.002770793,
        0.0010257264, 0.00031784715, 8.3524465e-05, 1.8755245e-05,
    ),
    (
        0.00023003071, 0.12608837, 0.18214098, 0.15065435, 0.0688643, -0.0053053633,
        -0.04363734, -0.047424886, -0.033738345, -0.018564692, -0.009585099, -0.0030044618,
        -0.0017807918, 6.1545936e-05, 0.00080767274, -0.00039180278,
    ),
    (
        -0.37613705, -0.30919462, -0.14649607, 0.026790591, 0.13836887, 0.16753489,
        0.13875288, 0.0901581, 0.048223495, 0.02172467, 0.008350001, 0.0027603125,
        0.00078905013, 0.0001957879, 4.228799e-05, 7.967511e-06,
    ),
    (
        1.4436813e-07, -0.26499894, -0.4393886, -0.48220444, -0.4151013, -0.29565975,
        -0.17840596, -0.09236479, -0.041345075, -0.01607917, -0.005431109, -0.0016167014,
        -0.00040624535, -0.0001004591, -3.2821747e-05, 3.1092416e-06,
    ),
    (
        1.1283792, 1.0600142, 0.8787827, 0.64293104, 0.4151075, 0.23652112,
        0.11893029, 0.052774996, 0.020666985, 0.007142319, 0.0021782843, 0.0005862772,
        0.00013925305, 2.9189025e-05, 5.3994268e-06, 9.854322e-07,
    ),
    (
        0.0, 0.2763264, 0.5204999, 0.71115565, 0.8427008, 0.92290014,
        0.96610516, 0.9866717, 0.9953223, 0.9985373, 0.999593, 0.9998994,
        0.9999779, 0.9999957, 0.9999993, 0.9999999,
    ),
)  # fmt: skip
"""Per power of u, highest first: coefficients of erf(i / 4 + u) for |u| <= 1/8, minimax fits in units of the last
place, whose lower powers are rounded before the higher ones are fitted. With the rounding 1.4 ulp at most.
"""


def _fitted(f: Callable[[float], float], at: float, low: float, high: float, degree: int) -> list[float]:
    """Coefficients, highest power first, of f(at + u) for u from `low` to `high`: Chebyshev interpolation."""
    angles = ((2 * i + 1) * math.pi / (2 * degree + 2) for i in range(degree + 1))
    nodes = [(low + high) / 2 + (high - low) / 2 * math.cos(angle) for angle in angles]
    slopes = [f(at + node) for node in nodes]
    for order in range(1, degree + 1):
        for i in range(degree, order - 1, -1):
            slopes[i] = (slopes[i] - slopes[i - 1]) / (nodes[i] - nodes[i - order])
    found = [slopes[degree]]
    for node, slope in zip(nodes[degree - 1 :: -1], slopes[degree - 1 :: -1], strict=True):
        found = [a - node * b for a, b in zip([*found, 0.0], [0.0, *found], strict=True)]
        found[-1] += slope
    return found


def _gelu_table() -> tuple[tuple[float, ...], ...]:
    """Per power of u, highest first: coefficients of g(s (i + u)) of `_gelu` for |u| <= 1/2; without a constant at 0.

    Errors of the polynomials are 1.3e-8, and at 0 in proportion to u.
    """

    def half(v: float) -> float:
        return math.erfc(_GELU_STEP * v / math.sqrt(2)) / 2

    def whole(v: float) -> float:
        return _GELU_STEP * v * half(v)

    rows = [[*(_GELU_STEP * c for c in _fitted(half, 0.0, 0.0, 0.5, 3)), 0.0]]
    rows += [_fitted(whole, float(i), -0.5, 0.5, 4) for i in range(1, 31)]
    return tuple(zip(*rows, [0.0] * 5, strict=True))


_GELU_STEP = 1 / 5
_GELU = _gelu_table()


class _Body:
    """Builds the body of a function of single elements (`lanes` 1) or of vectors."""

    def __init__(self, lanes: int) -> None:
        self.lanes = lanes
        self.float, self.int, self.bool = (self._of(kind) for kind in ("float", "i32", "i1"))
        self.suffix = "f32" if lanes == 1 else f"v{lanes}f32"
        self.lines: list[str] = []

    def _of(self, kind: str) -> str:
        return kind if self.lanes == 1 else f"<{self.lanes} x {kind}>"

    def emit(self, operation: str) -> str:
        """An operation; returns its result's name."""
        self.lines.append(f"  %v{len(self.lines)} = {operation}")
        return f"%v{len(self.lines) - 1}"

    def value(self, x: float | str) -> str:
        """`x` itself, or the constant if it is a number."""
        return x if isinstance(x, str) else _literal(x) if self.lanes == 1 else f"splat (float {_literal(x)})"

    def fma(self, a: float | str, b: float | str, c: float | str) -> str:
        """A * b + c."""
        arguments = ", ".join(f"{self.float} {self.value(x)}" for x in (a, b, c))
        return self.emit(f"call {self.float} @llvm.fma.{self.suffix}({arguments})")

    def add(self, a: str, b: float | str) -> str:
        """A + b."""
        return self.emit(f"fadd {self.float} {a}, {self.value(b)}")

    def sub(self, a: str, b: float | str) -> str:
        """A - b."""
        return self.emit(f"fsub {self.float} {a}, {self.value(b)}")

    def mul(self, a: str, b: float | str) -> str:
        """A * b."""
        return self.emit(f"fmul {self.float} {a}, {self.value(b)}")

    def div(self, a: str, b: str) -> str:
        """A / b."""
        return self.emit(f"fdiv {self.float} {a}, {b}")

    def abs(self, a: str) -> str:
        """|a|."""
        return self.emit(f"call {self.float} @llvm.fabs.{self.suffix}({self.float} {a})")

    def copysign(self, a: str, sign: str) -> str:
        """|a| with the sign of another."""
        return self.emit(f"call {self.float} @llvm.copysign.{self.suffix}({self.float} {a}, {self.float} {sign})")

    def polynomial(self, u: str, coefficients: Sequence[float]) -> str:
        """Of coefficients from the highest power on."""
        p = self.value(coefficients[0])
        for coefficient in coefficients[1:]:
            p = self.fma(p, u, coefficient)
        return p

    def limit(self, a: str, limit: float, predicate: str) -> str:
        """The limit where `a` is beyond it; a NaN stays."""
        beyond = self.emit(f"fcmp {predicate} {self.float} {a}, {self.value(limit)}")
        return self.emit(f"select {self.bool} {beyond}, {self.float} {self.value(limit)}, {self.float} {a}")

    def least(self, a: str, b: float | str) -> str:
        """The smaller number; the second one if one is a NaN."""
        less = self.emit(f"fcmp olt {self.float} {a}, {self.value(b)}")
        return self.emit(f"select {self.bool} {less}, {self.float} {a}, {self.float} {self.value(b)}")

    def range(self, a: str, b: float | str, sign: int) -> str:
        """Of vectors the smaller size of the two, with the first one's sign or none; a number if one is a NaN."""
        arguments = f"{self.float} {a}, {self.float} {self.value(b)}, i32 {sign}, {self.float} zeroinitializer"
        return self.emit(f"call {self.float} @llvm.x86.avx512.mask.range.ps.512({arguments}, i16 -1, i32 4)")

    def positive(self, a: str) -> str:
        """What is not negative and what is a NaN, -0 of negative numbers, and a NaN of -inf."""
        if self.lanes == 1:
            negative = self.emit(f"fcmp olt float {a}, {_literal(0.0)}")
            return self.emit(f"select i1 {negative}, float {self.mul(a, 0.0)}, float {a}")
        arguments = f"{self.float} {a}, {self.float} {a}, <16 x i32> splat (i32 {_POSITIVE}), i32 0, i16 -1, i32 4"
        return self.emit(f"call {self.float} @llvm.x86.avx512.mask.fixupimm.ps.512({arguments})")

    def bits(self, a: str) -> str:
        """The value's bits."""
        return self.emit(f"bitcast {self.float} {a} to {self.int}")

    def lookup(self, table: str, row: int, index: str) -> str:
        """An element of a row of one of `_TABLES` by the low bits of `index`."""
        rows = _TABLES[table]
        size = len(rows[row])
        if self.lanes == 1:
            low = self.emit(f"and i32 {index}, {size - 1}")
            at = self.emit(f"getelementptr [{size} x float], ptr @iree.{table}.table, i64 {row}, i32 {low}")
            return self.emit(f"load float, ptr {at}, align 4")
        parts = [_vector(rows[row][start : start + _LANES]) for start in range(0, size, _LANES)]
        if len(parts) == 1:
            return self.emit(f"call <16 x float> @llvm.x86.avx512.permvar.sf.512({parts[0]}, <16 x i32> {index})")
        arguments = f"{parts[0]}, <16 x i32> {index}, {parts[1]}"
        return self.emit(f"call <16 x float> @llvm.x86.avx512.vpermi2var.ps.512({arguments})")


def _literal(x: float) -> str:
    single = struct.unpack("<f", struct.pack("<f", x))[0]
    return f"0x{struct.unpack('<Q', struct.pack('<d', single))[0]:016X}"


def _vector(values: tuple[float, ...]) -> str:
    return f"<{len(values)} x float> <{', '.join(f'float {_literal(x)}' for x in values)}>"


def _exp(b: _Body) -> str:
    """2^n 2^(i / 16) e^r: e^x is within 1 unit of the last place.

    Of vectors r is limited rather than x: what is not finite, or too large for r to mean anything, n says.
    """
    x = "%x" if b.lanes > 1 else b.limit(b.limit("%x", 89.0, "ogt"), -104.0, "olt")
    shifted = b.fma(x, 1 / math.log(2), _MAGIC * _EXP_STEP)
    n = b.sub(shifted, _MAGIC * _EXP_STEP)
    r = b.fma(n, -1.428606765330187e-06, b.fma(n, -0.693145751953125, x))
    r = r if b.lanes == 1 else b.range(r, 2 * _EXP_STEP * math.log(2), _SIGNED)
    bits = b.bits(shifted)
    power = b.lookup("exp", 0, bits)
    p = b.fma(b.mul(power, r), b.polynomial(r, _EXP), power)
    if b.lanes == 1:
        offset = struct.unpack("<i", struct.pack("<f", _MAGIC * _EXP_STEP))[0]
        whole = b.emit(f"ashr i32 {b.emit(f'sub i32 {bits}, {offset}')}, 4")
        return b.emit(f"call float @llvm.ldexp.f32.i32(float {p}, i32 {whole})")
    # It scales by 2^floor(n).
    arguments = f"<16 x float> {p}, <16 x float> {n}, <16 x float> zeroinitializer, i16 -1, i32 4"
    return b.emit(f"call <16 x float> @llvm.x86.avx512.mask.scalef.ps.512({arguments})")


def _nearest(b: _Body, a: str, step: float) -> tuple[str, str]:
    """The number of the nearest multiple of a power of two, in the low bits, and what `a` is beyond that."""
    shifted = b.add(a, _MAGIC * step)
    return b.bits(shifted), b.sub(a, b.sub(shifted, _MAGIC * step))


def _erf(b: _Body) -> str:
    """A polynomial around the nearest multiple of 1/4."""
    index, u = _nearest(b, b.limit(b.abs("%x"), _ERF_LIMIT, "ogt"), _ERF_STEP)
    p = b.lookup("erf", 0, index)
    for row in range(1, len(_ERF) - 1):
        p = b.fma(p, u, b.lookup("erf", row, index))
    return b.copysign(b.fma(p, u, b.fma(u, _ERF_LOW, b.lookup("erf", len(_ERF) - 1, index))), "%x")


def _tanh(b: _Body) -> str:
    """tanh(c + u) = (tanh(c) + tanh(u)) / (1 + tanh(c) tanh(u)) with the nearest multiple c of 1/2.

    Never beyond 1: of the exact sums the denominator is not less than the numerator, and rounding keeps that.
    """
    size = b.abs("%x")
    index, u = _nearest(b, b.limit(size, _TANH_LIMIT, "ogt"), _TANH_STEP)
    t = b.lookup("tanh", 0, index)
    square = b.mul(u, u)
    above, below = b.mul(u, b.add(square, _TANH[0])), b.fma(square, _TANH[1], _TANH[0])
    result = b.div(b.fma(t, below, above), b.fma(t, above, below))
    if b.lanes == 1:
        return b.copysign(b.least(result, size), "%x")
    return b.range("%x", result, _SIGNED)


def _gelu(b: _Body) -> str:
    """max(x, -0) - g(|x|) with g(a) = a erfc(a / sqrt(2)) / 2, a polynomial around the nearest multiple of 1/5.

    A NaN of -inf, and -0 of what is far below 0, as the parts give.
    """
    scaled = b.mul("%x", 1 / _GELU_STEP)
    limit = float(len(_GELU[0]) - 1)
    size = b.least(b.abs(scaled), limit) if b.lanes == 1 else b.range(scaled, limit, _UNSIGNED)
    index, u = _nearest(b, size, 1.0)
    p = b.lookup("gelu", 0, index)
    for row in range(1, len(_GELU)):
        p = b.fma(p, u, b.lookup("gelu", row, index))
    return b.sub(b.positive("%x"), p)


_FUNCTIONS: dict[str, tuple[str, Callable[[_Body], str]]] = {
    "math.exp": ("exp", _exp),
    "math.erf": ("erf", _erf),
    "math.tanh": ("tanh", _tanh),
}
_BODIES: dict[str, Callable[[_Body], str]] = {**dict(_FUNCTIONS.values()), "gelu": _gelu}
_TABLES: dict[str, tuple[tuple[float, ...], ...]] = {"exp": _EXP_TABLE, "erf": _ERF, "tanh": _TANH_TABLE, "gelu": _GELU}
"""Rows of 16 or 32 values."""

KEEP = "@llvm.compiler.used = "
"""How the line of `keep` starts."""

_DECLARATIONS = """
declare float @llvm.fma.f32(float, float, float)
declare <16 x float> @llvm.fma.v16f32(<16 x float>, <16 x float>, <16 x float>)
declare float @llvm.fabs.f32(float)
declare <16 x float> @llvm.fabs.v16f32(<16 x float>)
declare float @llvm.copysign.f32(float, float)
declare <16 x float> @llvm.copysign.v16f32(<16 x float>, <16 x float>)
declare float @llvm.ldexp.f32.i32(float, i32)
declare <16 x float> @llvm.x86.avx512.mask.scalef.ps.512(<16 x float>, <16 x float>, <16 x float>, i16, i32)
declare <16 x float> @llvm.x86.avx512.mask.range.ps.512(<16 x float>, <16 x float>, i32, <16 x float>, i16, i32)
declare <16 x float> @llvm.x86.avx512.mask.fixupimm.ps.512(<16 x float>, <16 x float>, <16 x i32>, i32, i16, i32)
declare <16 x float> @llvm.x86.avx512.permvar.sf.512(<16 x float>, <16 x i32>)
declare <16 x float> @llvm.x86.avx512.vpermi2var.ps.512(<16 x float>, <16 x i32>, <16 x float>)
attributes #0 = { alwaysinline nounwind willreturn memory(none) }
"""


def keeps(machine: Machine, operation: str) -> bool:
    """Whether an operation of `math` on f32 is to stay until loops are vectors, for `call`."""
    return operation in _FUNCTIONS and machine.has("avx512dq") and machine.has("avx512vl")


def is_function(op: Any) -> bool:
    """Whether it is an operation that becomes a call."""
    return op.name in _FUNCTIONS


def library() -> str:
    """LLVM IR of all functions and their variants."""
    parts = [_table(name, rows) for name, rows in _TABLES.items()]
    for name, build in _BODIES.items():
        for lanes in (1, _LANES):
            body = _Body(lanes)
            result = build(body)
            lines = "\n".join([*body.lines, f"  ret {body.float} {result}"])
            parts.append(
                f"define linkonce_odr {body.float} @{_symbol(name, lanes)}({body.float} %x) #0 {{\n{lines}\n}}\n"
            )
        parts.append(_half(name))
        parts.append(_in_step(name, body.lines, result))
    return "".join([*parts, _DECLARATIONS])


def _table(name: str, rows: tuple[tuple[float, ...], ...]) -> str:
    type_ = f"[{len(rows[0])} x float]"
    values = ", ".join(f"{type_} [{', '.join(f'float {_literal(x)}' for x in row)}]" for row in rows)
    return f"@iree.{name}.table = linkonce_odr hidden constant [{len(rows)} x {type_}] [{values}]\n"


def _half(name: str) -> str:
    """The variant of 8 elements: the lower half of the other."""
    wide, part = (f"<{n} x i32> <{', '.join(f'i32 {i}' for i in range(n))}>" for n in (_LANES, 8))
    return f"""define linkonce_odr <8 x float> @{_symbol(name, 8)}(<8 x float> %x) #0 {{
  %wide = shufflevector <8 x float> %x, <8 x float> poison, {wide}
  %result = call <16 x float> @{_symbol(name, _LANES)}(<16 x float> %wide)
  %part = shufflevector <16 x float> %result, <16 x float> poison, {part}
  ret <8 x float> %part
}}
"""


def _in_step(name: str, lines: list[str], result: str) -> str:
    """The function of several vectors: every operation of one after the same of another."""
    count = _STEPS[name]
    body = [re.sub(r"%\w+", rf"\g<0>.{i}", line) for line in lines for i in range(count)]
    for i in range(count):
        before = f"%r{i}" if i else "poison"
        body.append(f"  %r{i + 1} = insertvalue {_tuple(count)} {before}, {_VECTOR} {result}.{i}, {i}")
    arguments = ", ".join(f"{_VECTOR} %x.{i}" for i in range(count))
    text = "\n".join([*body, f"  ret {_tuple(count)} %r{count}"])
    return f"define linkonce_odr {_tuple(count)} @{_symbol(name, _LANES)}x{count}({arguments}) #0 {{\n{text}\n}}\n"


def _tuple(count: int) -> str:
    return f"{{ {', '.join([_VECTOR] * count)} }}"


_VECTOR = f"<{_LANES} x float>"
_CALL = re.compile(rf"  (%[\w.]+) = (?:tail )?call {_VECTOR} @iree\.(\w+)\.v{_LANES}\({_VECTOR} (%[\w.]+)\)")


def in_step(text: list[str]) -> list[str]:
    """Lines of LLVM IR where calls that follow each other have become calls of functions of several vectors."""
    lines: list[str] = []
    declared: dict[str, None] = {}
    for line in text:
        lines.append(line)
        last = _CALL.match(line)
        if last is None:
            continue
        name, count = last[2], _STEPS[last[2]]
        calls = [found for found in map(_CALL.match, lines[-count:]) if found is not None and found[2] == name]
        if len(calls) < count or {call_[3] for call_ in calls} & {call_[1] for call_ in calls}:
            continue
        symbol, results = f"@{_symbol(name, _LANES)}x{count}", f"%in_step.{last[1][1:]}"
        declared[f"declare {_tuple(count)} {symbol}({', '.join([_VECTOR] * count)})"] = None
        arguments = ", ".join(f"{_VECTOR} {call_[3]}" for call_ in calls)
        lines[-count:] = [f"  {results} = call {_tuple(count)} {symbol}({arguments})"]
        lines += [f"  {call_[1]} = extractvalue {_tuple(count)} {results}, {i}" for i, call_ in enumerate(calls)]
    return [*lines, *declared]


def _symbol(name: str, lanes: int) -> str:
    return f"iree.{name}" if lanes == 1 else f"iree.{name}.v{lanes}"


def keep(names: list[str]) -> str:
    """LLVM IR that keeps the variants of functions declared until loops are vectorized: one line."""
    symbols = [f"ptr @{_symbol(name, lanes)}" for name in names for lanes in _VARIANTS]
    return f'{KEEP}appending global [{len(symbols)} x ptr] [{", ".join(symbols)}], section "llvm.metadata"\n'


def call(module: Any, *, combine: bool) -> list[str]:
    """Replaces operations that `keeps` let stay by calls, whose functions it declares.

    Args:
        module: Where they are.
        combine: Whether a GELU may be one function, which is rounded less often than its parts.

    Returns:
        The functions' names, for `keep`.
    """
    used: dict[str, None] = {}
    for op in walk(module):
        if op.name in _FUNCTIONS:
            name = _FUNCTIONS[op.name][0]
            if combine and (found := find_gelu(op)) is not None:
                result, x = found
                used["gelu"] = None
                with op.location, ir.InsertionPoint(result.owner):
                    result.replace_all_uses_with(_apply("gelu", x))
            used[name] = None
            with op.location, ir.InsertionPoint(op):
                op.results[0].replace_all_uses_with(_apply(name, op.operands[0]))
            op.erase()
    with ir.InsertionPoint.at_block_begin(module.body), ir.Location.unknown():
        for name, lanes in product(used, (1, *_VARIANTS)):
            _declare(name, lanes)
    return list(used)


def _declare(name: str, lanes: int) -> None:
    type_ = "f32" if lanes == 1 else f"vector<{lanes}xf32>"
    passthrough = '"nounwind", "willreturn", "speculatable", ["memory", "0"]'
    if lanes == 1:
        mangled = (f"_ZGV_LLVM_N{n}v_{_symbol(name, 1)}({_symbol(name, n)})" for n in _VARIANTS)
        passthrough += f', ["vector-function-abi-variant", "{",".join(mangled)}"]'
    text = f"llvm.func @{_symbol(name, lanes)}({type_}) -> {type_} attributes {{passthrough = [{passthrough}]}}"
    ir.InsertionPoint.current.insert(ir.Operation.parse(text))


def _apply(name: str, x: Any) -> Any:
    """The function of an element or of a vector of any rank and size."""
    if not isinstance(x.type, ir.VectorType):
        return _called(name, 1, x)
    if x.type.rank == 0:
        return vector.BroadcastOp(x.type, _called(name, 1, _extract(x, []))).result
    if x.type.rank == 1:
        return _apply_row(name, x)
    result = x
    for place in product(*(range(size) for size in x.type.shape[:-1])):
        row = _apply_row(name, _extract(x, place))
        position = {"static_position": ir.DenseI64ArrayAttr.get(list(place))}
        result = ir.Operation.create("vector.insert", [x.type], [row, result], position).result
    return result


def _apply_row(name: str, row: Any) -> Any:
    """The function of whole vectors, the last of which may be partly unused."""
    size = row.type.shape[0]
    if size == 1:
        return vector.BroadcastOp(row.type, _called(name, 1, _extract(row, [0]))).result
    lanes = 8 if size <= 8 else _LANES
    parts: list[Any] = []
    for start in range(0, size, lanes):
        part = row if size == lanes else _shuffle(row, row, [min(start + i, size - 1) for i in range(lanes)])
        parts.append(_called(name, lanes, part))
    result = parts[0]
    for number, part in enumerate(parts[1:], 1):
        result = _shuffle(result, part, list(range((number + 1) * lanes)))
    return result if result.type == row.type else _shuffle(result, result, list(range(size)))


def _called(name: str, lanes: int, x: Any) -> Any:
    attributes = {
        "callee": ir.FlatSymbolRefAttr.get(_symbol(name, lanes)),
        "operandSegmentSizes": ir.DenseI32ArrayAttr.get([1, 0]),
        "op_bundle_sizes": ir.DenseI32ArrayAttr.get([]),
    }
    return ir.Operation.create("llvm.call", [x.type], [x], attributes).result


def _extract(x: Any, place: Sequence[int]) -> Any:
    shape = x.type.shape[len(place) :]
    type_ = ir.VectorType.get(shape, x.type.element_type) if shape else x.type.element_type
    position = {"static_position": ir.DenseI64ArrayAttr.get(list(place))}
    return ir.Operation.create("vector.extract", [type_], [x], position).result


def _shuffle(a: Any, b: Any, lanes: list[int]) -> Any:
    return vector.ShuffleOp(a, b, lanes).result
