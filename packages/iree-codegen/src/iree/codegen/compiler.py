"""The functions that compile. Loading MLIR takes as long as compiling many a program: it waits until there is need."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from iree.codegen.modules import ModuleCache, module_key
from iree.codegen.options import CompilerOptions
from iree.codegen.statistics import Statistics


def compile_file(
    path: str | Path,
    target: str | Sequence[str] = "cpu",
    output: str | Path | None = None,
    options: CompilerOptions | None = None,
) -> Statistics:
    """Compiles a program in a file or directory.

    Args:
        path: An import artefact (a directory), StableHLO as MLIR text, bytecode or portable artefact, or whatever an
            installed importer takes; with `options.compile_from` the program in that phase.
        target: Name of an installed target, or several (also with commas between): the module then carries a variant
            of every kernel for each, and the runtime takes the first that its device supports.
        output: File to write; by default `path` with the suffix ``.vmfb``, or ``.PHASE.mlirbc`` with
            `options.compile_to`.
        options: See `CompilerOptions`.

    Returns:
        What it took.

    Raises:
        CompileError: The program, an option or a file cannot be used; the message says what, where and what to do.
        OSError: A file cannot be read or written.
    """
    options = options or CompilerOptions()
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file or directory")
    suffix = f".{options.compile_to}.mlirbc" if options.compile_to else ".vmfb"
    output = Path(output) if output is not None else path.with_suffix(suffix)
    start = time.perf_counter()
    modules = None
    if output.is_file() or not output.exists():  # a pipe is only ever written to
        output = output.resolve()
        modules = ModuleCache.of(options)
    key = None if modules is None else module_key(path, target, options)
    if modules is not None and key is not None and (known := modules.get(key, output)) is not None:
        known.seconds["cache"] = time.perf_counter() - start
        return known
    from iree.codegen.compilation import compile_path  # noqa: PLC0415  (see above)

    statistics = compile_path(path, target, output, options)
    if modules is not None and key is not None and not statistics.plain:
        modules.put(key, output, statistics)
    return statistics


def compile_str(
    text: str | bytes, target: str | Sequence[str] = "cpu", options: CompilerOptions | None = None
) -> bytes:
    """Compiles a StableHLO program given as MLIR text or bytecode.

    Returns:
        The module file's bytes, or MLIR bytecode with `options.compile_to`.

    Raises:
        CompileError: The program or an option cannot be used; the message says what, where and what to do.
    """
    options = options or CompilerOptions()
    if options.compile_from:
        raise ValueError("compile_from needs a file, since parameters lie beside it: use compile_file")
    from iree.codegen.compilation import compile_text  # noqa: PLC0415  (see above)

    return compile_text(text, target, options)
