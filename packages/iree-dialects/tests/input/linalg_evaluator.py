"""Runs what `input_to_linalg` makes with plain upstream lowering to loops: a check of the lowering that needs no code
generator.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from iree.dialects import weights
from iree.dialects.artifact import from_stablehlo
from iree.dialects.input import input_to_linalg
from iree.dialects.input.rules import operations
from iree.dialects.mlir import arith, func, ir, linalg, make_context, parse_module, run_upstream
from torch_mlir.execution_engine import ExecutionEngine  # type: ignore[import-untyped]

_BUFFERIZE = (
    "eliminate-empty-tensors,empty-tensor-to-alloc-tensor,"
    "one-shot-bufferize{bufferize-function-boundaries=true function-boundary-type-conversion=identity-layout-map "
    "allow-return-allocs-from-loops=true},"
    "canonicalize"
)
_LOOPS = (
    "convert-linalg-to-loops,expand-strided-metadata,lower-affine,convert-scf-to-cf,"
    "func.func(convert-complex-to-standard)"
)
_LOWER = (
    "arith-expand,convert-math-to-llvm,convert-math-to-libm,"
    "convert-complex-to-llvm,finalize-memref-to-llvm,convert-func-to-llvm,convert-arith-to-llvm,"
    "convert-cf-to-llvm,convert-ub-to-llvm,convert-index-to-llvm,reconcile-unrealized-casts"
)
_LIBM = {"math.expm1": "expm1", "math.log1p": "log1p", "math.tanh": "tanh"}
"""Functions that LLVM's lowering would make of inexact others."""


def _descriptor(rank: int) -> type[ctypes.Structure]:
    """The memref descriptor of MLIR's C interface."""

    class Descriptor(ctypes.Structure):
        _fields_ = [
            ("allocated", ctypes.c_void_p),
            ("aligned", ctypes.c_void_p),
            ("offset", ctypes.c_int64),
            ("sizes", ctypes.c_int64 * rank),
            ("strides", ctypes.c_int64 * rank),
        ]

    return Descriptor


def _of_array(array: np.ndarray[Any, Any]) -> ctypes.Structure:
    item = max(array.itemsize, 1)
    data = array.ctypes.data
    rank = array.ndim
    return _descriptor(rank)(
        data,
        data,
        0,
        (ctypes.c_int64 * rank)(*array.shape),
        (ctypes.c_int64 * rank)(*(s // item for s in array.strides)),
    )


def _to_array(descriptor: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    shape, strides = tuple(descriptor.sizes), tuple(s * dtype.itemsize for s in descriptor.strides)
    if 0 in shape:
        return np.empty(shape, dtype)
    extent = sum((n - 1) * s for n, s in zip(shape, strides, strict=True)) + dtype.itemsize
    raw = ctypes.string_at(descriptor.aligned + descriptor.offset * dtype.itemsize, extent)
    return np.ndarray(shape, dtype, raw, 0, strides).copy()


def _call_libm(module: Any) -> None:
    declared = set()
    for op in operations(module, _LIBM):
        type_ = op.results[0].type
        wide = type_ if type_.width >= 32 else ir.F32Type.get()
        name = _LIBM[op.name] + ("f" if wide.width == 32 else "")
        if name not in declared:
            with ir.InsertionPoint.at_block_begin(module.body):
                func.FuncOp(name, ([wide], [wide]), visibility="private")
            declared.add(name)
        with ir.InsertionPoint(op):
            x = op.operands[0] if wide == type_ else arith.ExtFOp(wide, op.operands[0]).result
            y = func.CallOp([wide], name, [x]).results[0]
            op.results[0].replace_all_uses_with(y if wide == type_ else arith.TruncFOp(type_, y).result)
        op.erase()


class Program:
    """A StableHLO program compiled for this process; call its functions with arrays."""

    def __init__(self, text: str) -> None:
        self._context = make_context()
        module = parse_module(text, self._context)
        self._functions = {f.name: f for f in from_stablehlo(module).manifest.functions}
        input_to_linalg(module)
        self.linalg = str(module)
        with self._context, ir.Location.unknown():
            for op in module.body.operations:
                if op.operation.name == "func.func":
                    op.attributes["llvm.emit_c_interface"] = ir.UnitAttr.get()
        run_upstream(module, _BUFFERIZE)
        with self._context, ir.Location.unknown():
            for copy in operations(module, {"memref.copy": None}):  # LLVM's lowering calls a library that is not here
                with ir.InsertionPoint(copy):
                    linalg.copy(copy.operands[0], outs=[copy.operands[1]])
                copy.erase()
        run_upstream(module, _LOOPS)
        with self._context, ir.Location.unknown():
            _call_libm(module)
        run_upstream(module, _LOWER)
        self._engine = ExecutionEngine(module, opt_level=0)

    def __call__(self, *arrays: Any, function: str = "main") -> list[np.ndarray[Any, Any]]:
        spec = self._functions[function]
        inputs = [
            np.array(array, dtype=weights.STORAGE[leaf.dtype].numpy, order="C")
            for array, leaf in zip(arrays, spec.inputs(), strict=True)
        ]
        outputs = spec.output_specs()
        types = [_descriptor(len(leaf.shape)) for leaf in outputs]

        class Results(ctypes.Structure):
            _fields_ = [(f"r{i}", type_) for i, type_ in enumerate(types)]

        results = Results()
        descriptors = [_of_array(array) for array in inputs]
        pointers: Sequence[Any] = [ctypes.pointer(d) for d in ([results] if outputs else []) + descriptors]
        packed = (ctypes.c_void_p * len(pointers))(*(ctypes.addressof(ctypes.pointer(p.contents)) for p in pointers))
        cells = [ctypes.c_void_p(ctypes.addressof(p.contents)) for p in pointers]
        packed = (ctypes.c_void_p * len(cells))(*(ctypes.addressof(cell) for cell in cells))
        entry = self._engine.lookup(function)
        entry(packed)
        return [
            _to_array(getattr(results, f"r{i}"), weights.STORAGE[leaf.dtype].numpy) for i, leaf in enumerate(outputs)
        ]
