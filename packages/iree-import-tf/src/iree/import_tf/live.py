"""Importing what lives in this process: tf.functions and Keras models from their graphs, tf.Modules through a
temporary SavedModel, which finds all that they have.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from iree.import_tf import api, concrete, data_classes, saved_model
from iree.import_tf.errors import ImportFailure
from iree.import_tf.program import Program

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
    chosen = function if hasattr(function, "captured_inputs") else _only_trace(function)
    return api.import_program(concrete.program(chosen, name, f"the function {name}"), Path(output), [name], progress)


def import_keras(model: Any, output: str | Path, *, progress: _Progress = lambda _: None) -> Path:
    """Imports a Keras 3 model's inference as the function ``serve``.

    Raises:
        ImportFailure: The model is not built, or uses what cannot be imported.
    """
    progress("tracing the model")
    return api.import_program(_served(model, "the model"), Path(output), progress=progress)


def keras_file(path: Path) -> Program:
    """The program of the model in a ``.keras`` file: its inference as the function ``serve``.

    Raises:
        ImportFailure: There is no such file, or Keras cannot load it or trace the model.
    """
    if not path.is_file():
        raise ImportFailure(f"{path}: no such file")
    import keras  # noqa: PLC0415  (only who has a live function or a Keras model needs all of TensorFlow here)

    try:
        model = keras.saving.load_model(path, compile=False)
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise ImportFailure(f"{path}: Keras cannot load it: {error}") from None
    return _served(model, str(path))


@contextmanager
def _directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="iree-import-tf-") as directory:
        yield Path(directory) / "model"


def _save(module: Any, path: Path, progress: _Progress) -> None:
    import tensorflow as tf  # noqa: PLC0415  (only who has a live module needs all of TensorFlow here)

    progress("saving the module")
    data_classes.register()
    try:
        tf.saved_model.save(module, str(path), signatures={}, options=tf.saved_model.SaveOptions(save_debug_info=True))
    except (AssertionError, ValueError, TypeError) as error:
        raise ImportFailure(f"TensorFlow cannot save it: {error}") from None


def _served(model: Any, source: str) -> Program:
    """What `model.export` would save, traced once."""
    import keras  # noqa: PLC0415  (as above)

    try:
        from keras.src.export.export_utils import get_input_signature  # noqa: PLC0415  (as above)
    except ImportError:
        raise ImportFailure(
            f"Keras {keras.__version__} is too old: pip install 'keras>=3.8', or model.export a SavedModel"
        ) from None
    try:
        archive = keras.export.ExportArchive()
        archive.track(model)
        function = archive.add_endpoint("serve", model.__call__, get_input_signature(model))
        traced = function.get_concrete_function()
    except (AttributeError, ValueError, TypeError) as error:
        raise ImportFailure(f"Keras cannot export the model: {error}") from None
    return concrete.program(traced, "serve", source)


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
