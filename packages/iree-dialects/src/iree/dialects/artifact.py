"""Import artefacts: what importers write and the compiler reads (docs/architecture.md, "Import artefact").

An artefact is a directory with a StableHLO program of pure functions, a manifest and the weights. Reading it checks
everything and gives the program its state: variables become `ml_program.global`s, loaded at a function's entry and
stored at its exit.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iree.dialects import weights
from iree.dialects.input.quantized import storage
from iree.dialects.manifest import Function, Manifest, ManifestError, Shape, Slot, TensorSpec, Variable
from iree.dialects.mlir import (
    CompileError,
    capture_diagnostics,
    func,
    ir,
    make_context,
    ml_program,
    parse_file,
    stablehlo,
)
from iree.dialects.weights import Array, WeightsError, WeightsFile

PROGRAM = "program.mlirbc"
WEIGHTS = "weights.safetensors"
MANIFEST = "manifest.json"
PARAMETER = "iree.parameter"
"""The attribute of an `ml_program.global` that names its initial value in the parameters."""


_PRODUCER = re.compile(rb"StableHLO_v(\d+)\.(\d+)\.(\d+)\0")
_PORTABLE = ("builtin", "chlo", "func", "stablehlo")


class ArtifactError(ValueError):
    """An artefact that cannot be used; the message names the file and the fault."""


@dataclass
class Artifact:
    """A program ready to compile.

    Attributes:
        module: An `ir.Module` in the input phase. Each exported function is public, is called by its name in the
            manifest, takes the input tensors and returns the output tensors in the order of their indexes. Nothing
            else is public.
        manifest: The manifest as read. Its `symbol`s and slots speak of the program in the file, before it got its
            state.
        parameters: The initial values of the module's globals by their `iree.parameter`; read-only views of the file.
    """

    module: Any
    manifest: Manifest
    parameters: Mapping[str, Array]


def load(path: str | Path, context: Any = None) -> Artifact:
    """Reads an artefact's directory, or a file of StableHLO: text, bytecode or portable artefact.

    Args:
        path: The directory, or the file, for which `from_stablehlo` makes up a manifest.
        context: The `ir.Context` to read into; by default a new one.

    Raises:
        ArtifactError: Something in the artefact is malformed, unknown or at odds with the rest.
        CompileError: The program does not parse or verify.
        OSError: A file cannot be read.
    """
    path = Path(path)
    context = context or make_context()
    if not path.is_dir():
        return from_stablehlo(_parse_program(path, context), producer=path.name)
    manifest = _read_manifest(path / MANIFEST)
    try:
        stored = WeightsFile(path / WEIGHTS) if manifest.variables else None
        parameters = {} if stored is None else {v.key: stored.array(v.key, v.dtype) for v in manifest.variables}
    except WeightsError as error:
        raise ArtifactError(str(error)) from None
    module = _parse_program(path / PROGRAM, context)
    _check(module, manifest, parameters, str(path))
    with context:
        _add_state(module, manifest, parameters)
        _verify(module, path)
    return Artifact(module, manifest, parameters)


def save(path: str | Path, module: Any, manifest: Manifest, parameters: Mapping[str, Array]) -> None:
    """Writes an artefact. The manifest is written last, so that a directory without one was not finished.

    Args:
        path: The directory; it is made if need be, and an artefact in it replaced.
        module: The program, an `ir.Module` of StableHLO and CHLO whose functions are pure and fit the manifest.
        manifest: What the functions' arguments and results mean.
        parameters: The variables' initial values by key; each fits its variable's dtype and shape.

    Raises:
        ArtifactError: The three do not fit each other.
        CompileError: The program has operations that a portable artefact cannot hold.
        OSError: A file cannot be written.
    """
    path = Path(path)
    try:
        manifest = Manifest.from_json(json.loads(json.dumps(manifest.to_json())))
    except ManifestError as error:
        raise ArtifactError(f"cannot write {path}: {error}") from None
    _check(module, manifest, parameters, f"cannot write {path}")
    program = _serialize(module)
    path.mkdir(parents=True, exist_ok=True)
    (path / MANIFEST).unlink(missing_ok=True)
    (path / PROGRAM).write_bytes(program)
    weights.write(path / WEIGHTS, {v.key: parameters[v.key] for v in manifest.variables})
    (path / MANIFEST).write_text(json.dumps(manifest.to_json(), indent=1) + "\n", encoding="utf-8")


def from_stablehlo(module: Any, producer: str = "stablehlo") -> Artifact:
    """The artefact of a plain program: its public functions are the exports, their arguments the inputs, in order.

    Functions that return one value give that value, the others a tuple.

    Raises:
        CompileError: No function is public, or an argument or result is no ranked tensor of a known dtype.
    """
    exported = [op for op in module.body.operations if isinstance(op, func.FuncOp) and _is_public(op)]
    functions = tuple(_synthesize(op) for op in exported)
    if not functions:
        raise CompileError("nothing to export: the program has no public function with a body", module.operation)
    for op in module.body.operations:
        if op.operation.name == "ml_program.global" and PARAMETER in op.operation.attributes:
            raise CompileError(
                "this global's value lies in a parameter file, which a plain program does not have: "
                "give it a value here, or compile the import artefact",
                op.operation,
            )
    return Artifact(module, Manifest(producer, functions), {})


def _parse_program(path: Path, context: Any) -> Any:
    with path.open("rb") as file:
        producer = _PRODUCER.search(file.read(64))
    if producer is None:
        return parse_file(path, context)
    current = stablehlo.get_current_version()
    if tuple(map(int, producer.groups())) > tuple(map(int, current.split("."))):
        version = ".".join(group.decode() for group in producer.groups())
        raise CompileError(f"{path} is written in StableHLO {version}; this compiler reads versions up to {current}")
    with context, capture_diagnostics(context) as captured:
        try:
            return stablehlo.deserialize_portable_artifact(context, path.read_bytes())
        except (ir.MLIRError, ValueError):
            found = captured.errors
    raise CompileError(f"{path} is damaged: it says it is a StableHLO portable artefact, but is none", None, found)


def _serialize(module: Any) -> bytes:
    for op in _operations(module):
        if op.name.partition(".")[0] not in _PORTABLE:
            raise CompileError(f"{op.name} cannot be in an artefact's program, which is StableHLO and CHLO", op)
    with module.context, capture_diagnostics(module.context) as captured:
        try:
            copy = io.BytesIO()  # serializing changes the module
            module.operation.write_bytecode(copy)
            clone = ir.Module.parse(copy.getvalue())
            return bytes(stablehlo.serialize_portable_artifact(clone, stablehlo.get_current_version(), True))
        except (ir.MLIRError, ValueError):
            found = captured.errors
    raise CompileError("the program cannot be written as a StableHLO portable artefact", module.operation, found)


def _read_manifest(path: Path) -> Manifest:
    try:
        return Manifest.from_json(json.loads(path.read_bytes()))
    except FileNotFoundError:
        raise ArtifactError(
            f"{path.parent} is no import artefact, or writing it was not finished: it has no {MANIFEST}"
        ) from None
    except ManifestError as error:
        raise ArtifactError(f"{path}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{path} is not JSON: {error}") from None


def _check(module: Any, manifest: Manifest, parameters: Mapping[str, Array], where: str) -> None:
    """Raises ArtifactError unless program, manifest and parameters fit each other."""
    for variable in manifest.variables:
        value = parameters.get(variable.key)
        if value is None:
            raise ArtifactError(
                f"{where}: variable {variable.name!r} has no value: no tensor is called {variable.key!r}"
            )
        if (found := weights.dtype_of(value)) != variable.dtype:
            raise ArtifactError(f"{where}: variable {variable.name!r} is {variable.dtype}, but its value is {found}")
        if not _fits(value.shape, variable.shape):
            raise ArtifactError(
                f"{where}: variable {variable.name!r} has the shape {_show(variable.shape)}, "
                f"but its value {_show(value.shape)}"
            )
    known = {variable.name: variable for variable in manifest.variables}
    symbols = {op.sym_name.value: op for op in module.body.operations if isinstance(op, func.FuncOp)}
    used: set[str] = set()
    for function in manifest.functions:
        op = symbols.get(function.symbol)
        if op is None or op.is_external:
            raise ArtifactError(
                f"{where}: function {function.name!r}: the program has no function @{function.symbol} with a body"
            )
        if function.symbol in used:
            raise ArtifactError(f"{where}: two exported functions share the program's function @{function.symbol}")
        used.add(function.symbol)
        args = _specs(function.args, function.inputs(), known)
        _check_signature(args, op.type.inputs, f"{where}: function {function.name!r}: argument")
        results = _specs(function.results, function.output_specs(), known)
        _check_signature(results, op.type.results, f"{where}: function {function.name!r}: result")


def _specs(
    slots: Sequence[Slot], leaves: Sequence[TensorSpec], variables: Mapping[str, Variable]
) -> list[TensorSpec | Variable]:
    return [leaves[slot.index] if slot.index is not None else variables[slot.name or ""] for slot in slots]


def _check_signature(specs: Sequence[TensorSpec | Variable], types: Any, where: str) -> None:
    if len(specs) != len(types):
        raise ArtifactError(f"{where}s: the manifest lists {len(specs)}, the program has {len(types)}")
    for i, (spec, found) in enumerate(zip(specs, types, strict=True)):
        actual = _spec_of(found, i)
        if actual is None or (actual.dtype, actual.shape) != (spec.dtype, tuple(spec.shape)):
            raise ArtifactError(
                f"{where} {i} is {found} in the program, but {spec.dtype} {_show(spec.shape)} in the manifest"
            )


def _fits(shape: Sequence[int], pattern: Shape) -> bool:
    if len(shape) != len(pattern):
        return False
    return all(want is None or have == want for have, want in zip(shape, pattern, strict=True))


def _show(shape: Shape) -> str:
    return "[" + ", ".join("?" if size is None else str(size) for size in shape) + "]"


def _spec_of(type_: Any, index: int) -> TensorSpec | None:
    """The leaf for a tensor type; None for what cannot cross the boundary. Quantized ones cross as integers."""
    type_ = storage(type_)
    if not isinstance(type_, ir.RankedTensorType) or str(type_.element_type) not in weights.STORAGE:
        return None
    dynamic = ir.ShapedType.get_dynamic_size()
    return TensorSpec(index, str(type_.element_type), tuple(None if size == dynamic else size for size in type_.shape))


def _is_public(op: Any) -> bool:
    attributes = op.operation.attributes
    return not op.is_external and ("sym_visibility" not in attributes or attributes["sym_visibility"].value == "public")


def _set_visibility(op: Any, visibility: str) -> None:
    op.operation.attributes["sym_visibility"] = ir.StringAttr.get(visibility)


def _synthesize(op: Any) -> Function:
    def specs(types: Sequence[Any], what: str) -> list[TensorSpec]:
        found = [_spec_of(type_, i) for i, type_ in enumerate(types)]
        for i, spec in enumerate(found):
            if spec is None:
                raise CompileError(
                    f"{what} {i} of the exported function @{name} is {types[i]}; "
                    f"it must be a ranked tensor of one of {', '.join(weights.STORAGE)}",
                    op.operation,
                )
        return [spec for spec in found if spec is not None]

    name = op.sym_name.value
    inputs, outputs = specs(list(op.type.inputs), "argument"), specs(list(op.type.results), "result")
    args = tuple(Slot("input", index=i) for i in range(len(inputs)))
    results = tuple(Slot("output", index=i) for i in range(len(outputs)))
    return Function(name, name, args, results, tuple(inputs), {}, outputs[0] if len(outputs) == 1 else tuple(outputs))


def _add_state(module: Any, manifest: Manifest, parameters: Mapping[str, Array]) -> None:
    """Gives the module globals, and its exported functions loads and stores in place of state arguments and results."""
    ops = [op for op in module.body.operations if isinstance(op, func.FuncOp)]
    exported = {function.symbol for function in manifest.functions}
    _refuse_calls(module, exported)
    for op in ops:
        _set_visibility(op, "private")
    taken = {op.sym_name.value for op in ops} | {function.name for function in manifest.functions}
    by_symbol = {op.sym_name.value: op for op in ops}
    names = {function.name for function in manifest.functions}
    for symbol in (names - exported) & set(by_symbol):  # a helper has an export's name
        taken.add(fresh := _unique(symbol, taken))
        ir.SymbolTable.replace_all_symbol_uses(symbol, fresh, module.operation)
        ir.SymbolTable.set_symbol_name(by_symbol[symbol], fresh)
    with ir.InsertionPoint.at_block_begin(module.body), ir.Location.unknown():
        globals_ = {v.name: _global(v, parameters[v.key].shape, taken) for v in manifest.variables}
    for function in manifest.functions:
        op = by_symbol[function.symbol]
        _bind(op, function, globals_)
        op.operation.attributes["sym_name"] = ir.StringAttr.get(function.name)
        _set_visibility(op, "public")


def _refuse_calls(module: Any, exported: set[str]) -> None:
    for op in _operations(module):
        if op.name == "func.call" and op.attributes["callee"].value in exported:
            raise CompileError(f"an exported function, {op.attributes['callee']}, is called; inline the call", op)


def _operations(module: Any) -> list[Any]:
    """Every operation in the module; raising inside `walk` would wrap the exception in another."""
    found = []

    def visit(op: Any) -> Any:
        found.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    return found


def _unique(name: str, taken: set[str]) -> str:
    candidate, i = name, 0
    while candidate in taken:
        candidate, i = f"{name}_{i}", i + 1
    return candidate


def _global(variable: Variable, first: Sequence[int], taken: set[str]) -> Any:
    """A global; its value has the type of the variable's first value, of shape `first`."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "_.$") else "_" for c in variable.name)
    taken.add(symbol := _unique(safe or "variable", taken))
    dynamic = ir.ShapedType.get_dynamic_size()
    shape = [dynamic if size is None else size for size in variable.shape]
    type_ = ir.RankedTensorType.get(shape, ir.Type.parse(variable.dtype))
    extern = ir.Attribute.parse(f"#ml_program.extern : {ir.RankedTensorType.get(first, type_.element_type)}")
    op = ml_program.GlobalOp(symbol, type_, is_mutable=variable.mutable or None, value=extern, sym_visibility="private")
    op.operation.attributes[PARAMETER] = ir.StringAttr.get(variable.key)
    return op


def _bind(op: Any, function: Function, globals_: Mapping[str, Any]) -> None:
    if len(op.body.blocks) != 1:
        raise CompileError(f"function @{function.symbol} has several blocks; StableHLO functions have one", op)
    block = op.body.blocks[0]
    old = list(block.arguments)
    inputs = [old[i] for i in _by_index(function.args)]
    with op.location, ir.InsertionPoint.at_block_begin(block):
        for argument, slot in zip(old, function.args, strict=True):
            if slot.name is not None:
                argument.replace_all_uses_with(_load(argument.type, globals_[slot.name]))
    input_types = [argument.type for argument in inputs]
    for argument in inputs:
        argument.replace_all_uses_with(block.add_argument(argument.type, argument.location))
    for _ in range(len(old)):
        block.erase_argument(0)
    terminator = block.operations[len(block.operations) - 1].operation
    values = list(terminator.operands)
    with terminator.location, ir.InsertionPoint(terminator):
        for value, slot in zip(values, function.results, strict=True):
            if slot.name is not None:
                ml_program.GlobalStoreOp(_ref(globals_[slot.name]), value)
        outputs = [values[i] for i in _by_index(function.results)]
        func.ReturnOp(outputs)
    terminator.erase()
    signature = ir.FunctionType.get(input_types, [value.type for value in outputs])
    op.operation.attributes["function_type"] = ir.TypeAttr.get(signature)
    for stale in ("arg_attrs", "res_attrs"):  # importers' hints, by the old positions
        if stale in op.operation.attributes:
            del op.operation.attributes[stale]


def _by_index(slots: Sequence[Slot]) -> list[int]:
    """The positions of the inputs or outputs among the slots, in the order of their indexes."""
    return [i for _, i in sorted((slot.index, i) for i, slot in enumerate(slots) if slot.index is not None)]


def _ref(global_: Any) -> Any:
    return ir.FlatSymbolRefAttr.get(global_.sym_name.value)


def _load(type_: Any, global_: Any) -> Any:
    return ml_program.GlobalLoadOp(type_, _ref(global_)).result


def _verify(module: Any, path: Path) -> None:
    with capture_diagnostics(module.context) as captured:
        try:
            module.operation.verify()
        except ir.MLIRError:
            raise CompileError(f"{path}: the program is not valid", None, captured.errors) from None
