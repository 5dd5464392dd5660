"""What code may rely on: the two profiles of `iree/spirv_executable.h`."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Matrices:
    """A multiplication of cooperative matrices: f16 by f16 or bf16 by bf16, added to f32.

    Attributes:
        m: Rows of the first and the result.
        n: Columns of the second and the result.
        k: Columns of the first.
        subgroup: Threads that do it together.
    """

    m: int
    n: int
    k: int
    subgroup: int


@dataclass(frozen=True)
class Profile:
    """What a kernel may use.

    Attributes:
        name: Name of the target and of the executables' format.
        number: `iree_spirv_profile_e`.
        version: SPIR-V version, as MLIR writes it.
        capabilities: Those that a module may declare; each declares what it uses.
        extensions: Likewise.
        push_words: 32-bit words of constants that are pushed; more go to a uniform buffer.
        bindings: Buffers of one dispatch, at most.
        integers: Widths of integers that can be computed with. Others are emulated or refused.
        stored: Widths of integers that a buffer may hold as they are; narrower ones are parts of 32-bit words.
        floats: Widths of floats that can be computed with.
        grid_limit: Workgroups in one dimension that every device takes; None if the driver splits larger grids.
        marks_read_only: Whether bindings that are only read are declared so.
        tests_nans: Whether there is an operation that tells NaNs.
        workgroup_memory: Bytes that the threads of a workgroup may share.
        subgroups: Whether threads of a subgroup may reduce together.
        checks_barriers: Whether code is refused whose barriers depend on what was read from memory, even where all
            threads read the same.
        matrices: The cooperative matrices that there are; None if there are none.
        fuses: Whether math functions are made of fused multiply-adds. Devices may round them twice; where code can say
            that sums and products stay as they are written, these are the more precise choice.
    """

    name: str
    number: int
    version: str
    capabilities: tuple[str, ...]
    extensions: tuple[str, ...]
    push_words: int
    bindings: int
    integers: frozenset[int]
    stored: frozenset[int]
    floats: frozenset[int]
    grid_limit: int | None
    marks_read_only: bool
    tests_nans: bool
    fuses: bool
    workgroup_memory: int
    subgroups: bool
    checks_barriers: bool
    matrices: Matrices | None = None

    @property
    def environment(self) -> str:
        """The `spirv.target_env` attribute's text."""
        triple = f"#spirv.vce<{self.version},[{','.join(self.capabilities)}],[{','.join(self.extensions)}]>"
        return f"#spirv.target_env<{triple},#spirv.resource_limits<>>"


PORTABLE = Profile(
    name="spirv-portable",
    number=0,
    version="v1.3",
    capabilities=("Shader", "Float16", "StorageBuffer16BitAccess"),
    extensions=("SPV_KHR_storage_buffer_storage_class", "SPV_KHR_16bit_storage"),
    push_words=0,
    bindings=8,
    integers=frozenset({32}),
    stored=frozenset({32}),
    floats=frozenset({16, 32}),
    grid_limit=65535,
    marks_read_only=False,
    tests_nans=False,
    fuses=True,
    workgroup_memory=16 << 10,
    subgroups=False,
    checks_barriers=True,
)

VULKAN = Profile(
    name="spirv-vulkan",
    number=1,
    version="v1.3",
    capabilities=(
        "Shader",
        "Int8",
        "Int16",
        "Int64",
        "Float16",
        "Float64",
        "StorageBuffer8BitAccess",
        "StorageBuffer16BitAccess",
        "GroupNonUniform",
        "GroupNonUniformArithmetic",
    ),
    extensions=("SPV_KHR_storage_buffer_storage_class", "SPV_KHR_16bit_storage", "SPV_KHR_8bit_storage"),
    push_words=32,
    bindings=31,
    integers=frozenset({8, 16, 32, 64}),
    stored=frozenset({8, 16, 32, 64}),
    floats=frozenset({16, 32, 64}),
    grid_limit=None,
    marks_read_only=True,
    tests_nans=True,
    fuses=False,
    workgroup_memory=32 << 10,
    subgroups=True,
    checks_barriers=False,
)

HALVES = Matrices(16, 16, 16, 32)
"""What NVIDIA's and AMD's devices have."""


def with_matrices(matrices: Matrices) -> Profile:
    """`VULKAN` for kernels that multiply cooperative matrices."""
    return replace(
        VULKAN,
        version="v1.6",
        capabilities=(
            *VULKAN.capabilities,
            "CooperativeMatrixKHR",
            "VulkanMemoryModel",
            "BFloat16TypeKHR",
            "BFloat16CooperativeMatrixKHR",
        ),
        extensions=(
            *VULKAN.extensions,
            "SPV_KHR_cooperative_matrix",
            "SPV_KHR_vulkan_memory_model",
            "SPV_KHR_bfloat16",
        ),
        workgroup_memory=48 << 10,
        matrices=matrices,
    )
