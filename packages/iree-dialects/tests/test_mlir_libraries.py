"""MLIR beside TensorFlow, whichever is imported first."""

from __future__ import annotations

import subprocess
import sys

import pytest

PARTS = ("import tensorflow as tf", "from iree.dialects.mlir import make_context")
USE = """
make_context()
assert float(tf.function(lambda x: x * 2.0, jit_compile=True)(tf.constant(3.0))) == 6.0
"""


@pytest.mark.parametrize("order", [PARTS, PARTS[::-1]], ids=["tensorflow first", "mlir first"])
def test_both_work_in_one_process(order: tuple[str, ...]) -> None:
    pytest.importorskip("tensorflow", reason="only where TensorFlow is installed")
    done = subprocess.run([sys.executable, "-c", "\n".join((*order, USE))], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
