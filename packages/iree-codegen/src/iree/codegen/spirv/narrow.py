"""Integers of a width that a profile cannot compute with are computed with 32 bits.

Their values are kept zero-extended: what may set the bits above is masked, and what takes them as signed extends their
sign first. In storage buffers that cannot hold them they are parts of 32-bit words, which stores change with atomic
operations, since the neighbours may be another thread's.
"""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import walk
from iree.codegen.spirv.flatten import STORAGE, storage_class
from iree.codegen.spirv.indices import add, multiply
from iree.codegen.spirv.profile import Profile
from iree.dialects.mlir import CompileError, arith, ir, memref, vector

_OVERFLOWING = frozenset({"arith.addi", "arith.subi", "arith.muli", "arith.shli", "arith.fptosi", "arith.fptoui"})
_SIGNED = frozenset(
    f"arith.{name}"
    for name in "divsi remsi shrsi minsi maxsi ceildivsi floordivsi sitofp extsi index_cast mulsi_extended".split()
)
_SIGNED_PREDICATES = frozenset({2, 3, 4, 5})
_ALLOCATIONS = ("memref.alloc", "memref.alloca")
_PASSING = frozenset(
    {"arith.andi", "arith.ori", "arith.xori", "arith.select", "arith.divui", "arith.remui", "arith.shrui"}
    | {"arith.minui", "arith.maxui", "arith.ceildivui", "arith.uitofp", "arith.index_castui", "arith.cmpi"}
    | {"arith.constant", "arith.extui", "arith.trunci", "memref.load", "memref.store", "memref.alloc", "memref.alloca"}
    | {"scf.if", "scf.for", "scf.while", "scf.yield", "scf.condition", "scf.index_switch"}
)


def widen(function: Any, profile: Profile) -> None:
    """Changes the types of all narrow integers of a flat function, and the operations on them.

    Raises:
        CompileError: An operation has no wide form.
    """
    i32 = ir.IntegerType.get_signless(32)

    def narrow(type_: Any) -> bool:
        return isinstance(type_, ir.IntegerType) and 1 < type_.width < 32 and type_.width not in profile.integers

    ops = [op for op in walk(function) if op.name != "func.func"]
    blocks = [block for op in [function.operation, *ops] for region in op.regions for block in region.blocks]
    widths = []
    for op in ops:
        ins = [v.type.width if narrow(v.type) else 0 for v in op.operands]
        outs = [v.type.width if narrow(v.type) else 0 for v in op.results]
        widths.append((ins, outs))
    touched = [(op, w) for op, w in zip(ops, widths, strict=True) if any(w[0]) or any(w[1])]
    for op, _ in touched:
        between_halves = op.name == "arith.bitcast" and any(
            isinstance(v.type, ir.F16Type) for v in (*op.operands, *op.results)
        )
        if op.name not in _OVERFLOWING | _SIGNED | _PASSING and not between_halves:
            raise CompileError(f"'{op.name}' on {op.operands[0].type} is not supported by {profile.name}", op)
    for block in blocks:
        for argument in block.arguments:
            if narrow(argument.type):
                argument.set_type(i32)
    for op, (_, outs) in touched:
        for result, width in zip(op.results, outs, strict=True):
            if width:
                result.set_type(i32)
    values = [
        *function.regions[0].blocks[0].arguments,
        *(r for op in ops if op.name in _ALLOCATIONS for r in op.results),
    ]
    buffers = [value for value in values if isinstance(value.type, ir.MemRefType)]
    for op, (ins, outs) in touched:
        with op.location, ir.InsertionPoint(op):
            _rewrite(op, ins, outs)
    for buffer in buffers:
        if isinstance(buffer.type.element_type, ir.IntegerType):
            width = buffer.type.element_type.width
            if width < 32 and width not in profile.stored:
                _split_words(buffer, width)
            elif width not in profile.stored:
                _join_words(buffer)


def _constant(value: int) -> Any:
    i32 = ir.IntegerType.get_signless(32)
    return arith.ConstantOp(i32, ir.IntegerAttr.get(i32, value - (1 << 32) if value >> 31 else value)).result


def _mask(value: Any, width: int) -> Any:
    return arith.AndIOp(value, _constant((1 << width) - 1)).result


def _sign_extend(value: Any, width: int) -> Any:
    shift = _constant(32 - width)
    return arith.ShRSIOp(arith.ShLIOp(value, shift).result, shift).result


def _rewrite(op: Any, ins: list[int], outs: list[int]) -> None:
    """Makes one operation, whose types are changed already, do what it did."""
    if op.name == "arith.constant":
        width = outs[0]
        value = ir.IntegerAttr(op.attributes["value"]).value & ((1 << width) - 1)
        op.attributes["value"] = ir.IntegerAttr.get(ir.IntegerType.get_signless(32), value)
        return
    signed = op.name in _SIGNED
    if op.name == "arith.cmpi":
        signed = ir.IntegerAttr(op.attributes["predicate"]).value in _SIGNED_PREDICATES
    if signed:
        for number, width in enumerate(ins):
            if width:
                op.operands[number] = _sign_extend(op.operands[number], width)
    if op.name == "arith.bitcast":
        made = _bits_of_half(op.operands[0]) if outs[0] else _half_of_bits(op.operands[0])
        op.results[0].replace_all_uses_with(made)
        op.erase()
        return
    if "overflowFlags" in op.attributes:
        op.attributes["overflowFlags"] = ir.Attribute.parse("#arith.overflow<none>")
    if op.name in ("arith.extui", "arith.extsi", "arith.trunci"):
        _cast(op, outs[0])
    elif outs and outs[0] and (op.name in _OVERFLOWING or signed):
        with ir.InsertionPoint.after(op):
            mask = _constant((1 << outs[0]) - 1)
            masked = arith.AndIOp(op.results[0], mask).operation
            op.results[0].replace_all_uses_except(masked.results[0], [masked])


def _bits_of_half(value: Any) -> Any:
    """The bits of an f16, as the lower half of a word."""
    pair = ir.VectorType.get([2], value.type)
    zero = arith.ConstantOp(value.type, ir.FloatAttr.get(value.type, 0.0)).result
    words = ir.VectorType.get([1], ir.IntegerType.get_signless(32))
    both = vector.FromElementsOp(pair, [value, zero]).result
    return vector.ExtractOp(vector.BitCastOp(words, both).result, [], [0]).result


def _half_of_bits(value: Any) -> Any:
    words, pair = ir.VectorType.get([1], value.type), ir.VectorType.get([2], ir.F16Type.get())
    both = vector.BitCastOp(pair, vector.BroadcastOp(words, value).result).result
    return vector.ExtractOp(both, [], [0]).result


def _cast(op: Any, width: int) -> None:
    source, wanted = op.operands[0], op.results[0].type
    if source.type.width < wanted.width:
        kind = arith.ExtSIOp if op.name == "arith.extsi" else arith.ExtUIOp
        value = kind(wanted, source).result
    elif source.type.width > wanted.width:
        value = arith.TruncIOp(wanted, source).result
    else:
        value = source
    op.results[0].replace_all_uses_with(_mask(value, width) if width else value)
    op.erase()


def _split_words(buffer: Any, width: int) -> None:
    """Makes a buffer one of words; each element has one of its own where no other program reads the memory."""
    type_, i32 = buffer.type, ir.IntegerType.get_signless(32)
    shared = type_.memory_space == storage_class(STORAGE)
    buffer.set_type(ir.MemRefType.get(type_.shape, i32, memory_space=type_.memory_space))
    if not shared:
        return
    for use in list(buffer.uses):
        op = use.owner.operation
        with op.location, ir.InsertionPoint(op):
            if op.name == "memref.load":
                word, shift = _position(op.operands[1], width)
                loaded = memref.LoadOp(buffer, [word]).result
                op.results[0].replace_all_uses_with(_mask(arith.ShRUIOp(loaded, shift).result, width))
            else:
                word, shift = _position(op.operands[2], width)
                hole = arith.ShLIOp(_constant((1 << width) - 1), shift).result
                keep = arith.XOrIOp(hole, _constant(0xFFFFFFFF)).result
                _atomic("andi", keep, buffer, word)
                _atomic("ori", arith.ShLIOp(op.operands[0], shift).result, buffer, word)
        op.erase()


def _join_words(buffer: Any) -> None:
    """Makes a buffer of 64-bit integers one of their halves, the lower first."""
    type_, i32 = buffer.type, ir.IntegerType.get_signless(32)
    count = type_.shape[0] if type_.is_dynamic_dim(0) else 2 * type_.shape[0]
    buffer.set_type(ir.MemRefType.get([count], i32, memory_space=type_.memory_space))
    for use in list(buffer.uses):
        op = use.owner.operation
        with op.location, ir.InsertionPoint(op):
            place = multiply(op.operands[1 if op.name == "memref.load" else 2], 2)
            places = [place, add(place, 1)]
            i64 = type_.element_type
            half = arith.ConstantOp(i64, ir.IntegerAttr.get(i64, 32)).result
            if op.name == "memref.load":
                low, high = (arith.ExtUIOp(i64, memref.LoadOp(buffer, [p]).result).result for p in places)
                op.results[0].replace_all_uses_with(arith.OrIOp(arith.ShLIOp(high, half).result, low).result)
            else:
                value = op.operands[0]
                memref.StoreOp(arith.TruncIOp(i32, value).result, buffer, [places[0]])
                high = arith.TruncIOp(i32, arith.ShRUIOp(value, half).result).result
                memref.StoreOp(high, buffer, [places[1]])
        op.erase()


def _position(place: Any, width: int) -> tuple[Any, Any]:
    """The word of an element and how far its bits are shifted in it."""
    index, i32 = ir.IndexType.get(), ir.IntegerType.get_signless(32)
    count = arith.ConstantOp(index, ir.IntegerAttr.get(index, 32 // width)).result
    part = arith.IndexCastOp(i32, arith.RemUIOp(place, count).result).result
    return arith.DivUIOp(place, count).result, arith.MulIOp(part, _constant(width)).result


def _atomic(kind: str, value: Any, buffer: Any, place: Any) -> None:
    attribute = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), _ATOMIC[kind])
    ir.Operation.create("memref.atomic_rmw", [value.type], [value, buffer, place], {"kind": attribute})


_ATOMIC = {"andi": 2, "ori": 14}
"""`arith::AtomicRMWKind`."""
