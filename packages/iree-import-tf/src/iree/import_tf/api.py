"""The library's face: models in, artefacts out."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from iree.dialects import artifact, manifest
from iree.dialects.manifest import Function, Manifest, Shape, TensorSpec, Tree
from iree.dialects.mlir import ir, make_context
from iree.import_tf import cut, lower, saved_model, tensorflow
from iree.import_tf._version import __version__
from iree.import_tf.dtypes import Array, mlir_dtype
from iree.import_tf.errors import ImportFailure
from iree.import_tf.program import Export, Program, Variable
from iree.import_tf.upgrade import upgraded
from iree.import_tf.worker import Worker

Progress = Callable[[str], None]
"""Called with what is about to be done."""


def import_saved_model(
    path: str | os.PathLike[str],
    output: str | os.PathLike[str],
    functions: Sequence[str] | None = None,
    *,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    progress: Progress = lambda _: None,
) -> Path:
    """Imports a SavedModel.

    Args:
        path: The SavedModel's directory.
        output: The artefact's directory; it is made, and an artefact in it replaced.
        functions: Which functions or signatures to import; by default the object's public methods, or the signatures
            if it has none.
        inputs: Inner tensors (``NODE`` or ``NODE:K``) that become inputs: what computes them is left out.
        outputs: Inner tensors that become the outputs: what follows them is left out.
        progress: Told of each step.

    Returns:
        `output` as a path.

    Raises:
        ImportFailure: It is no SavedModel, there is no such function, or a function uses what cannot be imported.
    """
    progress(f"reading {path}")
    with upgraded(Path(path)) as current:
        program = saved_model.read(current)
        if inputs or outputs:
            program = cut_out(program, functions, inputs, outputs)
        return import_program(program, Path(output), functions, progress)


def cut_out(
    program: Program, functions: Sequence[str] | None, inputs: Sequence[str], outputs: Sequence[str]
) -> Program:
    """The program with the one chosen function cut at inner tensors: see `cut.cut`."""
    chosen = select(program, functions)
    if len(chosen) != 1:
        raise ImportFailure(f"which function is to be cut? Choose one: {_there_is(program)}")
    return cut.cut(program, chosen[0], inputs, outputs)


def import_program(
    program: Program,
    output: Path,
    functions: Sequence[str] | None = None,
    progress: Progress = lambda _: None,
    worker: Worker | None = None,
) -> Path:
    """Imports functions of a program that was read already. See `import_saved_model`; `worker` may serve several
    imports.
    """
    exports = select(program, functions)
    if worker is None:
        with Worker() as own:
            return _import(program, output, exports, progress, own)
    return _import(program, output, exports, progress, worker)


def _import(program: Program, output: Path, exports: Sequence[Export], progress: Progress, worker: Worker) -> Path:
    context = make_context(ours=False)
    context.allow_unregistered_dialects = True
    with context, ir.Location.unknown():
        module = ir.Module.create()
    listed: list[Function] = []
    variables: dict[str, Variable] = {}
    stored: set[str] = set()
    for export in exports:
        progress(f"lowering {export.name}")
        lowered = lower.lower(program, export, worker, context)
        symbol = _symbol(export.name, {function.symbol for function in listed})
        listed.append(_function(export, symbol, lowered))
        for slot in (*lowered.args, *lowered.results):
            if slot.name is not None:
                variables[slot.name] = lowered.weights.get(slot.name) or program.variables[slot.name]
        stored.update(slot.name for slot in lowered.results if slot.name is not None)
        with context:
            _move(lowered.module, module, symbol)
    progress("writing the artefact")
    entries = [_variable(variable, name in stored) for name, variable in sorted(variables.items())]
    values: dict[str, Array] = {name: variable.value() for name, variable in variables.items()}
    producer = f"iree-import-tf {__version__} (tensorflow {tensorflow.version()})"
    artifact.save(output, module, Manifest(producer, listed, entries), values)
    return output


def select(program: Program, functions: Sequence[str] | None) -> list[Export]:
    """The functions to import. Raises `ImportFailure`, which lists what there is, for one that is not there."""
    exports = program.exports
    if functions is None:
        methods = [e for e in exports.values() if not e.signature and "." not in e.name and not e.name.startswith("_")]
        chosen = methods or [e for e in exports.values() if e.signature and not e.name.startswith("__")]
        if not chosen:
            raise ImportFailure(f"{program.source}: there is no function in it: {_there_is(program)}")
        return chosen
    for name in functions:
        if name not in exports:
            raise ImportFailure(f"{program.source}: no function is called {name!r}: {_there_is(program)}")
    return [exports[name] for name in dict.fromkeys(functions)]


def signature_key(program: Program, name: str) -> str:
    """The key of signature `name` in `Program.exports`. Raises `ImportFailure` if there is none."""
    for key, export in program.exports.items():
        if export.signature and export.name == name:
            return key
    raise ImportFailure(f"{program.source}: no signature is called {name!r}: {_there_is(program)}")


def _there_is(program: Program) -> str:
    functions = ", ".join(name for name, export in program.exports.items() if not export.signature)
    signatures = ", ".join(name for name, export in program.exports.items() if export.signature)
    return f"it has the functions {functions or '(none)'} and the signatures {signatures or '(none)'}"


def _symbol(name: str, taken: set[str]) -> str:
    symbol = base = "".join(c if c.isascii() and c.isalnum() else "_" for c in name) or "f"
    number = 0
    while symbol in taken:
        number += 1
        symbol = f"{base}_{number}"
    return symbol


def _shape(type_: Any) -> Shape:
    dynamic = ir.ShapedType.get_dynamic_size()
    return tuple(None if size == dynamic else size for size in ir.RankedTensorType(type_).shape)


def _function(export: Export, symbol: str, lowered: lower.Lowered) -> Function:
    """The manifest's entry; shapes are the lowered function's, which may be more static than the signature's."""
    inputs = [
        _shape(t) for t, slot in zip(lower.inputs_of(lowered.module), lowered.args, strict=True) if slot.kind == "input"
    ]
    outputs = [
        _shape(t)
        for t, slot in zip(lower.outputs_of(lowered.module), lowered.results, strict=True)
        if slot.kind == "output"
    ]
    return Function(
        export.name.removeprefix("signature:"),
        symbol,
        tuple(lowered.args),
        tuple(lowered.results),
        tuple(_with_shapes(tree, inputs) for tree in export.input_args),
        {name: _with_shapes(tree, inputs) for name, tree in export.input_kwargs.items()},
        _with_shapes(export.outputs, outputs),
        tuple(export.input_names),
    )


def _with_shapes(tree: Tree, shapes: Sequence[Shape]) -> Tree:
    match tree:
        case TensorSpec():
            return replace(tree, shape=shapes[tree.index])
        case dict():
            return {name: _with_shapes(child, shapes) for name, child in tree.items()}
        case list():
            return [_with_shapes(child, shapes) for child in tree]
        case tuple():
            return tuple(_with_shapes(child, shapes) for child in tree)
        case _:
            return tree


def _variable(variable: Variable, mutable: bool) -> manifest.Variable:
    dtype = mlir_dtype(variable.dtype)
    assert dtype is not None
    return manifest.Variable(variable.name, dtype, variable.sizes, mutable, variable.name)


def _move(source: Any, target: Any, symbol: str) -> None:
    """Moves the functions of `source` behind those of `target`; @main becomes @symbol, helpers get its name in
    front.
    """
    for op in list(source.body.operations):
        name = op.sym_name.value
        fresh = symbol if name == "main" else f"{symbol}.{name}"
        ir.SymbolTable.replace_all_symbol_uses(name, fresh, source.operation)
        ir.SymbolTable.set_symbol_name(op, fresh)
    for op in list(source.body.operations):
        target.body.append(op)
