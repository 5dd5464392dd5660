"""Programs that devices other than the CPU find hard: memory that the host cannot see, few bindings for a kernel."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from conformance.case import Case, Tensor, make

RNG = np.random.default_rng(77)
_I32, _F32 = Tensor((), "i32"), Tensor((4,), "f32")


def cases() -> Iterator[Case]:
    """All of them, for the CPU too."""
    yield from _host_reads()
    yield from _many_tensors()


def _host_reads() -> Iterator[Case]:
    """The host reads elements of arguments, results of kernels, constants, and of each as an argument of a block."""
    x = RNG.uniform(-2, 2, 4).astype(np.float32)
    folded = _FOLDED.format("n", [1, 1, 2])
    computed = "%n = stablehlo.add %a1, %a1 : tensor<i32>\n"
    passed = (
        _FOLDED.format("k", [2, 2, 1])
        + _FOLDED.format("j", [1, 0, 0])
        + """%zero = stablehlo.constant dense<0> : tensor<i32>
      %p = stablehlo.compare GT, %a1, %zero : (tensor<i32>, tensor<i32>) -> tensor<i1>
      %n = "stablehlo.if"(%p) ({ stablehlo.return %k : tensor<i32> }, { stablehlo.return %j : tensor<i32> }) : (tensor<i1>) -> tensor<i32>
      """  # noqa: E501
    )
    for label, text in (("constants", folded), ("results", computed), ("arguments of blocks", passed)):
        for op, use in (("while", _LOOP), ("case", _CASE), ("reduce", _REDUCE)):
            body = text + use
            yield make(op, body, [("f32", x), ("i32", 3)], [_F32 if op != "reduce" else _I32], label=f"by {label}")


_FOLDED = """%{0}v = stablehlo.constant dense<{1}> : tensor<3xi32>
      %{0} = stablehlo.dot_general %{0}v, %{0}v, contracting_dims = [0] x [0] : (tensor<3xi32>, tensor<3xi32>) -> tensor<i32>
      """  # noqa: E501
"""A number that the compiler knows only once it has run the program's constant part: the sum of the squares."""

_LOOP = """%c0 = stablehlo.constant dense<0> : tensor<i32>
      %c1 = stablehlo.constant dense<1> : tensor<i32>
      %r:2 = "stablehlo.while"(%c0, %a0) ({ ^bb0(%i: tensor<i32>, %t: tensor<4xf32>):
        %q = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
        stablehlo.return %q : tensor<i1> }, { ^bb0(%i: tensor<i32>, %t: tensor<4xf32>):
        %h = stablehlo.add %i, %c1 : tensor<i32>
        %u = stablehlo.add %t, %t : tensor<4xf32>
        stablehlo.return %h, %u : tensor<i32>, tensor<4xf32> }) : (tensor<i32>, tensor<4xf32>) -> (tensor<i32>, tensor<4xf32>)
      %r0 = stablehlo.negate %r#1 : tensor<4xf32>"""  # noqa: E501
_CASE = """%r0 = "stablehlo.case"(%n) ({ stablehlo.return %a0 : tensor<4xf32> }, {
        %m = stablehlo.negate %a0 : tensor<4xf32>
        stablehlo.return %m : tensor<4xf32> }, {
        %m = stablehlo.add %a0, %a0 : tensor<4xf32>
        stablehlo.return %m : tensor<4xf32> }) : (tensor<i32>) -> tensor<4xf32>"""
_REDUCE = """%i = stablehlo.convert %a0 : (tensor<4xf32>) -> tensor<4xi32>
      %r0 = stablehlo.reduce(%i init: %n) applies stablehlo.add across dimensions = [0] : (tensor<4xi32>, tensor<i32>) -> tensor<i32>"""  # noqa: E501


def _many_tensors(count: int = 12) -> Iterator[Case]:
    """More arguments and results than a kernel may have bindings."""
    values = [("f32", RNG.uniform(-2, 2, (3, 40)).astype(np.float32)) for _ in range(count)]
    type_, scalar, row = "tensor<3x40xf32>", "tensor<f32>", "tensor<3xf32>"
    numbers = range(count)
    lines = [f"%s{i + 1} = stablehlo.add %{f's{i}' if i else 'a0'}, %a{i + 1} : {type_}" for i in range(count - 1)]
    yield make("add", "\n".join([*lines, f"%r0 = stablehlo.abs %s{count - 1} : {type_}"]), values, [Tensor((3, 40), "f32")], label="chain")  # fmt: skip # noqa: E501
    lines = [f"%r{i} = stablehlo.maximum %a{i}, %a0 : {type_}" for i in numbers]
    yield make("maximum", "\n".join(lines), values, [Tensor((3, 40), "f32")] * count, label="many results")
    names, types = ", ".join(f"%a{i}" for i in numbers), ", ".join([type_] * count)
    for dynamic in (False, True):
        body = f"%r0 = stablehlo.concatenate {names}, dim = 0 : ({', '.join(f'{{a{i}}}' for i in numbers)}) -> {{r0}}"
        yield make("concatenate", body, values, [Tensor((3 * count, 40), "f32")], label="many", dynamic=dynamic)
    some = range(5)
    names, types = ", ".join(f"%a{i}" for i in some), ", ".join([type_] * len(some))
    inside = ", ".join([f"%x{i}: {scalar}" for i in some] + [f"%y{i}: {scalar}" for i in some])
    lines = [f"%m{i} = stablehlo.select %c, %x{i}, %y{i} : tensor<i1>, {scalar}" for i in some]
    body = f"""%z = stablehlo.constant dense<-9.0> : {scalar}
      %r:5 = "stablehlo.reduce"({names}, {", ".join(["%z"] * 5)}) <{{dimensions = array<i64: 1>}}> ({{ ^bb0({inside}):
        %c = stablehlo.compare GT, %x0, %y0 : ({scalar}, {scalar}) -> tensor<i1>
        {chr(10).join(lines)}
        stablehlo.return {", ".join(f"%m{i}" for i in some)} : {", ".join([scalar] * 5)}
      }}) : ({types}, {", ".join([scalar] * 5)}) -> ({", ".join([row] * 5)})
      """ + "\n".join(f"%r{i} = stablehlo.negate %r#{i} : {row}" for i in some)
    yield make("reduce", body, values[:5], [Tensor((3,), "f32")] * 5, label="five at once")
