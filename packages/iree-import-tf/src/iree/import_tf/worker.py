"""A process that runs TensorFlow's MLIR: imports graphs and runs pass pipelines, text in, text out.

TensorFlow aborts on some inputs, prints to stderr and keeps its memory; in a process of its own it does no harm.
Messages are a
line of JSON with the lengths of the byte strings that follow it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Any, Self

from iree.import_tf import tensorflow
from iree.import_tf.errors import ImportFailure


class TensorflowError(Exception):
    """TensorFlow refused: its own words."""


class Worker:
    """The process, seen from outside. Use as a context manager; one request at a time."""

    def __init__(self) -> None:
        tensorflow.version()
        self._start()

    def _start(self) -> None:
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "iree.import_tf.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def import_graph(  # noqa: PLR0917  (what TensorFlow's function takes, in its order)
        self,
        graph: bytes,
        passes: str,
        names: Sequence[str],
        dtypes: Sequence[str],
        shapes: Sequence[str],
        outputs: Sequence[str],
    ) -> str:
        """Imports a serialized GraphDef as function @main and runs `passes`.

        Args:
            graph: The GraphDef.
            passes: An MLIR pass pipeline, anchored at the module.
            names: The input nodes, in order.
            dtypes: Their types, such as ``DT_FLOAT``.
            shapes: Their shapes, such as ``?,3``.
            outputs: The output nodes, in order.

        Returns:
            The module as text with locations.

        Raises:
            TensorflowError: TensorFlow refused the graph.
        """
        fields = (passes, ",".join(names), ",".join(dtypes), ":".join(shapes), ",".join(outputs))
        return self._request("import", [graph, *(field.encode() for field in fields)])

    def run_passes(self, module: str, passes: str) -> str:
        """Runs an MLIR pass pipeline over a module's text. Raises `TensorflowError`."""
        return self._request("passes", [module.encode(), passes.encode()])

    def _request(self, kind: str, blobs: Sequence[bytes]) -> str:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            _send(self._process.stdin, {"kind": kind}, blobs)
            header, (answer,) = _receive(self._process.stdout)
        except (EOFError, BrokenPipeError):
            self._process.wait()
            self._log.seek(0)
            words = self._log.read().decode(errors="replace").strip().splitlines()
            said = "\n  ".join(words[-8:]) or "(no message)"
            status = self._process.returncode
            self.__exit__(None, None, None)
            self._start()  # for the next request
            raise ImportFailure(
                f"TensorFlow ended with status {status} while it lowered the program; it said:\n  {said}"
            ) from None
        if header["kind"] == "error":
            raise TensorflowError(answer.decode(errors="replace"))
        return answer.decode()


def _send(pipe: IO[bytes], header: dict[str, Any], blobs: Sequence[bytes]) -> None:
    pipe.write(json.dumps(header | {"lengths": [len(blob) for blob in blobs]}).encode() + b"\n")
    for blob in blobs:
        pipe.write(blob)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    line = pipe.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    header = json.loads(line)
    return header, [pipe.read(length) for length in header["lengths"]]


class _StatusError(Exception):
    """What TensorFlow's extension raises: registered for every status code."""

    def __init__(self, node: Any, op: Any, message: str, payloads: Any) -> None:
        super().__init__(message)


def _load() -> Any:
    """TensorFlow's MLIR extension, without the rest of TensorFlow where its layout allows that."""
    try:
        with tensorflow.parts_only():
            registry = importlib.import_module("tensorflow.python._pywrap_py_exception_registry")
            native = importlib.import_module("tensorflow.python._pywrap_mlir")
    except ImportError:
        return importlib.import_module("tensorflow.python._pywrap_mlir")
    registry.PyExceptionRegistry_Init(dict.fromkeys(range(1, 17), _StatusError))
    return native


def main() -> None:
    """Serves requests from stdin until it is closed."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what TensorFlow prints must not get between the answers
    native = _load()
    while True:
        try:
            header, blobs = _receive(requests)
        except EOFError:
            os._exit(0)  # TensorFlow takes its time to tidy up
        try:
            if header["kind"] == "import":
                graph, passes, names, dtypes, shapes, outputs = blobs
                text = native.ImportGraphDef(graph, passes, True, names, dtypes, shapes, outputs)
            else:
                text = native.ExperimentalRunPassPipeline(*blobs, True)
        except Exception as error:  # whatever it is, the other process reports it
            _send(answers, {"kind": "error"}, [str(error).encode()])
        else:
            _send(answers, {"kind": "text"}, [text.encode()])


if __name__ == "__main__":
    main()
