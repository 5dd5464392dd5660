"""Expands the math dialect into arithmetic, before vectorizing, so that no kernel calls a library.

What is not listed here LLVM has instructions for (sqrt, floor, fma, …). f16 and bf16 are computed as f32 or f64 and
rounded once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from iree.codegen.cpu import elementary, rounding, special, trigonometric, vector_functions
from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.scalars import Floats
from iree.codegen.cpu.structured import walk
from iree.dialects.input.rounding import to_odd
from iree.dialects.mlir import CompileError, arith, ir

Function = Callable[..., Any]

EXPANSIONS: dict[str, Function] = {
    "math.exp": elementary.exp,
    "math.exp2": elementary.exp2,
    "math.expm1": elementary.expm1,
    "math.log": elementary.log,
    "math.log1p": elementary.log1p,
    "math.log2": elementary.log2,
    "math.log10": elementary.log10,
    "math.powf": elementary.pow_,
    "math.rsqrt": elementary.rsqrt,
    "math.cbrt": elementary.cbrt,
    "math.sinh": elementary.sinh,
    "math.cosh": elementary.cosh,
    "math.tanh": elementary.tanh,
    "math.asinh": elementary.asinh,
    "math.acosh": elementary.acosh,
    "math.atanh": elementary.atanh,
    "math.sin": trigonometric.sin,
    "math.cos": trigonometric.cos,
    "math.tan": trigonometric.tan,
    "math.asin": trigonometric.asin,
    "math.acos": trigonometric.acos,
    "math.atan": trigonometric.atan,
    "math.atan2": trigonometric.atan2,
    "math.erf": special.erf,
    "math.erfc": special.erfc,
}
"""Builder of each operation: takes `Floats` and the operands."""

ROUNDING: dict[str, Function] = {
    "math.floor": rounding.floor,
    "math.ceil": rounding.ceil,
    "math.trunc": rounding.trunc,
    "math.roundeven": rounding.roundeven,
    "math.round": rounding.round_,
}
"""The same for what some machines have no instructions for."""

IN_DOUBLE = frozenset(
    f"math.{name}" for name in ("powf cbrt sinh cosh asinh acosh atanh sin cos tan asin acos atan atan2 erfc").split()
)
"""Computed as f64 for narrower types too: rare enough that the precision is worth more than the time."""

PERIODIC = frozenset({"math.sin", "math.cos", "math.tan"})
"""Those that reduce their argument, with less work if it was narrower than f64."""


def expand_math(module: Any, machine: Machine, *, doubles: bool = True) -> None:
    """Replaces every operation of `EXPANSIONS` and `math.sincos`, `math.fpowi` below `module`.

    Args:
        module: Where they are.
        machine: That computes them.
        doubles: Whether it has f64: otherwise functions of narrower types are computed as f32 and less precise.

    Functions that `vector_functions` has for the machine stay, as functions of f32.

    Raises:
        CompileError: An operand's type is no float of 16, 32 or 64 bits.
    """
    single = Floats(ir.F32Type.get(context=module.context), machine.fused, machine.rounds)
    double = Floats(ir.F64Type.get(context=module.context), machine.fused, machine.rounds)
    best = double if doubles else single  # of narrower types
    for op in walk(module):
        if op.name == "math.sincos":
            _replace(
                op, [_expand(op, name, list(op.operands), (single, double, best)) for name in ("math.sin", "math.cos")]
            )
        elif op.name == "math.fpowi":
            with op.location, ir.InsertionPoint(op):
                used = double if isinstance(op.operands[0].type, ir.F64Type) else best
                exponent = arith.SIToFPOp(used.type, op.operands[1]).result
                _replace(op, [_in(used, elementary.pow_, [op.operands[0], exponent], op)])
        elif vector_functions.keeps(machine, op.name) and not isinstance(op.operands[0].type, ir.F64Type):
            _keep(op, single)
        elif op.name in EXPANSIONS or (op.name in ROUNDING and not machine.rounds):
            _replace(op, [_expand(op, op.name, list(op.operands), (single, double, best))])


def _replace(op: Any, values: list[Any]) -> None:
    for result, value in zip(list(op.results), values, strict=True):
        result.replace_all_uses_with(value)
    op.operation.erase()


def _keep(op: Any, single: Floats) -> None:
    """Leaves an operation of f32, and makes narrower ones that."""
    if not isinstance(op.operands[0].type, ir.F32Type):
        with op.location, ir.InsertionPoint(op):
            _replace(
                op,
                [_in(single, lambda f, x: ir.Operation.create(op.name, [f.type], [x]).result, list(op.operands), op)],
            )


def _expand(op: Any, name: str, operands: list[Any], floats: tuple[Floats, Floats, Floats]) -> Any:
    type_ = operands[0].type
    if not isinstance(type_, (ir.F64Type, ir.F32Type, ir.F16Type, ir.BF16Type)):
        raise CompileError(f"'{name}' of {type_} is not supported: f16, bf16, f32 and f64 are", op)
    single, double, best = floats
    function = (EXPANSIONS | ROUNDING)[name]
    if name in PERIODIC and not isinstance(type_, ir.F64Type):
        function = partial(function, narrow=True)
    with op.location, ir.InsertionPoint(op):
        narrow = best if name in IN_DOUBLE else single
        return _in(double if isinstance(type_, ir.F64Type) else narrow, function, operands, op)


def _in(floats: Floats, function: Function, operands: list[Any], op: Any) -> Any:
    """Calls `function` on operands converted to the type of `floats` and converts back."""
    wanted = op.results[0].type
    wide = [arith.ExtFOp(floats.type, o).result if o.type.width < floats.type.width else o for o in operands]
    result = function(floats, *wide)
    if floats.double and wanted.width == 16:
        result = to_odd(result)
    return result if result.type == wanted else arith.TruncFOp(wanted, result).result
