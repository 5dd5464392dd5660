"""What the executables phase did, kernel by kernel."""

from __future__ import annotations

from dataclasses import dataclass, field

from iree.codegen.targets import CompiledKernel


@dataclass
class Kernel:
    """One dispatch's kernel on its way through the phase.

    Attributes:
        name: Symbol of its `flow.executable`.
        location: Where the program has it.
        bytecode: Its module, where it is called `ENTRY_POINT`.
        key: Its key in the cache: what it is, for what target.
        flops: Arithmetic operations of one dispatch; None if sizes are dynamic.
        compiled: The result.
        seconds: Time to compile it; 0 if there was no need.
        cached: Whether it was compiled before.
        plain: Whether it is compiled in the target's plain way, of which there was a warning.
    """

    name: str
    location: str
    bytecode: bytes
    key: str
    flops: int | None
    compiled: CompiledKernel | None = None
    seconds: float = 0.0
    cached: bool = False
    plain: bool = False


@dataclass
class ExecutableReport:
    """What the phase did, for `--print-statistics`. `link_seconds` is the time for linking, `size` the binary's
    bytes.
    """

    kernels: list[Kernel] = field(default_factory=list)
    link_seconds: float = 0.0
    size: int = 0
