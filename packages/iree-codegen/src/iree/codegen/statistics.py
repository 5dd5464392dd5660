"""What a compilation did, in numbers and as text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from iree.codegen.executables import ExecutableReport
from iree.dialects.mlir import ir
from iree.dialects.transforms.structure import functions, is_tensor, static_bytes, walk


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
    """

    seconds: dict[str, float] = field(default_factory=dict)
    dispatches: Counter[str] = field(default_factory=Counter)
    copies: int = 0
    tensor_bytes: int = 0
    executables: ExecutableReport | None = None
    parameter_bytes: int = 0
    output_bytes: int = 0

    def count(self, module: Any) -> None:
        """Counts the dispatches of a module in the flow phase."""
        for op in [op for function in functions(module) for op in walk(function)]:
            if op.name == "flow.dispatch":
                self.dispatches[ir.FlatSymbolRefAttr(op.attributes["callee"]).value] += 1
                tensors = [value.type for value in (*op.operands, *op.results) if is_tensor(value.type)]
                self.tensor_bytes += sum(static_bytes(type_) or 0 for type_ in tensors)
            self.copies += op.name == "flow.clone"

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
