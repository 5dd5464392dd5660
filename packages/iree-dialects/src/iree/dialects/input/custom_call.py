"""custom_call: the targets that frontends emit for what StableHLO or CHLO can say, and those that mean nothing on one
device.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from iree.dialects.input.rules import Rule
from iree.dialects.input.scalars import scalar_of
from iree.dialects.mlir import CompileError, cf, ir


def _nothing(op: Any) -> list[Any]:
    return list(op.operands)


def _chlo(name: str) -> Callable[[Any], list[Any]]:
    def emit(op: Any) -> list[Any]:
        types = [result.type for result in op.results]
        return [ir.Operation.create(f"chlo.{name}", results=types, operands=list(op.operands)).result]

    return emit


def _top_k(op: Any) -> list[Any]:
    """The k largest along the last dimension; k is the result's last size."""
    k = op.results[0].type.shape[-1]
    attributes = {"k": ir.IntegerAttr.get(ir.IntegerType.get_signless(64), k)}
    types = [result.type for result in op.results]
    found = ir.Operation.create("chlo.top_k", results=types, operands=[op.operands[0]], attributes=attributes)
    return list(found.results)


def _assert_shape(op: Any) -> list[Any]:
    """JAX's check of a condition on sizes: fails at run time with its message."""
    message = op.attributes["error_message"].value if "error_message" in op.attributes else "a shape assertion failed"
    cf.AssertOp(scalar_of(op.operands[0]), message)
    return []


TARGETS: Mapping[str, Callable[[Any], list[Any]]] = {
    "Sharding": _nothing,
    "SPMDFullToShardShape": _nothing,
    "SPMDShardToFullShape": _nothing,
    "annotate_device_placement": _nothing,
    "mhlo.asin": _chlo("asin"),
    "mhlo.asinh": _chlo("asinh"),
    "mhlo.acos": _chlo("acos"),
    "mhlo.acosh": _chlo("acosh"),
    "mhlo.atanh": _chlo("atanh"),
    "mhlo.cosh": _chlo("cosh"),
    "mhlo.erf": _chlo("erf"),
    "mhlo.sinh": _chlo("sinh"),
    "mhlo.topk": _top_k,
    "shape_assertion": _assert_shape,
    "stablehlo.dynamic_top_k": _top_k,
}
"""Target -> what it does, as values for its results."""


def custom_call(op: Any) -> list[Any]:
    """`stablehlo.custom_call` of a known target."""
    name = op.attributes["call_target_name"].value
    if name not in TARGETS:
        raise CompileError(
            f"custom_call @{name} is not supported; known targets are {', '.join(TARGETS)}. "
            "Replace it with StableHLO operations where the program is exported",
            op,
        )
    return TARGETS[name](op)


RULES: Mapping[str, Rule] = {"stablehlo.custom_call": custom_call}
