"""A buffer may not be bound read-only and writable in one dispatch, nor writable twice where only reads overlap."""

from dawn import Dawn, first_line, report, webgpu

READ, WRITE = webgpu.WGPUBufferBindingType_ReadOnlyStorage, webgpu.WGPUBufferBindingType_Storage
SHADER = """
@group(0) @binding(0) var<storage, {0}> a : array<u32>;
@group(0) @binding(1) var<storage, {1}> b : array<u32>;
@group(0) @binding(2) var<storage, read_write> c : array<u32>;
@compute @workgroup_size(1) fn main() {{ c[0] = a[0] + b[0]; }}
"""
dawn = Dawn()
buffer, other = dawn.buffer(1024), dawn.buffer(1024)
apart = dawn.error(
    lambda: dawn.dispatch(
        [READ, READ, WRITE], [(buffer, 0, 256), (buffer, 256, 256), (buffer, 512, 256)], SHADER.format("read", "read")
    )
)
overlap = dawn.error(
    lambda: dawn.dispatch(
        [WRITE, WRITE, WRITE],
        [(buffer, 0, 256), (buffer, 0, 256), (other, 0, 256)],
        SHADER.format("read_write", "read_write"),
    )
)
report(
    bool(apart and overlap),
    f"read and written, apart: {first_line(apart)}",
    f"read twice through writable bindings: {first_line(overlap)}",
)
