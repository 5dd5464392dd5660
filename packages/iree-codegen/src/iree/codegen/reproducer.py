"""Reproducers: one kernel with its target in one file, which `iree-compile --replay` compiles again.

The file is MLIR text whose module carries the target's name and options, so it can be edited and cut down.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from iree.codegen.targets import CompiledKernel, Dump, Target, load
from iree.dialects.mlir import CompileError, ir, make_context, parse_file, parse_module

TARGET = "iree.target"
OPTIONS = "iree.target_options"


def write_reproducer(path: Path, kernel: bytes, target: Target) -> Path:
    """Writes the kernel and what target it was for.

    Returns:
        `path`.
    """
    context = make_context(ours=False)
    with context:
        module = parse_module(kernel, context)
        attributes = module.operation.attributes
        attributes[TARGET] = ir.StringAttr.get(target.name)
        attributes[OPTIONS] = ir.DictAttr.get({k: ir.StringAttr.get(v) for k, v in target.options.items()})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(module.operation.get_asm(enable_debug_info=True))
    return path


def replay(path: Path, dump: Dump | None) -> CompiledKernel:
    """Compiles a reproducer's kernel in this process.

    Raises:
        CompileError: The file is none, or the kernel cannot be compiled.
    """
    context = make_context(ours=False)
    module = parse_file(path, context)
    attributes = module.operation.attributes
    if TARGET not in attributes or OPTIONS not in attributes:
        raise CompileError(f"{path} is no reproducer: it has no {TARGET} and {OPTIONS} attributes")
    target = load(ir.StringAttr(attributes[TARGET]).value, _options(attributes[OPTIONS]))
    del attributes[TARGET], attributes[OPTIONS]
    buffer = io.BytesIO()
    module.operation.write_bytecode(buffer)
    return target.compile_kernel(buffer.getvalue(), dump)


def _options(attribute: Any) -> dict[str, str]:
    return {named.name: ir.StringAttr(named.attr).value for named in ir.DictAttr(attribute)}
