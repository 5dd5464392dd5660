"""Bindings that are only read have types of their own.

MLIR has one struct type for all bindings with the same elements. NVIDIA's compiler (driver 580) takes NonWritable of a
variable for a property of that type: loads from a binding of the same type that is written are then moved before the
stores to it, and a kernel that adds to its own result reads what was there before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_DECORATE, _MEMBER_DECORATE, _NON_WRITABLE = 71, 72, 24
_POINTER, _STRUCT, _VARIABLE = 32, 30, 59
_STORAGE_BUFFER = 12

Words = NDArray[np.uint32]


def separate(code: Sequence[Words], bound: int) -> tuple[list[Words], int]:
    """Gives NonWritable storage buffers another struct type than those that are written.

    Args:
        code: The instructions of a module, in order.
        bound: One more than its highest id.

    Returns:
        The instructions, and their bound.
    """
    read_only = {int(w[1]) for w in code if _is(w, _DECORATE) and w[2] == _NON_WRITABLE}
    variables = [w for w in code if _is(w, _VARIABLE) and w[3] == _STORAGE_BUFFER]
    written = {int(w[1]) for w in variables if int(w[2]) not in read_only}
    shared = {int(w[1]) for w in variables if int(w[2]) in read_only} & written
    structs = {int(w[3]): int(w[1]) for w in code if _is(w, _POINTER) and int(w[1]) in shared}
    # Old id -> new id, of pointer types and of their structs.
    new = {old: bound + i for i, old in enumerate((*structs, *structs.values()))}
    made: list[Words] = []
    for words in code:
        made.append(words)
        if (_is(words, _DECORATE) or _is(words, _MEMBER_DECORATE)) and int(words[1]) in structs:
            made.append(_with(words, 1, new[int(words[1])]))
        elif _is(words, _STRUCT) and int(words[1]) in structs:
            made.append(_with(words, 1, new[int(words[1])]))
        elif _is(words, _POINTER) and int(words[1]) in shared:
            made.append(_with(_with(words, 1, new[int(words[1])]), 3, new[int(words[3])]))
        elif _is(words, _VARIABLE) and int(words[1]) in shared and int(words[2]) in read_only:
            made[-1] = _with(words, 1, new[int(words[1])])
    return made, bound + len(new)


def _is(words: Words, operation: int) -> bool:
    return int(words[0]) & 0xFFFF == operation


def _with(words: Words, place: int, value: int) -> Words:
    """The instruction with another operand."""
    words = words.copy()
    words[place] = value
    return words
