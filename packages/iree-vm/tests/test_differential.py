"""Native code against the reference interpreter."""

from __future__ import annotations

import itertools
import struct

import pytest
from iree import vm
from iree.vm import errors, module_reader, reference
from iree.vm.arithmetic import TABLE, decode
from iree.vm.assembler import Assembler
from iree.vm.isa import BY_NAME, VALUE_TYPES
from iree.vm.module_writer import TYPE_LETTERS, ModuleBuilder

from .programs import FLOATS, INTEGERS, ModuleMaker

LETTER_TYPES = {letter: name for name, letter in VALUE_TYPES.items()}


def same(a: float, b: float) -> bool:
    """Equal to the sign of zero; NaNs are alike."""
    return a == b and struct.pack("<d", a) == struct.pack("<d", b) if isinstance(a, float) else a == b


def outcome(call: object, arguments: list[int | float]) -> tuple[int, list[float]]:
    """Status code and results of a call."""
    try:
        results = call(*arguments)  # type: ignore[operator]
    except errors.Error as error:
        return error.code, []
    if results is None:
        return 0, []
    return 0, list(results) if isinstance(results, tuple | list) else [results]


def assert_same(got: tuple[int, list[float]], want: tuple[int, list[float]], what: str) -> None:
    assert got[0] == want[0], f"{what}: {got} != {want}"
    for g, w in zip(got[1], want[1], strict=True):
        assert same(g, w) or (g != g and w != w), f"{what}: {got} != {want}"  # noqa: PLR0124


def values_of(type_: str) -> list[float]:
    bits = int(type_[1:])
    if type_[0] == "i":
        return [decode(type_, b) for b in INTEGERS[bits]]
    return [f for f in FLOATS if bits == 64 or abs(f) < 1e38 or f != f or abs(f) == float("inf")]  # noqa: PLR0124


def test_every_value_instruction_on_special_values() -> None:
    builder = ModuleBuilder()
    for name in TABLE:
        result, *operands = BY_NAME[name].fields
        asm = Assembler()
        asm.emit(name, len(operands), *range(len(operands)))
        asm.emit("return", [len(operands)])
        types = [TYPE_LETTERS[c] for c in (*operands, result)]
        builder.add_export(name, builder.add_function(name, f"{''.join(operands)}:{result}", asm, values=types))
    data = builder.tobytes()
    native, ref = vm.load(data, device=None), reference.Reference(module_reader.read(data))
    for name in TABLE:
        _, *operands = BY_NAME[name].fields
        for arguments in itertools.product(*(values_of(LETTER_TYPES[c]) for c in operands)):
            got = outcome(native[name], list(arguments))
            want = outcome(lambda *a, n=name: ref.call(n, *a), list(arguments))
            assert_same(got, want, f"{name}{arguments}")


def test_every_instruction_is_covered() -> None:
    """What the table of arithmetic does not have, the random programs use or the HAL's tests do."""
    others = {name for name in BY_NAME if name not in TABLE}
    families = ("br", "cond_br", "switch", "return", "fail", "call", "assert", "yield", "import.resolved", "rodata",
                "const.", "mov.", "select.", "global.", "ref.", "list.")  # fmt: skip
    assert [name for name in others if not name.startswith(families)] == []


@pytest.mark.parametrize("block", range(20))
def test_random_programs(block: int) -> None:
    ended: dict[int, int] = {}
    for seed in range(block * 20, block * 20 + 20):
        maker = ModuleMaker(seed)
        data = maker.builder.tobytes()
        native, ref = vm.load(data, device=None), reference.Reference(module_reader.read(data))
        for _ in range(5):  # globals carry over
            arguments = maker.arguments()
            got = outcome(native.f, arguments)
            want = outcome(lambda *a, r=ref: r.call("f", *a), arguments)
            assert_same(got, want, f"seed {seed}{arguments}")
            ended[got[0]] = ended.get(got[0], 0) + 1
    assert ended[0] > 10, "most programs should end without a trap"
