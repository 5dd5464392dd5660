"""Every program compiled for both profiles: valid SPIR-V, and right results where there is a device."""

from __future__ import annotations

import functools
import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gpu_programs import PROGRAMS as GENERICS  # type: ignore[import-not-found]
from gpu_programs import Program, attention
from iree import codegen, hal, vm
from iree.codegen.spirv import SpirvTarget, container, portable, vulkan
from iree.codegen.spirv.words import instructions
from iree.dialects.mlir import CompileError, ir, make_context
from loop_programs import LOOP_PROGRAMS  # type: ignore[import-not-found]

PROGRAMS = [*GENERICS, *LOOP_PROGRAMS]


def _ordinary() -> SpirvTarget:
    """The target for devices without cooperative matrices."""
    target = vulkan().ordinary
    assert target is not None
    return target


TARGETS = {"spirv-vulkan": (_ordinary, "vulkan1.3"), "spirv-portable": (portable, "vulkan1.1")}
DEVICES = {"spirv-vulkan": "vulkan", "spirv-portable": "webgpu"}


def _kernels(program: Program) -> list[bytes]:
    options = codegen.CompilerOptions(compile_to="flow", jobs=1)
    module = ir.Module.parse(codegen.compile_str(program.text, options=options), make_context())
    found = []
    for op in module.body.operations:
        if op.operation.name == "flow.executable":
            buffer = io.BytesIO()
            op.operation.regions[0].blocks[0].operations[0].operation.write_bytecode(buffer)
            found.append(buffer.getvalue())
    return found


def _validate(words: bytes, environment: str, path: Path) -> None:
    validator = shutil.which("spirv-val")
    if validator is None:
        pytest.skip("spirv-val is not installed (Debian: spirv-tools)")
    path.write_bytes(words)
    result = subprocess.run([validator, "--target-env", environment, path], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_modules_are_valid_and_small(program: Program, target: str, tmp_path: Path) -> None:
    make, environment = TARGETS[target]
    if target == "spirv-portable" and not program.portable:
        with pytest.raises(CompileError, match=r"'.*' on f64 is not supported by spirv-portable"):
            _compile(make(), program)
        return
    for number, kernel in enumerate(_compile(make(), program)):
        entry = container.unpack(kernel.object)
        assert len(entry.words) < 64 * 1024
        assert b"d0_arg" not in entry.words, "names are stripped"
        _validate(entry.words, environment, tmp_path / f"{number}.spv")


def _compile(target: SpirvTarget, program: Program) -> list[Any]:
    return [target.compile_kernel(kernel, None) for kernel in _kernels(program)]


@pytest.mark.parametrize("program", LOOP_PROGRAMS, ids=lambda p: p.name)
def test_loops_are_shared(program: Program) -> None:
    """By several workgroups, or by the threads of one, which then meet at barriers (OpControlBarrier)."""
    for kernel in _compile(portable(), program):
        words = np.frombuffer(container.unpack(kernel.object).words, np.uint32)
        meets = any(operation == 224 for operation, _ in instructions(words))
        assert meets or "(1, 1, 1)" not in kernel.workgroup_count


@functools.cache
def _loaded(target: str) -> Any:
    """All programs that a target takes, as one module on its device."""
    taken = [(i, p) for i, p in enumerate(PROGRAMS) if p.portable or target != "spirv-portable"]
    text = "\n".join(p.text.replace("@main", f"@main{i}") for i, p in taken)
    return vm.load(codegen.compile_str(text, target, codegen.CompilerOptions(jobs=1)), device=DEVICES[target])


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_results_are_those_of_numpy(program: Program, target: str) -> None:
    name = DEVICES[target]
    if not any(d.uri.startswith(name) and d.unusable is None for d in hal.devices()):
        pytest.skip(f"there is no {name} device")
    if target == "spirv-portable" and not program.portable:
        pytest.skip("the portable profile has no f64")
    got = _loaded(target)[f"main{PROGRAMS.index(program)}"](*program.inputs)
    got = np.asarray(got[-1] if isinstance(got, (list, tuple)) else got)
    want = np.asarray(program.reference(*program.inputs))
    assert got.shape == want.shape
    if program.tolerance:
        np.testing.assert_allclose(got, want, rtol=program.tolerance, atol=program.tolerance)
    else:
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(
    ("sizes", "halves", "one"),
    [
        ((1, 9, 512, 4, 5), False, True),
        ((1, 9, 513, 4, 5), False, False),
        ((1, 9, 128, 4, 5), True, True),
        ((1, 9, 129, 4, 5), True, False),
        ((40, 2600, 2600, 4, 5), False, True),  # its scores are more than 1 GiB
    ],
)
def test_attention_is_one_dispatch_where_that_is_faster_or_scores_are_too_large(
    sizes: tuple[int, ...], halves: bool, one: bool
) -> None:
    options = codegen.CompilerOptions(compile_to="flow", jobs=1)
    compiled = codegen.compile_str(attention(sizes, halves=halves).text, "spirv-vulkan", options)
    operations = ir.Module.parse(compiled, make_context()).body.operations
    assert (sum(op.operation.name == "flow.executable" for op in operations) == 1) == one


@pytest.mark.parametrize("sizes", [(1, 9, 1030, 4, 5), (1, 8200, 530, 4, 5)])
def test_attention_to_more_keys_than_registers_hold(sizes: tuple[int, ...]) -> None:
    """Scores are computed again in every pass. A GPU alone gets several dispatches of it."""
    if not any(d.uri.startswith("vulkan") and d.unusable is None for d in hal.devices()):
        pytest.skip("there is no vulkan device")
    program = attention(sizes)
    compiled = codegen.compile_str(program.text, ["cpu", "spirv-vulkan"], codegen.CompilerOptions(jobs=1))
    got = np.asarray(vm.load(compiled, device="vulkan")["main"](*program.inputs))
    np.testing.assert_allclose(got, program.reference(*program.inputs), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("program", [p for p in PROGRAMS if p.name.startswith("matmul")], ids=lambda p: p.name)
def test_products_of_halves_have_a_variant_for_cooperative_matrices(program: Program) -> None:
    """Debian's validator and lavapipe are too old to know more of it."""
    options = codegen.CompilerOptions(compile_to="executables", jobs=1)
    module = ir.Module.parse(codegen.compile_str(program.text, "spirv-vulkan", options), make_context())
    (executables,) = [op for op in module.body.operations if op.operation.name == "hal.executables"]
    inner = executables.operation.regions[0].blocks[0].operations
    halves = program.name in ("matmul f16", "matmul bf16")
    assert sum(op.operation.name == "hal.executable_variant" for op in inner) == 1 + halves
    entries = [container.unpack(kernel.object) for kernel in _compile(vulkan(), program)]
    wanted = container.halves(16, 16, 16, brain=program.name == "matmul bf16")
    assert [e.multiplications for e in entries] == [(wanted,) if halves else ()] * len(entries)
    assert all((e.subgroup_size, e.flags) == ((32, container.FULL_SUBGROUPS) if halves else (0, 0)) for e in entries)


def test_plain_does_without_templates() -> None:
    plain = vulkan().plain
    assert plain is not None and plain.plain is None
    for kernel in _compile(plain, PROGRAMS[0]):
        assert container.unpack(kernel.object).workgroup[0] in (64, 128)
