# ruff: noqa: E501 - one operation per line reads best
"""Random programs of StableHLO, as hypothesis draws and shrinks them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import numpy as np
from conformance.case import (
    COMPLEX,
    FLOAT8,
    INTEGERS,
    NARROW,
    NUMPY,
    SIGNED,
    Array,
    Case,
    Tensor,
    Tolerance,
    integer_range,
    make,
)
from hypothesis import strategies as st

_FLOAT = "add subtract multiply maximum minimum"
_INTEGER = "add subtract multiply maximum minimum and or xor"
_TRUTH = "and or xor maximum minimum"
_COMPLEX = "add subtract multiply"
_SMALL = "add subtract maximum minimum"  # a product of 8-bit floats soon overflows
_UNARY = {
    "f": "abs negate floor sign tanh logistic", "small": "abs negate sign", "complex": "negate",
    "i": "abs negate sign not popcnt count_leading_zeros", "u": "not popcnt count_leading_zeros", "i1": "not",
}  # fmt: skip
_COMMON = ("f32", "i32", "f32", "i32", "f64", "i8", "ui8", "i1", "i64")
_RARE = ("f16", "bf16", "i16", "ui16", "ui32", "ui64", *NARROW, *FLOAT8, *COMPLEX)
_TOLERANCES = {"f32": Tolerance(ulp=64, absolute=1e-4), "f64": Tolerance(ulp=1024, absolute=1e-10)}
_TOLERANCES |= {f"complex<{part}>": _TOLERANCES[part] for part in ("f32", "f64")}
_ROUNDED = ("f16", "bf16", *FLOAT8)
"""Of which sums of many have no value of their own: that depends on what they are added up in."""


@dataclass(frozen=True)
class Value:
    """A value of a program: its number, shape and element type, and which of its sizes the program does not know."""

    number: int
    shape: tuple[int, ...]
    dtype: str
    open: tuple[bool, ...]

    @property
    def type(self) -> str:
        """Its type, in which ``~`` is before a size that is not known."""
        sizes = "".join(f"{'~' * unknown}{n}x" for n, unknown in zip(self.shape, self.open, strict=True))
        return f"tensor<{sizes}{self.dtype}>"


@dataclass
class Program:
    """A program as it grows. If it is dynamic, some sizes in its types are unknown, and others known, in any mixture."""

    draw: st.DrawFn
    dynamic: bool
    lines: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def define(self, text: str, shape: tuple[int, ...], dtype: str, before: str = "", *, known: bool = False) -> None:
        """Adds a value, whose type the text calls RESULT, and a line before it, which may name it by NUMBER.

        Args:
            text: The operation.
            shape: Of the result.
            dtype: Of the result.
            before: Lines that define its other operands.
            known: Its type must have known sizes.
        """
        closed = known or not self.dynamic
        open_ = tuple(not closed and self.draw(st.booleans()) for _ in shape)
        value = Value(len(self.values), shape, dtype, open_)
        line = f"{before}\n%v{value.number} = " + text.replace("RESULT", value.type)
        self.lines.append(line.strip().replace("NUMBER", str(value.number)))
        self.values.append(value)


def is_float(dtype: str) -> bool:
    """Whether elements are real floats."""
    return dtype.startswith(("f", "bf"))


def _kind(dtype: str) -> str:
    """The kind of functions of one element."""
    if dtype in COMPLEX:
        return "complex"
    return "i1" if dtype == "i1" else "small" if dtype in _ROUNDED else dtype[0]


def _binary(dtype: str) -> list[str]:
    """The operations of two elements."""
    small = _SMALL if dtype in _ROUNDED else _FLOAT if is_float(dtype) else _INTEGER
    return (_COMPLEX if dtype in COMPLEX else _TRUTH if dtype == "i1" else small).split()


def _order(dtype: str) -> str:
    """How elements are compared."""
    signed = dtype in SIGNED or dtype in ("i2", "i4")
    return "FLOAT" if is_float(dtype) or dtype in COMPLEX else "SIGNED" if signed else "UNSIGNED"


def _elements(seed: int, shape: tuple[int, ...], dtype: str) -> Array:
    array = np.random.default_rng(seed).integers(-9, 10, shape)
    if dtype in COMPLEX:
        return (array + 1j * np.flip(array)) / 4
    if is_float(dtype):
        return array / 4
    if dtype == "i1":
        return array % 2
    if dtype in NARROW:
        low, high = integer_range(dtype)
        return array % (high - low + 1) + low
    return array.astype(NUMPY[dtype])


def _written(text: str, dynamic: bool) -> str:
    return re.sub(r"~(\d+)", "?" if dynamic else r"\1", text)


@st.composite
def programs(draw: st.DrawFn, *, dynamic: bool = False) -> Case:
    """A program of up to eight operations on tensors of up to three dimensions.

    If it is dynamic, some of the sizes in it are unknown.
    """
    inputs: list[tuple[str, Array]] = []
    program = Program(draw, dynamic)
    dtypes = st.sampled_from(_COMMON) | st.sampled_from(_RARE)
    for i in range(draw(st.integers(1, 2))):
        shape = tuple(draw(st.lists(st.integers(0, 5), max_size=3)))
        dtype = draw(dtypes)
        inputs.append((dtype, _elements(draw(st.integers(0, 99)), shape, dtype)))
        program.define(f"stablehlo.convert %a{i} : ({{a{i}}}) -> RESULT", shape, dtype)
    for _ in range(draw(st.integers(1, 8))):
        _operation(draw, draw(st.sampled_from(program.values)), program)
    last = program.values[-1]
    body = "\n".join([*program.lines, f"%r0 = stablehlo.convert %v{last.number} : ({last.type}) -> {{r0}}"])
    tolerance = _TOLERANCES.get(last.dtype, Tolerance())
    results = [Tensor(last.shape, last.dtype)]
    static = make("program", _written(body, False), inputs, results, tolerance=tolerance)
    if not dynamic:
        return static
    open_ = make("program", _written(body, True), inputs, results, tolerance=tolerance, dynamic=True)
    return replace(open_, static=static)


def _operation(draw: st.DrawFn, x: Value, program: Program) -> None:
    """Adds an operation on `x`, and perhaps on another value of its type."""
    kinds = ["unary", "binary", "select", "compare", "reshape", "convert", "while", "case", *_ANY_RANK]
    if x.shape:
        kinds += ["transpose", "reverse", "slice", "pad", "concatenate", "reduce", "broadcast", "sort", "scan"]
        kinds += ["gather", "dynamic_slice", "dynamic_update_slice", "scatter", "window", "argmax", "dot"]
        kinds += ["cut", "fold", "places", "pairs", "update", "batch_dot", "sums", *_SOME_RANK]
    kinds = [kind for kind in kinds if kind not in _UNORDERED or x.dtype not in (*COMPLEX, *FLOAT8)]
    kind = draw(st.sampled_from(kinds))
    alike = draw(st.sampled_from([v for v in program.values if (v.shape, v.dtype) == (x.shape, x.dtype)]))
    axis = draw(st.integers(0, max(len(x.shape) - 1, 0)))
    a, b, type_ = f"%v{x.number}", f"%v{alike.number}", x.type
    scalar = f"tensor<{x.dtype}>"
    order = _order(x.dtype)
    zero = f"%zNUMBER = stablehlo.constant dense<{_literal(x.dtype, 0)}> : {scalar}"
    sum_ = "or" if x.dtype == "i1" else "maximum" if x.dtype in _ROUNDED else "add"
    if kind == "unary":
        program.define(
            f"stablehlo.{draw(st.sampled_from(_UNARY[_kind(x.dtype)].split()))} {a} : ({type_}) -> RESULT",
            x.shape,
            x.dtype,
        )
    elif kind == "binary":
        name = draw(st.sampled_from(_binary(x.dtype)))
        program.define(f"stablehlo.{name} {a}, {b} : ({type_}, {alike.type}) -> RESULT", x.shape, x.dtype)
    elif kind in ("select", "compare"):
        flags = str(Tensor(x.shape, "i1"))
        way = "EQ" if x.dtype in COMPLEX else "LT"
        compare = f"%cNUMBER = stablehlo.compare {way}, {a}, {b}, {order} : ({type_}, {alike.type}) -> {flags}"
        if kind == "compare":
            program.define(f"stablehlo.convert %cNUMBER : ({flags}) -> RESULT", x.shape, x.dtype, compare)
        else:
            program.define(
                f"stablehlo.select %cNUMBER, {b}, {a} : ({flags}, {alike.type}, {type_}) -> RESULT",
                x.shape,
                x.dtype,
                compare,
            )
    elif kind == "reshape":
        count = int(np.prod(x.shape))
        shapes = [(count,), (1, count), (count, 1)] + [(n, count // n) for n in (2, 3) if count % n == 0]
        program.define(
            f"stablehlo.reshape {a} : ({type_}) -> RESULT", draw(st.sampled_from(shapes)), x.dtype, known=True
        )
    elif kind == "convert":
        bounded = f"stablehlo.convert {a} : ({type_}) -> RESULT"
        if x.dtype in ("i32", "i8", "ui8", "i1"):
            program.define(bounded, x.shape, draw(st.sampled_from(["f32", "f64", "i64", "i8", "ui8", "i1"])))
        elif x.dtype in NARROW:
            program.define(bounded, x.shape, draw(st.sampled_from(["f32", "i64", "ui8", "i1", *NARROW, *_ROUNDED])))
        elif is_float(x.dtype):
            program.define(bounded, x.shape, draw(st.sampled_from(["f32", "f64", "f16", "bf16"])))
    elif kind == "transpose":
        axes = draw(st.permutations(range(len(x.shape))))
        program.define(
            f"stablehlo.transpose {a}, dims = {list(axes)} : ({type_}) -> RESULT",
            tuple(x.shape[i] for i in axes),
            x.dtype,
        )
    elif kind == "reverse":
        program.define(f"stablehlo.reverse {a}, dims = [{axis}] : ({type_}) -> RESULT", x.shape, x.dtype)
    elif kind == "slice":
        low = [draw(st.integers(0, n)) for n in x.shape]
        high = [draw(st.integers(start, n)) for start, n in zip(low, x.shape, strict=True)]
        step = [draw(st.integers(1, 2)) for _ in x.shape]
        ranges = ", ".join(f"{i}:{j}:{k}" for i, j, k in zip(low, high, step, strict=True))
        shape = tuple(-(-(j - i) // k) for i, j, k in zip(low, high, step, strict=True))
        program.define(f"stablehlo.slice {a} [{ranges}] : ({type_}) -> RESULT", shape, x.dtype)
    elif kind == "pad":
        low, high, inner = ([draw(st.integers(0, 2)) for _ in x.shape] for _ in range(3))
        shape = tuple(n + p + q + max(n - 1, 0) * r for n, p, q, r in zip(x.shape, low, high, inner, strict=True))
        program.define(
            f"stablehlo.pad {a}, %zNUMBER, low = {low}, high = {high}, interior = {inner} : ({type_}, {scalar}) -> RESULT",
            shape,
            x.dtype,
            f"%zNUMBER = stablehlo.constant dense<{_literal(x.dtype, 1)}> : {scalar}",
        )
    elif kind == "concatenate":
        shape = tuple(2 * n if i == axis else n for i, n in enumerate(x.shape))
        program.define(
            f"stablehlo.concatenate {a}, {b}, dim = {axis} : ({type_}, {alike.type}) -> RESULT", shape, x.dtype
        )
    elif kind == "reduce":
        shape = tuple(n for i, n in enumerate(x.shape) if i != axis)
        program.define(
            f"stablehlo.reduce({a} init: %zNUMBER) applies stablehlo.{sum_} across dimensions = [{axis}] : ({type_}, {scalar}) -> RESULT",
            shape,
            x.dtype,
            zero,
        )
    elif kind == "broadcast":
        dims = list(range(1, len(x.shape) + 1))
        if len(x.shape) < 3:
            program.define(
                f"stablehlo.broadcast_in_dim {a}, dims = {dims} : ({type_}) -> RESULT",
                (2, *x.shape),
                x.dtype,
                known=True,
            )
    elif kind == "sort":
        program.define(
            f'"stablehlo.sort"({a}) <{{dimension = {axis} : i64, is_stable = true}}> ({{ ^bb0(%x: {scalar}, %y: {scalar}):\n'
            f" %c = stablehlo.compare LT, %x, %y, {order} : ({scalar}, {scalar}) -> tensor<i1>\n"
            f" stablehlo.return %c : tensor<i1> }}) : ({type_}) -> RESULT",
            x.shape, x.dtype,
        )  # fmt: skip
    elif kind in _MORE:
        _MORE[kind](draw, x, axis, program)
    elif kind == "scan" and x.shape[axis] > 1:
        n = x.shape[axis]
        window = [n if i == axis else 1 for i in range(len(x.shape))]
        padding = [[n - 1 if i == axis else 0, 0] for i in range(len(x.shape))]
        program.define(
            f'"stablehlo.reduce_window"({a}, %zNUMBER) <{{window_dimensions = array<i64: {str(window)[1:-1]}>, '
            f"padding = dense<{padding}> : tensor<{len(window)}x2xi64>}}> ({{ ^bb0(%x: {scalar}, %y: {scalar}):\n"
            f" %s = stablehlo.{sum_} %x, %y : {scalar}\n stablehlo.return %s : {scalar} }}) : ({type_}, {scalar}) -> RESULT",
            x.shape, x.dtype, zero,
        )  # fmt: skip


def _gather(draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """Rows at constant places, some of which are outside."""
    places = draw(st.lists(st.integers(-2, 7), min_size=1, max_size=4))
    if not x.shape[axis]:
        return
    sizes = [1 if i == axis else n for i, n in enumerate(x.shape)]
    offsets = list(range(1, len(x.shape)))
    numbers = f"#stablehlo.gather<offset_dims = {offsets}, collapsed_slice_dims = [{axis}], start_index_map = [{axis}], index_vector_dim = 1>"
    at = f"%iNUMBER = stablehlo.constant dense<{[[p] for p in places]}> : tensor<{len(places)}x1xi32>"
    program.define(
        f'"stablehlo.gather"(%v{x.number}, %iNUMBER) <{{dimension_numbers = {numbers}, slice_sizes = array<i64: {str(sizes)[1:-1]}>}}> : ({x.type}, tensor<{len(places)}x1xi32>) -> RESULT',
        (len(places), *(n for i, n in enumerate(x.shape) if i != axis)), x.dtype, at,
    )  # fmt: skip


def _scatter(draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """Adds what was gathered at the same places."""
    before = len(program.values)
    _gather(draw, x, axis, program)
    if len(program.values) == before or x.dtype == "i1" or x.dtype in _ROUNDED:
        return
    updates = program.values[-1]
    offsets = list(range(1, len(x.shape)))
    numbers = f"#stablehlo.scatter<update_window_dims = {offsets}, inserted_window_dims = [{axis}], scatter_dims_to_operand_dims = [{axis}], index_vector_dim = 1>"
    scalar = f"tensor<{x.dtype}>"
    program.define(
        f'"stablehlo.scatter"(%v{x.number}, %i{updates.number}, %v{updates.number}) <{{scatter_dimension_numbers = {numbers}}}> ({{ ^bb0(%x: {scalar}, %y: {scalar}):\n'
        f" %s = stablehlo.add %x, %y : {scalar}\n stablehlo.return %s : {scalar} }}) : ({x.type}, tensor<{updates.shape[0]}x1xi32>, {updates.type}) -> RESULT",
        x.shape, x.dtype,
    )  # fmt: skip


def _starts(draw: st.DrawFn, x: Value) -> tuple[str, str, str]:
    """Constants for the starts of a slice, their names and types."""
    places = [draw(st.integers(-2, 6)) for _ in x.shape]
    lines = "\n".join(f"%i{i}_NUMBER = stablehlo.constant dense<{p}> : tensor<i32>" for i, p in enumerate(places))
    return lines, ", ".join(f"%i{i}_NUMBER" for i in range(len(places))), ", ".join(["tensor<i32>"] * len(places))


def _dynamic_slice(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    lines, names, types = _starts(draw, x)
    sizes = [draw(st.integers(0, n)) for n in x.shape]
    program.define(f"stablehlo.dynamic_slice %v{x.number}, {names}, sizes = {sizes} : ({x.type}, {types}) -> RESULT", tuple(sizes), x.dtype, lines)  # fmt: skip


def _dynamic_update_slice(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    fitting = [
        v
        for v in program.values
        if v.dtype == x.dtype
        and len(v.shape) == len(x.shape)
        and all(m <= n for m, n in zip(v.shape, x.shape, strict=True))
    ]
    update = draw(st.sampled_from(fitting))
    lines, names, types = _starts(draw, x)
    program.define(f"stablehlo.dynamic_update_slice %v{x.number}, %v{update.number}, {names} : ({x.type}, {update.type}, {types}) -> RESULT", x.shape, x.dtype, lines)  # fmt: skip


def _window(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """The largest elements of strided, dilated and padded windows."""
    rank = len(x.shape)
    window, stride, spread, base = ([draw(st.integers(1, 3)) for _ in range(rank)] for _ in range(4))
    padding = [[draw(st.integers(-1, 2)), draw(st.integers(-1, 2))] for _ in range(rank)]
    shape = []
    for n, w, s, d, b, (low, high) in zip(x.shape, window, stride, spread, base, padding, strict=True):
        room = (max(n - 1, -1) * b + 1 if n else 0) + low + high
        if room < 0 or n + min(low, 0) + min(high, 0) < 1:
            return
        reach = (w - 1) * d + 1
        shape.append(0 if room < reach else (room - reach) // s + 1)
    scalar = f"tensor<{x.dtype}>"
    attributes = ", ".join(
        f"{name} = array<i64: {str(values)[1:-1]}>"
        for name, values in (
            ("window_dimensions", window),
            ("window_strides", stride),
            ("window_dilations", spread),
            ("base_dilations", base),
        )
    )
    low_end = "-1.0e2" if is_float(x.dtype) else _literal(x.dtype, 0)
    program.define(
        f'"stablehlo.reduce_window"(%v{x.number}, %zNUMBER) <{{{attributes}, padding = dense<{padding}> : tensor<{rank}x2xi64>}}> ({{ ^bb0(%x: {scalar}, %y: {scalar}):\n'
        f" %s = stablehlo.maximum %x, %y : {scalar}\n stablehlo.return %s : {scalar} }}) : ({x.type}, {scalar}) -> RESULT",
        tuple(shape), x.dtype, f"%zNUMBER = stablehlo.constant dense<{low_end}> : {scalar}",
    )  # fmt: skip


def _argmax(_draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """Where the largest element is, the first if there are several."""
    if not x.shape[axis] or x.dtype == "i1":
        return
    scalar, places = f"tensor<{x.dtype}>", str(Tensor(x.shape, "i32"))
    shape = tuple(n for i, n in enumerate(x.shape) if i != axis)
    kind = _order(x.dtype)
    low_end = "-1.0e4" if kind == "FLOAT" else str(integer_range(x.dtype)[0])
    before = f"""%jNUMBER = stablehlo.iota dim = {axis} : {places}
%zNUMBER = stablehlo.constant dense<{low_end}> : {scalar}
%kNUMBER = stablehlo.constant dense<0> : tensor<i32>
%bNUMBER:2 = "stablehlo.reduce"(%v{x.number}, %jNUMBER, %zNUMBER, %kNUMBER) <{{dimensions = array<i64: {axis}>}}> ({{ ^bb0(%x: {scalar}, %i: tensor<i32>, %y: {scalar}, %j: tensor<i32>):
 %g = stablehlo.compare GT, %x, %y, {kind} : ({scalar}, {scalar}) -> tensor<i1>
 %e = stablehlo.compare EQ, %x, %y, {kind} : ({scalar}, {scalar}) -> tensor<i1>
 %m = stablehlo.minimum %i, %j : tensor<i32>
 %p = stablehlo.select %g, %x, %y : tensor<i1>, {scalar}
 %q = stablehlo.select %g, %i, %j : tensor<i1>, tensor<i32>
 %r = stablehlo.select %e, %m, %q : tensor<i1>, tensor<i32>
 stablehlo.return %p, %r : {scalar}, tensor<i32> }}) : ({x.type}, {places}, {scalar}, tensor<i32>) -> ({Tensor(shape, x.dtype)}, {Tensor(shape, "i32")})"""
    program.define(f"stablehlo.convert %bNUMBER#1 : ({Tensor(shape, 'i32')}) -> RESULT", shape, "i32", before)


def _dot(draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """A product over one dimension of each; truth values stay out."""
    fitting = [v for v in program.values if v.dtype == x.dtype and x.shape[axis] in v.shape]
    other = draw(st.sampled_from(fitting))
    if x.dtype == "i1" or x.dtype in _ROUNDED or len(x.shape) + len(other.shape) > 5:
        return
    inner = other.shape.index(x.shape[axis])
    shape = (*(n for i, n in enumerate(x.shape) if i != axis), *(n for i, n in enumerate(other.shape) if i != inner))
    program.define(f"stablehlo.dot_general %v{x.number}, %v{other.number}, contracting_dims = [{axis}] x [{inner}] : ({x.type}, {other.type}) -> RESULT", shape, x.dtype)  # fmt: skip


def _while(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """A value that a loop changes a few times."""
    steps, type_ = draw(st.integers(0, 3)), x.type
    op = draw(
        st.sampled_from(
            ["subtract"]
            if x.dtype in COMPLEX
            else [name for name in _binary(x.dtype) if name not in ("add", "multiply")]
        )
    )
    before = f"""%iNUMBER = stablehlo.constant dense<0> : tensor<i32>
%oNUMBER = stablehlo.constant dense<1> : tensor<i32>
%nNUMBER = stablehlo.constant dense<{steps}> : tensor<i32>
%wNUMBER:2 = stablehlo.while(%i = %iNUMBER, %w = %v{x.number}) : tensor<i32>, {type_}
cond {{ %c = stablehlo.compare LT, %i, %nNUMBER : (tensor<i32>, tensor<i32>) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }}
do {{ %j = stablehlo.add %i, %oNUMBER : tensor<i32>
 %u = stablehlo.{op} %w, %v{x.number} : {type_}
 stablehlo.return %j, %u : tensor<i32>, {type_} }}"""
    program.define(f"stablehlo.convert %wNUMBER#1 : ({type_}) -> RESULT", x.shape, x.dtype, before)


def _case(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """One of three values."""
    alike = [v for v in program.values if (v.shape, v.dtype) == (x.shape, x.dtype)]
    chosen = [draw(st.sampled_from(alike)) for _ in range(3)]
    branches = ", ".join(f"{{ stablehlo.return %v{v.number} : {v.type} }}" for v in chosen)
    place = f"%iNUMBER = stablehlo.constant dense<{draw(st.integers(-1, 4))}> : tensor<i32>"
    program.define(f'"stablehlo.case"(%iNUMBER) ({branches}) : (tensor<i32>) -> RESULT', x.shape, x.dtype, place)


def _cut(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """Padding that may be negative."""
    low, high = ([draw(st.integers(-2, 2)) for _ in x.shape] for _ in range(2))
    inner = [draw(st.integers(0, 2)) for _ in x.shape]
    shape = tuple(n + p + q + max(n - 1, 0) * r for n, p, q, r in zip(x.shape, low, high, inner, strict=True))
    if min(shape) < 0:
        return
    program.define(
        f"stablehlo.pad %v{x.number}, %zNUMBER, low = {low}, high = {high}, interior = {inner} : ({x.type}, tensor<{x.dtype}>) -> RESULT",
        shape, x.dtype, f"%zNUMBER = stablehlo.constant dense<{_literal(x.dtype, 1)}> : tensor<{x.dtype}>",
    )  # fmt: skip


def _literal(dtype: str, number: int) -> str:
    if dtype in COMPLEX:
        return f"({number}.0, 0.0)"
    return f"{number}.0" if is_float(dtype) else ("true" if number else "false") if dtype == "i1" else str(number)


def _combiner(draw: st.DrawFn, dtype: str) -> str:
    """An operation whose order does not matter, exactly."""
    if dtype in COMPLEX:
        return "add"
    names = (
        "maximum minimum" if is_float(dtype) else _TRUTH if dtype == "i1" else "add multiply maximum minimum and or xor"
    )
    return draw(st.sampled_from(names.split()))


def _region(name: str, dtype: str) -> str:
    scalar = f"tensor<{dtype}>"
    return f"({{ ^bb0(%x: {scalar}, %y: {scalar}):\n %s = stablehlo.{name} %x, %y : {scalar}\n stablehlo.return %s : {scalar} }})"


def _fold(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """A reduction of several dimensions, from a number that may count any number of times."""
    axes = sorted(draw(st.sets(st.integers(0, len(x.shape) - 1), min_size=1)))
    name = _combiner(draw, x.dtype)
    start = {"maximum": 1, "minimum": 0, "multiply": 1}.get(name, 0)
    shape = tuple(n for i, n in enumerate(x.shape) if i not in axes)
    program.define(
        f'"stablehlo.reduce"(%v{x.number}, %zNUMBER) <{{dimensions = array<i64: {str(axes)[1:-1]}>}}> {_region(name, x.dtype)} : ({x.type}, tensor<{x.dtype}>) -> RESULT',
        shape, x.dtype, f"%zNUMBER = stablehlo.constant dense<{_literal(x.dtype, start)}> : tensor<{x.dtype}>",
    )  # fmt: skip


def _places(draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """The value with its own places mixed in."""
    program.define(f"stablehlo.convert %jNUMBER : ({Tensor(x.shape, 'i8')}) -> RESULT", x.shape, x.dtype, f"%jNUMBER = stablehlo.iota dim = {axis} : {Tensor(x.shape, 'i8')}")  # fmt: skip
    places = program.values[-1]
    name = draw(st.sampled_from(_binary(x.dtype)))
    program.define(
        f"stablehlo.{name} %v{x.number}, %v{places.number} : ({x.type}, {places.type}) -> RESULT", x.shape, x.dtype
    )


def _pairs(draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """What another value becomes where this one is sorted, from the largest."""
    other = draw(st.sampled_from([v for v in program.values if v.shape == x.shape]))
    scalar, beside = f"tensor<{x.dtype}>", f"tensor<{other.dtype}>"
    kind = "TOTALORDER" if is_float(x.dtype) else _order(x.dtype)
    before = f"""%bNUMBER:2 = "stablehlo.sort"(%v{x.number}, %v{other.number}) <{{dimension = {axis} : i64, is_stable = true}}> ({{ ^bb0(%x: {scalar}, %y: {scalar}, %p: {beside}, %q: {beside}):
 %c = stablehlo.compare GT, %x, %y, {kind} : ({scalar}, {scalar}) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }}) : ({x.type}, {other.type}) -> ({x.type}, {other.type})"""
    program.define(f"stablehlo.convert %bNUMBER#1 : ({other.type}) -> RESULT", x.shape, other.dtype, before)


def _update(draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """Rows changed by any operation at constant places, in which they may meet."""
    before = len(program.values)
    _gather(draw, x, axis, program)
    if len(program.values) == before:
        return
    updates = program.values[-1]
    places = draw(st.lists(st.integers(-1, 5), min_size=updates.shape[0], max_size=updates.shape[0]))
    offsets = list(range(1, len(x.shape)))
    numbers = f"#stablehlo.scatter<update_window_dims = {offsets}, inserted_window_dims = [{axis}], scatter_dims_to_operand_dims = [{axis}], index_vector_dim = 1>"
    at = f"%iNUMBER = stablehlo.constant dense<{[[p] for p in places]}> : tensor<{len(places)}x1xi64>"
    program.define(
        f'"stablehlo.scatter"(%v{x.number}, %iNUMBER, %v{updates.number}) <{{scatter_dimension_numbers = {numbers}}}> {_region(_combiner(draw, x.dtype), x.dtype)} : ({x.type}, tensor<{len(places)}x1xi64>, {updates.type}) -> RESULT',
        x.shape, x.dtype, at,
    )  # fmt: skip


def _batch_dot(_draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """Products of rows with themselves."""
    if x.dtype == "i1" or x.dtype in _ROUNDED or len(x.shape) < 2:
        return
    batch = list(range(len(x.shape) - 1))
    program.define(f"stablehlo.dot_general %v{x.number}, %v{x.number}, batching_dims = {batch} x {batch}, contracting_dims = [{len(batch)}] x [{len(batch)}] : ({x.type}, {x.type}) -> RESULT", x.shape[:-1], x.dtype)  # fmt: skip


def _sums(draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """Of windows along one dimension, with any padding."""
    window, stride = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    low, high = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    room = x.shape[axis] + low + high
    if x.dtype == "i1" or x.dtype in _ROUNDED or not x.shape[axis] or room < window:
        return
    rank = len(x.shape)
    sizes, strides = ([n if i == axis else 1 for i in range(rank)] for n in (window, stride))
    padding = [[low, high] if i == axis else [0, 0] for i in range(rank)]
    shape = tuple((room - window) // stride + 1 if i == axis else n for i, n in enumerate(x.shape))
    program.define(
        f'"stablehlo.reduce_window"(%v{x.number}, %zNUMBER) <{{window_dimensions = array<i64: {str(sizes)[1:-1]}>, window_strides = array<i64: {str(strides)[1:-1]}>, padding = dense<{padding}> : tensor<{rank}x2xi64>}}> {_region("add", x.dtype)} : ({x.type}, tensor<{x.dtype}>) -> RESULT',
        shape, x.dtype, f"%zNUMBER = stablehlo.constant dense<{_literal(x.dtype, 0)}> : tensor<{x.dtype}>",
    )  # fmt: skip


def _scalar(draw: st.DrawFn, program: Program) -> tuple[str, str]:
    """An i32 that is an element of a value, or a constant: the lines that define it, and its name."""
    whole = [v for v in program.values if v.dtype in (*INTEGERS, "i1") and 0 not in v.shape]
    name = "%kNUMBER"
    if not whole or draw(st.booleans()):
        return f"{name} = stablehlo.constant dense<{draw(st.integers(-2, 6))}> : tensor<i32>", name
    value = draw(st.sampled_from(whole))
    one = str(Tensor((1,) * len(value.shape), value.dtype))
    first = ", ".join(["0:1"] * len(value.shape))
    return (
        f"{name}a = stablehlo.slice %v{value.number} [{first}] : ({value.type}) -> {one}\n"
        f"{name}b = stablehlo.reshape {name}a : ({one}) -> tensor<{value.dtype}>\n"
        f"{name} = stablehlo.convert {name}b : (tensor<{value.dtype}>) -> tensor<i32>",
        name,
    )


def _at(draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """A slice where a value says."""
    lines, name = _scalar(draw, program)
    sizes = [draw(st.integers(0, n)) if i == axis else n for i, n in enumerate(x.shape)]
    starts, types = ", ".join([name] * len(x.shape)), ", ".join(["tensor<i32>"] * len(x.shape))
    program.define(f"stablehlo.dynamic_slice %v{x.number}, {starts}, sizes = {sizes} : ({x.type}, {types}) -> RESULT", tuple(sizes), x.dtype, lines)  # fmt: skip


def _times(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """A value that a loop changes as often as a value says."""
    lines, name = _scalar(draw, program)
    op = draw(st.sampled_from([op for op in _binary(x.dtype) if op != "multiply"]))
    before = f"""{lines}
%lNUMBER = stablehlo.constant dense<5> : tensor<i32>
%mNUMBER = stablehlo.minimum {name}, %lNUMBER : tensor<i32>
%iNUMBER = stablehlo.constant dense<0> : tensor<i32>
%oNUMBER = stablehlo.constant dense<1> : tensor<i32>
%wNUMBER:2 = stablehlo.while(%i = %iNUMBER, %w = %v{x.number}) : tensor<i32>, {x.type}
cond {{ %c = stablehlo.compare LT, %i, %mNUMBER : (tensor<i32>, tensor<i32>) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }}
do {{ %j = stablehlo.add %i, %oNUMBER : tensor<i32>
 %u = stablehlo.{op} %w, %v{x.number} : {x.type}
 stablehlo.return %j, %u : tensor<i32>, {x.type} }}"""
    program.define(f"stablehlo.convert %wNUMBER#1 : ({x.type}) -> RESULT", x.shape, x.dtype, before)


def _if(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """A value or what becomes of it, as a value says."""
    lines, name = _scalar(draw, program)
    op = draw(st.sampled_from(_binary(x.dtype)))
    before = f"""{lines}
%oNUMBER = stablehlo.constant dense<1> : tensor<i32>
%cNUMBER = stablehlo.compare LT, {name}, %oNUMBER : (tensor<i32>, tensor<i32>) -> tensor<i1>"""
    program.define(
        f'"stablehlo.if"(%cNUMBER) ({{ stablehlo.return %v{x.number} : {x.type} }}, {{ %s = stablehlo.{op} %v{x.number}, %v{x.number} : {x.type}\n'
        f" stablehlo.return %s : {x.type} }}) : (tensor<i1>) -> RESULT",
        x.shape, x.dtype, before,
    )  # fmt: skip


def _clamp(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """Between two scalars, of which the first may be the larger one."""
    low, high = draw(st.integers(0, 1)), draw(st.integers(0, 1))
    scalar = f"tensor<{x.dtype}>"
    before = f"%lNUMBER = stablehlo.constant dense<{_literal(x.dtype, low)}> : {scalar}\n%hNUMBER = stablehlo.constant dense<{_literal(x.dtype, high)}> : {scalar}"
    program.define(f"stablehlo.clamp %lNUMBER, %v{x.number}, %hNUMBER : ({scalar}, {x.type}, {scalar}) -> RESULT", x.shape, x.dtype, before)  # fmt: skip


def _divide(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """Quotients, remainders and shifts, by what is not zero."""
    if x.dtype in ("i1", *COMPLEX, *_ROUNDED):
        return
    known = str(Tensor(x.shape, x.dtype))
    names = ["divide", "remainder"]
    if not is_float(x.dtype) and x.dtype not in NARROW:
        names += ["shift_left", "shift_right_arithmetic", "shift_right_logical"]
    by = draw(st.integers(1, 1 if x.dtype == "i2" else 3))
    before, other = f"%oNUMBER = stablehlo.constant dense<{_literal(x.dtype, by)}> : {known}", "%oNUMBER"
    if not is_float(x.dtype) and draw(st.booleans()):
        before += f"\n%dNUMBER = stablehlo.or %oNUMBER, %v{x.number} : ({known}, {x.type}) -> {known}"
        other = "%dNUMBER"
    program.define(f"stablehlo.{draw(st.sampled_from(names))} %v{x.number}, {other} : ({x.type}, {known}) -> RESULT", x.shape, x.dtype, before)  # fmt: skip


def _bits(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """As others of the same width, or as two of half of it each."""
    if x.dtype not in INTEGERS:
        return
    width = int(x.dtype.lstrip("ui"))
    same = [t for t in INTEGERS if int(t.lstrip("ui")) == width]
    half = [t for t in (*INTEGERS, *NARROW) if 2 * int(t.lstrip("ui")) == width]
    dtype = draw(st.sampled_from(same + half))
    shape = (*x.shape, 2) if dtype in half else x.shape
    program.define(f"stablehlo.bitcast_convert %v{x.number} : ({x.type}) -> RESULT", shape, dtype)


def _parts(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """The parts of complex numbers, or complex numbers of two values."""
    if x.dtype in COMPLEX:
        name = draw(st.sampled_from(["real", "imag", "abs"]))
        program.define(f"stablehlo.{name} %v{x.number} : ({x.type}) -> RESULT", x.shape, x.dtype[8:-1])
    elif x.dtype in ("f32", "f64"):
        other = draw(st.sampled_from([v for v in program.values if (v.shape, v.dtype) == (x.shape, x.dtype)]))
        program.define(f"stablehlo.complex %v{x.number}, %v{other.number} : ({x.type}, {other.type}) -> RESULT", x.shape, f"complex<{x.dtype}>")  # fmt: skip


def _precision(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """Rounded to fewer bits."""
    if x.dtype in ("f32", "f64", "f16", "bf16"):
        exponent, mantissa = draw(st.integers(4, 8)), draw(st.integers(1, 10))
        program.define(f"stablehlo.reduce_precision %v{x.number}, format = e{exponent}m{mantissa} : ({x.type}) -> RESULT", x.shape, x.dtype)  # fmt: skip


def _barrier(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """Through a barrier, with another value."""
    other = draw(st.sampled_from(program.values))
    before = f"%bNUMBER:2 = stablehlo.optimization_barrier %v{x.number}, %v{other.number} : {x.type}, {other.type}"
    program.define(f"stablehlo.convert %bNUMBER#0 : ({x.type}) -> RESULT", x.shape, x.dtype, before)


def _map(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """A function of elements, as a region."""
    axes = str(list(range(len(x.shape))))[1:-1]
    program.define(
        f'"stablehlo.map"(%v{x.number}, %v{x.number}) <{{dimensions = array<i64{": " if axes else ""}{axes}>}}> {_region(draw(st.sampled_from(_binary(x.dtype))), x.dtype)} : ({x.type}, {x.type}) -> RESULT',
        x.shape, x.dtype,
    )  # fmt: skip


def _size(_draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """A size as a value."""
    program.define(f"stablehlo.get_dimension_size %v{x.number}, dim = {axis} : ({x.type}) -> RESULT", (), "i32")


def _sizes(draw: st.DrawFn, sizes: tuple[int, ...], program: Program) -> tuple[str, str]:
    """Lines that define ``%sNUMBER``, a tensor of sizes, and its type; each is a constant, or the size of a value."""
    index = draw(st.sampled_from(["i32", "i64"]))
    lines, parts = [], []
    for place, size in enumerate(sizes):
        same = [(v, i) for v in program.values for i, n in enumerate(v.shape) if n == size]
        parts.append(part := f"%s{place}_NUMBER")
        if same and draw(st.booleans()):
            value, dim = draw(st.sampled_from(same))
            lines.append(f"{part}a = stablehlo.get_dimension_size %v{value.number}, dim = {dim} : ({value.type}) -> tensor<i32>")  # fmt: skip
            lines.append(f"{part}b = stablehlo.convert {part}a : (tensor<i32>) -> tensor<{index}>")
            lines.append(f"{part} = stablehlo.reshape {part}b : (tensor<{index}>) -> tensor<1x{index}>")
        else:
            lines.append(f"{part} = stablehlo.constant dense<{size}> : tensor<1x{index}>")
    ones, whole = ", ".join([f"tensor<1x{index}>"] * len(parts)), f"tensor<{len(parts)}x{index}>"
    lines.append(
        f"%sNUMBER = stablehlo.concatenate {', '.join(parts)}, dim = 0 : ({ones}) -> {whole}"
        if parts
        else f"%sNUMBER = stablehlo.constant dense<> : {whole}"
    )
    return "\n".join(lines), whole


def _dynamic_reshape(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """To sizes that are values."""
    count = int(np.prod(x.shape))
    shapes = [x.shape, (count,), (1, count), (count, 1)] + [(n, count // n) for n in (2, 3) if count % n == 0]
    shape = draw(st.sampled_from(shapes))
    lines, type_ = _sizes(draw, shape, program)
    program.define(f"stablehlo.dynamic_reshape %v{x.number}, %sNUMBER : ({x.type}, {type_}) -> RESULT", shape, x.dtype, lines)  # fmt: skip


def _spread(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """Broadcast to sizes that are values; dimensions of 1 may grow."""
    if len(x.shape) > 2:
        return
    shape = (draw(st.integers(0, 3)), *(draw(st.integers(0, 3)) if n == 1 else n for n in x.shape))
    lines, type_ = _sizes(draw, shape, program)
    dims = list(range(1, len(shape)))
    program.define(f"stablehlo.dynamic_broadcast_in_dim %v{x.number}, %sNUMBER, dims = {dims} : ({x.type}, {type_}) -> RESULT", shape, x.dtype, lines)  # fmt: skip


def _dynamic_iota(draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """Places in a shape that is a value."""
    lines, type_ = _sizes(draw, x.shape, program)
    dtype = draw(st.sampled_from(["i32", "f32", "ui8", "i64"]))
    program.define(f"stablehlo.dynamic_iota %sNUMBER, dim = {axis} : ({type_}) -> RESULT", x.shape, dtype, lines)


def _dynamic_pad(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """By amounts that are values."""
    low, high = ([draw(st.integers(-2, 2)) for _ in x.shape] for _ in range(2))
    inner = [draw(st.integers(0, 2)) for _ in x.shape]
    shape = tuple(n + p + q + max(n - 1, 0) * r for n, p, q, r in zip(x.shape, low, high, inner, strict=True))
    if min(shape) < 0:
        return
    amounts = f"tensor<{len(x.shape)}xi64>"
    before = f"%zNUMBER = stablehlo.constant dense<{_literal(x.dtype, 1)}> : tensor<{x.dtype}>"
    for name, values in (("l", low), ("h", high), ("i", inner)):
        before += f"\n%{name}NUMBER = stablehlo.constant dense<{values}> : {amounts}"
    program.define(f"stablehlo.dynamic_pad %v{x.number}, %zNUMBER, %lNUMBER, %hNUMBER, %iNUMBER : ({x.type}, tensor<{x.dtype}>, {amounts}, {amounts}, {amounts}) -> RESULT", shape, x.dtype, before)  # fmt: skip


def _dynamic_gather(draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """Rows at places that are a value, some of which are outside."""
    places = [v for v in program.values if v.dtype in INTEGERS and len(v.shape) == 1]
    if not x.shape[axis] or not places:
        return
    at = draw(st.sampled_from(places))
    lines, type_ = _sizes(draw, tuple(1 if i == axis else n for i, n in enumerate(x.shape)), program)
    offsets = list(range(1, len(x.shape)))
    numbers = f"#stablehlo.gather<offset_dims = {offsets}, collapsed_slice_dims = [{axis}], start_index_map = [{axis}], index_vector_dim = 1>"
    program.define(
        f'"stablehlo.dynamic_gather"(%v{x.number}, %v{at.number}, %sNUMBER) <{{dimension_numbers = {numbers}}}> : ({x.type}, {at.type}, {type_}) -> RESULT',
        (at.shape[0], *(n for i, n in enumerate(x.shape) if i != axis)), x.dtype, lines,
    )  # fmt: skip


def _convolution(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """Of rows, by filters of numbers in order."""
    if len(x.shape) != 3 or not x.shape[2] or x.dtype in (*_ROUNDED, "i1", *NARROW):
        return
    batch, width, features = x.shape
    groups = draw(st.sampled_from([1, features]))
    window, stride, spread, base = (draw(st.integers(1, 3)) for _ in range(4))
    low, high = draw(st.integers(-1, 2)), draw(st.integers(-1, 2))
    room, reach = (max(width - 1, -1) * base + 1 if width else 0) + low + high, (window - 1) * spread + 1
    if room < 0 or width + min(low, 0) + min(high, 0) < 1:
        return
    kernel = Tensor((window, features // groups, 2 * groups), x.dtype)
    places = Tensor(kernel.shape, "i32")
    before = f"%jNUMBER = stablehlo.iota dim = {draw(st.integers(0, 2))} : {places}\n%kNUMBER = stablehlo.convert %jNUMBER : ({places}) -> {kernel}"
    turned = str(draw(st.booleans())).lower()
    program.define(
        f"stablehlo.convolution(%v{x.number}, %kNUMBER) dim_numbers = [b, 0, f]x[0, i, o]->[b, 0, f], window = {{stride = [{stride}], pad = [[{low}, {high}]], lhs_dilate = [{base}], rhs_dilate = [{spread}], reverse = [{turned}]}} "
        f"{{batch_group_count = 1 : i64, feature_group_count = {groups} : i64}} : ({x.type}, {kernel}) -> RESULT",
        (batch, 0 if room < reach else (room - reach) // stride + 1, 2 * groups), x.dtype, before,
    )  # fmt: skip


def _selected(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """The place of the largest element of every window receives one."""
    if x.dtype in ("i1", *_ROUNDED):
        return
    rank = len(x.shape)
    window, stride = ([draw(st.integers(1, 3)) for _ in range(rank)] for _ in range(2))
    if any(n < w for n, w in zip(x.shape, window, strict=True)):
        return
    shape = tuple((n - w) // s + 1 for n, w, s in zip(x.shape, window, stride, strict=True))
    scalar, source = f"tensor<{x.dtype}>", Tensor(shape, x.dtype)
    before = f"%zNUMBER = stablehlo.constant dense<{_literal(x.dtype, 0)}> : {scalar}\n%oNUMBER = stablehlo.constant dense<{_literal(x.dtype, 1)}> : {source}"
    program.define(
        f'"stablehlo.select_and_scatter"(%v{x.number}, %oNUMBER, %zNUMBER) <{{window_dimensions = array<i64: {str(window)[1:-1]}>, window_strides = array<i64: {str(stride)[1:-1]}>}}> ({{ ^bb0(%x: {scalar}, %y: {scalar}):\n'
        f" %c = stablehlo.compare GE, %x, %y, {_order(x.dtype)} : ({scalar}, {scalar}) -> tensor<i1>\n stablehlo.return %c : tensor<i1> }}, {_region('add', x.dtype)[1:-1]}) : ({x.type}, {source}, {scalar}) -> RESULT",
        x.shape, x.dtype, before,
    )  # fmt: skip


def _fft(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """Along the last dimension."""
    n = x.shape[-1]
    if 0 in x.shape or x.dtype not in ("f32", "f64", *COMPLEX):
        return
    real = is_float(x.dtype)
    kind = "RFFT" if real else draw(st.sampled_from(["FFT", "IFFT"]))
    shape, dtype = ((*x.shape[:-1], n // 2 + 1), f"complex<{x.dtype}>") if real else (x.shape, x.dtype)
    program.define(f"stablehlo.fft %v{x.number}, type = {kind}, length = [{n}] : ({x.type}) -> RESULT", shape, dtype)


_ANY_RANK = ("times", "if", "clamp", "divide", "bits", "parts", "precision", "barrier", "map", "dynamic_reshape", "spread")  # fmt: skip
_SOME_RANK = ("at", "size", "dynamic_iota", "dynamic_pad", "dynamic_gather", "convolution", "selected", "fft")
_UNORDERED = ("sort", "pairs", "argmax", "window", "selected", "clamp")
"""What needs an order: complex numbers have none, nor has NaN, which 8-bit floats soon become."""


_MORE = {
    "cut": _cut, "fold": _fold, "places": _places, "pairs": _pairs, "update": _update, "batch_dot": _batch_dot, "sums": _sums,
    "gather": _gather, "scatter": _scatter, "dynamic_slice": _dynamic_slice, "dynamic_update_slice": _dynamic_update_slice,
    "window": _window, "argmax": _argmax, "dot": _dot, "while": _while, "case": _case,
    "at": _at, "times": _times, "if": _if, "clamp": _clamp, "divide": _divide, "bits": _bits, "parts": _parts, "precision": _precision,
    "barrier": _barrier, "map": _map, "size": _size, "dynamic_reshape": _dynamic_reshape, "spread": _spread, "dynamic_iota": _dynamic_iota,
    "dynamic_pad": _dynamic_pad, "dynamic_gather": _dynamic_gather, "convolution": _convolution, "selected": _selected, "fft": _fft,
}  # fmt: skip
"""Kind -> what adds such an operation, or nothing where none is possible."""
