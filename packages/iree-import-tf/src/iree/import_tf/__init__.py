"""Turns TensorFlow programs into import artefacts: StableHLO, weights and a manifest."""

from __future__ import annotations

import iree.import_tf.mlir_beside_tensorflow  # first: see there  # noqa: F401  # isort: skip
from iree.import_tf._version import __version__
from iree.import_tf.api import import_saved_model
from iree.import_tf.errors import ImportFailure

__all__ = ["ImportFailure", "__version__", "import_saved_model"]
