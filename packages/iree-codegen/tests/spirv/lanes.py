"""Runs a portable kernel's arithmetic with NumPy as the worst device may that WebGPU allows.

Every operation on f32 takes denormals for zero and gives zero for them; NaNs lose their payload and sign; comparisons
of NaNs say the opposite of what IEEE 754 does, as if a compiler had assumed that there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from iree.codegen.cpu.structured import walk
from iree.codegen.spirv.profile import PORTABLE
from iree.dialects.mlir import ir

Array = np.ndarray[Any, np.dtype[Any]]
_NAN = np.uint32(0x7FFFFFFF).view(np.float32)
_INTEGERS: dict[str, Any] = {
    "addi": np.add, "subi": np.subtract, "muli": np.multiply, "divui": np.floor_divide, "remui": np.remainder,
    "andi": np.bitwise_and, "ori": np.bitwise_or, "xori": np.bitwise_xor, "shli": np.left_shift,
    "shrui": np.right_shift, "minui": np.minimum, "maxui": np.maximum,
}  # fmt: skip
_FLOATS: dict[str, Any] = {
    "arith.addf": np.add, "arith.subf": np.subtract, "arith.mulf": np.multiply, "arith.divf": np.divide,
    "arith.negf": np.negative, "math.absf": np.abs, "math.sqrt": np.sqrt, "math.floor": np.floor, "math.ceil": np.ceil,
    "math.trunc": np.trunc, "math.roundeven": np.rint, "math.copysign": np.copysign,
    "math.fma": lambda a, b, c: (a.astype("f8") * b + c).astype("f4"),
}  # fmt: skip
_UNSIGNED = {0: np.equal, 1: np.not_equal, 6: np.less, 7: np.less_equal, 8: np.greater, 9: np.greater_equal}
_SIGNED = {2: np.less, 3: np.less_equal, 4: np.greater, 5: np.greater_equal}
_ORDERED = {1: np.equal, 2: np.greater, 3: np.greater_equal, 4: np.less, 5: np.less_equal, 6: np.not_equal}
_EITHER_ORDER = {8: 1, 9: 2, 10: 3, 11: 4, 12: 5, 13: 6}


def flush(x: Array) -> Array:
    """`x` of f32 with zeros for denormals, and NaNs that are all the same; other types as they are."""
    if x.dtype != np.float32:
        return x
    x = np.where(np.abs(x) < np.finfo(np.float32).tiny, np.copysign(np.float32(0), x), x)
    return np.where(np.isnan(x), _NAN, x)


class Lanes:
    """All threads of a kernel at once: every value is an array with an element of each."""

    def __init__(self, module: Any, buffers: Sequence[Array], threads: int, group: int) -> None:
        self.buffers = list(buffers)
        self.ids = np.arange(threads)
        self.group = group
        self.values: dict[Any, Any] = {}
        function = next(op for op in walk(module) if op.name == "func.func")
        block = function.regions[0].blocks[0]
        self.memory = dict(zip(block.arguments, self.buffers, strict=True))
        with np.errstate(all="ignore"):
            self._block(block, np.ones(threads, bool))

    def _block(self, block: Any, active: Array) -> list[Array]:
        for op in (op.operation for op in block.operations):
            if op.name in ("scf.yield", "func.return"):
                return [self.values[v] for v in op.operands]
            found = self._branches(op, active) if op.name == "scf.if" else self._run(op, active)
            self.values.update(zip(op.results, found, strict=True))
        return []

    def _branches(self, op: Any, active: Array) -> list[Array]:
        condition = self.values[op.operands[0]]
        sides = [active & condition, active & ~condition]
        found = [self._block(r.blocks[0], side) for r, side in zip(op.regions, sides, strict=True) if len(r.blocks)]
        return [np.where(condition, *pair) for pair in zip(*found, strict=True)] if len(op.results) else []

    def _run(self, op: Any, active: Array) -> list[Array]:
        if op.name in ("memref.store", "memref.load", "memref.atomic_rmw"):
            return self._access(op, active)
        result = op.results[0].type
        if op.name == "arith.constant":
            held = op.attributes["value"].value
            wrapped = held & 0xFFFFFFFF if result == ir.IntegerType.get_signless(32) else held
            return [np.full(len(self.ids), wrapped, _dtype(result))]
        if op.name in ("gpu.thread_id", "gpu.block_id"):
            along_x = "x" in str(op.attributes["dimension"]).split()[-1]
            own = self.ids % self.group if op.name == "gpu.thread_id" else self.ids // self.group
            return [own if along_x else np.zeros_like(self.ids)]
        return [_compute(op, [self.values[v] for v in op.operands], _dtype(result))]

    def _access(self, op: Any, active: Array) -> list[Array]:
        load = op.name == "memref.load"
        buffer = self.memory[op.operands[0 if load else 1]]
        place = self.values[op.operands[1 if load else 2]]
        assert load or (place[active] < len(buffer)).all()
        if load:
            return [buffer[np.minimum(place, len(buffer) - 1)]]
        place, value = place[active], self.values[op.operands[0]][active]
        if op.name == "memref.store":
            buffer[place] = value
            return []
        kind = {2: np.bitwise_and, 14: np.bitwise_or}[ir.IntegerAttr(op.attributes["kind"]).value]
        kind.at(buffer, place, value)
        return [np.zeros_like(self.ids)]


def _dtype(type_: Any) -> Any:
    names = {"i1": bool, "i32": np.uint32, "index": np.int64, "f32": np.float32, "f16": np.float16}
    return np.dtype(names[str(type_)])


def _compute(op: Any, operands: list[Array], dtype: Any) -> Array:
    dialect, _, name = op.name.partition(".")
    first = operands[0]
    if dialect == "arith" and name in _INTEGERS:
        return np.asarray(_INTEGERS[name](*operands))
    if op.name in _FLOATS:
        return flush(_FLOATS[op.name](*map(flush, operands)).astype(dtype))
    if name == "shrsi":
        return np.asarray((first.view(np.int32) >> operands[1].view(np.int32)).view(np.uint32))
    if name == "select":
        return np.where(*operands)
    if name == "bitcast":
        return np.asarray(first.view(dtype))
    if name in ("extf", "truncf"):
        return flush(flush(first).astype(dtype))
    if name == "sitofp":
        return first.view(np.int32).astype(dtype)
    if name == "fptosi":
        whole = np.clip(np.nan_to_num(first), -(2.0**31), 2.0**31 - 128).astype(np.int32)
        return np.asarray(whole.view(np.uint32))
    if name in ("index_cast", "index_castui", "uitofp", "extui"):
        return first.astype(dtype)
    predicate = ir.IntegerAttr(op.attributes["predicate"]).value
    if name == "cmpi":
        if predicate in _SIGNED:
            return np.asarray(_SIGNED[predicate](*(x.astype(np.uint32).view(np.int32) for x in operands)))
        return np.asarray(_UNSIGNED[predicate](*operands))
    assert name == "cmpf" and predicate in _ORDERED | _EITHER_ORDER, f"{op.name} is not known on {PORTABLE.name}"
    unordered = predicate in _EITHER_ORDER
    nan = np.isnan(operands[0]) | np.isnan(operands[1])
    found = _ORDERED[_EITHER_ORDER.get(predicate, predicate)](*map(flush, operands))
    return np.where(nan, not unordered, found)
