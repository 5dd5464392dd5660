"""Products of bytes summed as i32, and of bf16 summed as f32, go through instructions that multiply pairs and add them.

For bytes LLVM merges these with the addition to the accumulator where there is an instruction for both (VNNI).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Any

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.structured import defining, find
from iree.dialects.mlir import arith, ir, vector

_EXTENSIONS = {"arith.extsi", "arith.extui", "arith.extf"}


@dataclass(frozen=True)
class _Instruction:
    """An intrinsic that multiplies 16-bit numbers and adds neighbouring products.

    Attributes:
        element: What the operands are before they are extended to the type of the sums.
        lanes: Sums.
        adds: It adds to an accumulator, its first operand.
    """

    intrinsic: str
    element: str
    lanes: int
    adds: bool


_INSTRUCTIONS = {
    "avx512bw": _Instruction("llvm.x86.avx512.pmaddw.d.512", "i8", 16, False),
    "avx2": _Instruction("llvm.x86.avx2.pmadd.wd", "i8", 8, False),
    "avx512bf16": _Instruction("llvm.x86.avx512bf16.dpbf16ps.512", "bf16", 16, True),
}
"""By the feature that they need, the best for an element type first."""
_SUMS = {"i8": "i32", "bf16": "f32"}


def use_dot_products(module: Any, machine: Machine) -> None:
    """Rewrites `vector.contract`s of extended operands, row by row of the accumulator, where the machine can.

    Sums of integers are the same in any order; those of bf16 are not.
    """
    for op in find(module, "vector.contract"):
        for feature, instruction in _INSTRUCTIONS.items():
            if machine.has(feature) and (machine.reassociate or not instruction.adds) and _fits(op, instruction):
                with op.location, ir.InsertionPoint(op):
                    result = _rewrite(op, instruction)
                op.results[0].replace_all_uses_with(result)
                op.erase()
                break


def _fits(op: Any, instruction: _Instruction) -> bool:
    """Is it acc[m, n] += a[m, k] * b[k, n], with an even number of steps and whole vectors of columns?"""
    for order in permutations([ir.AffineExpr.get_dim(d) for d in range(3)]):
        m, n, k = order
        wanted = [ir.AffineMap.get(3, 0, exprs) for exprs in ([m, k], [k, n], [m, n])]
        if [ir.AffineMapAttr(attribute).value for attribute in op.attributes["indexing_maps"]] == wanted:
            break
    else:
        return False
    sources = [defining(value) for value in list(op.operands)[:2]]
    if any(s is None or s.name not in _EXTENSIONS for s in sources):
        return False
    types = [str(s.operands[0].type.element_type) for s in sources]
    if types != [instruction.element] * 2 or "add" not in str(op.attributes["kind"]):
        return False
    steps, columns = sources[1].operands[0].type.shape
    sums = str(op.results[0].type.element_type)
    return bool(sums == _SUMS[instruction.element] and steps % 2 == 0 and columns % instruction.lanes == 0)


def _rewrite(op: Any, instruction: _Instruction) -> Any:
    left, right = (defining(value) for value in list(op.operands)[:2])
    rows, steps = left.operands[0].type.shape
    columns, lanes = right.operands[0].type.shape[1], instruction.lanes
    sums = [[_slice(_row(op.operands[2], m), start, lanes) for start in range(0, columns, lanes)] for m in range(rows)]
    pairs = [_pairs(_row(left.operands[0], m), left.name) for m in range(rows)]
    for step in range(0, steps, 2):
        lines = [_row(right.operands[0], step + i) for i in range(2)]
        mixed = _shuffle(lines[0], lines[1], [i // 2 + (i % 2) * columns for i in range(2 * columns)])
        for number, start in enumerate(range(0, columns, lanes)):
            part = _extend(_slice(mixed, 2 * start, 2 * lanes), right.name)
            for m in range(rows):
                both = _spread(pairs[m], step // 2, part.type)
                sums[m][number] = _add_products(instruction, sums[m][number], both, part)
    result = op.operands[2]
    for m in range(rows):
        row = _row(result, m)
        for number, start in enumerate(range(0, columns, lanes)):
            row = _insert_slice(sums[m][number], row, start)
        position = {"static_position": ir.DenseI64ArrayAttr.get([m])}
        result = ir.Operation.create("vector.insert", [result.type], [row, result], position).result
    return result


def _add_products(instruction: _Instruction, sums: Any, a: Any, b: Any) -> Any:
    if instruction.adds:
        return _call(instruction.intrinsic, [sums, a, b], sums.type)
    return arith.AddIOp(sums, _call(instruction.intrinsic, [a, b], sums.type)).result


def _vector(size: int, bits: int) -> Any:
    return ir.VectorType.get([size], ir.IntegerType.get_signless(bits))


def _row(value: Any, number: int) -> Any:
    type_ = ir.VectorType.get(value.type.shape[1:], value.type.element_type)
    position = ir.DenseI64ArrayAttr.get([number])
    return ir.Operation.create("vector.extract", [type_], [value], {"static_position": position}).result


def _numbers(*values: int) -> Any:
    kind = ir.IntegerType.get_signless(64)
    return ir.ArrayAttr.get([ir.IntegerAttr.get(kind, value) for value in values])


def _slice(value: Any, start: int, size: int) -> Any:
    if value.type.shape[0] == size:
        return value
    type_ = ir.VectorType.get([size], value.type.element_type)
    attributes = {"offsets": _numbers(start), "sizes": _numbers(size), "strides": _numbers(1)}
    return ir.Operation.create("vector.extract_strided_slice", [type_], [value], attributes).result


def _insert_slice(part: Any, whole: Any, start: int) -> Any:
    attributes = {"offsets": _numbers(start), "strides": _numbers(1)}
    return ir.Operation.create("vector.insert_strided_slice", [whole.type], [part, whole], attributes).result


def _shuffle(a: Any, b: Any, mask: list[int]) -> Any:
    type_ = ir.VectorType.get([len(mask)], a.type.element_type)
    return ir.Operation.create("vector.shuffle", [type_], [a, b], {"mask": ir.DenseI64ArrayAttr.get(mask)}).result


def _extend(value: Any, extension: str) -> Any:
    """Bytes as 16-bit numbers; bf16 as it is."""
    if extension == "arith.extf":
        return value
    return ir.Operation.create(extension, [_vector(value.type.shape[0], 16)], [value]).result


def _pairs(row: Any, extension: str) -> Any:
    """The elements of a row as pairs of 16-bit numbers."""
    return vector.BitCastOp(_vector(row.type.shape[0] // 2, 32), _extend(row, extension)).result


def _spread(pairs: Any, number: int, type_: Any) -> Any:
    """One pair in every lane of a vector of 16-bit numbers."""
    position = {"static_position": ir.DenseI64ArrayAttr.get([number])}
    pair = ir.Operation.create("vector.extract", [ir.IntegerType.get_signless(32)], [pairs], position).result
    return vector.BitCastOp(type_, vector.BroadcastOp(_vector(type_.shape[0] // 2, 32), pair).result).result


def _call(intrinsic: str, operands: list[Any], type_: Any) -> Any:
    attributes = {
        "intrin": ir.StringAttr.get(intrinsic),
        "operandSegmentSizes": ir.DenseI32ArrayAttr.get([len(operands), 0]),
        "op_bundle_sizes": ir.DenseI32ArrayAttr.get([]),
    }
    return ir.Operation.create("llvm.call_intrinsic", [type_], operands, attributes).result
