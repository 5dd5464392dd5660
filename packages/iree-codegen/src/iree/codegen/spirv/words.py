"""SPIR-V as words: what only the binary form can say, and what nobody needs is left out.

Layout and numbers: the SPIR-V specification, sections 2.3 (physical layout) and 3 (binary form).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from iree.codegen.spirv.read_only import Words, separate

_HEADER = 5
_VERSION_1_3 = 0x00010300
_SOURCE = frozenset({3, 4, 7, 8, 317, 330})
"""OpSource, OpSourceExtension, OpString, OpLine, OpNoLine, OpModuleProcessed."""
_NAMES = frozenset({5, 6})
"""OpName, OpMemberName."""
_CAPABILITY, _DECORATE, _EXTENDED = 17, 71, 12
_FMA = 50
"""Of GLSL.std.450, the only set in use."""
_MATRIX, _NO_CONTRACTION = 0, 42
_GROUPS, _BUILT_IN = 61, 11
_OF_GROUPS = frozenset({36, 38, 40, 41})
"""SubgroupSize, NumSubgroups, SubgroupId, SubgroupLocalInvocationId: upstream forgets their capability."""
_ARITHMETIC = frozenset({129, 131, 133, 127})
"""OpFAdd, OpFSub, OpFMul, OpFNegate: what may be contracted or reassociated."""
_ANNOTATIONS_BEFORE = frozenset({19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 39, 43, 59})
"""Types, constants and variables: annotations end before the first of them."""


def instructions(words: Words) -> Iterator[tuple[int, Words]]:
    """Operation code and words of each instruction."""
    at = _HEADER
    while at < len(words):
        count = int(words[at]) >> 16
        yield int(words[at]) & 0xFFFF, words[at : at + count]
        at += count


def finish(code: bytes, *, exact: bool) -> bytes:
    """Takes out names and sources, and the capability that others imply; says the version that is used; separates what
    is only read.

    Args:
        code: A module.
        exact: Sums, differences and products are rounded one by one, in the order written: error-free
            transformations and roundings by large constants depend on it.
    """
    words = np.frombuffer(code, np.uint32)
    kept: list[Words] = []
    results: list[int] = []
    place = 0
    capabilities: set[int] = set()
    groups = False
    for operation, instruction in instructions(words):
        if operation in _SOURCE | _NAMES or (operation == _CAPABILITY and instruction[1] == _MATRIX):
            continue
        if operation in _ANNOTATIONS_BEFORE and not place:
            place = len(kept)
        if operation in _ARITHMETIC or (operation == _EXTENDED and instruction[4] == _FMA):
            results.append(int(instruction[2]))
        if operation == _CAPABILITY:
            capabilities.add(int(instruction[1]))
        elif operation == _DECORATE and instruction[2] == _BUILT_IN and int(instruction[3]) in _OF_GROUPS:
            groups = True
        kept.append(instruction)
    if exact:
        kept[place:place] = [np.array([3 << 16 | _DECORATE, r, _NO_CONTRACTION], np.uint32) for r in results]
    if groups and _GROUPS not in capabilities:
        kept.insert(0, np.array([2 << 16 | _CAPABILITY, _GROUPS], np.uint32))
    header = words[:_HEADER].copy()
    header[1] = max(int(header[1]), _VERSION_1_3)
    kept, header[3] = separate(kept, int(header[3]))
    return np.concatenate([header, *kept]).tobytes()
