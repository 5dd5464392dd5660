"""The CPU target: Linalg kernels to position-independent ELF images."""

from iree.codegen.cpu.target import CpuTarget

__all__ = ["CpuTarget"]
