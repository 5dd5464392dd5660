"""The command-line tools, as commands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from iree.vm import module_reader
from iree.vm.assembly import parse
from iree.vm.module_format import Section
from iree.vm.tools import values
from iree.vm.tools.common import ToolError

from .test_calls import identity, leaf
from .test_hal import FILLED, IMPORTS
from .test_limits import DEEP

CHECKS = """
func @good : values() refs 0 {
  return
}
func @bad : values(i32) refs 0 {
  loc "checks.py:4"
  assert %0, "two is not three"
  return
}
func @other i: values(i32) refs 0 {
  return
}
export @check_good = @good plain
export @check_bad = @bad plain
export @other = @other plain
"""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with module files."""
    directory = tmp_path_factory.mktemp("modules")
    builder = parse(IMPORTS + identity(2))
    tree = [leaf(0, shape=[None], name="x"), leaf(1, "i32", name="k", default=7)]
    builder.set_manifest({"producer": "test", "functions": [
        {"name": "f", "inputs": {"args": tree}, "outputs": {"dict": {"x": leaf(0, shape=[None]), "k": leaf(1, "i32")}}}
    ]})  # fmt: skip
    builder.write(directory / "f.vmfb")
    first, second, third = (leaf(i, dtype) for i, dtype in enumerate(("f32", "i1", "i32")))
    outputs = {
        "nested": {"dict": {"a": first, "b": {"list": [second, {"none": True}, {"dict": {"c": third}}]}}},
        "named": {"tuple": [{**first, "name": "left"}, {**second, "name": "right"}, {**third, "name": "last"}]},
        "same": {"tuple": [{**part, "name": "unknown"} for part in (first, second, third)]},
    }
    builder = parse(IMPORTS + identity(3) + "".join(f"export @{name} = @f fences\n" for name in (*outputs, "unknown")))
    inputs = {"args": [first, second, third]}
    builder.set_manifest({"functions": [{"name": n, "inputs": inputs, "outputs": o} for n, o in outputs.items()]})
    builder.write(directory / "named.vmfb")
    parse(IMPORTS + FILLED).write(directory / "fill.vmfb")
    parse(DEEP).write(directory / "plain.vmfb")
    parse(CHECKS).write(directory / "checks.vmfb")
    (directory / "broken.vmfb").write_bytes((directory / "f.vmfb").read_bytes()[:-5])
    return directory


def run(tool: str, *arguments: object, status: int = 0) -> tuple[str, str]:
    command = [sys.executable, "-m", f"iree.vm.tools.{tool}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout, done.stderr


def test_run_prints(modules: Path) -> None:
    out, _ = run("run_module", f"--module={modules}/f.vmfb", "--function=f", "--input=3xf32=1,2,3")
    assert out == "x: 3xf32=[1. 2. 3.]\nk: i32=7\n"


def test_run_names_results_as_the_program_does(modules: Path) -> None:
    for function, said in (
        ("nested", "a: f32=0.7\nb[0]: i1=True\nb[2]['c']: i32=-3\n"),
        ("named", "left: f32=0.7\nright: i1=True\nlast: i32=-3\n"),
        ("same", "result[0]: f32=0.7\nresult[1]: i1=True\nresult[2]: i32=-3\n"),
        ("unknown", "result[0]: f32=0.7\nresult[1]: i1=True\nresult[2]: i32=-3\n"),
    ):
        flags = (f"--module={modules}/named.vmfb", f"--function={function}")
        inputs = ("0.7", "true", "-3") if function != "unknown" else ("f32=0.7", "i1=true", "i32=-3")
        assert run("run_module", *flags, *(f"--input={i}" for i in inputs))[0] == said


def test_plain_exports_take_numbers(modules: Path) -> None:
    flags = (f"--module={modules}/plain.vmfb", "--function=down", "--input=i64=7")
    out, _ = run("run_module", *flags, "--device=null")
    assert out == "result: i64=7\n"
    tiny = "func @tiny if:if values(i32, f32) refs 0 {\n  return %0, %1\n}\nexport @tiny = @tiny plain\n"
    parse(tiny).write(modules / "tiny.vmfb")
    out, _ = run("run_module", f"--module={modules}/tiny.vmfb", "--input=-1", "--input=0.7", "--device=null")
    assert out == "result[0]: i32=-1\nresult[1]: f32=0.7\n"
    assert run("run_module", *flags[:2], "--input=7", "--expected_output=7")[0] == "result: i64: as expected\n"
    run("benchmark_module", *flags, "--repetitions=2", "--warmup=0")


def test_run_reads_and_writes_files(modules: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.float32([1.5, 2]))
    (tmp_path / "k.bin").write_bytes(np.int32(9).tobytes())
    flags = (f"--module={modules}/f.vmfb", f"--input=@{tmp_path}/x.npy", f"--input=i32=@{tmp_path}/k.bin")
    run("run_module", *flags, f"--output=@{tmp_path}/y.npy", f"--output=@{tmp_path}/y.bin")
    assert np.load(tmp_path / "y.npy").tolist() == [1.5, 2]
    assert (tmp_path / "y.bin").read_bytes() == np.int32(9).tobytes()
    np.savez(tmp_path / "z.npz", x=np.zeros(2))
    for name, data in (("empty", b""), ("junk", b"junk"), ("cut", (tmp_path / "x.npy").read_bytes()[:-1])):
        (tmp_path / f"{name}.npy").write_bytes(data)
    for name in ("empty.npy", "junk.npy", "cut.npy", "z.npz"):
        _, said = run("run_module", flags[0], f"--input=@{tmp_path}/{name}", status=1)
        assert f"{name}: not one array in an .npy file" in said and "pickle" not in said


def test_run_compares(modules: Path) -> None:
    flags = (f"--module={modules}/f.vmfb", "--input=2xf32=1,2", "--input=i32=4", "--expected_output=2xf32=1,2.0001")
    out, _ = run("run_module", *flags, "--expected_output=i32=4")
    assert out == "x: 2xf32: as expected\nk: i32: as expected\n"
    out, _ = run("run_module", *flags, "--expected_output=i32=5", "--rtol=0", status=1)
    assert "x: 2xf32: 1 of 2 elements differ; most at [1]: expected" in out
    assert "k: i32: expected 5, got 4" in out


@pytest.mark.parametrize(
    ("tool", "arguments", "status", "message"),
    [
        ("run_module", ["--module={}/none.vmfb"], 1, "none.vmfb: No such file or directory"),
        ("run_module", ["--module={}/broken.vmfb"], 1, "broken.vmfb: truncated or damaged"),
        ("run_module", ["--module={}/f.vmfb", "--function=g"], 1, "no function 'g': --function is one of f"),
        ("run_module", ["--module={}/f.vmfb"], 1, "f takes 2 inputs (x: tensor<?xf32>, k: tensor<i32>), 0 given"),
        ("run_module", ["--module={}/f.vmfb", "--input=2xf64=1"], 1, "expected tensor<?xf32>, given tensor<2xf64>"),
        ("run_module", ["--module={}/f.vmfb", "--input=2xf32=1,2,3"], 1, "3 values for 2 elements"),
        (
            "run_module",
            ["--module={}/f.vmfb", "--input=1,2"],
            1,
            "input x: expected tensor<?xf32>, given '1,2': the fun",
        ),
        (
            "run_module",
            ["--module={}/f.vmfb", "--input=1xf32", "--input=1.5"],
            1,
            "input k: expected tensor<i32>, given '1.5': '1.5' is no i32",
        ),
        (
            "run_module",
            ["--module={}/f.vmfb", *["--input=1xf32"] * 3],
            1,
            "(x: tensor<?xf32>, k: tensor<i32>), 3 given",
        ),
        (
            "run_module",
            ["--module={}/f.vmfb", "--input=1xf32", "--expected_output=1xf32"],
            1,
            "1 --expected_output flags, but f has 2 results (x: tensor<?xf32>, k: tensor<i32>)",
        ),
        (
            "run_module",
            ["--module={}/named.vmfb", "--function=unknown", "--input=0.7"],
            1,
            "input #0: expected an array, given '0.7': expected a type such as",
        ),
        ("run_module", ["--module={}/plain.vmfb", "--function=down", "--input=1e3"], 1, "'1e3' is no i64"),
        ("run_module", ["--module={}/f.vmfb", "--input=1xf32=1", "--device=abacus"], 1, "no driver 'abacus'"),
        ("run_module", [], 2, "required: --module (see"),
        ("run_module", ["--modul=x"], 2, "--help"),
        ("dump_module", ["{}/broken.vmfb"], 1, "truncated or damaged"),
        ("dump_module", ["{}/f.vmfb", "--function=g"], 1, "no function 'g': one of f"),
        ("benchmark_module", ["--module={}/f.vmfb", "--repetitions=0"], 1, "--repetitions must be at least 1"),
        ("check_module", ["--module={}/f.vmfb", "--filter=nothing"], 1, "there are no checks"),
    ],
)
def test_errors(modules: Path, tool: str, arguments: list[str], status: int, message: str) -> None:
    _, err = run(tool, *(a.replace("{}", str(modules)) for a in arguments), status=status)
    assert message in err and "Traceback" not in err
    assert err.startswith(("usage", "python", "iree-")) and f"iree-{tool.replace('_', '-')}: error: " in err


def test_traceback_on_demand(modules: Path) -> None:
    _, err = run("run_module", f"--module={modules}/none.vmfb", "--traceback", status=1)
    assert "Traceback" in err


@pytest.mark.parametrize("tool", ["run_module", "benchmark_module", "dump_module", "check_module"])
def test_version(tool: str) -> None:
    out, _ = run(tool, "--version")
    assert re.match(r"iree-vm \d+\.\d+\.\d+ \(module file version 1\)\niree-hal ", out)


def test_benchmark(modules: Path) -> None:
    flags = (f"--module={modules}/fill.vmfb", "--warmup=0.01", "--repetitions=5", "--batch=3")
    out, _ = run("benchmark_module", *flags, "--json")
    report = json.loads(out)
    times = report["call_us"]
    assert times["min"] <= times["p50"] <= times["p90"] <= times["p99"] <= times["max"]
    assert (report["function"], report["batch"], report["inputs"]) == ("fill", 3, [])
    out, _ = run("benchmark_module", *flags)
    assert "5 repetitions of 3 calls" in out


def test_dump(modules: Path, tmp_path: Path) -> None:
    out, _ = run("dump_module", modules / "f.vmfb")
    assert (
        "made by test" in out and "f(x: tensor<?xf32>, k: tensor<i32>) -> {'x': tensor<?xf32>, 'k': tensor<i32>}" in out
    )
    text, _ = run("dump_module", modules / "fill.vmfb", "--disassemble", "--data")
    assert parse(text).tobytes() == (modules / "fill.vmfb").read_bytes()
    out, _ = run("dump_module", modules / "checks.vmfb", "--function=bad")
    assert 'loc "checks.py:4"\n  assert %0, "two is not three"' in out
    run("dump_module", modules / "checks.vmfb", f"--strip={tmp_path}/stripped.vmfb")
    module = module_reader.read_file(tmp_path / "stripped.vmfb")
    assert module.sections[Section.LOCATIONS][1] == 0 and b"checks.py" not in (tmp_path / "stripped.vmfb").read_bytes()
    _, err = run("run_module", f"--module={tmp_path}/stripped.vmfb", "--function=check_bad", status=1)
    assert err == "iree-run-module: error: two is not three\n  in @bad\n"


def test_check(modules: Path, tmp_path: Path) -> None:
    out, _ = run("check_module", f"--module={modules}/checks.vmfb", f"--junit={tmp_path}/r.xml", status=1)
    assert re.search(r"PASS check_good .*\nFAIL check_bad .*\n  two is not three\n    in @bad at checks.py:4\n", out)
    assert out.endswith("1 passed, 1 failed\n")
    suite = ElementTree.parse(tmp_path / "r.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    out, _ = run("check_module", f"--module={modules}/checks.vmfb", "--filter=*good")
    assert out.endswith("1 passed, 0 failed\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4xf32=1,2,3,4", np.float32([1, 2, 3, 4])),
        ("2x2xi32=[[1 2][3 4]]", np.int32([[1, 2], [3, 4]])),
        ("f64=1e-300", np.float64(1e-300)),
        ("3xi8=-1", np.int8([-1] * 3)),
        ("2xi1=true,0", np.array([True, False])),
        ("2xf32=nan,-inf", np.float32([np.nan, -np.inf])),
        ("1xcomplex<f32>=1+2j", np.complex64([1 + 2j])),
        ("0x3xf32=", np.zeros((0, 3), np.float32)),
        ("2xui8", np.zeros(2, np.uint8)),
        ("i64=0x7fffffffffffffff", np.int64(2**63 - 1)),
        ("i1=True", np.bool_(True)),
    ],
)
def test_values(text: str, expected: np.ndarray) -> None:
    got = values.parse(text)
    assert got.dtype == expected.dtype and got.shape == expected.shape
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize(
    "text",
    ["", "4", "4xf32=1,2", "4xq8=1", "f32=x", "i8=300", "ui8=-1", "i1=2", "2xf32=@/nowhere", "@/x", "i4=9", "f32=1e39",
     "f64=1e999", "complex<f32>=1e39j", "f8E4M3FN=1000", "0.7", "nan"],
)  # fmt: skip
def test_values_that_are_none(text: str) -> None:
    with pytest.raises(ToolError):
        values.parse(text)


@pytest.mark.parametrize(
    ("text", "dtype", "shape", "expected"),
    [
        ("0.7", "f32", (), np.float32(0.7)),
        ("-3", "i64", (), np.int64(-3)),
        ("nan", "f64", (), np.float64(np.nan)),
        ("-inf", "f16", (), np.float16(-np.inf)),
        ("true", "i1", (), np.bool_(True)),
        ("0xff", "ui8", (), np.uint8(255)),
        ("1-2j", "complex<f32>", (), np.complex64(1 - 2j)),
        ("[[1 2] [3 4]]", "i32", (2, 2), np.int32([[1, 2], [3, 4]])),
        ("7", "i8", (3,), np.int8([7] * 3)),
        ("", "f32", (0, 3), np.zeros((0, 3), np.float32)),
        ("f32", "f32", (), np.float32(0)),
        ("2xf32=1", "f32", (None,), np.ones(2, np.float32)),
        ("i8=1", "f32", (), np.int8(1)),  # the call refuses it
    ],
)
def test_values_of_a_known_type(text: str, dtype: str, shape: tuple[int | None, ...], expected: np.ndarray) -> None:
    got = values.parse(text, dtype, shape)
    assert got.dtype == expected.dtype and got.shape == expected.shape
    np.testing.assert_array_equal(got, expected)
    again = values.parse(f"{values.type_of(got)}={got!s}")
    np.testing.assert_array_equal(again, got)


def test_what_numpy_files_cannot_name(tmp_path: Path) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.arange(3).astype(ml_dtypes.bfloat16)
    values.write(f"@{tmp_path}/x.npy", "x", array)
    assert values.parse(f"@{tmp_path}/x.npy", "bf16", (3,)).tobytes() == array.tobytes()
    assert values.parse(f"@{tmp_path}/x.npy", "bf16", (3,)).dtype == array.dtype
