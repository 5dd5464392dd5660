"""From StableHLO and CHLO to linalg on tensors, arith, math, scf and tensor."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from iree.dialects.input import (
    arithmetic,
    batch_norm,
    broadcasting,
    control_flow,
    conversions,
    custom_call,
    dynamic,
    fft,
    functions,
    gather,
    misc,
    promotion,
    quantized,
    reductions,
    rng,
    scalar_control_flow,
    scatter,
    select_and_scatter,
    sort,
    special,
    top_k,
    triangular,
    trim,
    windows,
)
from iree.dialects.input.agreement import agree
from iree.dialects.input.nothing import skip_nothing
from iree.dialects.input.rounding import round_once
from iree.dialects.input.rules import Rule, apply, operations
from iree.dialects.input.shape_checks import check_shapes
from iree.dialects.input.signless import make_signless
from iree.dialects.input.storage import store_in_bytes
from iree.dialects.input.strided_inserts import keep_strides
from iree.dialects.mlir import CompileError, func, ir, run_upstream

EARLY: Mapping[str, Rule] = {
    **broadcasting.RULES,
    **conversions.EARLY,
    **custom_call.RULES,
    **functions.RULES,
    **misc.RULES,
    **rng.RULES,
    **scalar_control_flow.RULES,
    **special.RULES,
    **top_k.RULES,
}
"""Rules that rewrite to StableHLO and CHLO."""
_FAMILIES = (
    arithmetic, batch_norm, control_flow, conversions, dynamic, fft, gather, scatter, select_and_scatter, sort,
    triangular, windows,
)  # fmt: skip
RULES: Mapping[str, Rule] = {name: rule for family in _FAMILIES for name, rule in family.RULES.items()}
"""Rules that rewrite to linalg and loops. Operations without one are lowered by `stablehlo-legalize-to-linalg`."""

if len(RULES) != sum(len(family.RULES) for family in _FAMILIES):
    raise AssertionError("two families have a rule for one operation")

_SIMPLIFY = "func.func(stablehlo-aggressive-simplification),canonicalize"
_PREPARE = (
    "func.func(stablehlo-legalize-composite-to-call)",
    "func.func(chlo-legalize-to-stablehlo)",
    "inline",
    _SIMPLIFY,
)
_UPSTREAM = "stablehlo-legalize-to-linalg"
_MOST_ELEMENTS = 2**59
_SIZES = "resolve-ranked-shaped-type-result-dims,lower-affine,"
# The number of sizes is that of operations, and resolving one goes up all those before it: known ones go first.
_CLEAN = f"convert-shape-to-std,canonicalize,cse,{_SIZES}canonicalize,cse,symbol-dce"
_SOURCE_DIALECTS = ("chlo", "mhlo", "quant", "shape", "stablehlo", "vhlo")


def input_to_linalg(module: Any) -> None:
    """Lowers a program in the input phase in place.

    What is left is linalg on tensors, tensor, arith, math, complex, scf, func and ml_program, all integers signless;
    loops that are one
    kernel carry `iree.kernel`.

    Args:
        module: An `ir.Module` of StableHLO and CHLO, as `iree.dialects.artifact.load` gives it.

    Raises:
        CompileError: An operation is not supported; it is named, with its location, the reason and what to do.
    """
    with module.operation.context, ir.Location.unknown():
        quantized.lower(module)
        agree(module)
        apply(module, EARLY)
    _refuse_sizes(module)
    run_upstream(module, ",".join(_PREPARE))
    _refuse_calls(module)
    with module.operation.context, ir.Location.unknown():
        agree(module)  # inlining and simplification found more
        apply(module, misc.CONSTANTS)
        apply(module, promotion.RULES)
        apply(module, trim.RULES)
        apply(module, reductions.RULES)
        check_shapes(module)
        apply(module, RULES)
    run_upstream(module, _UPSTREAM)
    with module.operation.context, ir.Location.unknown():
        make_signless(module)
        keep_strides(module)
    run_upstream(module, _CLEAN)
    _refuse_leftovers(module)
    with module.operation.context, ir.Location.unknown():
        store_in_bytes(module)
        round_once(module)
        some = skip_nothing(module)
    run_upstream(module, f"{_SIZES if some else ''}canonicalize,cse")


def _refuse_sizes(module: Any) -> None:
    """Tensors whose bytes an index cannot count, of which passes multiply the sizes."""
    for op in operations(module):
        for type_ in (value.type for value in op.results):
            if (
                isinstance(type_, ir.RankedTensorType)
                and type_.has_static_shape
                and prod(type_.shape) >= _MOST_ELEMENTS
            ):
                raise CompileError(f"{op.name} gives {type_}, which is more than there can be", op)


def _refuse_calls(module: Any) -> None:
    """What could not be inlined."""
    for op in operations(module, {"func.call": None}):
        name = ir.FlatSymbolRefAttr(op.attributes["callee"]).value
        functions = {f.name.value: f for f in module.body.operations if isinstance(f, func.FuncOp)}
        if name in functions and functions[name].is_external:
            raise CompileError(f"func.call of @{name}, which has no body: define it in the program", op)
        raise CompileError(f"func.call of @{name}, which calls itself: write the recursion as a stablehlo.while", op)


def _refuse_leftovers(module: Any) -> None:
    for op in operations(module, order=ir.WalkOrder.PRE_ORDER):
        if op.name.partition(".")[0] in _SOURCE_DIALECTS or op.name == "builtin.unrealized_conversion_cast":
            text = op.get_asm(assume_verified=True, large_elements_limit=8, skip_regions=True)
            raise CompileError(
                f"{op.name} is not supported in this form: {text}\n"
                "Write it with other operations. --dump-compilation-phases-to=DIR shows the program around it.",
                op,
            )
