"""The SPIR-V targets: Linalg kernels to SPIR-V for Vulkan and WebGPU."""

from iree.codegen.spirv.target import SpirvTarget, portable, vulkan

__all__ = ["SpirvTarget", "portable", "vulkan"]
