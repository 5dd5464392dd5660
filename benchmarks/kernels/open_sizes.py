# ruff: noqa: E501 - programs read best as they are
"""Times kernels compiled for sizes that only the call knows beside ones compiled for just those sizes, in alternation.

usage: taskset -c 1 python open_sizes.py [--seconds S] [--above RATIO] [NAME…]

A row: microseconds of the median call of each on one thread, and their ratio. Calls include the runtime's share. Both
programs are one text, of which only the sizes in the types differ; their results are compared.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from iree import codegen, vm

RNG = np.random.default_rng(0)


@dataclass(frozen=True)
class Program:
    """A program for any sizes.

    Attributes:
        arguments: Types: sizes by ``x``, those in capitals are open, then the element type.
        result: Likewise.
        body: StableHLO; arguments are ``%0``, ``%1`` and so on, the result is ``%r``. ``[4 M 8 f32]`` is a type.
        sizes: What the capitals stand for: a row each.
    """

    arguments: Sequence[str]
    result: str
    body: str
    sizes: Sequence[dict[str, int]]

    def text(self, sizes: dict[str, int] | None) -> str:
        """StableHLO for these sizes, or for any."""

        def type_(match: Any) -> str:
            *dims, element = match[1].split()
            known = [
                "?" if d.isalpha() and sizes is None else str(sizes[d]) if d.isalpha() and sizes else d for d in dims
            ]
            return f"tensor<{'x'.join([*known, element])}>"

        arguments = ", ".join(f"%a{n}: [{t}]" for n, t in enumerate(self.arguments))
        text = f"func.func @main({arguments}) -> [{self.result}] {{\n{self.body}\n  return %r : [{self.result}]\n}}"
        return re.sub(r"\[((?:\w+ )*(?:f32|i32|i1))\]", type_, text)

    def inputs(self, sizes: dict[str, int]) -> list[Any]:
        """Arguments of these sizes."""
        made = []
        for type_ in self.arguments:
            *dims, element = type_.split()
            shape = [sizes[d] if d.isalpha() else int(d) for d in dims]
            made.append(
                RNG.standard_normal(shape, np.float32) if element == "f32" else RNG.integers(0, 64, shape, np.int32)
            )
        return made


def _weight(depth: int, columns: int) -> str:
    values = np.random.default_rng(1).standard_normal((depth, columns), np.float32).tobytes().hex()
    return f'  %w = stablehlo.constant dense<"0x{values}"> : [{depth} {columns} f32]\n'


def _product(a: str, b: str, c: str, dims: str, b_value: str = "%a1", *, name: str = "%r") -> str:
    return f"  {name} = stablehlo.dot_general %a0, {b_value}, {dims} : ([{a}], [{b}]) -> [{c}]"


_PLAIN, _TURNED = "contracting_dims = [1] x [0]", "contracting_dims = [1] x [1]"
_FEW = [{"M": m} for m in (1, 2, 3, 5, 8, 17, 64)]


def _two(operand: str, dims: str) -> Program:
    return Program(["M 512 f32", operand], "M 512 f32", _product("M 512 f32", operand, "M 512 f32", dims), _FEW)


def _shape(source: str, type_: str, dims: Sequence[int | str]) -> str:
    """``%s``: a shape, of numbers and sizes of `source`'s dimensions."""
    lines, parts = [], []
    for number, dim in enumerate(dims):
        parts.append(f"%s{number}")
        if isinstance(dim, int):
            lines.append(f"  %s{number} = stablehlo.constant dense<{dim}> : [1 i32]")
        else:
            lines.append(f"  %t{number} = stablehlo.get_dimension_size {source}, dim = {dim} : ([{type_}]) -> [i32]")
            lines.append(f"  %s{number} = stablehlo.reshape %t{number} : ([i32]) -> [1 i32]")
    types = ", ".join(["[1 i32]"] * len(parts))
    lines.append(f"  %s = stablehlo.concatenate {', '.join(parts)}, dim = 0 : ({types}) -> [{len(parts)} i32]")
    return "\n".join(lines)


def _spread(name: str, value: str, source: str, type_: str, dims: Sequence[int]) -> str:
    """`value` to the shape `%s`."""
    rank = len(type_.split()) - 1
    return f"  {name} = stablehlo.dynamic_broadcast_in_dim {value}, %s, dims = {list(dims)} : ([{source}], [{rank} i32]) -> [{type_}]"


def _reduce(name: str, value: str, type_: str, op: str, dim: int) -> str:
    """`add` from zero, `maximum` from minus infinity."""
    *dims, element = type_.split()
    result = " ".join([*dims[:dim], *dims[dim + 1 :], element])
    init = "%zero" if op == "add" else "%low"
    return f"  {name} = stablehlo.reduce({value} init: {init}) applies stablehlo.{op} across dimensions = [{dim}] : ([{type_}], [f32]) -> [{result}]"


_NUMBERS = """  %zero = stablehlo.constant dense<0.0> : [f32]
  %one = stablehlo.constant dense<1.0> : [f32]
  %low = stablehlo.constant dense<0xFF800000> : [f32]"""


def _softmax(value: str, type_: str, result: str = "%r") -> str:
    """Along the last dimension; `%s` is the shape."""
    dims = type_.split()
    outer, rank = " ".join([*dims[:-2], "f32"]), len(dims) - 1
    kept = list(range(rank - 1))
    return "\n".join([
        _NUMBERS,
        _reduce("%max", value, type_, "maximum", rank - 1),
        _spread("%maxes", "%max", outer, type_, kept),
        f"  %less = stablehlo.subtract {value}, %maxes : [{type_}]",
        f"  %exp = stablehlo.exponential %less : [{type_}]",
        _reduce("%sum", "%exp", type_, "add", rank - 1),
        _spread("%sums", "%sum", outer, type_, kept),
        f"  {result} = stablehlo.divide %exp, %sums : [{type_}]",
    ])  # fmt: skip


def _layer_norm(type_: str) -> str:
    dims = type_.split()
    outer, rank = " ".join([*dims[:-2], "f32"]), len(dims) - 1
    kept = list(range(rank - 1))
    return "\n".join([
        _NUMBERS,
        _shape("%a0", type_, [str(d) for d in range(rank)]),
        _spread("%ones", "%one", "f32", type_, []),
        f"  %n = stablehlo.get_dimension_size %a0, dim = {rank - 1} : ([{type_}]) -> [i32]",
        "  %f = stablehlo.convert %n : ([i32]) -> [f32]",
        "  %count = stablehlo.divide %one, %f : [f32]",
        _reduce("%sum", "%a0", type_, "add", rank - 1),
        f"  %mean = chlo.broadcast_multiply %count, %sum : ([f32], [{outer}]) -> [{outer}]",
        _spread("%means", "%mean", outer, type_, kept),
        f"  %off = stablehlo.subtract %a0, %means : [{type_}]",
        f"  %square = stablehlo.multiply %off, %off : [{type_}]",
        _reduce("%squares", "%square", type_, "add", rank - 1),
        f"  %variance = chlo.broadcast_multiply %count, %squares : ([f32], [{outer}]) -> [{outer}]",
        _spread("%variances", "%variance", outer, type_, kept),
        f"  %more = stablehlo.add %variances, %ones : [{type_}]",
        f"  %scale = stablehlo.rsqrt %more : [{type_}]",
        f"  %r = stablehlo.multiply %off, %scale : [{type_}]",
    ])  # fmt: skip


def _attention(batch: str, queries: str) -> Program:
    """Of a sequence to itself."""
    q, p = f"{batch} {queries} 64 f32", f"{batch} {queries} {queries} f32"
    body = "\n".join([
        f"  %p = stablehlo.dot_general %a0, %a0, batching_dims = [0] x [0], contracting_dims = [2] x [2] : ([{q}], [{q}]) -> [{p}]",
        _shape("%p", p, ["0", "1", "2"]),
        _softmax("%p", p, "%q"),
        f"  %r = stablehlo.dot_general %q, %a0, batching_dims = [0] x [0], contracting_dims = [2] x [1] : ([{p}], [{q}]) -> [{q}]",
    ])  # fmt: skip
    sizes = {"B": 12} if batch == "B" else {}
    return Program([q], q, body, [{**sizes, "S": s} for s in ((64, 128, 100) if queries == "S" else (128,))])


def _convolution(image: str, kernel: str, result: str, groups: int, sizes: Sequence[dict[str, int]]) -> Program:
    pad = int(kernel.split(maxsplit=1)[0]) // 2
    body = (
        f"  %r = stablehlo.convolution(%a0, %a1) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {{pad = [[{pad}, {pad}], [{pad}, {pad}]]}}"
        f" {{batch_group_count = 1 : i64, feature_group_count = {groups} : i64}} : ([{image}], [{kernel}]) -> [{result}]"
    )
    return Program([image, kernel], result, body, sizes)


_EPILOGUE = "\n".join([
    _weight(512, 512) + _product("M 512 f32", "512 512 f32", "M 512 f32", _PLAIN, "%w", name="%p"),
    _NUMBERS, _shape("%a0", "M 512 f32", ["0", 512]), _spread("%ones", "%one", "f32", "M 512 f32", []),
    "  %e = chlo.erf %p : [M 512 f32] -> [M 512 f32]",
    "  %f = stablehlo.add %e, %ones : [M 512 f32]",
    "  %r = stablehlo.multiply %f, %p : [M 512 f32]",
])  # fmt: skip
_MN = [{"M": 128, "N": 1024}, {"M": 100, "N": 1000}, {"M": 16, "N": 33}]
_SQUARE = [{"B": 12, "M": 128, "N": 128, "K": 64}, {"B": 3, "M": 100, "N": 70, "K": 50}]

PROGRAMS: dict[str, Program] = {
    "product, weights constant, rows": Program(
        ["M 512 f32"],
        "M 512 f32",
        _weight(512, 512) + _product("M 512 f32", "512 512 f32", "M 512 f32", _PLAIN, "%w"),
        _FEW,
    ),
    "product, rows": _two("512 512 f32", _PLAIN),
    "product, turned, rows": _two("512 512 f32", _TURNED),
    "product, erf, rows": Program(["M 512 f32"], "M 512 f32", _EPILOGUE, _FEW),
    "product, columns": Program(
        ["64 512 f32", "512 N f32"],
        "64 N f32",
        _product("64 512 f32", "512 N f32", "64 N f32", _PLAIN),
        [{"N": n} for n in (1, 7, 64, 500, 512)],
    ),
    "product, depth": Program(
        ["64 K f32", "K 512 f32"],
        "64 512 f32",
        _product("64 K f32", "K 512 f32", "64 512 f32", _PLAIN),
        [{"K": k} for k in (1, 7, 64, 512)],
    ),
    "product, one row, depth": Program(
        ["1 K f32", "K 512 f32"],
        "1 512 f32",
        _product("1 K f32", "K 512 f32", "1 512 f32", _PLAIN),
        [{"K": k} for k in (64, 512)],
    ),
    "product, all": Program(
        ["M K f32", "K N f32"],
        "M N f32",
        _product("M K f32", "K N f32", "M N f32", _PLAIN),
        [
            {"M": 1, "N": 512, "K": 512},
            {"M": 64, "N": 512, "K": 512},
            {"M": 63, "N": 65, "K": 67},
            {"M": 256, "N": 256, "K": 256},
        ],
    ),
    "product, turned, all": Program(
        ["M K f32", "N K f32"],
        "M N f32",
        _product("M K f32", "N K f32", "M N f32", _TURNED),
        [{"M": 1, "N": 512, "K": 512}, {"M": 64, "N": 512, "K": 512}, {"M": 63, "N": 65, "K": 67}],
    ),
    "product, first turned, all": Program(
        ["K M f32", "K N f32"],
        "M N f32",
        _product("K M f32", "K N f32", "M N f32", "contracting_dims = [0] x [0]"),
        [{"M": 1, "N": 512, "K": 512}, {"M": 64, "N": 512, "K": 512}, {"M": 63, "N": 65, "K": 67}],
    ),
    "products, batch": Program(
        ["B 64 64 f32", "B 64 64 f32"],
        "B 64 64 f32",
        _product(
            "B 64 64 f32", "B 64 64 f32", "B 64 64 f32", "batching_dims = [0] x [0], contracting_dims = [2] x [1]"
        ),
        [{"B": b} for b in (1, 12, 13)],
    ),
    "products, turned, batch": Program(
        ["B 64 64 f32", "B 64 64 f32"],
        "B 64 64 f32",
        _product(
            "B 64 64 f32", "B 64 64 f32", "B 64 64 f32", "batching_dims = [0] x [0], contracting_dims = [2] x [2]"
        ),
        [{"B": b} for b in (1, 12, 13)],
    ),
    "products, all": Program(
        ["B M K f32", "B K N f32"],
        "B M N f32",
        _product("B M K f32", "B K N f32", "B M N f32", "batching_dims = [0] x [0], contracting_dims = [2] x [1]"),
        _SQUARE,
    ),
    "convolution 3x3, batch": _convolution(
        "B 28 28 32 f32", "3 3 32 32 f32", "B 28 28 32 f32", 1, [{"B": b} for b in (1, 4)]
    ),
    "convolution 1x1, batch": _convolution(
        "B 28 28 32 f32", "1 1 32 64 f32", "B 28 28 64 f32", 1, [{"B": b} for b in (1, 4)]
    ),
    "convolution 3x3, image": _convolution(
        "1 H W 32 f32", "3 3 32 32 f32", "1 H W 32 f32", 1, [{"H": 28, "W": 28}, {"H": 31, "W": 29}]
    ),
    "depthwise 3x3, batch": _convolution(
        "B 28 28 32 f32", "3 3 1 32 f32", "B 28 28 32 f32", 32, [{"B": b} for b in (1, 4)]
    ),
    "depthwise 3x3, image": _convolution("1 H W 32 f32", "3 3 1 32 f32", "1 H W 32 f32", 32, [{"H": 28, "W": 28}]),
    "softmax, rows": Program(
        ["M 1024 f32"],
        "M 1024 f32",
        _shape("%a0", "M 1024 f32", ["0", 1024]) + "\n" + _softmax("%a0", "M 1024 f32"),
        [{"M": m} for m in (1, 7, 128)],
    ),
    "softmax, all": Program(
        ["M N f32"], "M N f32", _shape("%a0", "M N f32", ["0", "1"]) + "\n" + _softmax("%a0", "M N f32"), _MN
    ),
    "layer norm, rows": Program(["M 768 f32"], "M 768 f32", _layer_norm("M 768 f32"), [{"M": m} for m in (1, 7, 128)]),
    "layer norm, all": Program(["M N f32"], "M N f32", _layer_norm("M N f32"), _MN),
    "sum along rows, all": Program(
        ["M N f32"], "M f32", _NUMBERS + "\n" + _reduce("%r", "%a0", "M N f32", "add", 1), _MN
    ),
    "sum of rows, all": Program(["M N f32"], "N f32", _NUMBERS + "\n" + _reduce("%r", "%a0", "M N f32", "add", 0), _MN),
    "sum along rows, rows": Program(
        ["M 1024 f32"],
        "M f32",
        _NUMBERS + "\n" + _reduce("%r", "%a0", "M 1024 f32", "add", 1),
        [{"M": m} for m in (1, 128)],
    ),
    "sum of rows, rows": Program(
        ["M 1024 f32"],
        "1024 f32",
        _NUMBERS + "\n" + _reduce("%r", "%a0", "M 1024 f32", "add", 0),
        [{"M": m} for m in (1, 128)],
    ),
    "add": Program(["M N f32", "M N f32"], "M N f32", "  %r = stablehlo.add %a0, %a1 : [M N f32]", _MN),
    "add a row": Program(
        ["M N f32", "N f32"],
        "M N f32",
        _shape("%a0", "M N f32", ["0", "1"])
        + "\n"
        + _spread("%b", "%a1", "N f32", "M N f32", [1])
        + "\n  %r = stablehlo.add %a0, %b : [M N f32]",
        _MN,
    ),
    "add a column": Program(
        ["M N f32", "M f32"],
        "M N f32",
        _shape("%a0", "M N f32", ["0", "1"])
        + "\n"
        + _spread("%b", "%a1", "M f32", "M N f32", [0])
        + "\n  %r = stablehlo.add %a0, %b : [M N f32]",
        _MN,
    ),
    "add a row, rank 4": Program(
        ["B H W 24 f32", "24 f32"],
        "B H W 24 f32",
        _shape("%a0", "B H W 24 f32", ["0", "1", "2", 24])
        + "\n"
        + _spread("%b", "%a1", "24 f32", "B H W 24 f32", [3])
        + "\n  %r = stablehlo.add %a0, %b : [B H W 24 f32]",
        [{"B": 2, "H": 28, "W": 28}],
    ),
    "tanh": Program(["M N f32"], "M N f32", "  %r = stablehlo.tanh %a0 : [M N f32]", _MN),
    "attention, sequence": _attention("12", "S"),
    "attention, batch": _attention("B", "128"),
    "attention, all": _attention("B", "S"),
    "transpose, all": Program(
        ["M N f32"], "N M f32", "  %r = stablehlo.transpose %a0, dims = [1, 0] : ([M N f32]) -> [N M f32]", _MN
    ),
    "transpose heads": Program(
        ["B S 12 64 f32"],
        "B 12 S 64 f32",
        "  %r = stablehlo.transpose %a0, dims = [0, 2, 1, 3] : ([B S 12 64 f32]) -> [B 12 S 64 f32]",
        [{"B": 2, "S": 128}],
    ),
    "gather rows": Program(
        ["64 N f32", "M 1 i32"],
        "M N f32",
        "  %n = stablehlo.get_dimension_size %a0, dim = 1 : ([64 N f32]) -> [i32]\n  %v = stablehlo.reshape %n : ([i32]) -> [1 i32]\n"
        "  %1 = stablehlo.constant dense<1> : [1 i32]\n  %s = stablehlo.concatenate %1, %v, dim = 0 : ([1 i32], [1 i32]) -> [2 i32]\n"
        '  %r = "stablehlo.dynamic_gather"(%a0, %a1, %s) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false}> : ([64 N f32], [M 1 i32], [2 i32]) -> [M N f32]',
        _MN,
    ),
    "gather rows, indices": Program(
        ["64 256 f32", "M 1 i32"],
        "M 256 f32",
        '  %r = "stablehlo.gather"(%a0, %a1) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 256>, indices_are_sorted = false}> : ([64 256 f32], [M 1 i32]) -> [M 256 f32]',
        [{"M": m} for m in (1, 128)],
    ),
    "concatenate": Program(
        ["M 256 f32", "M 512 f32"],
        "M 768 f32",
        "  %r = stablehlo.concatenate %a0, %a1, dim = 1 : ([M 256 f32], [M 512 f32]) -> [M 768 f32]",
        [{"M": m} for m in (1, 128)],
    ),
    "pad": Program(
        ["B 28 28 32 f32"],
        "B 30 30 32 f32",
        _NUMBERS
        + "\n  %r = stablehlo.pad %a0, %zero, low = [0, 1, 1, 0], high = [0, 1, 1, 0], interior = [0, 0, 0, 0] : ([B 28 28 32 f32], [f32]) -> [B 30 30 32 f32]",
        [{"B": b} for b in (1, 4)],
    ),
    "max pool": Program(
        ["B 28 28 32 f32"],
        "B 14 14 32 f32",
        _NUMBERS
        + '\n  %r = "stablehlo.reduce_window"(%a0, %low) <{window_dimensions = array<i64: 1, 2, 2, 1>, window_strides = array<i64: 1, 2, 2, 1>}> ({ ^bb0(%x: [f32], %y: [f32]):\n'
        "  %m = stablehlo.maximum %x, %y : [f32]\n  stablehlo.return %m : [f32] }) : ([B 28 28 32 f32], [f32]) -> [B 14 14 32 f32]",
        [{"B": b} for b in (1, 4)],
    ),
    "sort": Program(
        ["M 1000 f32"],
        "M 1000 f32",
        '  %r = "stablehlo.sort"(%a0) <{dimension = 1 : i64, is_stable = true}> ({ ^bb0(%x: [f32], %y: [f32]):\n'
        "  %c = stablehlo.compare LT, %x, %y, TOTALORDER : ([f32], [f32]) -> [i1]\n  stablehlo.return %c : [i1] }) : ([M 1000 f32]) -> [M 1000 f32]",
        [{"M": m} for m in (1, 16)],
    ),
}
"""Name -> program."""


def main() -> None:
    """Prints a row per program and sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="parts of the names of what to run; by default everything")
    parser.add_argument("--seconds", type=float, default=0.3, help="for each row")
    parser.add_argument("--above", type=float, default=0.0, help="print only rows with at least this ratio")
    given = parser.parse_args()
    print(f"{'':34} {'sizes':24} {'fixed us':>9} {'any us':>9} {'ratio':>6}")
    for name, program in PROGRAMS.items():
        if given.names and not any(part in name for part in given.names):
            continue
        any_size = vm.load(codegen.compile_str(program.text(None)), device="cpu?threads=1")
        for sizes in program.sizes:
            fixed = vm.load(codegen.compile_str(program.text(sizes)), device="cpu?threads=1")
            one, other = _times(fixed, any_size, program.inputs(sizes), given.seconds)
            if other / one >= given.above:
                shown = " ".join(f"{key}={value}" for key, value in sizes.items())
                print(f"{name:34} {shown:24} {one * 1e6:9.1f} {other * 1e6:9.1f} {other / one:6.2f}", flush=True)


def _times(fixed: Any, any_size: Any, inputs: Sequence[Any], seconds: float) -> tuple[float, float]:
    np.testing.assert_allclose(
        np.asarray(any_size.main(*inputs)), np.asarray(fixed.main(*inputs)), rtol=1e-3, atol=1e-3
    )
    times: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for module, found in zip((fixed, any_size), times, strict=True):
            for _ in range(10):
                start = time.perf_counter()
                np.asarray(module.main(*inputs))
                found.append(time.perf_counter() - start)
    return median(times[0]), median(times[1])


if __name__ == "__main__":
    main()
