"""Cases that do not work yet, with what stops them: they are skipped, so that the others share their batch."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

_ALL: Mapping[str, str] = {}
_OF_VERSIONS: Mapping[str, Mapping[str, str]] = {
    "2.16": {
        f"training/{name}": "TensorFlow 2.16 leaves operations of its own between StableHLO's in such gradients"
        for name in ("recurrent", "recurrent_open")
    }
}
KNOWN: Mapping[str, str] = {**_ALL, **_OF_VERSIONS.get(tf.__version__[:4], {})}
"""By family and case, for the TensorFlow that is installed."""

APPLICATIONS: Mapping[str, str] = {}
"""By name of the model."""
