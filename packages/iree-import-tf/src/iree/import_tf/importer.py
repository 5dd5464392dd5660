"""What `iree-compile` finds under the entry point group ``iree.importers``: it then takes SavedModels as they are."""

from __future__ import annotations

from pathlib import Path


def accepts(path: Path) -> bool:
    """Whether the directory is a SavedModel."""
    return (path / "saved_model.pb").is_file()


def convert(path: Path, output: Path) -> None:
    """Imports the SavedModel into the artefact `output`.

    Raises:
        ValueError: It cannot be imported; the message says why.
    """
    from iree.import_tf.api import import_saved_model  # noqa: PLC0415 (only once there is something to import)
    from iree.import_tf.errors import ImportFailure  # noqa: PLC0415

    try:
        import_saved_model(path, output)
    except ImportFailure as error:
        raise ValueError(str(error)) from error
