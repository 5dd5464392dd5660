"""What the tools share: flags, errors, versions."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, NoReturn


class ToolError(Exception):
    """A mistake on the command line; the message is all the user needs."""


def versions() -> str:
    """The versions of the runtime's parts."""
    from importlib import metadata  # noqa: PLC0415

    from iree.vm import __version__  # noqa: PLC0415
    from iree.vm.module_format import VERSION  # noqa: PLC0415

    lines = [f"iree-vm {__version__} (module file version {VERSION})"]
    for name in ("iree-hal", "iree-hal-cpu", "numpy"):
        try:
            lines.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            lines.append(f"{name} not installed")
    return "\n".join(lines)


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        print(versions())
        parser.exit()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def make_parser(prog: str, description: str) -> argparse.ArgumentParser:
    """A parser with the flags that every tool has."""
    parser = _Parser(prog=prog, description=description, allow_abbrev=False)
    parser.add_argument("--version", action=_Version, nargs=0, help="show the versions of all parts and exit")
    parser.add_argument("--traceback", action="store_true", help="show where in the program an error came from")
    return parser


def add_module_flags(parser: argparse.ArgumentParser) -> None:
    """Flags for loading a module."""
    parser.add_argument("--module", required=True, metavar="FILE", help="the module file")
    parser.add_argument("--device", default="cpu", metavar="URI", help="cpu, cpu?threads=4, … (default: %(default)s)")


def add_call_flags(parser: argparse.ArgumentParser) -> None:
    """Flags for choosing an export and its inputs."""
    add_module_flags(parser)
    parser.add_argument("--function", metavar="NAME", help="the export to call (default: the only one, or main)")
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="VALUE",
        help="an input, in order: 4xf32=1,2,3,4 (one value fills the whole shape); 0.7 (of the type that the function "
        "takes there); @x.npy; 2x4xf32=@x.bin (raw bytes)",
    )


def choose_function(module: Any, name: str | None) -> Any:
    """The export to call."""
    names = list(module.functions)
    if name is None:
        name = names[0] if len(names) == 1 else "main"
    if name not in module.functions:
        raise ToolError(f"the module has no function {name!r}: --function is one of {', '.join(names) or '(none)'}")
    return module.functions[name]


def run_tool(
    main: Callable[[argparse.Namespace], int], parser: argparse.ArgumentParser, argv: Sequence[str] | None
) -> int:
    """Parse, run, and turn errors into one message and an exit status of 1."""
    arguments = parser.parse_args(argv)
    try:
        return main(arguments)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        print(f"{parser.prog}: interrupted", file=sys.stderr)
        return 130
    except Exception as error:  # the user gets the message whatever it is
        if arguments.traceback:
            traceback.print_exc()
        else:
            print(f"{parser.prog}: error: {_message(error)}", file=sys.stderr)
        return 1


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    if type(error).__module__.startswith("iree."):
        return str(error)
    return f"{type(error).__name__}: {error}"
