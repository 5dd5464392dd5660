"""Importing what lives in this process: tf.Modules, tf.functions and Keras models. They are saved to a temporary
SavedModel first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from iree.import_tf import api, saved_model
from iree.import_tf.errors import ImportFailure

_Progress = Callable[[str], None]


def import_module(
    module: Any, output: str | Path, functions: Sequence[str] | None = None, *, progress: _Progress = lambda _: None
) -> Path:
    """Imports a `tf.Module`.

    Args:
        module: The module. Functions without `input_signature` are imported as they were traced before this call.
        output: The artefact's directory.
        functions: See `import_saved_model`, as `progress`.
        progress: Told of each step.

    Raises:
        ImportFailure: A function cannot be saved or imported.
    """
    with _directory() as saved:
        _save(module, saved, progress)
        return api.import_program(saved_model.read(saved), Path(output), functions, progress)


def import_function(
    function: Any, output: str | Path, name: str = "main", *, progress: _Progress = lambda _: None
) -> Path:
    """Imports one `tf.function` (or concrete function), with the variables it uses, under the name `name`.

    Raises:
        ImportFailure: It has neither an input signature nor exactly one trace, or it cannot be saved or imported.
    """
    import tensorflow as tf  # noqa: PLC0415  (only who has a live function needs all of TensorFlow here)

    concrete = function if hasattr(function, "captured_inputs") else _only_trace(function)
    holder = tf.Module()
    holder.kept = [
        concrete.graph.variables,
        [c for c in concrete.captured_inputs if c.dtype not in (tf.resource, tf.variant)],
    ]
    setattr(holder, name, function)
    return import_module(holder, output, [name], progress=progress)


def import_keras(model: Any, output: str | Path, *, progress: _Progress = lambda _: None) -> Path:
    """Imports a Keras 3 model's inference as the function ``serve``.

    Raises:
        ImportFailure: The model is not built, or uses what cannot be imported.
    """
    with _directory() as saved:
        _export(model, saved)
        return api.import_program(saved_model.read(saved), Path(output), ["serve"], progress)


@contextmanager
def keras_file(path: Path) -> Iterator[Path]:
    """A temporary SavedModel of the model in a ``.keras`` file."""
    if not path.is_file():
        raise ImportFailure(f"{path}: no such file")
    import keras  # noqa: PLC0415  (as above)

    try:
        model = keras.saving.load_model(path, compile=False)
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise ImportFailure(f"{path}: Keras cannot load it: {error}") from None
    with _directory() as saved:
        _export(model, saved)
        yield saved


@contextmanager
def _directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="iree-import-tf-") as directory:
        yield Path(directory) / "model"


def _save(module: Any, path: Path, progress: _Progress) -> None:
    import tensorflow as tf  # noqa: PLC0415  (as above)

    progress("saving the module")
    try:
        tf.saved_model.save(module, str(path), signatures={}, options=tf.saved_model.SaveOptions(save_debug_info=True))
    except (AssertionError, ValueError, TypeError) as error:
        raise ImportFailure(f"TensorFlow cannot save it: {error}") from None


def _export(model: Any, path: Path) -> None:
    try:
        model.export(path, verbose=False)
    except (AttributeError, ValueError, TypeError) as error:
        raise ImportFailure(f"Keras cannot export the model: {error}") from None


def _only_trace(function: Any) -> Any:
    if function.input_signature is not None:
        return function.get_concrete_function()
    traces = function._list_all_concrete_functions()
    if len(traces) != 1:
        raise ImportFailure(
            f"the function has {len(traces)} traces and no input_signature: give it one, or pass "
            f"function.get_concrete_function(…)"
        )
    return traces[0]
