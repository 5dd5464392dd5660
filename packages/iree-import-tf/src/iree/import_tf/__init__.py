"""Turns TensorFlow programs into import artefacts: StableHLO, weights and a manifest."""

from __future__ import annotations

from iree.import_tf._version import __version__
from iree.import_tf.api import import_saved_model
from iree.import_tf.errors import ImportFailure
from iree.import_tf.live import import_function, import_keras, import_module

__all__ = ["ImportFailure", "__version__", "import_function", "import_keras", "import_module", "import_saved_model"]
