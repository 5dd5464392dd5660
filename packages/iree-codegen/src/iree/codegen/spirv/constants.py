"""A dispatch's constants: 32-bit words that are pushed or lie in a uniform buffer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.spirv.flatten import storage_class
from iree.codegen.spirv.indices import value_of
from iree.dialects.mlir import arith, ir, memref, vector

NONE, PUSHED, UNIFORM = 0, 1, 2
"""`iree_spirv_constants_e`."""


def words_of(type_: Any) -> int:
    """32-bit words of a constant: index counts two, of which the lower is used."""
    return 2 if isinstance(type_, ir.IndexType) or type_.width == 64 else 1


def load_constants(kernel: Kernel, push_words: int) -> tuple[int, int, Any]:
    """Replaces the constants' block arguments by loads from a new block argument.

    Returns:
        How they are passed, the number of words, and the new argument (None without constants).
    """
    old = [kernel.argument(c) for c in kernel.constants]
    total = sum(words_of(value.type) for value in old)
    if not total:
        return NONE, 0, None
    word = ir.IntegerType.get_signless(32)
    if total <= push_words:
        kind, type_ = PUSHED, ir.MemRefType.get([total], word, memory_space=storage_class("PushConstant"))
    else:
        four = ir.VectorType.get([4], word)
        kind, type_ = UNIFORM, ir.MemRefType.get([-(-total // 4)], four, memory_space=storage_class("Uniform"))
    block = kernel.block.add_argument(type_, kernel.function.location)

    def load(number: int) -> Any:
        if kind == PUSHED:
            return memref.LoadOp(block, [value_of(number)]).result
        four = memref.LoadOp(block, [value_of(number // 4)]).result
        return vector.ExtractOp(four, [], [number % 4]).result

    with kernel.function.location, ir.InsertionPoint.at_block_begin(kernel.block):
        at = 0
        for value in old:
            value.replace_all_uses_with(_decode(value.type, at, load))
            at += words_of(value.type)
    return kind, total, block


def _decode(type_: Any, at: int, load: Callable[[int], Any]) -> Any:
    low = load(at)
    if isinstance(type_, ir.IndexType):
        return arith.IndexCastOp(type_, low).result
    if type_.width == 64:
        wide = ir.IntegerType.get_signless(64)
        shift = arith.ConstantOp(wide, ir.IntegerAttr.get(wide, 32)).result
        high = arith.ShLIOp(arith.ExtUIOp(wide, load(at + 1)).result, shift).result
        low = arith.OrIOp(high, arith.ExtUIOp(wide, low).result).result
    elif type_.width < 32:
        low = arith.TruncIOp(ir.IntegerType.get_signless(type_.width), low).result
    return low if low.type == type_ else arith.BitcastOp(type_, low).result
