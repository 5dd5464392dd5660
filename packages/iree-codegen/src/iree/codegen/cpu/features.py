"""Which machine to compile for: the names of ``--target-cpu`` and the features that code for them may use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import llvmlite.binding as llvm

_BASE = ("cmov", "cx8", "fxsr", "mmx", "sse", "sse2")
_V2 = (*_BASE, "cx16", "popcnt", "sse3", "sse4.1", "sse4.2", "ssse3")
_V3 = (*_V2, "avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe")
_V4 = (*_V3, "avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl")

X86_LEVELS: dict[str, tuple[str, ...]] = {
    "generic": _BASE,
    "x86-64": _BASE,
    "x86-64-v2": _V2,
    "x86-64-v3": _V3,
    "x86-64-v4": _V4,
}
"""Features of each level of the x86-64 psABI, LLVM's names."""

X86_KNOWN = frozenset(
    (
        *_V4,
        "amx-bf16",
        "amx-int8",
        "amx-tile",
        "avx512bf16",
        "avx512bitalg",
        "avx512fp16",
        "avx512ifma",
        "avx512vbmi",
        "avx512vbmi2",
        "avx512vnni",
        "avx512vpopcntdq",
        "avxvnni",
        "gfni",
    )
)
"""Features that generated code may use; others that the host has are not asked for."""


@dataclass(frozen=True)
class Machine:
    """What code is generated for.

    Attributes:
        cpu: The name given to ``--target-cpu``; ``host`` is kept, for messages.
        llvm_cpu: LLVM's name of the processor, which picks the scheduling model.
        features: Features the code may use and needs, LLVM's names, sorted.
        reassociate: May sums and products of a reduction be regrouped?
    """

    triple: str
    cpu: str
    llvm_cpu: str
    features: tuple[str, ...]
    reassociate: bool = True

    def has(self, feature: str) -> bool:
        """Whether code may use `feature`."""
        return feature in self.features

    @property
    def arch(self) -> str:
        """``x86_64`` or ``aarch64``."""
        return self.triple.split("-", maxsplit=1)[0]

    @property
    def fused(self) -> bool:
        """Whether it has a fused multiply-add."""
        return self.has("fma") or self.arch == "aarch64"

    @property
    def rounds(self) -> bool:
        """Whether it has instructions for floor, ceil, trunc and roundeven."""
        return self.has("sse4.1") or self.arch == "aarch64"

    @property
    def vector_bytes(self) -> int:
        """Width of the widest vector register that is worth using."""
        return 64 if self.has("avx512f") else 32 if self.has("avx") else 16

    @property
    def vector_registers(self) -> int:
        """Number of those registers."""
        return 32 if self.has("avx512f") or self.arch == "aarch64" else 16

    @property
    def llvm_features(self) -> str:
        """The features as LLVM takes them: every known one on or off, so that `llvm_cpu` implies none by itself."""
        known = X86_KNOWN if self.arch == "x86_64" else frozenset(self.features)
        return ",".join(("+" if name in self.features else "-") + name for name in sorted(known))


def machine(cpu: str) -> Machine:
    """The machine that ``--target-cpu=cpu`` names.

    Raises:
        ValueError: The name is not known, or it is ``host`` and the host is of another architecture.
    """
    if cpu == "host":
        return _host()
    if cpu in X86_LEVELS:
        llvm_cpu = "x86-64" if cpu == "generic" else cpu
        return Machine("x86_64-unknown-linux-gnu", cpu, llvm_cpu, tuple(sorted(X86_LEVELS[cpu])))
    if cpu == "aarch64":
        return Machine("aarch64-unknown-linux-gnu", cpu, "generic", ("neon",))
    raise ValueError(f"unknown target CPU '{cpu}': known are host, {', '.join(X86_LEVELS)}, aarch64")


@cache
def _host() -> Machine:
    triple = llvm.get_process_triple()
    if not triple.startswith("x86_64"):
        raise ValueError(f"--target-cpu=host is not available on {triple}: name a CPU")
    found = {name for name, there in llvm.get_host_cpu_features().items() if there}
    return Machine("x86_64-unknown-linux-gnu", "host", llvm.get_host_cpu_name(), tuple(sorted(found & X86_KNOWN)))
