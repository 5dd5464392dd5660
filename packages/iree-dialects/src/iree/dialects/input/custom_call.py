"""custom_call: the targets that frontends emit for what StableHLO or CHLO can say, and those that mean nothing on one
device.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from iree.dialects.input import factorizations, jacobi, misc, tridiagonal
from iree.dialects.input.approximate import approx_top_k, called
from iree.dialects.input.build import DYNAMIC, hlo, like, refine
from iree.dialects.input.rules import Rule
from iree.dialects.input.scalars import scalar_of
from iree.dialects.mlir import CompileError, cf, ir, stablehlo


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
    if k == DYNAMIC:
        name = op.attributes["call_target_name"].value
        raise CompileError(f"custom_call @{name} of a number that only the run knows is not supported: use sort", op)
    attributes = {"k": ir.IntegerAttr.get(ir.IntegerType.get_signless(64), k)}
    types = [result.type for result in op.results]
    found = ir.Operation.create("chlo.top_k", results=types, operands=[op.operands[0]], attributes=attributes)
    return list(found.results)


def _assert_shape(op: Any) -> list[Any]:
    """JAX's check of a condition on sizes: fails at run time with its message."""
    message = op.attributes["error_message"].value if "error_message" in op.attributes else "a shape assertion failed"
    cf.AssertOp(scalar_of(op.operands[0]), message)
    return []


def _number(op: Any, name: str) -> str:
    """A character among the options of a LAPACK call."""
    return chr(op.attributes["mhlo.backend_config"][name].value)


def _types(op: Any) -> list[Any]:
    """Of the results, or of the elements of the tuple that the result is: TensorFlow's calls return tuples."""
    types = [result.type for result in op.results]
    if len(types) == 1 and isinstance(types[0], ir.TupleType):
        return [types[0].get_type(i) for i in range(types[0].num_types)]
    return types


def _shapes(op: Any) -> list[int]:
    """The numbers of the operands that are the shapes of its results, which are there where types do not know them."""
    name = "indices_of_shape_operands"
    return [int(i) for i in np.array(op.attributes[name]).reshape(-1)] if name in op.attributes else []


def _inputs(op: Any) -> list[Any]:
    shapes = _shapes(op)
    return [value for number, value in enumerate(op.operands) if number not in shapes]


def _blank(op: Any, number: int, type_: Any) -> Any:
    """A result of zeros."""
    if type_.has_static_shape:
        return misc.zeros(type_)
    shapes = _shapes(op)
    if not shapes:
        raise CompileError(f"{op.name} gives {type_}, but has no operand with its shape", op)
    attributes = {"broadcast_dimensions": ir.DenseI64ArrayAttr.get([])}
    return hlo(
        "dynamic_broadcast_in_dim", [misc.zeros(like(type_, [])), op.operands[shapes[number]]], type_, **attributes
    )


def _complete(op: Any, values: Sequence[Any]) -> list[Any]:
    """Results with their types; what is left of them is LAPACK's `info`, 0: nothing went wrong."""
    types = _types(op)
    found = [refine(value, type_) for value, type_ in zip(values, types, strict=False)]
    found += [_blank(op, number, type_) for number, type_ in enumerate(types) if number >= len(values)]
    return [hlo("tuple", found, op.results[0].type)] if isinstance(op.results[0].type, ir.TupleType) else found


def _qr(op: Any) -> list[Any]:
    return _complete(op, factorizations.qr(op.operands[0]))


def _householder_product(op: Any) -> list[Any]:
    return _complete(op, factorizations.householder_product(*_inputs(op)))


def _getrf(op: Any) -> list[Any]:
    return _complete(op, factorizations.lu(op.operands[0], 1)[:2])


def _gehrd(op: Any) -> list[Any]:
    """The whole matrix: JAX asks for no part of it."""
    low, high = (op.attributes["mhlo.backend_config"][name].value for name in ("low", "high"))
    n = op.operands[0].type.shape[-1]
    if (low, high) != (1, max(n, 0)):
        raise CompileError(f"custom_call @gehrd of rows {low} to {high} of {n} is not supported: all are possible", op)
    return _complete(op, factorizations.hessenberg(op.operands[0]))


def _gtsv(op: Any) -> list[Any]:
    return _complete(op, tridiagonal.solve(*_inputs(op)))


def _lu(op: Any) -> list[Any]:
    return _complete(op, factorizations.lu(op.operands[0], 0))


def _syevd(op: Any) -> list[Any]:
    return _complete(op, jacobi.eigh(op.operands[0], _number(op, "uplo") == "L"))


def _eigh(op: Any) -> list[Any]:
    lower = op.attributes["backend_config"].value.partition(",")[0] != "0"
    return _complete(op, jacobi.eigh(op.operands[0], lower))


def _gesvd(op: Any) -> list[Any]:
    """LAPACK's results: A, which is overwritten, the values, U and V^H; where mode is N, no vectors."""
    a, mode = op.operands[0], _number(op, "mode")
    u, values, vh = jacobi.svd(a, mode == "A")
    return _complete(op, [a, values, u, vh][: 2 if mode == "N" else 4])


def _potrf(op: Any) -> list[Any]:
    """Where a matrix is not positive definite, the factor is NaN from there on."""
    lower = ir.BoolAttr.get(_number(op, "uplo") == "L")
    return _complete(op, [hlo("cholesky", [op.operands[0]], op.results[0].type, lower=lower)])


def _trsm(op: Any) -> list[Any]:
    transpose = {"N": "NO_TRANSPOSE", "T": "TRANSPOSE", "C": "ADJOINT"}[_number(op, "trans_x")]
    attributes = {
        "left_side": ir.BoolAttr.get(_number(op, "side") == "L"),
        "lower": ir.BoolAttr.get(_number(op, "uplo") == "L"),
        "unit_diagonal": ir.BoolAttr.get(_number(op, "diag") == "U"),
        "transpose_a": stablehlo.TransposeAttr.get(transpose),
    }
    return [hlo("triangular_solve", _inputs(op), op.results[0].type, **attributes)]


def _lapack(real: str, plain: str, rule: Callable[[Any], list[Any]]) -> dict[str, Callable[[Any], list[Any]]]:
    """A routine in LAPACK's four precisions, under the names that JAX gives them."""
    names = [f"s{real}", f"d{real}", f"c{plain}", f"z{plain}"]
    return {f"lapack_{name}_ffi": rule for name in names}


DYNAMIC_REDUCE_WINDOW = "stablehlo.dynamic_reduce_window"
"""What `windows` lowers later, when functions are inlined and sizes can be followed."""


def _later(op: Any) -> None:
    """The function that it calls is no export: it goes with the last of its calls."""
    called(op).attributes["sym_visibility"] = ir.StringAttr.get("private")


TARGETS: Mapping[str, Rule] = {
    **_lapack("geqrf", "geqrf", _qr),
    **_lapack("gehrd", "gehrd", _gehrd),
    **_lapack("gesdd", "gesdd", _gesvd),
    **_lapack("gesvd", "gesvd", _gesvd),
    **_lapack("getrf", "getrf", _getrf),
    **_lapack("gtsv", "gtsv", _gtsv),
    **_lapack("orgqr", "ungqr", _householder_product),
    **_lapack("potrf", "potrf", _potrf),
    **_lapack("syevd", "heevd", _syevd),
    **_lapack("trsm", "trsm", _trsm),
    "ApproxTopK": approx_top_k,
    "Eigh": _eigh,
    "LuDecomposition": _lu,
    "ProductOfElementaryHouseholderReflectors": _householder_product,
    "Qr": _qr,
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
    DYNAMIC_REDUCE_WINDOW: _later,
    "shape_assertion": _assert_shape,
    "stablehlo.dynamic_top_k": _top_k,
}
"""Target -> what it does, as values for its results, or None where it is lowered later."""


def custom_call(op: Any) -> Sequence[Any] | None:
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
