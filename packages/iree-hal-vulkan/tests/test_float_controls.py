"""What the driver asks of a device's arithmetic, on behalf of modules that do not say."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("c++") and shutil.which("spirv-as")), reason="no C++ compiler or no spirv-as"),
]
ONLY_32, ALL, NONE = range(3)  # VkShaderFloatControlsIndependence
MODULE = """
OpCapability Shader
{capabilities}
OpExtension "SPV_KHR_storage_buffer_storage_class"
{extensions}
OpMemoryModel Logical GLSL450
OpEntryPoint GLCompute %one "one"
OpEntryPoint GLCompute %two "two"
OpExecutionMode %one LocalSize 1 1 1
OpExecutionMode %two LocalSize 1 1 1
{modes}
%void = OpTypeVoid
%fn = OpTypeFunction %void
{types}
%one = OpFunction %void None %fn
%a = OpLabel
OpReturn
OpFunctionEnd
%two = OpFunction %void None %fn
%b = OpLabel
OpReturn
OpFunctionEnd
"""
FLOATS = {16: ("OpCapability Float16", "%f16 = OpTypeFloat 16"), 32: ("", "%f32 = OpTypeFloat 32"),
          64: ("OpCapability Float64", "%f64 = OpTypeFloat 64")}  # fmt: skip


def module(*widths: int, capabilities: str = "", extensions: str = "", modes: str = "") -> bytes:
    """A module with floats of these widths."""
    text = MODULE.format(
        capabilities="\n".join([*(FLOATS[width][0] for width in widths), capabilities]),
        extensions=extensions,
        modes=modes,
        types="\n".join(FLOATS[width][1] for width in widths),
    )
    return subprocess.run(
        ["spirv-as", "--target-env", "spv1.3", "-", "-o", "-"], input=text.encode(), check=True, capture_output=True
    ).stdout


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built `float_controls`."""
    built = tmp_path_factory.mktemp("float_controls") / "float_controls"
    vulkan = importlib.util.find_spec("vulkan")
    if vulkan is None or not vulkan.submodule_search_locations:
        # Where CI is set they have to be there.
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Vulkan declarations: pip install vulkan")
    includes = [PACKAGE / "native", PACKAGE.parent / "iree-hal/include"]
    options = ["-std=c++20", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    options += [*(f"-I{path}" for path in includes), "-isystem", vulkan.submodule_search_locations[0]]
    sources = [PACKAGE / "tests/native/float_controls.cpp", PACKAGE / "native/float_controls.cpp"]
    compiler = os.environ.get("CXX") or sysconfig.get_config_var("CXX").split()[0]
    subprocess.run([compiler, *options, *sources, "-o", built], check=True)
    return built


def changed(program: Path, words: bytes, *support: object, fuzz: int = 0) -> bytes:
    """What becomes of a module; it is valid."""
    made = subprocess.run([program, *map(str, support), str(fuzz)], input=words, check=True, capture_output=True).stdout
    subprocess.run(["spirv-val", "--target-env", "vulkan1.1", "-"], input=made, check=True, capture_output=True)
    return made


def modes(words: bytes) -> set[str]:
    """Execution modes of the entries beside the size, without the entry where all have it."""
    text = subprocess.run(["spirv-dis", "-"], input=words, check=True, capture_output=True).stdout.decode()
    rows = [line.split()[1:] for line in text.splitlines() if "OpExecutionMode" in line and "LocalSize" not in line]
    entries = {row[0] for row in rows}
    found = {" ".join(row[1:]) for row in rows}
    assert len(rows) == len(entries) * len(found) and len(entries) in (0, 2)
    return found


def every(*widths: int) -> set[str]:
    """All modes for these widths."""
    return {f"{m} {w}" for m in ("DenormPreserve", "SignedZeroInfNanPreserve", "RoundingModeRTE") for w in widths}


@pytest.mark.parametrize(
    ("widths", "support", "expected"),
    [
        ((16, 32, 64), ("111", "111", "111", ALL), every(16, 32, 64)),
        ((32,), ("111", "111", "111", NONE), every(32)),
        ((32,), ("000", "010", "000", ALL), {"SignedZeroInfNanPreserve 32"}),
        ((16, 32, 64), ("101", "000", "110", ALL),
         {"DenormPreserve 16", "DenormPreserve 64", "RoundingModeRTE 16", "RoundingModeRTE 32"}),
        ((16, 32, 64), ("110", "001", "101", NONE), {"SignedZeroInfNanPreserve 64"}),
        ((16, 32, 64), ("110", "000", "011", ONLY_32), {"DenormPreserve 32", "RoundingModeRTE 32"}),
        ((16, 64), ("101", "000", "101", ONLY_32), {"DenormPreserve 16", "DenormPreserve 64", "RoundingModeRTE 16",
                                                  "RoundingModeRTE 64"}),
    ],
)  # fmt: skip
def test_asks_for_what_there_is(
    program: Path, widths: tuple[int, ...], support: tuple[object, ...], expected: set[str]
) -> None:
    assert modes(changed(program, module(*widths), *support)) == expected


@pytest.mark.parametrize("support", [("000", "000", "000", ALL), ("101", "000", "101", NONE)])
def test_nothing_to_ask_for(program: Path, support: tuple[object, ...]) -> None:
    words = module(16, 32)
    assert changed(program, words, *support) == words


def test_modules_without_floats_and_those_that_say_are_left_alone(program: Path) -> None:
    for words in (
        module(),
        module(
            32,
            capabilities="OpCapability DenormFlushToZero",
            extensions='OpExtension "SPV_KHR_float_controls"',
            modes="OpExecutionMode %one DenormFlushToZero 32",
        ),
    ):
        assert changed(program, words, "111", "111", "111", ALL) == words


def test_an_extension_that_is_declared_is_not_declared_again(program: Path) -> None:
    made = changed(program, module(32, extensions='OpExtension "SPV_KHR_float_controls"'), "111", "111", "111", ALL)
    assert made.count(b"SPV_KHR_float_controls") == 1
    assert modes(made) == every(32)


def test_other_operations_in_the_module(program: Path) -> None:
    changed(program, module(16, 32, 64), "111", "111", "111", ALL, fuzz=100_000)
