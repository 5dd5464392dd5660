"""An OpConstant that is an infinity or a NaN, which SPIR-V and Vulkan allow, ends the process or is refused."""

import subprocess
import sys

from dawn import Dawn, report
from spirv_builder import Kernel

VALUES = {"-inf": 0xFF800000, "nan": 0x7FC00000, "1.0": 0x3F800000}


def compile_sum(bits: int) -> None:
    """Adds the constant to a loaded value; status 1 if Dawn refuses the module."""
    kernel = Kernel("d0", 1, 0)
    single = kernel.type_of(22, 32)
    loaded = kernel.op(124, single, kernel.load(0, kernel.word(0)))
    total = kernel.op(129, single, loaded, kernel.literal(single, 43, bits))
    kernel.store(0, kernel.word(0), kernel.op(124, kernel.uint, total))
    dawn = Dawn()
    error = dawn.module_error(kernel.module())
    sys.exit(1 if error else 0)


if len(sys.argv) > 1:
    compile_sum(VALUES[sys.argv[1]])
statuses = {
    name: subprocess.run([sys.executable, __file__, name], capture_output=True, check=False).returncode
    for name in VALUES
}
report(
    bool(statuses["-inf"] and statuses["nan"] and not statuses["1.0"]),
    *(f"{name}: the process ends with status {status}" for name, status in statuses.items()),
)
