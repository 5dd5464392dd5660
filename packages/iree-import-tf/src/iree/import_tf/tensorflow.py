"""Finding TensorFlow: its version, its protobuf classes and its MLIR extension, without importing all of it.

`import tensorflow` takes seconds and a gigabyte of modules. The importer needs the protobuf classes, which are pure
Python, and one
extension module, which `iree.import_tf.worker` loads in a process of its own. Both are found by importing below
packages
that have a path but no contents. That is TensorFlow's private layout: if it changes, the plain import takes over.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from iree.import_tf.errors import ImportFailure

OLDEST, NEWEST = (2, 16), (2, 21)
_DISTRIBUTIONS = (
    "tensorflow",
    "tensorflow-cpu",
    "tensorflow-intel",
    "tensorflow-macos",
    "tensorflow-cpu-aws",
    "tf-nightly",
)
_STUBS = {"tensorflow": "", "tensorflow.python": "python", "tensorflow.python.util": "python/util"}


@cache
def version() -> str:
    """The installed TensorFlow's version. Raises `ImportFailure` if there is none or it is not supported."""
    for name in _DISTRIBUTIONS:
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        numbers = tuple(int(part) for part in found.split(".")[:2])
        if not OLDEST <= numbers <= NEWEST:
            low, high = (".".join(map(str, v)) for v in (OLDEST, NEWEST))
            raise ImportFailure(
                f"TensorFlow {found} is installed; versions {low} to {high} are supported: pip install "
                f"'tensorflow=={high}.*'"
            )
        return found
    raise ImportFailure("TensorFlow is needed to import its models: pip install 'tensorflow==2.21.*'")


@contextmanager
def parts_only() -> Iterator[None]:
    """Lets `tensorflow.…` submodules be imported without their parents' code. Does nothing where TensorFlow is
    imported already.
    """
    if "tensorflow" in sys.modules:
        yield
        return
    spec = importlib.util.find_spec("tensorflow")
    if spec is None or spec.origin is None:
        raise ImportFailure("TensorFlow is needed to import its models: pip install 'tensorflow==2.21.*'")
    root = Path(spec.origin).parent
    for name, below in _STUBS.items():
        module = types.ModuleType(name)
        module.__path__ = [str(root / below)]
        sys.modules[name] = module
    try:
        yield
    finally:  # a later `import tensorflow` must get the real packages
        for name in _STUBS:
            sys.modules.pop(name, None)


@cache
def protos(name: str) -> Any:
    """The protobuf module `tensorflow.core.NAME`, such as ``protobuf.saved_model_pb2``."""
    version()
    with parts_only():
        return importlib.import_module(f"tensorflow.core.{name}")
