"""Several targets in one module: the runtime takes the first variant that its device supports."""

from __future__ import annotations

import itertools
import platform
import re

import numpy as np
import pytest
from iree import codegen, hal, vm
from iree.codegen.targets import load_all
from iree.dialects.mlir import CompileError

PROGRAM = """func.func @main(%a: tensor<?x200xf32>, %b: tensor<200x33xf32>) -> tensor<?x33xf32> {
  %0 = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0]
    : (tensor<?x200xf32>, tensor<200x33xf32>) -> tensor<?x33xf32>
  %1 = stablehlo.exponential %0 : tensor<?x33xf32>
  return %1 : tensor<?x33xf32>
}"""


def _levels(level: str) -> list[str]:
    return [target.options["cpu"] for target in load_all("cpu", {"cpu": level})]


@pytest.mark.parametrize("targets", ["cpu", "cpu,spirv-vulkan", ["spirv-portable", "spirv-vulkan", "cpu"]])
@pytest.mark.parametrize("device", ["cpu", "vulkan", "webgpu"])
def test_every_device_finds_its_variant(targets: str | list[str], device: str) -> None:
    if not any(d.uri.startswith(device) and d.unusable is None for d in hal.devices()):
        pytest.skip(f"there is no {device} device")
    names = targets.split(",") if isinstance(targets, str) else targets
    binary = codegen.compile_str(PROGRAM, targets, codegen.CompilerOptions(jobs=1))
    taken = {"cpu": {"cpu"}, "vulkan": {"spirv-vulkan", "spirv-portable"}, "webgpu": {"spirv-portable"}}[device]
    if not taken & set(names):
        with pytest.raises(Exception, match=r"spirv|cpu-elf"):
            vm.load(binary, device=device)
        return
    module = vm.load(binary, device=device)
    b = np.random.default_rng(0).uniform(-0.1, 0.1, (200, 33)).astype("f4")
    for rows in (0, 1, 77):
        a = np.random.default_rng(1).uniform(-1, 1, (rows, 200)).astype("f4")
        np.testing.assert_allclose(np.asarray(module.main(a, b)), np.exp(a.astype("f8") @ b), rtol=2e-5)


def test_more_tensors_are_joined_than_a_kernel_has_bindings() -> None:
    types = [f"tensor<{i % 3}x4xf32>" for i in range(150)]
    arguments = ", ".join(f"%a{i}: {type_}" for i, type_ in enumerate(types))
    names = ", ".join(f"%a{i}" for i in range(150))
    text = f"""func.func @main({arguments}) -> tensor<150x4xf32> {{
  %r = stablehlo.concatenate {names}, dim = 0 : ({", ".join(types)}) -> tensor<150x4xf32>
  return %r : tensor<150x4xf32>
}}"""
    module = vm.load(codegen.compile_str(text, "cpu", codegen.CompilerOptions(jobs=1)), device="cpu")
    values = [np.full((i % 3, 4), i, "f4") for i in range(150)]
    np.testing.assert_array_equal(np.asarray(module.main(*values)), np.concatenate(values))


def test_dispatches_suit_the_target_that_has_the_fewest_bindings() -> None:
    count = 12
    arguments = ", ".join(f"%a{i}: tensor<33xf32>" for i in range(count))
    sums = [f"%s{i} = stablehlo.add %{f's{i - 1}' if i > 1 else 'a0'}, %a{i} : tensor<33xf32>" for i in range(1, count)]
    text = "\n".join(
        [f"func.func @main({arguments}) -> tensor<33xf32> {{", *sums, f"return %s{count - 1} : tensor<33xf32>}}"]
    )
    binary = codegen.compile_str(text, "cpu,spirv-portable", codegen.CompilerOptions(jobs=1))
    values = [np.full(33, 2.0**i, "f4") for i in range(count)]
    for device in ("cpu", "webgpu"):
        if any(d.uri.startswith(device) and d.unusable is None for d in hal.devices()):
            found = np.asarray(vm.load(binary, device=device).main(*values))
            np.testing.assert_array_equal(found, np.full(33, 2.0**count - 1, "f4"))


def test_cpu_levels_are_variants_the_most_demanding_first() -> None:
    assert _levels("x86-64-v2,x86-64-v4,x86-64-v3") == ["x86-64-v4", "x86-64-v3", "x86-64-v2"]
    options = codegen.CompilerOptions(target_options={"cpu": "x86-64,x86-64-v2"}, jobs=1)
    module = vm.load(codegen.compile_str(PROGRAM, "cpu", options), device="cpu")
    a, b = np.ones((2, 200), "f4") * 0.01, np.ones((200, 33), "f4")
    np.testing.assert_allclose(np.asarray(module.main(a, b)), np.exp(2.0), rtol=2e-5)


SMALL = """func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = stablehlo.add %a, %a : tensor<4xf32>
  return %0 : tensor<4xf32>
}"""
LEVELS = {"x86-64-v4": b"avx512f", "x86-64-v3": b"avx2", "x86-64-v2": b"ssse3"}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="levels of x86-64")
def test_a_cpu_takes_the_best_level_that_it_has() -> None:
    """CPUs that lack a level: its images ask for what no CPU has. Images that must not be looked at are broken."""
    options = codegen.CompilerOptions(target_options={"cpu": ",".join(LEVELS)}, jobs=1)
    binary = codegen.compile_str(SMALL, "cpu", options)
    starts = [found.start() for found in re.finditer(b"\x7fELF", binary)]
    assert len(starts) == len(LEVELS)
    here = hal.open("cpu")
    has = [bool(here.query(f"cpu.feature.{feature.decode()}")) for feature in LEVELS.values()]
    images = [binary[a:b] for a, b in itertools.pairwise([*starts, len(binary)])]
    for image, (level, feature) in zip(images, LEVELS.items(), strict=True):
        assert image.count(level.encode()) == 1 and image.count(feature) >= 1
    for first in range(len(LEVELS) + 1):
        lacking = [image.replace(f, b"z" * len(f)) for image, f in zip(images, LEVELS.values(), strict=True)]
        parts = lacking[:first] + images[first:]
        taken = next((i for i in range(first, len(LEVELS)) if has[i]), None)
        if taken is not None:
            parts[taken + 1 :] = [part.replace(b"\x7fELF", b"\x7fFLE") for part in parts[taken + 1 :]]
            module = vm.load(binary[: starts[0]] + b"".join(parts), device="cpu")
            assert module.main(np.ones(4, "f4")).tolist() == [2] * 4
            continue
        with pytest.raises(vm.Error, match=r"--target-cpu=x86-64-v2, which needs .*[Rr]ecompile"):
            vm.load(binary[: starts[0]] + b"".join(parts), device="cpu")


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(CompileError, match=r"no option 'speed'; cpu has: .*; spirv-vulkan has: none"):
        load_all(["cpu", "spirv-vulkan"], {"speed": "11"})
    with pytest.raises(CompileError, match="make the same variant twice"):
        load_all("cpu,cpu", {})
    with pytest.raises(CompileError, match="no target 'abacus' is installed"):
        load_all("cpu,abacus", {})
