"""Bad input: what the messages and the exit status say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from iree.import_tf import ImportFailure, cli, import_saved_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Functions that cannot be imported, and one that can."""

    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([3, 3])])
        def eig(self, x: tf.Tensor) -> tf.Tensor:
            return tf.linalg.eig(x)[0]

        @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
        def text(self, x: tf.Tensor) -> tf.Tensor:
            return tf.strings.length(x)

        @tf.function(input_signature=[tf.TensorSpec([2])])
        def python(self, x: tf.Tensor) -> tf.Tensor:
            y = tf.ensure_shape(tf.numpy_function(np.sin, [x], tf.float32), [2])
            return tf.exp(y) + 1.0

        @tf.function(input_signature=[tf.TensorSpec([None])])
        def dataset(self, x: tf.Tensor) -> tf.Tensor:
            return tf.data.Dataset.from_tensor_slices(x).reduce(0.0, lambda total, value: total + value)

        @tf.function(input_signature=[tf.TensorSpec(None)])
        def unranked(self, x: tf.Tensor) -> tf.Tensor:
            return x + 1.0

        @tf.function(input_signature=[tf.TensorSpec([2])])
        def printing(self, x: tf.Tensor) -> tf.Tensor:
            tf.print("x", x)
            return x + 1.0

        @tf.function(input_signature=[tf.TensorSpec([2])])
        def branches(self, x: tf.Tensor) -> tf.Tensor:
            y = tf.cond(x[0] > 0.0, lambda: tf.exp(x), lambda: x * tf.reduce_sum(tf.exp(x)))
            return tf.gradients(y, x)[0]

        @tf.function(input_signature=[tf.TensorSpec([2])])
        def rows(self, x: tf.Tensor) -> tf.Tensor:
            ragged = tf.RaggedTensor.from_row_lengths(x, [0, 2])
            return tf.map_fn(tf.reduce_sum, ragged, fn_output_signature=tf.float32)

        @tf.function(input_signature=[tf.TensorSpec([2])])
        def good(self, x: tf.Tensor) -> tf.Tensor:
            return x + 1.0

    path = tmp_path_factory.mktemp("bad") / "model"
    tf.saved_model.save(Model(), str(path), signatures={}, options=tf.saved_model.SaveOptions(save_debug_info=True))
    return path


@pytest.mark.parametrize(
    ("function", "parts"),
    [
        ("eig", ["tf.Eig", "node 'Eig'", "test_errors.py:", "tensor<3x3xf32>"]),
        (
            "text",
            ["input 'x' is a string", "StringLength works on strings: node 'StringLength'", "--inputs StringLength"],
        ),
        ("python", ["tf.PyFunc at node 'PyFunc'", "test_errors.py:", "--inputs EnsureShape"]),
        ("dataset", ["dataset: ", "ReduceDataset keeps data in an object that only TensorFlow has"]),
        ("unranked", ["input 'x' has an open rank"]),
        ("printing", ["tf.PrintV2", "tf.StringFormat", "test_errors.py:"]),
        ("branches", ["keep different things for their gradients", "node 'cond/OptionalFromValue'"]),
        ("rows", ["RaggedTensorToVariant takes a ragged tensor apart", "node 'map/RaggedToVariant"]),
        ("nope", ["no function is called 'nope'", "eig", "good"]),
    ],
)
def test_says_what_and_where(function: str, parts: list[str], model: Path, tmp_path: Path) -> None:
    with pytest.raises(ImportFailure) as failure:
        import_saved_model(model, tmp_path / "out", [function])
    for part in parts:
        assert part in str(failure.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("function", "place"), [("text", "StringLength"), ("python", "EnsureShape")])
def test_cut_as_it_says(function: str, place: str, model: Path, tmp_path: Path) -> None:
    import_saved_model(model, tmp_path / "out", [function], inputs=[place])
    with pytest.raises(ImportFailure) as failure:
        import_saved_model(model, tmp_path / "whole", [function])
    assert "Exp" not in str(failure.value), "only what is at fault"


def test_not_a_saved_model(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "saved_model.pb").write_bytes(b"\xff" * 99)
    for path, part in (
        ("missing", "no such directory"),
        ("file", "this is a file"),
        ("", "no saved_model.pb"),
        ("broken", "damaged"),
    ):
        with pytest.raises(ImportFailure, match=part):
            import_saved_model(tmp_path / path, tmp_path / "out")


@pytest.mark.parametrize("keep", [0, 10, 60, 120])
def test_damaged_checkpoint(keep: int, tmp_path: Path) -> None:
    class Model(tf.Module):
        def __init__(self) -> None:
            self.v = tf.Variable([1.0, 2.0])

        @tf.function(input_signature=[])
        def get(self) -> tf.Tensor:
            return self.v.read_value()

    tf.saved_model.save(Model(), str(tmp_path / "model"))
    index = tmp_path / "model" / "variables" / "variables.index"
    index.write_bytes(index.read_bytes()[:keep])
    with pytest.raises(ImportFailure, match=r"variables\.index"):
        import_saved_model(tmp_path / "model", tmp_path / "out")


def test_command_line(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([str(model), "-o", str(tmp_path / "out"), "--function", "good"]) == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "manifest.json",
        "program.mlirbc",
        "weights.safetensors",
    ]
    assert cli.main([str(model), "-o", str(tmp_path / "other"), "--function", "eig"]) == 1
    assert cli.main([str(model)]) == 1
    said = capsys.readouterr().err
    assert "tf.Eig" in said and "-o MODEL" in said and "Traceback" not in said
    assert cli.main([str(model), "--list"]) == 0
    listed = capsys.readouterr().out
    assert (
        "good(x: f32[2]) -> f32[2]" in listed
        and "input 'x' is a string" in listed
        and "StringFormat works on strings" in listed
    )
