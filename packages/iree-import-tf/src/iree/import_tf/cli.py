"""`iree-import-tf`: SavedModels on the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from iree.import_tf import api, inspection, live, saved_model, tensorflow
from iree.import_tf._version import __version__
from iree.import_tf.errors import ImportFailure
from iree.import_tf.program import Program
from iree.import_tf.upgrade import upgraded


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except (ImportFailure, ValueError, OSError) as error:
        if options.traceback:
            raise
        print(f"error: {error}" if not str(error).startswith("error: ") else error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "iree-import-tf",
        description="Turns a TensorFlow SavedModel (or .keras file) into an import artefact for iree-compile.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "saved_model", type=Path, metavar="SAVED_MODEL", help="a SavedModel's directory, or a .keras file"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="MODEL", help="the artefact's directory")
    parser.add_argument("--list", action="store_true", help="show what is in it and what stands in the way")
    parser.add_argument(
        "--function",
        action="append",
        metavar="NAME",
        help="import this method; may be repeated (default: all public ones)",
    )
    parser.add_argument("--signature", action="append", metavar="NAME", help="import this signature; may be repeated")
    parser.add_argument("--inputs", metavar="A,B", help="cut: these inner tensors (NODE or NODE:K) become inputs")
    parser.add_argument("--outputs", metavar="A,B", help="cut: these inner tensors become the outputs")
    parser.add_argument("--traceback", action="store_true", help="show where in the importer an error arose")
    parser.add_argument("--version", action="version", version=versions())
    return parser


def _run(options: argparse.Namespace) -> None:
    if options.saved_model.suffix == ".keras":
        _import(live.keras_file(options.saved_model), options)
    else:
        with upgraded(options.saved_model) as saved:
            _import(saved_model.read(saved), options)


def _import(program: Program, options: argparse.Namespace) -> None:
    if options.list:
        print(inspection.describe(program))
        return
    if options.output is None:
        raise ImportFailure("where to? Give -o MODEL (or --list to see what is in the SavedModel)")
    progress = _Progress()
    names = list(options.function or []) + [api.signature_key(program, name) for name in options.signature or []]
    if options.inputs or options.outputs:
        inputs, outputs = (text.split(",") if text else [] for text in (options.inputs, options.outputs))
        program = api.cut_out(program, names or None, inputs, outputs)
    api.import_program(program, options.output, names or None, progress)
    progress.done()


class _Progress:
    """One line on a terminal, rewritten with each step; nothing elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()

    def __call__(self, step: str) -> None:
        if self._terminal:
            print(f"\r\033[K{step} …", end="", file=sys.stderr, flush=True)

    def done(self) -> None:
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def versions() -> str:
    """The versions of all parts that take part in an import."""
    try:
        found = tensorflow.version()
    except ImportFailure as failure:
        found = f"not usable ({failure})"
    parts = {name: metadata.version(name) for name in ("iree-dialects", "torch-mlir")}
    listed = "\n".join(f"{name} {version}" for name, version in parts.items())
    return f"iree-import-tf {__version__}\n{listed}\ntensorflow {found}"


if __name__ == "__main__":
    sys.exit(main())
