"""What a compilation did, in numbers and as text."""

from __future__ import annotations

from dataclasses import dataclass, field

from iree.codegen.executables import ExecutableReport


@dataclass
class Statistics:
    """Figures of one compilation.

    Attributes:
        seconds: Per stage, in order, its wall-clock time.
        executables: What the executables phase did, if it ran.
        parameter_bytes: Bytes of weights that the program came with.
        output_bytes: Size of what was written.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    executables: ExecutableReport | None = None
    parameter_bytes: int = 0
    output_bytes: int = 0

    def __str__(self) -> str:
        lines = [f"{'stage':<20}{'seconds':>9}"]
        lines += [f"{name:<20}{seconds:>9.2f}" for name, seconds in self.seconds.items()]
        lines.append(f"{'total':<20}{sum(self.seconds.values()):>9.2f}")
        if self.executables is not None:
            kernels = self.executables.kernels
            known = [k.flops for k in kernels if k.flops is not None]
            cached = sum(k.cached for k in kernels)
            code = self.executables.size
            lines.append(f"dispatches: {len(kernels)} kernels, {cached} of them from the cache, {code} bytes of code")
            dynamic = len(kernels) - len(known)
            more = f" and those of {dynamic} kernels of dynamic size" if dynamic else ""
            lines.append(f"arithmetic: {sum(known) / 1e6:.1f} M operations, each kernel once{more}")
            for kernel in sorted(kernels, key=lambda k: -k.seconds)[:5]:
                if kernel.seconds:
                    lines.append(f"  {kernel.seconds:6.2f} s to compile {kernel.name}")
        lines.append(f"parameters: {self.parameter_bytes} bytes, output: {self.output_bytes} bytes")
        return "\n".join(lines)
