"""Relocations: how each kind patches bytes. The machines' psABI documents define them; all are position independent."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NoReturn

from iree.codegen.cpu.elf import EM_AARCH64, EM_X86_64, ElfError

Patch = Callable[[bytearray, int, int, int], None]
"""Patches ``image[at]`` for a target address, target and ``at`` being addresses in the image: (image, at, target,
place).
"""


def _difference(size: int) -> Patch:
    code = "<i" if size == 4 else "<q"

    def patch(image: bytearray, at: int, target: int, place: int) -> None:
        value = target - place
        if not -(1 << (8 * size - 1)) <= value < 1 << (8 * size - 1):
            raise ElfError("the executable is too large: a branch or address does not reach")
        struct.pack_into(code, image, at, value)

    return patch


def _instruction(update: Callable[[int, int, int], int]) -> Patch:
    """An AArch64 instruction word rewritten as ``update(word, target, place)``."""

    def patch(image: bytearray, at: int, target: int, place: int) -> None:
        (word,) = struct.unpack_from("<I", image, at)
        struct.pack_into("<I", image, at, update(word, target, place))

    return patch


def _branch26(word: int, target: int, place: int) -> int:
    distance = target - place
    if not -(1 << 27) <= distance < 1 << 27:
        raise ElfError("the executable is too large: a call does not reach")
    return (word & 0xFC000000) | ((distance >> 2) & 0x03FFFFFF)


def _page21(word: int, target: int, place: int) -> int:
    pages = (target >> 12) - (place >> 12)
    return (word & 0x9F00001F) | ((pages & 3) << 29) | (((pages >> 2) & 0x7FFFF) << 5)


def _low12(shift: int) -> Patch:
    return _instruction(lambda word, target, _: (word & 0xFFC003FF) | (((target & 0xFFF) >> shift) << 10))


RELOCATIONS: dict[int, dict[int, Patch]] = {
    EM_X86_64: {2: _difference(4), 4: _difference(4), 24: _difference(8)},
    EM_AARCH64: {
        260: _difference(8),
        261: _difference(4),
        275: _instruction(_page21),
        277: _low12(0),
        278: _low12(0),
        282: _instruction(_branch26),
        283: _instruction(_branch26),
        284: _low12(1),
        285: _low12(2),
        286: _low12(3),
        299: _low12(4),
    },
}


def patch_for(machine: int, kind: int, symbol: str) -> Patch:
    """The patch for a kind of relocation.

    Raises:
        ElfError: Position-independent code without imports cannot have this kind.
    """
    found = RELOCATIONS.get(machine, {}).get(kind)
    return found if found is not None else _refuse(machine, kind, symbol)


def _refuse(machine: int, kind: int, symbol: str) -> NoReturn:
    raise ElfError(f"relocation of kind {kind} against '{symbol}' for machine {machine} is not position independent")
