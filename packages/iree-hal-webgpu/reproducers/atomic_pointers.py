"""A pointer that two atomic instructions use is refused; one for each is taken."""

from dawn import Dawn, first_line, report
from spirv_builder import Kernel

dawn, errors = Dawn(), []
for count in (1, 2):
    k = Kernel("d0", 1, 0)
    pointers = [k.op(65, k.element, k.buffers[0], k.word(0), k.word(0)) for _ in range(count)]
    k.op(240, k.uint, pointers[0], k.word(1), k.word(72), k.word(0xF0))  # OpAtomicAnd
    k.op(241, k.uint, pointers[-1], k.word(1), k.word(72), k.word(3))  # OpAtomicOr
    errors.append(dawn.module_error(k.module()))
report(bool(errors[0] and not errors[1]), f"one pointer: {first_line(errors[0])}", f"two: {first_line(errors[1])}")
