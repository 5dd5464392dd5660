"""SavedModels of TensorFlow 1: signatures over a graph with a session's variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from evaluator import ArtefactRunner
from iree.import_tf import ImportFailure, import_saved_model

v1 = tf.compat.v1
X = np.float32([[1, 2, 3], [0, -1, 0.5]])


def _save(path: Path, *, use_resource: bool) -> Any:
    """A dense layer on a placeholder of open batch; returns its scores of X."""
    with tf.Graph().as_default(), v1.Session() as session:
        features = v1.placeholder(tf.float32, [None, 3], "features")
        kernel = v1.get_variable("kernel", [3, 2], use_resource=use_resource)
        scores = tf.nn.softmax(features @ kernel)
        session.run(v1.global_variables_initializer())
        v1.saved_model.simple_save(session, str(path), {"features": features}, {"scores": scores})
        return session.run(scores, {features: X})


def test_signature_of_a_session(tmp_path: Path) -> None:
    expected = _save(tmp_path / "saved", use_resource=True)
    import_saved_model(tmp_path / "saved", tmp_path / "model")
    (actual,) = ArtefactRunner(tmp_path / "model").call("serving_default", [X])
    np.testing.assert_allclose(actual, expected, 1e-5)


def test_reference_variables_are_refused(tmp_path: Path) -> None:
    _save(tmp_path / "saved", use_resource=False)
    with pytest.raises(ImportFailure, match=r"reference variables \(kernel\).*convert_variables_to_constants"):
        import_saved_model(tmp_path / "saved", tmp_path / "model")
