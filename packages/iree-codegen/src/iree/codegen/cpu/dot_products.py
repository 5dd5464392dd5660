"""Products of bytes summed as i32, and of bf16 summed as f32, go through instructions that multiply a few and add them.

Most multiply pairs of 16-bit numbers. For bytes LLVM merges these with the addition to the accumulator where there is
an instruction for both (VNNI). With vectors of 512 bits VNNI has one for four bytes of each operand, of which one's are
unsigned: 128 is added to signed ones, and 128 times the sums of the other operand, which are summed up beside the
others, is taken away after the loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Any

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.structured import defining, find
from iree.dialects.mlir import arith, ir, scf, vector

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
_FOUR, _FOURS = 4, "llvm.x86.avx512.vpdpbusd.512"
_SUMS = {"i8": "i32", "bf16": "f32"}


def use_dot_products(module: Any, machine: Machine) -> None:
    """Rewrites `vector.contract`s of extended operands, row by row of the accumulator, where the machine can.

    Sums of integers are the same in any order; those of bf16 are not.
    """
    for op in find(module, "vector.contract"):
        if machine.has("avx512vnni") and machine.has("avx512vbmi") and _is_product_of_fours(op):
            _rewrite_fours(op)
            continue
        for feature, instruction in _INSTRUCTIONS.items():
            if machine.has(feature) and (machine.reassociate or not instruction.adds) and _fits(op, instruction):
                with op.location, ir.InsertionPoint(op):
                    result = _rewrite(op, instruction)
                op.results[0].replace_all_uses_with(result)
                op.erase()
                break


def _fits(op: Any, instruction: _Instruction, together: int = 2) -> bool:
    """Is it acc[m, n] += a[m, k] * b[k, n], with a multiple of `together` steps and whole vectors of columns?"""
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
    return bool(sums == _SUMS[instruction.element] and steps % together == 0 and columns % instruction.lanes == 0)


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


def _is_product_of_fours(op: Any) -> bool:
    """Is it a product of bytes of which at most one operand is unsigned, four steps at a time?"""
    if not _fits(op, _INSTRUCTIONS["avx512bw"], _FOUR):
        return False
    return any(defining(value).name == "arith.extsi" for value in list(op.operands)[:2])


def _rewrite_fours(op: Any) -> None:
    """Replaces a product, and takes away from its sums what adding 128 to a signed operand added to them."""
    left, right = (defining(value) for value in list(op.operands)[:2])
    assert left is not None and right is not None
    start, loop = None, None
    with op.location:
        if left.name == right.name:
            type_ = ir.VectorType.get(right.operands[0].type.shape[1:], op.results[0].type.element_type)
            loop = _summing_loop(op)
            with ir.InsertionPoint(op if loop is None else loop):
                start = _splat(type_, 0)
            if loop is not None:
                loop = _carry(loop, start)
                start = loop.regions[0].blocks[0].arguments[len(loop.results)]
        with ir.InsertionPoint(op):
            result, added = _products_of_fours(op, left, right, start)
            if added is not None and loop is None:
                result = _without(result, added)
        op.results[0].replace_all_uses_with(result)
        op.erase()
        if added is not None and loop is not None:
            end = list(loop.regions[0].blocks[0].operations)[-1].operation
            last = len(loop.results) - 1
            end.operands[last] = added
            sums = loop.results[list(end.operands).index(result)]
            uses = [(use.owner, use.operand_number) for use in sums.uses]
            with ir.InsertionPoint.after(loop):
                result = _without(sums, loop.results[last])
            for user, number in uses:
                user.operands[number] = result


def _summing_loop(op: Any) -> Any | None:
    """The loop that carries the sums of a product from one iteration to the next, and does nothing else with them."""
    sums, loop = op.operands[2], op.block.owner.operation
    if loop.name != "scf.for" or not isinstance(sums.owner, ir.Block) or sums.owner != op.block:
        return None
    uses = [use.owner.operation for use in op.results[0].uses]
    end = list(op.block.operations)[-1].operation
    if len(list(sums.uses)) != 1 or uses != [end] or end.operands[sums.arg_number - 1] != op.results[0]:
        return None
    return loop


def _carry(loop: Any, start: Any) -> Any:
    """Replaces a loop by one that carries one more value, which it yields as it is."""
    with ir.InsertionPoint(loop):
        new = scf.ForOp(*list(loop.operands)[:3], [*list(loop.operands)[3:], start])
    old = loop.regions[0].blocks[0]
    for before, after in zip(old.arguments, list(new.body.arguments)[:-1], strict=True):
        before.replace_all_uses_with(after)
    *ops, end = [op.operation for op in old.operations]
    with ir.InsertionPoint(new.body):
        anchor = scf.YieldOp([*end.operands, list(new.body.arguments)[-1]])
    for op in ops:
        op.move_before(anchor.operation)
    for before, after in zip(loop.results, list(new.results)[:-1], strict=True):
        before.replace_all_uses_with(after)
    loop.erase()
    return new.operation


def _products_of_fours(op: Any, left: Any, right: Any, added: Any | None) -> tuple[Any, Any | None]:
    """The sums; and, added to `added` if that is given, what they have too much in each column."""
    rows, steps = left.operands[0].type.shape
    columns, lanes = right.operands[0].type.shape[1], _INSTRUCTIONS["avx512bw"].lanes
    starts = range(0, columns, lanes)
    words, quads = _vector(lanes, 32), _vector(_FOUR * lanes, 8)
    sums = [[_slice(_row(op.operands[2], m), start, lanes) for start in starts] for m in range(rows)]
    extra = [_slice(added, start, lanes) for start in starts] if added is not None else []
    count = steps // _FOUR
    fours = [vector.BitCastOp(_vector(count, 32), _row(left.operands[0], m)).result for m in range(rows)]
    flat = ir.VectorType.get([steps * columns], right.operands[0].type.element_type)
    source = ir.Operation.create("vector.shape_cast", [flat], [right.operands[0]]).result
    for step in range(count):
        block = _slice(source, step * _FOUR * columns, _FOUR * columns)
        repeated = [vector.BroadcastOp(words, _extract(four, step)).result for four in fours]
        if added is not None:
            repeated = [arith.XOrIOp(four, _splat(words, -0x7F7F7F80)).result for four in repeated]
        repeated = [vector.BitCastOp(quads, four).result for four in repeated]
        for number, start in enumerate(starts):
            mixed = _shuffle(block, block, [i * columns + start + c for c in range(lanes) for i in range(_FOUR)])
            for m in range(rows):
                factors = [repeated[m], mixed] if right.name == "arith.extsi" else [mixed, repeated[m]]
                sums[m][number] = _call(_FOURS, [sums[m][number], *factors], words)
            if added is not None:
                extra[number] = _call(_FOURS, [extra[number], _splat(quads, -128), mixed], words)
    result = op.operands[2]
    for m in range(rows):
        row = _row(result, m)
        for number, start in enumerate(starts):
            row = _insert_slice(sums[m][number], row, start)
        position = {"static_position": ir.DenseI64ArrayAttr.get([m])}
        result = ir.Operation.create("vector.insert", [result.type], [row, result], position).result
    for number, part in enumerate(extra):
        added = _insert_slice(part, added, starts[number])
    return result, added


def _without(sums: Any, added: Any) -> Any:
    return arith.SubIOp(sums, vector.BroadcastOp(sums.type, added).result).result


def _splat(type_: Any, value: int) -> Any:
    number = ir.IntegerAttr.get(type_.element_type, value)
    return arith.ConstantOp(type_, ir.DenseElementsAttr.get_splat(type_, number)).result


def _extract(value: Any, number: int) -> Any:
    position = {"static_position": ir.DenseI64ArrayAttr.get([number])}
    return ir.Operation.create("vector.extract", [value.type.element_type], [value], position).result


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
    both = vector.BroadcastOp(_vector(type_.shape[0] // 2, 32), _extract(pairs, number)).result
    return vector.BitCastOp(type_, both).result


def _call(intrinsic: str, operands: list[Any], type_: Any) -> Any:
    attributes = {
        "intrin": ir.StringAttr.get(intrinsic),
        "operandSegmentSizes": ir.DenseI32ArrayAttr.get([len(operands), 0]),
        "op_bundle_sizes": ir.DenseI32ArrayAttr.get([]),
    }
    return ir.Operation.create("llvm.call_intrinsic", [type_], operands, attributes).result
