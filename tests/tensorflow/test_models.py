"""Modules of the importer's table, compiled and run by the project's own runtime, against TensorFlow.

TensorFlow and the importer work in this process; compiling and running have a process of their own, without TensorFlow.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from cases_state import CASES
from comparing import assert_close, flatten
from iree.import_tf import import_saved_model

QUICK = ("counter", "structured", "decoder_with_cache")
SLOW = ("state_in_branches", "many_dtypes", "lstm", "stateful_lstm", "transformer", "adam_batch_norm", "unet")

RUN = """
import pickle, sys
from iree import codegen, vm

folder = sys.argv[1]
codegen.compile_file(folder + "/model", target="cpu", output=folder + "/model.vmfb")
module = vm.load(folder + "/model.vmfb", device="cpu")
with open(folder + "/calls.pkl", "rb") as file:
    calls = pickle.load(file)
results = [module[name](*inputs) for name, inputs in calls]
assert "tensorflow" not in sys.modules


def plain(value):
    import numpy as np

    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return None if value is None else np.asarray(value)


with open(folder + "/results.pkl", "wb") as file:
    pickle.dump(plain(results), file)
"""


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_model(name: str, tmp_path: Path) -> None:
    module, calls = CASES[name]()
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures={})
    import_saved_model(tmp_path / "saved", tmp_path / "model", list(dict.fromkeys(function for function, _ in calls)))
    with (tmp_path / "calls.pkl").open("wb") as file:
        pickle.dump([(function, list(inputs)) for function, inputs in calls], file)
    expected = [
        flatten(getattr(module, function)(*tf.nest.map_structure(tf.constant, list(inputs))))
        for function, inputs in calls
    ]
    done = subprocess.run([sys.executable, "-c", RUN, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "results.pkl").open("rb") as file:
        results = pickle.load(file)
    for result, wanted in zip(results, expected, strict=True):
        assert_close([np.asarray(leaf) for leaf in tf.nest.flatten(result) if leaf is not None], wanted)


def test_manifest_keeps_names(tmp_path: Path) -> None:
    class Model(tf.Module):
        @tf.function(input_signature=[{"a": tf.TensorSpec([2]), "b": tf.TensorSpec([3])}])
        def predict(self, features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            return {"sum": tf.reduce_sum(features["a"]), "double": features["b"] * 2.0}

    tf.saved_model.save(Model(), str(tmp_path / "saved"), signatures={})
    import_saved_model(tmp_path / "saved", tmp_path / "model")
    (function,) = json.loads((tmp_path / "model" / "manifest.json").read_text())["functions"]
    assert list(function["inputs"]["args"][0]["dict"]) == ["a", "b"]
    assert list(function["outputs"]["dict"]) == ["double", "sum"]
