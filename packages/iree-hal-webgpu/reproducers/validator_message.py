"""Why SPIR-V is invalid comes only to the logging callback; the error asks for a bug report against Tint."""

from dawn import Dawn, first_line, report
from spirv_builder import Kernel

dawn = Dawn()
kernel = Kernel("d0", 1, 0)
kernel.store(0, kernel.word(0), 7777)  # an id that nothing defines
error = dawn.module_error(kernel.module())
report("7777" not in error and "7777" in "".join(dawn.log), first_line(error), first_line("".join(dawn.log)))
