"""Functions without state, imported and run by other means than ours, against TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from cases_open import CASES as OPEN
from cases_stateless import CASES as STATELESS
from comparing import assert_close, draw, flatten
from evaluator import ArtefactRunner
from iree.import_tf import api, saved_model
from iree.import_tf.program import Program
from iree.import_tf.worker import Worker


def _save(functions: dict[str, Any], path: Path) -> Program:
    """All functions in one SavedModel, which is what takes time."""
    module = tf.Module()
    for name, function in functions.items():
        setattr(module, f"f_{name}", function)
    tf.saved_model.save(module, str(path), signatures={})
    return saved_model.read(path)


def _traced(function: Any, specs: list[Any]) -> Any:
    """A tf.function that takes positional arguments alone: defaults of lambdas cannot be saved."""

    def positional(*args: Any) -> Any:
        return function(*args)

    return tf.function(positional, input_signature=specs)


def _spec(value: Any) -> tf.TensorSpec:
    return value if isinstance(value, tf.TensorSpec) else tf.TensorSpec(value.shape, value.dtype)


@pytest.fixture(scope="session")
def stateless(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Program]:
    functions = {name: _traced(function, [_spec(i) for i in inputs]) for name, (inputs, function) in STATELESS.items()}
    return functions, _save(functions, tmp_path_factory.mktemp("stateless"))


@pytest.fixture(scope="session")
def open_shapes(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Program]:
    functions = {name: _traced(function, list(specs)) for name, (specs, function, _) in OPEN.items()}
    return functions, _save(functions, tmp_path_factory.mktemp("open"))


@pytest.mark.parametrize("name", STATELESS)
def test_stateless(name: str, stateless: tuple[dict[str, Any], Program], worker: Worker, tmp_path: Path) -> None:
    functions, program = stateless
    api.import_program(program, tmp_path, [f"f_{name}"], worker=worker)
    random = np.random.default_rng(7)
    inputs = [draw(i, random) for i in STATELESS[name][0]]
    expected = flatten(functions[name](*map(tf.constant, inputs)))
    assert_close(ArtefactRunner(tmp_path).call(f"f_{name}", inputs), expected)


@pytest.mark.parametrize("name", OPEN)
def test_open_shapes(name: str, open_shapes: tuple[dict[str, Any], Program], worker: Worker, tmp_path: Path) -> None:
    functions, program = open_shapes
    api.import_program(program, tmp_path, [f"f_{name}"], worker=worker)
    runner = ArtefactRunner(tmp_path)
    random = np.random.default_rng(7)
    for shapes in OPEN[name][2]:
        inputs = [np.asarray(random.standard_normal(shape)).astype(np.float32) for shape in shapes]
        assert_close(runner.call(f"f_{name}", inputs), flatten(functions[name](*map(tf.constant, inputs))))
