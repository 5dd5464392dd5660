"""SavedModels of TensorFlow 1, saved again by TensorFlow 2 so that they have an object graph."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from iree.import_tf import saved_model
from iree.import_tf.errors import ImportFailure


@contextmanager
def upgraded(path: Path) -> Iterator[Path]:
    """The SavedModel itself, or if it comes from TensorFlow 1 a temporary one with its signatures.

    Raises:
        ImportFailure: TensorFlow 2 cannot load it, or it has reference variables, which TensorFlow's MLIR cannot lower.
    """
    if saved_model.has_objects(path):
        yield path
        return
    if names := saved_model.reference_variables(path):
        raise ImportFailure(
            f"{path}: this SavedModel comes from TensorFlow 1 and has reference variables ({', '.join(names[:5])}"
            f"{', …' if len(names) > 5 else ''}): make it again after tf.compat.v1.enable_resource_variables(), or "
            f"freeze its graph with tf.compat.v1.graph_util.convert_variables_to_constants"
        )
    import tensorflow as tf  # noqa: PLC0415  (only who has such a model needs all of TensorFlow)

    with tempfile.TemporaryDirectory(prefix="iree-import-tf-") as directory:
        try:
            loaded = tf.saved_model.load(str(path))
            holder = tf.Module()
            holder.variables_ = list(loaded.variables)
            tf.saved_model.save(holder, directory, signatures=dict(loaded.signatures))
        except (AssertionError, ValueError, TypeError, RuntimeError, OSError, tf.errors.OpError) as error:
            raise ImportFailure(
                f"{path}: this SavedModel comes from TensorFlow 1 and cannot be loaded: {error}"
            ) from None
        yield Path(directory)
