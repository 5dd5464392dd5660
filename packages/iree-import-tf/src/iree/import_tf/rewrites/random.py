"""Random numbers by an algorithm that the program names: TensorFlow's lowering gives other bits than its kernels."""

from __future__ import annotations

from typing import Any

from iree.import_tf import hlo
from iree.import_tf.rewrites.kept import Kept

_PHILOX = 1
_OPS = ("Uniform", "Normal", "UniformFullInt", "UniformInt")


def _names_philox(op: Any) -> bool:
    known = hlo.known_elements(op.operands[3])
    return known is not None and int(known[0]) == _PHILOX


def _none(op: Any) -> None:
    """Has no lowering yet, so that the operation is reported."""


NAMES = (*(f"tf.StatelessRandom{name}V2" for name in _OPS), "tf.StatelessTruncatedNormalV2")
KEPT = {name: Kept(_none, (), _names_philox) for name in NAMES}
REASON = "its bits would not be TensorFlow's Philox; leave alg at 'auto_select' if any random numbers will do"
