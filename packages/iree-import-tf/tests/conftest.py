"""What the tests of imported functions share: drawing inputs, one TensorFlow process for many imports, comparing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
sys.path.insert(0, str(Path(__file__).parent))

import tensorflow as tf  # noqa: F401  (before iree.import_tf: that order is the harder one)
from iree.import_tf.worker import Worker


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """One process of TensorFlow's MLIR for all imports."""
    with Worker() as process:
        yield process
