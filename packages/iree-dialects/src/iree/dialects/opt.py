"""``iree-opt``: runs passes of ours and of upstream over a module in any phase."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from iree.dialects import phases
from iree.dialects._version import __version__
from iree.dialects.mlir import CompileError, make_context, parse_file, parse_module
from iree.dialects.observers import Printer, Reproducer, Timer, read_reproducer
from iree.dialects.passes import Observer, bytecode, find_passes, load_pass, run_pipeline

_TO_PHASE = {"flow": phases.to_flow, "hal": phases.to_hal, "vm": phases.to_vm}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="iree-opt", description="Run compiler passes over an MLIR module (text or bytecode) and print it."
    )
    parser.add_argument("input", nargs="?", default="-", help="the module, in any phase (default: - for stdin)")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write the module (default: stdout)")
    parser.add_argument(
        "--pass-pipeline",
        metavar="PASSES",
        default="",
        help="'a,b{option=1},func.func(cse)': passes of ours and of upstream, in order",
    )
    parser.add_argument("--to", choices=sorted(_TO_PHASE), help="after the passes, take the module to this phase")
    parser.add_argument("--emit-bytecode", action="store_true", help="write bytecode instead of text")
    parser.add_argument("--elide", type=int, metavar="N", help="leave out constants of more than N elements in text")
    parser.add_argument(
        "--print-before", metavar="NAMES", default="", help="passes, comma separated, or all: to stderr"
    )
    parser.add_argument("--print-after", metavar="NAMES", default="", help="likewise, after them")
    parser.add_argument("--time", action="store_true", help="print how long each pass took to stderr")
    parser.add_argument("--reproduce", metavar="FILE", type=Path, help="if a pass fails, write what it was given here")
    parser.add_argument("--run-reproducer", action="store_true", help="the input is such a file: run its pass again")
    parser.add_argument("--list-passes", action="store_true", help="print our passes and their options, and exit")
    parser.add_argument("--traceback", action="store_true", help="show where in the compiler an error came from")
    text = f"iree-opt {__version__} (torch-mlir {version('torch-mlir')})"
    parser.add_argument("--version", action="version", version=text)
    return parser


def _list_passes() -> str:
    lines = []
    for name, target in sorted(find_passes().items()):
        cls = load_pass(target)
        options = " ".join(f"{f.name.replace('_', '-')}={str(f.default).lower()}" for f in fields(cls))
        summary = (cls.__doc__ or "").strip().splitlines()[0]
        lines.append(f"{name}{'{' + options + '}' if options else ''}\n    {summary}")
    return "\n".join([*lines, "Every upstream pass that is not named here can be used as well."])


def run(arguments: argparse.Namespace) -> None:
    """Does what the command line asks for.

    Raises:
        CompileError: The module or a pass is wrong.
        OSError: A file cannot be read or written.
    """
    context = make_context()
    pipeline = arguments.pass_pipeline
    if arguments.run_reproducer:
        module, pipeline = read_reproducer(Path(arguments.input), context)
    elif arguments.input == "-":
        module = parse_module(_text_or_bytecode(sys.stdin.buffer.read()), context)
    else:
        module = parse_file(arguments.input, context)
    phases.check(module)
    timer = Timer()
    observers: list[Observer] = [timer, Printer(_names(arguments.print_before), _names(arguments.print_after))]
    if arguments.reproduce is not None:
        observers.append(Reproducer(arguments.reproduce))
    try:
        run_pipeline(module, pipeline, observers)
        if arguments.to:
            _TO_PHASE[arguments.to](module, observers)
        phases.check(module)
    finally:
        if arguments.time:
            print(timer.report(), file=sys.stderr)
    _write(module, arguments)


def _names(text: str) -> set[str]:
    return set(filter(None, text.split(",")))


def _text_or_bytecode(data: bytes) -> str | bytes:
    return data if data.startswith(b"ML\xefR") else data.decode()


def _write(module: Any, arguments: argparse.Namespace) -> None:
    if arguments.emit_bytecode:
        data = bytecode(module)
    else:
        data = (module.operation.get_asm(large_elements_limit=arguments.elide) + "\n").encode()
    if arguments.output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    else:
        Path(arguments.output).write_bytes(data)


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        if arguments.list_passes:
            print(_list_passes())
        else:
            run(arguments)
    except (CompileError, OSError, UnicodeDecodeError) as error:
        if arguments.traceback:
            raise
        print(error if isinstance(error, CompileError) else f"error: {error}", file=sys.stderr)
        if arguments.reproduce is not None and arguments.reproduce.exists():
            print(f"to run the failed pass again: iree-opt --run-reproducer {arguments.reproduce}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
