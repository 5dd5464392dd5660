"""TensorFlow models through the whole chain: SavedModel, artefact, module file, runtime."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "packages" / "iree-import-tf" / "tests")]
