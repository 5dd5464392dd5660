"""What a compilation did, in numbers and as text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from iree.codegen.report import ExecutableReport, Kernel


@dataclass
class Statistics:
    """Figures of one compilation.

    Attributes:
        seconds: Per stage, in order, its wall-clock time.
        dispatches: Per kernel how many dispatches the functions have; those in loops count once.
        copies: How many copies of tensors they have.
        tensor_bytes: Bytes of what the dispatches of static shape read and write.
        executables: What the executables phase did, if it ran.
        parameter_bytes: Bytes of weights that the program came with.
        output_bytes: Size of what was written.
        plain: Whether some kernel, perhaps one that computed a constant, was compiled plainly, with a warning.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    dispatches: Counter[str] = field(default_factory=Counter)
    copies: int = 0
    tensor_bytes: int = 0
    executables: ExecutableReport | None = None
    parameter_bytes: int = 0
    output_bytes: int = 0
    plain: bool = False

    def to_json(self) -> dict[str, Any]:
        """What is the same whenever the program is compiled: all but the times and what came from the cache."""
        report = self.executables
        return {
            "dispatches": dict(self.dispatches),
            "copies": self.copies,
            "tensor_bytes": self.tensor_bytes,
            "kernels": [[kernel.name, kernel.flops] for kernel in report.kernels] if report is not None else None,
            "code_bytes": report.size if report is not None else 0,
            "parameter_bytes": self.parameter_bytes,
            "output_bytes": self.output_bytes,
        }

    @staticmethod
    def from_json(fields: dict[str, Any]) -> Statistics:
        """What `to_json` gave; all kernels come from the cache."""
        report = None
        if fields["kernels"] is not None:
            kernels = [Kernel(name, "", b"", "", flops, cached=True) for name, flops in fields["kernels"]]
            report = ExecutableReport(kernels, size=fields["code_bytes"])
        return Statistics(
            dispatches=Counter(fields["dispatches"]),
            copies=fields["copies"],
            tensor_bytes=fields["tensor_bytes"],
            executables=report,
            parameter_bytes=fields["parameter_bytes"],
            output_bytes=fields["output_bytes"],
        )

    def __str__(self) -> str:
        lines = [f"{'stage':<20}{'seconds':>9}"]
        lines += [f"{name:<20}{seconds:>9.2f}" for name, seconds in self.seconds.items()]
        lines.append(f"{'total':<20}{sum(self.seconds.values()):>9.2f}")
        if self.executables is not None:
            kernels = self.executables.kernels
            known = [k.flops for k in kernels if k.flops is not None]
            cached = sum(k.cached for k in kernels)
            code = self.executables.size
            flops = {kernel.name: kernel.flops or 0 for kernel in kernels}  # once if there are several targets
            lines.append(
                f"dispatches: {sum(self.dispatches.values())} of {len(flops)} kernels, and {self.copies} copies; "
                f"they read and write {self.tensor_bytes} bytes"
            )
            lines.append(f"kernels: {cached} of them from the cache, {code} bytes of code")
            dynamic = len(kernels) - len(known)
            total = sum(flops[name] * count for name, count in self.dispatches.items() if name in flops)
            more = f", without those of {dynamic} kernels of dynamic size" if dynamic else ""
            lines.append(f"arithmetic: {total / 1e6:.1f} M operations{more}")
            for kernel in sorted(kernels, key=lambda k: -k.seconds)[:5]:
                if kernel.seconds:
                    lines.append(f"  {kernel.seconds:6.2f} s to compile {kernel.name}")
        lines.append(f"parameters: {self.parameter_bytes} bytes, output: {self.output_bytes} bytes")
        return "\n".join(lines)
