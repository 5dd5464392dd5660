"""The command ``iree-compile``."""

from __future__ import annotations

import argparse
import sys
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

from iree.codegen.compiler import compile_file
from iree.codegen.options import CompilerOptions, Limits, processors
from iree.codegen.versions import versions
from iree.dialects.errors import CompileError
from iree.dialects.phase_names import PHASES


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command.

    Returns:
        0, or 1 after an error that was explained on stderr; argparse exits with 2 on a wrong command line.
    """
    parser = _parser()
    parsed = parser.parse_args(arguments)
    try:
        options = _options(parsed)
    except ValueError as error:
        parser.error(str(error))
    if parsed.input is None and parsed.replay is None:
        parser.error("an input is needed: an import artefact or a file of StableHLO")
    warnings.showwarning = lambda message, *_, **__: print(f"warning: {message}", file=sys.stderr)
    warnings.simplefilter("always", RuntimeWarning)
    try:
        if parsed.replay is not None:
            return _replay(parsed.replay, options.dump_dispatches)
        statistics = compile_file(parsed.input, parsed.target or ["cpu"], parsed.output, options)
        if parsed.print_statistics:
            print(statistics, file=sys.stderr)
    except CompileError as error:
        _report(str(error), parsed.traceback)
        if parsed.replay is None and options.dump_phases is None:
            print("note: --dump-compilation-phases-to=DIR writes the program after each phase", file=sys.stderr)
        return 1
    except OSError as error:
        _report(f"error: {error}", parsed.traceback)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


def _output(text: str) -> Path:
    return Path("/dev/stdout" if text == "-" else text)


def _replay(path: Path, dump_directory: Path | None) -> int:
    from iree.codegen.reproducer import replay  # noqa: PLC0415  (loads MLIR)
    from iree.codegen.worker import directory_dump  # noqa: PLC0415

    kernel = replay(path, directory_dump(dump_directory) if dump_directory else None)
    print(f"{kernel.name}: {len(kernel.object)} bytes of object code")
    return 0


def _report(message: str, with_traceback: bool) -> None:
    if with_traceback:
        traceback.print_exc()
    else:
        print(message, file=sys.stderr)


def _options(parsed: argparse.Namespace) -> CompilerOptions:
    target_options = {}
    for setting in parsed.target_option:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"--target-option: '{setting}' is not NAME=VALUE")
        target_options[name] = value
    if parsed.target_cpu is not None:
        target_options["cpu"] = parsed.target_cpu
    return CompilerOptions(
        target_options=target_options,
        compile_to=parsed.compile_to,
        compile_from=parsed.compile_from,
        dump_phases=parsed.dump_compilation_phases_to,
        dump_dispatches=parsed.dump_dispatches_to,
        fold_constants=not parsed.no_fold_constants,
        use_cache=not parsed.no_cache,
        cache_directory=parsed.cache_dir,
        jobs=parsed.jobs,
        limits=Limits(parsed.dispatch_timeout, int(parsed.dispatch_memory * 2**30)),
        reproducers=parsed.reproducers_to,
        progress=True,
    )


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print("\n".join(f"{part} {number}" for part, number in versions().items()))
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="iree-compile", description="Compiles an import artefact or a StableHLO program to a module file."
    )
    add = parser.add_argument
    add(
        "input",
        nargs="?",
        type=Path,
        help="import artefact (directory), or StableHLO as MLIR text, bytecode or portable artefact",
    )
    add("-o", "--output", type=_output, help="file to write (default: the input's name with .vmfb; - is stdout)")
    add(
        "--target",
        action="append",
        metavar="TARGET",
        help="what to compile for (default: cpu); given several times or with commas, the module has a variant for "
        "each, and the runtime takes the first that the device supports",
    )
    add(
        "--target-cpu",
        metavar="CPU",
        help="for --target=cpu: host (default), generic, x86-64-v2, …; with commas, a variant for each",
    )
    add(
        "--target-option",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="an option of the target; may be repeated",
    )
    add("--compile-to", metavar="PHASE", choices=PHASES, help=f"stop after a phase: {', '.join(PHASES)}")
    add("--compile-from", metavar="PHASE", choices=PHASES, help="the input is what --compile-to=PHASE wrote")
    add("--dump-compilation-phases-to", metavar="DIR", type=Path, help="write the program after each phase")
    add("--dump-dispatches-to", metavar="DIR", type=Path, help="write every stage of every kernel, down to assembly")
    add("--print-statistics", action="store_true", help="print times, sizes and numbers of dispatches on stderr")
    add(
        "--jobs",
        type=int,
        default=processors(),
        metavar="N",
        help="kernels compiled at the same time (default: %(default)s)",
    )
    add(
        "--cache-dir",
        type=Path,
        metavar="DIR",
        help="where compiled kernels and modules are kept (default: ~/.cache/iree-codegen)",
    )
    add("--no-fold-constants", action="store_true", help="compute constant expressions with every call")
    add("--no-cache", action="store_true", help="keep no compiled kernels and modules")
    add(
        "--dispatch-timeout",
        type=float,
        default=Limits.seconds,
        metavar="SECONDS",
        help="for one kernel (default: %(default)s)",
    )
    add(
        "--dispatch-memory",
        type=float,
        default=Limits.memory / 2**30,
        metavar="GIB",
        help="for one kernel (default: %(default)s)",
    )
    add(
        "--reproducers-to",
        type=Path,
        metavar="DIR",
        help="where kernels go that cannot be compiled (default: the temporary directory)",
    )
    add("--replay", type=Path, metavar="FILE", help="compile the kernel of a reproducer, in this process")
    add("--traceback", action="store_true", help="print Python's traceback of an error")
    add("--version", action=_Version, nargs=0, help="print the versions of all parts")
    return parser


if __name__ == "__main__":
    sys.exit(main())
