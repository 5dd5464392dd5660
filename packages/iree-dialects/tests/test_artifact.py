import json
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from iree.dialects import artifact, weights
from iree.dialects.artifact import ArtifactError
from iree.dialects.manifest import Function, Manifest, ManifestError, Slot, TensorSpec, Variable, tree_to_json
from iree.dialects.mlir import CompileError, make_context, parse_module, stablehlo
from safetensors.numpy import load_file, save_file

PROGRAM = """
func.func @step_impl(%w: tensor<3xf32>, %x: tensor<?xf32>, %y: tensor<3xf32>)
    -> (tensor<3xf32>, tensor<3xf32>, tensor<?xf32>) {
  %0 = stablehlo.add %y, %w : tensor<3xf32>
  %1 = chlo.erf %0 : tensor<3xf32> -> tensor<3xf32>
  return %0, %1, %x : tensor<3xf32>, tensor<3xf32>, tensor<?xf32>
}
func.func @step(%a: tensor<i1>) -> tensor<i1> { return %a : tensor<i1> }
"""
FIXED, DYNAMIC = TensorSpec(0, "f32", (3,), "y"), TensorSpec(1, "f32", (None,))
STEP = Function(
    name="step",
    symbol="step_impl",
    args=(Slot("variable", name="w:0"), Slot("input", 1), Slot("input", 0)),
    results=(Slot("variable", name="w:0"), Slot("output", 0), Slot("output", 1)),
    input_args=(FIXED,),
    input_kwargs={"x": [DYNAMIC, None]},
    outputs={"y": FIXED, "rest": (DYNAMIC,)},
)
MANIFEST = Manifest("test", (STEP,), (Variable("w:0", "f32", (3,), True, "key of w"),))
VALUES = {"key of w": np.array([1, -2, np.nan], np.float32)}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    artifact.save(tmp_path / "a", parse_module(PROGRAM, make_context()), MANIFEST, VALUES)
    return tmp_path / "a"


def test_round_trip_gives_functions_their_state(saved: Path) -> None:
    got = artifact.load(saved, make_context())
    assert got.manifest == MANIFEST
    np.testing.assert_array_equal(got.parameters["key of w"], VALUES["key of w"])
    assert not got.parameters["key of w"].flags.writeable
    text = str(got.module)
    assert '@w_0(#extern) : tensor<3xf32> {iree.parameter = "key of w"}' in text
    # The export takes its manifest's name, with inputs and outputs by index; the helper of that name gives way.
    assert "@step(%arg0: tensor<3xf32>, %arg1: tensor<?xf32>) -> (tensor<3xf32>, tensor<?xf32>)" in text
    assert "func.func private @step_0(" in text
    assert text.index("global_load @w_0") < text.index("stablehlo.add") < text.index("global_store @w_0 = %0")


def test_saving_twice_replaces_and_leaves_the_module_alone(saved: Path) -> None:
    module = parse_module(PROGRAM, make_context())
    before = str(module)
    artifact.save(saved, module, MANIFEST, {"key of w": np.zeros(3, np.float32)})
    assert str(module) == before
    assert not artifact.load(saved, make_context()).parameters["key of w"].any()


@pytest.mark.parametrize(
    ("where", "change", "message"),
    [
        (("version",), 2, "version is 2; this compiler reads version 1"),
        (("format",), "x", "is not 'iree-import'"),
        (("producer",), 3, "producer is not a string"),
        (("functions", 0, "symbol"), "nope", "no function @nope with a body"),
        (("functions", 0, "args"), [], r"args takes the tensors \[\], but the tree has 2"),
        (("functions", 0, "args", 1, "index"), 0, r"takes the tensors \[0, 0\]"),
        (("functions", 0, "args", 1, "index"), -1, "index is not a natural number"),
        (("functions", 0, "args", 1, "index"), True, "index is not a natural number"),
        (("functions", 0, "args", 1, "kind"), "output", "kind is 'output'; 'input' or 'variable'"),
        (("functions", 0, "args", 0, "name"), "v", "names the variable 'v', which the manifest does not list"),
        (("functions", 0, "inputs", "args", 0, "shape"), [4], r"argument 2 is tensor<3xf32> .* but f32 \[4\]"),
        (("functions", 0, "inputs", "args", 0, "shape"), [None], r"argument 2 is tensor<3xf32> .* but f32 \[\?\]"),
        (("functions", 0, "inputs", "args", 0, "dtype"), "f64", "but f64"),
        (("functions", 0, "inputs", "args", 0, "dtype"), "float", "dtype is 'float'; known are i1"),
        (("functions", 0, "inputs", "args", 0, "tensor"), 5, r"numbers its tensors \[1, 5\]"),
        (("functions", 0, "outputs"), {"tensors": []}, "is not a tree"),
        (("functions", 0, "outputs"), {"list": 3}, "outputs.list is not a list"),
        (("variables", 0, "mutable"), False, "stores the variable 'w:0', which is not mutable"),
        (("variables", 0, "dtype"), "f64", "is F32, but f64 is stored as F64"),
        (("variables", 0, "shape"), [2], r"shape \[2\], but its value \[3\]"),
        (("variables", 0, "key"), "other", "no tensor 'other'; it has 'key of w'"),
        (("variables",), [], "names the variable 'w:0'"),
        (("functions",), {}, "functions is not a list"),
    ],
)
def test_bad_manifests_are_refused(saved: Path, where: tuple[str | int, ...], change: object, message: str) -> None:
    path = saved / "manifest.json"
    root = json.loads(path.read_text())
    place = root
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = change
    path.write_text(json.dumps(root))
    with pytest.raises(ArtifactError, match=message):
        artifact.load(saved, make_context())


def test_repeated_names_and_deep_trees_are_refused(saved: Path) -> None:
    root = json.loads((saved / "manifest.json").read_text())
    with pytest.raises(ManifestError, match="variables names 'w:0' twice"):
        Manifest.from_json({**root, "variables": root["variables"] * 2})
    with pytest.raises(ManifestError, match="functions names 'step' twice"):
        Manifest.from_json({**root, "functions": root["functions"] * 2})
    tree: dict[str, object] = {"none": True}
    for _ in range(200):
        tree = {"list": [tree]}
    root["functions"][0]["outputs"] = tree
    with pytest.raises(ManifestError, match="more than 100 levels"):
        Manifest.from_json(root)


def test_missing_or_broken_files(saved: Path, tmp_path: Path) -> None:
    program = (saved / "program.mlirbc").read_bytes()
    for broken in (
        program[:40],
        program[:-9],
        program.replace(b"v1.", b"v9."),
        b"ML\xefR" + b"\xff" * 40,
        b"func",
    ):
        (saved / "program.mlirbc").write_bytes(broken)
        with pytest.raises(CompileError):
            artifact.load(saved, make_context())
    for text in ("{", "[" * 100_000, "3"):
        (saved / "manifest.json").write_text(text)
        with pytest.raises(ArtifactError):
            artifact.load(saved, make_context())
    (saved / "manifest.json").unlink()
    with pytest.raises(ArtifactError, match="has no manifest"):
        artifact.load(saved, make_context())
    with pytest.raises(FileNotFoundError):
        artifact.load(tmp_path / "none.mlir", make_context())


def test_saving_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    context = make_context()
    module = parse_module(PROGRAM, context)
    with pytest.raises(ArtifactError, match="no tensor is called 'key of w'"):
        artifact.save(tmp_path / "a", module, MANIFEST, {})
    with pytest.raises(ArtifactError, match="is f32, but its value is f64"):
        artifact.save(tmp_path / "a", module, MANIFEST, {"key of w": np.zeros(3)})
    impure = parse_module(PROGRAM + "ml_program.global private @g(dense<1> : tensor<i32>) : tensor<i32>", context)
    with pytest.raises(CompileError, match=r"ml_program\.global cannot be in an artefact"):
        artifact.save(tmp_path / "a", impure, MANIFEST, VALUES)
    assert not (tmp_path / "a").exists()


PLAIN = """
func.func @main(%a: tensor<?x4xbf16>, %b: tensor<ui8>) -> tensor<?x4xbf16> { return %a : tensor<?x4xbf16> }
func.func @two(%a: tensor<i1>) -> (tensor<i1>, tensor<i1>) { return %a, %a : tensor<i1>, tensor<i1> }
func.func private @helper() { return }
"""


@pytest.mark.parametrize("form", ["text", "bytecode", "portable"])
def test_plain_programs(tmp_path: Path, form: str) -> None:
    path = tmp_path / "p.mlir"
    module = parse_module(PLAIN, make_context())
    match form:
        case "text":
            path.write_text(PLAIN)
        case "bytecode":
            with path.open("wb") as file:
                module.operation.write_bytecode(file)
        case "portable":
            with module.context:
                path.write_bytes(stablehlo.serialize_portable_artifact(module, stablehlo.get_current_version()))
    got = artifact.load(path, make_context()).manifest
    assert [function.name for function in got.functions] == ["main", "two"]
    main, two = got.functions
    assert main.inputs() == [TensorSpec(0, "bf16", (None, 4)), TensorSpec(1, "ui8", ())]
    assert main.outputs == TensorSpec(0, "bf16", (None, 4))
    assert two.outputs == (TensorSpec(0, "i1", ()), TensorSpec(1, "i1", ()))
    assert Manifest.from_json(got.to_json()) == got


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("func.func private @f()", "nothing to export"),
        ("func.func @f(%a: i32) { return }", "argument 0 of the exported function @f is i32"),
        ("func.func @f(%a: !stablehlo.token) { return }", r"argument 0 .*token"),
        ("func.func @f(%a: tensor<*xf32>) { return }", r"argument 0 .* ranked tensor"),
        (
            'ml_program.global private @g(#ml_program.extern : tensor<i32>) : tensor<i32> {iree.parameter = "g"}\n'
            "func.func @f() { return }",
            "give it a value here",
        ),
    ],
)
def test_plain_programs_that_cannot_be_exported(text: str, message: str) -> None:
    with pytest.raises(CompileError, match=message):
        artifact.from_stablehlo(parse_module(text, make_context()))


def test_every_dtype_survives_the_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    arrays = {}
    for dtype, storage in weights.STORAGE.items():
        for shape in ((), (0, 3), (5, 2)):
            count = int(np.prod(shape)) * storage.numpy.itemsize
            limit = {"i1": 2, "i2": 2, "ui2": 2, "i4": 8, "ui4": 8}.get(dtype, 256)
            raw = rng.integers(0, limit, count, dtype=np.uint8)
            arrays[f"{dtype}{shape}"] = raw.view(storage.numpy).reshape(shape)
    weights.write(tmp_path / "w", arrays)
    file = weights.WeightsFile(tmp_path / "w")
    for key, array in arrays.items():
        got = file.array(key, weights.dtype_of(array))
        assert (got.dtype, got.shape) == (array.dtype, array.shape)
        assert got.tobytes() == array.tobytes()
        assert got.flags.aligned


def test_agrees_with_the_safetensors_library(tmp_path: Path) -> None:
    arrays = {"a": np.arange(6, dtype=np.int16).reshape(2, 3), "b": np.ones((), np.float64)}
    weights.write(tmp_path / "ours", arrays)
    for key, value in load_file(tmp_path / "ours").items():
        np.testing.assert_array_equal(value, arrays[key])
    save_file({**arrays, "c": np.zeros(2, ml_dtypes.bfloat16)}, tmp_path / "theirs", metadata={"format": "np"})
    theirs = weights.WeightsFile(tmp_path / "theirs")
    assert sorted(theirs) == ["a", "b", "c"]
    np.testing.assert_array_equal(theirs.array("a", "i16"), arrays["a"])


def _file(header: object, data: bytes = b"\0" * 8) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def _entry(**changes: object) -> dict[str, object]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "too few"),
        (b"\xff" * 8 + b"{}", "claims 18446744073709551615 bytes"),
        (_file(b"{"), "not JSON"),
        (_file(b"[1]"), "not a JSON object"),
        (_file(b"[" * 100_000), "not JSON"),
        (_file(b'{"a":1,"a":2}'), "appears twice"),
        (_file({"a": 3}), "needs a dtype"),
        (_file({"a": _entry(shape=[-2])}), "needs a dtype"),
        (_file({"a": _entry(shape=[True])}), "needs a dtype"),
        (_file({"a": _entry(shape=[2**40, 2**40])}), "takes"),
        (_file({"a": _entry(data_offsets=[0, 9])}), "its offsets span 9"),
        (_file({"a": _entry(data_offsets=[8, 0])}), "its offsets span -8"),
        (_file({"a": _entry(data_offsets=[4, 12])}), "tensors overlap or leave a hole"),
        (_file({"a": _entry(), "b": _entry()}), "tensors overlap or leave a hole"),
        (_file({"a": _entry(dtype="F7")}), "is F7, not one of BOOL"),
        (_file({"a": _entry()}, b"\0" * 9), "the file at"),
        (_file({"a": _entry()}, b"\0" * 7), "the file at"),
    ],
)
def test_bad_weights_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "w").write_bytes(content)
    with pytest.raises(weights.WeightsError, match=message):
        weights.WeightsFile(tmp_path / "w")


@given(st.binary(max_size=200), st.integers(0, 300))
def test_mutated_weights_never_read_outside(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    good = _file({"a": _entry(), "b": {"dtype": "U8", "shape": [0], "data_offsets": [8, 8]}})
    path = tmp_path_factory.mktemp("fuzz") / "w"
    path.write_bytes(good[:at] + noise + good[at + len(noise) :])
    try:
        file = weights.WeightsFile(path)
    except weights.WeightsError:
        return
    for entry in file.entries.values():
        assert 0 <= entry.begin <= entry.end <= path.stat().st_size


def test_tree_json_is_what_the_architecture_says() -> None:
    assert tree_to_json({"a": (FIXED, [None])}) == {
        "dict": {"a": {"tuple": [{"tensor": 0, "name": "y", "dtype": "f32", "shape": [3]}, {"list": [{"none": True}]}]}}
    }


def test_values_outlive_their_artefact(saved: Path) -> None:
    assert np.isnan(artifact.load(saved, make_context()).parameters["key of w"][2])
