"""What a Vulkan driver runs and Dawn's SPIR-V reader refuses: one instruction or type each."""

from collections.abc import Callable

from dawn import Dawn, first_line, report
from spirv_builder import Kernel


def test_number(opcode: int) -> Callable[[Kernel], None]:
    """OpIsNan and OpIsInf."""

    def body(k: Kernel) -> None:
        value = k.op(124, k.type_of(22, 32), k.load(0, k.word(0)))
        k.store(0, k.word(0), k.op(169, k.uint, k.op(opcode, k.type_of(20), value), k.word(1), k.word(0)))

    return body


def extended(opcode: int) -> Callable[[Kernel], None]:
    """Arithmetic with two words of result."""

    def body(k: Kernel) -> None:
        both = k.type_of(30, k.uint, k.uint)
        k.store(0, k.word(0), k.op(81, k.uint, k.op(opcode, both, k.load(0, k.word(0)), k.word(3)), 1))

    return body


def half_to_integer(k: Kernel) -> None:
    """OpConvertFToU; the same from f32 is taken."""
    k.capabilities.append(9)
    half = k.op(115, k.type_of(22, 16), k.op(124, k.type_of(22, 32), k.load(0, k.word(0))))
    k.store(0, k.word(0), k.op(109, k.uint, half))


def wide(opcode: int, capability: int, convert: int, back: int, *kind: int) -> Callable[[Kernel], None]:
    """Converts to a type and back."""

    def body(k: Kernel) -> None:
        k.capabilities.append(capability)
        k.store(0, k.word(0), k.op(back, k.uint, k.op(convert, k.type_of(opcode, *kind), k.load(0, k.word(0)))))

    return body


CASES = {
    "OpIsNan": test_number(156),
    "OpIsInf": test_number(157),
    "OpIAddCarry": extended(149),
    "OpISubBorrow": extended(150),
    "OpUMulExtended": extended(151),
    "OpSMulExtended": extended(152),
    "f16 to integers": half_to_integer,
    "64-bit integers": wide(21, 11, 113, 113, 64, 0),
    "16-bit integers": wide(21, 22, 113, 113, 16, 0),
    "8-bit integers": wide(21, 39, 113, 113, 8, 0),
    "f64": wide(22, 10, 112, 109, 64),
}
dawn, lines, accepted = Dawn("ShaderF16"), [], []
for name, body in CASES.items():
    kernel = Kernel("d0", 1, 0)
    body(kernel)
    error = dawn.module_error(kernel.module())
    lines.append(f"{name}: {first_line(error)}")
    if not error:
        accepted.append(name)
report(not accepted, *lines)
