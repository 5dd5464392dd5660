# ruff: noqa: E501 - one operation per line reads best
"""Random programs of StableHLO, as hypothesis draws and shrinks them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from conformance.case import INTEGERS, NUMPY, Array, Case, Tensor, Tolerance, make
from hypothesis import strategies as st

_FLOAT = "add subtract multiply maximum minimum"
_INTEGER = "add subtract multiply maximum minimum and or xor"
_TRUTH = "and or xor maximum minimum"
_UNARY = {"f": "abs negate floor sign tanh logistic", "i": "abs negate sign not popcnt", "u": "not popcnt", "i1": "not"}
_DTYPES = ("f32", "i32", "f32", "i32", "f64", "i8", "ui8", "i1", "i64")
_TOLERANCES = {"f32": Tolerance(ulp=64, absolute=1e-4), "f64": Tolerance(ulp=1024, absolute=1e-10)}


@dataclass(frozen=True)
class Value:
    """A value of a program: its number, shape and element type."""

    number: int
    shape: tuple[int, ...]
    dtype: str

    @property
    def type(self) -> str:
        """Its type."""
        return str(Tensor(self.shape, self.dtype))


@dataclass
class Program:
    """A program as it grows."""

    lines: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def define(self, text: str, shape: tuple[int, ...], dtype: str, before: str = "") -> None:
        """Adds a value, whose type the text calls RESULT, and a line before it, which may name it by NUMBER."""
        value = Value(len(self.values), shape, dtype)
        line = f"{before}\n%v{value.number} = " + text.replace("RESULT", value.type)
        self.lines.append(line.strip().replace("NUMBER", str(value.number)))
        self.values.append(value)


def _unary(dtype: str) -> list[str]:
    return _UNARY[dtype if dtype == "i1" else dtype[0]].split()


@st.composite
def programs(draw: st.DrawFn) -> Case:
    """A program of up to eight operations on tensors of up to three dimensions."""
    inputs: list[tuple[str, Array]] = []
    program = Program()
    for i in range(draw(st.integers(1, 2))):
        shape = tuple(draw(st.lists(st.integers(0, 5), max_size=3)))
        dtype = draw(st.sampled_from(_DTYPES))
        seed = draw(st.integers(0, 99))
        array = np.random.default_rng(seed).integers(-9, 10, shape)
        inputs.append(
            (dtype, array / 4 if dtype.startswith("f") else array % 2 if dtype == "i1" else array.astype(NUMPY[dtype]))
        )
        program.define(f"stablehlo.reshape %a{i} : (RESULT) -> RESULT", shape, dtype)
    for _ in range(draw(st.integers(1, 8))):
        _operation(draw, draw(st.sampled_from(program.values)), program)
    last = program.values[-1]
    body = "\n".join([*program.lines, f"%r0 = stablehlo.reshape %v{last.number} : ({last.type}) -> {last.type}"])
    tolerance = _TOLERANCES.get(last.dtype, Tolerance())
    return make("program", body, inputs, [Tensor(last.shape, last.dtype)], tolerance=tolerance)


def _operation(draw: st.DrawFn, x: Value, program: Program) -> None:
    """Adds an operation on `x`, and perhaps on another value of its type."""
    kinds = ["unary", "binary", "select", "compare", "reshape", "convert", "while", "case"]
    if x.shape:
        kinds += ["transpose", "reverse", "slice", "pad", "concatenate", "reduce", "broadcast", "sort", "scan"]
        kinds += ["gather", "dynamic_slice", "dynamic_update_slice", "scatter", "window", "argmax", "dot"]
        kinds += ["cut", "fold", "places", "pairs", "update", "batch_dot", "sums"]
    kind = draw(st.sampled_from(kinds))
    alike = draw(st.sampled_from([v for v in program.values if (v.shape, v.dtype) == (x.shape, x.dtype)]))
    axis = draw(st.integers(0, max(len(x.shape) - 1, 0)))
    a, b, type_ = f"%v{x.number}", f"%v{alike.number}", x.type
    scalar = f"tensor<{x.dtype}>"
    floats = x.dtype.startswith("f")
    order = "FLOAT" if floats else "SIGNED" if x.dtype in INTEGERS[:4] else "UNSIGNED"
    zero = f"%zNUMBER = stablehlo.constant dense<{'0.0' if floats else 'false' if x.dtype == 'i1' else '0'}> : {scalar}"
    sum_ = "or" if x.dtype == "i1" else "add"
    if kind == "unary":
        program.define(
            f"stablehlo.{draw(st.sampled_from(_UNARY[x.dtype if x.dtype == 'i1' else x.dtype[0]].split()))} {a} : RESULT",
            x.shape,
            x.dtype,
        )
    elif kind == "binary":
        names = (_FLOAT if floats else _TRUTH if x.dtype == "i1" else _INTEGER).split()
        program.define(f"stablehlo.{draw(st.sampled_from(names))} {a}, {b} : RESULT", x.shape, x.dtype)
    elif kind in ("select", "compare"):
        flags = str(Tensor(x.shape, "i1"))
        compare = f"%cNUMBER = stablehlo.compare LT, {a}, {b}, {order} : ({type_}, {type_}) -> {flags}"
        if kind == "compare":
            program.define(f"stablehlo.convert %cNUMBER : ({flags}) -> RESULT", x.shape, x.dtype, compare)
        else:
            program.define(f"stablehlo.select %cNUMBER, {b}, {a} : {flags}, RESULT", x.shape, x.dtype, compare)
    elif kind == "reshape":
        count = int(np.prod(x.shape))
        shapes = [(count,), (1, count), (count, 1)] + [(n, count // n) for n in (2, 3) if count % n == 0]
        program.define(f"stablehlo.reshape {a} : ({type_}) -> RESULT", draw(st.sampled_from(shapes)), x.dtype)
    elif kind == "convert":
        bounded = f"stablehlo.convert {a} : ({type_}) -> RESULT"
        if x.dtype in ("i32", "i8", "ui8", "i1"):
            program.define(bounded, x.shape, draw(st.sampled_from(["f32", "f64", "i64", "i8", "ui8", "i1"])))
    elif kind == "transpose":
        axes = draw(st.permutations(range(len(x.shape))))
        program.define(
            f"stablehlo.transpose {a}, dims = {list(axes)} : ({type_}) -> RESULT",
            tuple(x.shape[i] for i in axes),
            x.dtype,
        )
    elif kind == "reverse":
        program.define(f"stablehlo.reverse {a}, dims = [{axis}] : RESULT", x.shape, x.dtype)
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
            zero.replace("0.0", "0.5"),
        )
    elif kind == "concatenate":
        shape = tuple(2 * n if i == axis else n for i, n in enumerate(x.shape))
        program.define(f"stablehlo.concatenate {a}, {b}, dim = {axis} : ({type_}, {type_}) -> RESULT", shape, x.dtype)
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
                f"stablehlo.broadcast_in_dim {a}, dims = {dims} : ({type_}) -> RESULT", (2, *x.shape), x.dtype
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
    if len(program.values) == before or x.dtype == "i1":
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
    low_end = "-1.0e2" if x.dtype.startswith("f") else "false" if x.dtype == "i1" else "0"
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
    kind = "FLOAT" if x.dtype.startswith("f") else "UNSIGNED" if x.dtype.startswith("u") else "SIGNED"
    low_end = "-1.0e9" if kind == "FLOAT" else str(np.iinfo(NUMPY[x.dtype]).min)
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
    program.define("stablehlo.reshape %bNUMBER#1 : (RESULT) -> RESULT", shape, "i32", before)


def _dot(draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """A product over one dimension of each; truth values stay out."""
    fitting = [v for v in program.values if v.dtype == x.dtype and x.shape[axis] in v.shape]
    other = draw(st.sampled_from(fitting))
    if x.dtype == "i1" or len(x.shape) + len(other.shape) > 5:
        return
    inner = other.shape.index(x.shape[axis])
    shape = (*(n for i, n in enumerate(x.shape) if i != axis), *(n for i, n in enumerate(other.shape) if i != inner))
    program.define(f"stablehlo.dot_general %v{x.number}, %v{other.number}, contracting_dims = [{axis}] x [{inner}] : ({x.type}, {other.type}) -> RESULT", shape, x.dtype)  # fmt: skip


def _while(draw: st.DrawFn, x: Value, _axis: int, program: Program) -> None:
    """A value that a loop changes a few times."""
    steps, type_ = draw(st.integers(0, 3)), x.type
    op = draw(
        st.sampled_from(["maximum", "minimum", "xor"] if x.dtype in (*INTEGERS, "i1") else ["maximum", "subtract"])
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
    program.define("stablehlo.reshape %wNUMBER#1 : (RESULT) -> RESULT", x.shape, x.dtype, before)


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
    return f"{number}.0" if dtype.startswith("f") else ("true" if number else "false") if dtype == "i1" else str(number)


def _combiner(draw: st.DrawFn, dtype: str) -> str:
    """An operation whose order does not matter, exactly."""
    names = (
        "maximum minimum"
        if dtype.startswith("f")
        else _TRUTH
        if dtype == "i1"
        else "add multiply maximum minimum and or xor"
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
    name = draw(
        st.sampled_from((_FLOAT if x.dtype.startswith("f") else _TRUTH if x.dtype == "i1" else _INTEGER).split())
    )
    program.define(f"stablehlo.{name} %v{x.number}, %v{places.number} : RESULT", x.shape, x.dtype)


def _pairs(draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """What another value becomes where this one is sorted, from the largest."""
    other = draw(st.sampled_from([v for v in program.values if v.shape == x.shape]))
    scalar, beside = f"tensor<{x.dtype}>", f"tensor<{other.dtype}>"
    kind = "TOTALORDER" if x.dtype.startswith("f") else "SIGNED" if x.dtype in INTEGERS[:4] else "UNSIGNED"
    before = f"""%bNUMBER:2 = "stablehlo.sort"(%v{x.number}, %v{other.number}) <{{dimension = {axis} : i64, is_stable = true}}> ({{ ^bb0(%x: {scalar}, %y: {scalar}, %p: {beside}, %q: {beside}):
 %c = stablehlo.compare GT, %x, %y, {kind} : ({scalar}, {scalar}) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }}) : ({x.type}, {other.type}) -> ({x.type}, {other.type})"""
    program.define("stablehlo.reshape %bNUMBER#1 : (RESULT) -> RESULT", x.shape, other.dtype, before)


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
    if x.dtype == "i1" or len(x.shape) < 2:
        return
    batch = list(range(len(x.shape) - 1))
    program.define(f"stablehlo.dot_general %v{x.number}, %v{x.number}, batching_dims = {batch} x {batch}, contracting_dims = [{len(batch)}] x [{len(batch)}] : ({x.type}, {x.type}) -> RESULT", x.shape[:-1], x.dtype)  # fmt: skip


def _sums(draw: st.DrawFn, x: Value, axis: int, program: Program) -> None:
    """Of windows along one dimension, with any padding."""
    window, stride = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    low, high = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    room = x.shape[axis] + low + high
    if x.dtype == "i1" or not x.shape[axis] or room < window:
        return
    rank = len(x.shape)
    sizes, strides = ([n if i == axis else 1 for i in range(rank)] for n in (window, stride))
    padding = [[low, high] if i == axis else [0, 0] for i in range(rank)]
    shape = tuple((room - window) // stride + 1 if i == axis else n for i, n in enumerate(x.shape))
    program.define(
        f'"stablehlo.reduce_window"(%v{x.number}, %zNUMBER) <{{window_dimensions = array<i64: {str(sizes)[1:-1]}>, window_strides = array<i64: {str(strides)[1:-1]}>, padding = dense<{padding}> : tensor<{rank}x2xi64>}}> {_region("add", x.dtype)} : ({x.type}, tensor<{x.dtype}>) -> RESULT',
        shape, x.dtype, f"%zNUMBER = stablehlo.constant dense<{_literal(x.dtype, 0)}> : tensor<{x.dtype}>",
    )  # fmt: skip


_MORE = {
    "cut": _cut, "fold": _fold, "places": _places, "pairs": _pairs, "update": _update, "batch_dot": _batch_dot, "sums": _sums,
    "gather": _gather, "scatter": _scatter, "dynamic_slice": _dynamic_slice, "dynamic_update_slice": _dynamic_update_slice,
    "window": _window, "argmax": _argmax, "dot": _dot, "while": _while, "case": _case,
}  # fmt: skip
"""Kind -> what adds such an operation, or nothing where none is possible."""
