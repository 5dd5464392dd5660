"""Objects become images that the CPU driver's loader takes: layout, note, relocations, what is refused."""

from __future__ import annotations

import shutil
import struct
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cpu_harness import Image, bytecode, compile_text
from hypothesis import given, settings
from hypothesis import strategies as st
from iree.codegen.cpu import CpuTarget, elf
from iree.codegen.cpu.features import machine
from iree.codegen.cpu.llvm_text import to_llvm22
from iree.codegen.cpu.object import emit_object, optimize
from iree.codegen.targets import CompiledKernel
from iree.dialects.mlir import CompileError

_SCALE = """
func.func @{name}(%a: tensor<64xf32>) -> tensor<64xf32> {{
  %k = arith.constant {factor} : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {{indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]}}
    ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {{
  ^bb0(%x: f32, %o: f32):
    %y = arith.mulf %x, %k : f32
    %z = math.exp %y : f32
    linalg.yield %z : f32 }} -> tensor<64xf32>
  return %r : tensor<64xf32>
}}"""


def _kernels(cpu: str) -> list[CompiledKernel]:
    target = CpuTarget(cpu)
    return [target.compile_kernel(bytecode(_SCALE.format(name=f"k{i}", factor=0.5 * i)), None) for i in range(3)]


def test_kernels_of_one_image() -> None:
    kernels = _kernels("x86-64-v3")
    image = Image(CpuTarget("x86-64-v3").link(kernels))
    assert [entry.name for entry in image.note.entries] == ["k0", "k1", "k2"]
    assert [entry.written for entry in image.note.entries] == [2, 2, 2]
    assert image.note.target == "x86-64-v3"
    assert "fma" in image.note.features.split(",") and "avx512f" not in image.note.features.split(",")
    for i in range(3):
        a, r = np.linspace(-1, 1, 64, dtype=np.float32), np.zeros(64, np.float32)
        image.run(i, [a, r], b"", (1, 1, 1))
        np.testing.assert_allclose(r, np.exp(a * 0.5 * i), rtol=1e-6)


@pytest.mark.parametrize("cpu", ["generic", "x86-64-v4", "aarch64"])
def test_tools_read_the_image(cpu: str, tmp_path: Path) -> None:
    if shutil.which("readelf") is None:
        pytest.skip("needs binutils")
    path = tmp_path / "image.elf"
    path.write_bytes(CpuTarget(cpu).link(_kernels(cpu)))
    text = subprocess.run(["readelf", "-lSsW", path], capture_output=True, text=True, check=True).stdout
    assert "DYN" in text and " k2" in text and "R E" in text and "RWE" not in text and " RW " not in text
    assert "Warning" not in text and "DYNAMIC" not in text


def test_an_aarch64_kernel_has_vectors() -> None:
    target = CpuTarget("aarch64")
    stages: dict[str, str] = {}
    target.compile_kernel(bytecode(_SCALE.format(name="k", factor=2.0)), lambda n, c: stages.update({n: str(c)}))
    assert "fmla" in stages["8-code.s"] and ".4s" in stages["8-code.s"]


def _object(text: str) -> CompiledKernel:
    host = machine("x86-64-v3")
    return CompiledKernel(
        "k", emit_object(optimize(text, host, name="k"), host), "affine_map<() -> (1, 1, 1)>", 0, (), 0
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("declare void @abort()\ndefine i32 @k() { call void @abort()\n ret i32 0 }", "'abort'"),
        ("@x = global i32 1\ndefine i32 @k() { store i32 2, ptr @x\n ret i32 0 }", "writable"),
        (
            "@t = constant [2 x ptr] [ptr @k, ptr @t]\n"
            "define i32 @k(ptr %p) { %a = ptrtoint ptr @t to i32\n ret i32 %a }",
            "'.data.rel.ro' is writable",
        ),
    ],
)
def test_what_cannot_be_linked(text: str, message: str) -> None:
    with pytest.raises(CompileError, match=message):
        CpuTarget("x86-64-v3").link([_object(text)])


def test_names_are_distinct() -> None:
    kernel = _kernels("generic")[0]
    with pytest.raises(CompileError, match="twice"):
        CpuTarget("generic").link([kernel, kernel])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_objects_are_refused_or_linked(data: st.DataObject) -> None:
    kernel = _object("define i32 @k() { ret i32 0 }")
    raw = bytearray(kernel.object)
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    try:
        elf.read_object(bytes(raw[:cut] if data.draw(st.booleans()) else raw))
    except elf.ElfError:
        pass
    try:
        CpuTarget("x86-64-v3").link([replace(kernel, object=bytes(raw))])
    except CompileError:
        pass


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("fadd float %a, f0x3F800000", "fadd float %a, 0x3FF0000000000000"),
        ("fadd double %a, 0.1", "fadd double %a, 0x3FB999999999999A"),
        ("store half f0x3C00, ptr %p", "store half 0xH3C00, ptr %p"),
        ("store bfloat 1.0, ptr %p", "store bfloat 0xR3F80, ptr %p"),
        ("fcmp olt float %a, +inf", "fcmp olt float %a, 0x7FF0000000000000"),
        ("store float -qnan, ptr %p", "store float 0xFFF8000000000000, ptr %p"),
        ("store float snan(0x1), ptr %p", "store float 0x7FF0000020000000, ptr %p"),
        (
            "[2 x float] [float f0x00000001, float 0.1]",
            "[2 x float] [float 0x36A0000000000000, float 0x3FB99999A0000000]",
        ),
        ("add i32 %a, 5", "add i32 %a, 5"),
    ],
)
def test_float_literals(new: str, old: str) -> None:
    assert to_llvm22(new) == old


@given(st.binary(min_size=4, max_size=4))
def test_every_float_survives(bits: bytes) -> None:
    (value,) = struct.unpack(">f", bits)
    converted = to_llvm22(f"store float f0x{bits.hex().upper()}, ptr %p").split()[2].rstrip(",")
    wide = struct.unpack(">d", bytes.fromhex(converted[2:]))[0]
    assert np.float32(wide).tobytes() == np.float32(value).tobytes() or np.isnan(value)


def test_unknown_cpu_names_the_known() -> None:
    with pytest.raises(ValueError, match="x86-64-v3"):
        CpuTarget("pentium")


def test_failing_pass_says_what() -> None:
    with pytest.raises(CompileError, match="memref<f32>"):
        compile_text("func.func @k(%a: memref<f32>) { return }")
