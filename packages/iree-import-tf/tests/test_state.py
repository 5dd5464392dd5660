"""Modules with state, called several times: outputs and variables against TensorFlow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from cases_state import CASES
from comparing import assert_close, flatten
from evaluator import ArtefactRunner
from iree.import_tf import api, saved_model
from iree.import_tf.worker import Worker


@pytest.mark.parametrize("name", CASES)
def test_outputs_and_state(name: str, worker: Worker, tmp_path: Path) -> None:
    module, calls = CASES[name]()
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures={})
    functions = list(dict.fromkeys(function for function, _ in calls))
    api.import_program(saved_model.read(tmp_path / "saved"), tmp_path / "artefact", functions, worker=worker)
    runner = ArtefactRunner(tmp_path / "artefact")
    for function, inputs in calls:
        expected = flatten(getattr(module, function)(*tf.nest.map_structure(tf.constant, list(inputs))))
        assert_close(runner.call(function, [np.asarray(x) for x in tf.nest.flatten(list(inputs))]), expected)
