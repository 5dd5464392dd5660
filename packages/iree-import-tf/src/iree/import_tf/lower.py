"""One exported function: from TensorFlow's graph to a pure StableHLO function.

1. TensorFlow imports the graph and turns variables into arguments and results (`_STATE`).
2. TensorFlow legalizes its ops (`_LEGALIZE`).
3. Here: what that leaves is lowered or reported, and the function gets the signature that the manifest describes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iree.dialects.manifest import Slot
from iree.dialects.mlir import CompileError, capture_diagnostics, func, ir, run_upstream
from iree.import_tf import (
    asserts,
    control_flow,
    graph,
    hlo,
    leftovers,
    locations,
    loops,
    obstacles,
    optionals,
    rewrites,
    skew,
    tensor_lists,
)
from iree.import_tf.errors import ImportFailure
from iree.import_tf.program import Export, Program, Variable
from iree.import_tf.rewrites import (
    blocks,
    broadcast_gradients,
    colors,
    contractions,
    crops,
    data_dependent,
    decoding,
    elimination,
    factorizations,
    kept,
    lists,
    losses,
    open_ops,
    projections,
    quantization,
    ragged,
    random,
    rearranging,
    residual,
    resizing,
    scaling,
    segments,
    shapes,
    sparse,
    static_lists,
    suppression,
    taps,
    transforms,
    uneven_lists,
    window_gradients,
    windows,
)
from iree.import_tf.worker import TensorflowError, Worker

_STATE = (
    "tf-standard-pipeline,inline,canonicalize,tf-shape-inference,canonicalize,"
    "tf-promote-var-handles-to-args,symbol-dce,func.func(tf-device-decompose-resource-ops),canonicalize,tf-shape-inference,"
    "tf-resource-op-lifting-for-main-function,tf-promote-resources-to-args,canonicalize,tf-shape-inference,canonicalize"
)
_STATIC_LISTS = "tf-tensor-list-ops-decomposition,canonicalize,tf-shape-inference,canonicalize"
_RANKS = "canonicalize,tf-shape-inference,canonicalize"
_LEGALIZE = (
    "func.func(tf-batch-matmul-to-tf-einsum),canonicalize,tf-shape-inference,"
    "tf-lower-to-mlprogram-and-hlo,func.func(remove-shape-constraints),canonicalize,cse,"
    "stablehlo-legalize-to-hlo,func.func(mhlo-legalize-einsum-to-dot-general,mhlo-legalize-dot-to-dot-general,"
    "mhlo-legalize-torch-index-select-to-gather),canonicalize,cse,hlo-legalize-to-stablehlo,canonicalize"
)
_SHAPES = "func.func(shape-legalize-to-stablehlo),canonicalize,cse"
_CLEAN = (
    "func.func(stablehlo-legalize-deprecated-ops{fail-on-unused=false},stablehlo-canonicalize-dynamism),"
    "canonicalize,cse"
)
_KEEPERS = (
    asserts,
    blocks,
    colors,
    crops,
    data_dependent,
    ragged,
    segments,
    suppression,
    losses,
    open_ops,
    resizing,
    scaling,
    sparse,
    projections,
    rearranging,
    quantization,
    decoding,
    transforms,
    taps,
    windows,
    window_gradients,
    elimination,
    factorizations,
    random,
)
_KEPT = {name: entry for keeper in _KEEPERS for name, entry in keeper.KEPT.items()}
_LOWER_KEPT = {kept.PREFIX + name.removeprefix("tf."): entry.rewrite for name, entry in _KEPT.items()}
_REFINE = "stablehlo-refine-shapes,func.func(stablehlo-canonicalize-dynamism),canonicalize,cse"
_RESOURCE = "tf.resource_name"
_ALIAS = "tf.aliasing_output"


@dataclass
class Lowered:
    """A function ready for the artefact.

    Attributes:
        module: An `ir.Module` with the function @main and private helpers.
        args, results: What @main's arguments and results stand for.
        weights: Large constants that the function takes, by name; not in `Program.variables`.
    """

    module: Any
    args: list[Slot]
    results: list[Slot]
    weights: Mapping[str, Variable]


def lower(program: Program, export: Export, worker: Worker, context: Any) -> Lowered:
    """Lowers one function.

    Raises:
        ImportFailure: It uses something that cannot be imported; the message names it and says where it stands.
    """
    try:
        return _lower(program, export, worker, context)
    except ImportFailure as error:
        said = str(error) if str(error).startswith(f"{export.name}:") else f"{export.name}: {error}"
        advice = obstacles.advice(program, export, said)
        raise ImportFailure(f"{said}\n{advice}" if advice else said) from None


def _lower(program: Program, export: Export, worker: Worker, context: Any) -> Lowered:
    wrapped = graph.build(program, export)
    try:
        text = worker.import_graph(
            wrapped.serialized, _STATE, wrapped.names, wrapped.dtypes, wrapped.shapes, wrapped.outputs
        )
        module = _parse(text, context)
        args, results = _roles(module, export, wrapped)
        module = _finished(text, module, worker, context)
        with context, ir.Location.unknown():
            _drop_done(module, len(export.output_leaves), bool(export.inputs or wrapped.constants))
            weights = _bind_weights(module, wrapped.weights)
            args += [Slot("variable", name=name) for name in weights]
            module = _refine(module)
            _fit_state(module, args, results)
    except TensorflowError as error:
        raise ImportFailure(f"{export.name}: TensorFlow cannot lower it: {_first_error(str(error))}") from None
    except CompileError as error:
        reasons = obstacles.find(program, export)  # if there are such, the compiler's words do not help
        said = f"{reasons[0]}\n{leftovers.CUT}" if reasons else error
        raise ImportFailure(f"{export.name}: {said}") from None
    leftovers.check(module, export.name, program.traces)
    locations.simplify(module, program.traces)
    return Lowered(module, args, results, weights)


def _finished(text: str, module: Any, worker: Worker, context: Any) -> Any:
    """What becomes of TensorFlow's text, which `module` was read from."""
    with context, ir.Location.unknown():
        changed = optionals.settle(module)
        changed = control_flow.sink_constants(module) or changed
    if changed:
        text = worker.run_passes(_text(module), _RANKS)
        module = _parse(text, context)
    uneven: set[int] = set()
    while True:
        kept_text = _keep(_bound_stacks(text, module, worker, context), uneven, context)
        finished = _parse(worker.run_passes(kept_text, _LEGALIZE), context)
        try:
            with context, ir.Location.unknown():
                _finish(finished)
        except lists.Uneven as found:  # only now that the rest is lowered can be known what sizes are equal
            uneven.add(found.number)
            module = _parse(text, context)
        else:
            return finished


def _first_error(text: str) -> str:
    """The first of TensorFlow's messages, with the node and function that its location names."""
    first = text.split("\n", maxsplit=1)[0].removeprefix("<unknown>:0: error: ")
    node = re.search(r'"([^"@]+)@([^"]+)"', first)
    if not first.startswith("loc(") or node is None:
        return first
    return f"{first[first.rfind('])): ') + 5 :]} (node {node[1]!r} in function {node[2]!r})"


def _bound_stacks(text: str, module: Any, worker: Worker, context: Any) -> Any:
    """The module with lists that have a largest size made static by TensorFlow, if it can; gradients of loops have
    such.
    """
    if not tensor_lists.has_bounded_stack(module):
        return module
    try:
        return _parse(worker.run_passes(text, _STATIC_LISTS), context)
    except TensorflowError:
        return module


def _keep(module: Any, uneven: Collection[int], context: Any) -> str:
    """The module's text with everything that is lowered here hidden from TensorFlow."""
    with context, ir.Location.unknown():
        tensor_lists.densify(module, uneven)
        control_flow.fit(module)
        kept.keep(module, _KEPT)
        return _text(module)


def _finish(module: Any) -> None:
    """Lowers what TensorFlow left, as far as it can be lowered."""
    skew.settle(module)
    data_dependent.unbound(module)
    rewrites.apply(module, data_dependent.TABLE)
    _set_type(_main(module))  # a result may have forgotten its rank
    rewrites.apply(module, contractions.TABLE)
    rewrites.apply(module, static_lists.READ)
    while rewrites.apply(module, static_lists.REST):
        pass
    most = {**_LOWER_KEPT, **control_flow.TABLE, **residual.TABLE, **lists.READ, **uneven_lists.TABLE}
    rewrites.apply(module, lists.unless_popped(most))
    if rewrites.apply(module, lists.POP):
        rewrites.apply(module, most)
    rewrites.apply(module, broadcast_gradients.SUMS)
    rewrites.apply(module, broadcast_gradients.REST)
    rewrites.apply(module, residual.TABLE)  # sums have a rank now
    while rewrites.apply(module, lists.MAKE_KNOWN):
        pass
    rewrites.apply(module, lists.MAKE)
    rewrites.apply(module, lists.WRITE)
    rewrites.apply(module, shapes.BROADCASTS)
    _set_type(_main(module))  # a result may have a rank now
    run_upstream(module, _SHAPES)
    rewrites.apply(module, shapes.FOLDS)
    run_upstream(module, _CLEAN)
    rewrites.apply(module, data_dependent.TABLE)  # folding makes casts
    shapes.sharpen(module)


def _refine(module: Any) -> Any:
    """The module with sizes that are known now in the types of all that follows, if upstream can work that out."""
    copy = io.BytesIO()
    module.operation.write_bytecode(copy)
    refined = ir.Module.parse(copy.getvalue())
    loops.open_changing(refined)
    try:
        run_upstream(refined, _REFINE)
    except CompileError:  # it does not see that a branch gives another size than its twin
        return module
    rewrites.apply(refined, loops.OPENED)
    return refined


def _fit_state(module: Any, args: Sequence[Slot], results: Sequence[Slot]) -> None:
    """Gives a variable's new value the type that the variable has."""
    main = _main(module)
    block = main.body.blocks[0]
    end = block.operations[len(block.operations) - 1].operation
    types = {slot.name: block.arguments[i].type for i, slot in enumerate(args) if slot.name is not None}
    with end.location, ir.InsertionPoint(end):
        for i, slot in enumerate(results):
            if slot.name in types:
                end.operands[i] = hlo.cast(end.operands[i], types[slot.name])
    _set_type(main)


def _parse(text: str, context: Any) -> Any:
    """TensorFlow's text as a module. Its dialects are unknown here, so their operations are not verified."""
    with context, capture_diagnostics(context):
        try:
            return ir.Module.parse(skew.incoming(text))
        except ir.MLIRError as error:
            raise CompileError(f"this MLIR cannot read what TensorFlow's wrote: {error}") from None


def _text(module: Any) -> str:
    """A module as TensorFlow's MLIR reads it: in the generic form, which changes less from version to version."""
    text: str = module.operation.get_asm(enable_debug_info=True, print_generic_op_form=True)
    return skew.outgoing(text)


def _main(module: Any) -> Any:
    return next(op for op in module.body.operations if isinstance(op, func.FuncOp) and op.sym_name.value == "main")


def _roles(module: Any, export: Export, wrapped: graph.Graph) -> tuple[list[Slot], list[Slot]]:
    """What the arguments and results of @main are: placeholders come first, then variables, as their attributes say."""
    main = _main(module)
    slots = [Slot("input", index=i) for i in range(len(export.inputs))]
    slots += [Slot("variable", name=name) for name in wrapped.constants]
    args: list[Slot] = []
    results: list[Slot] = [Slot("output", index=i) for i in range(len(export.output_leaves))]
    stored: dict[int, str] = {}
    attributes = (
        [ir.DictAttr(a) for a in main.arg_attrs]
        if len(main.arguments) and "arg_attrs" in main.operation.attributes
        else []
    )
    for i in range(len(main.arguments)):
        attribute = attributes[i] if attributes else {}
        if _RESOURCE in attribute:
            name = ir.StringAttr(attribute[_RESOURCE]).value
            args.append(Slot("variable", name=name))
            if _ALIAS in attribute:
                stored[ir.IntegerAttr(attribute[_ALIAS]).value] = name
        elif i < len(slots):
            args.append(slots[i])
    extra = len(main.type.results) - len(results) - 1
    if sorted(stored) != [len(results) + 1 + k for k in range(extra)]:
        raise ImportFailure(
            f"{export.name}: TensorFlow left {extra} results for its state, but {len(stored)} variables are stored"
        )
    results += [Slot("variable", name=stored[i]) for i in sorted(stored)]
    return args, results


def _drop_done(module: Any, position: int, has_inputs: bool) -> None:
    """Removes what only served the import: the result after the outputs, and the argument of a function without
    inputs.
    """
    main = _main(module)
    block = main.body.blocks[0]
    terminator = block.operations[len(block.operations) - 1].operation
    values = [value for i, value in enumerate(terminator.operands) if i != position]
    with terminator.location, ir.InsertionPoint(terminator):
        func.ReturnOp(values)
    terminator.erase()
    if not has_inputs:
        block.erase_argument(0)
    _set_type(main)


def _set_type(main: Any) -> None:
    """Makes the function's type what its block's arguments and its return say."""
    block = main.body.blocks[0]
    returned = block.operations[len(block.operations) - 1].operation.operands
    signature = ir.FunctionType.get([argument.type for argument in block.arguments], [value.type for value in returned])
    main.operation.attributes["function_type"] = ir.TypeAttr.get(signature)
    for stale in ("arg_attrs", "res_attrs"):
        if stale in main.operation.attributes:
            del main.operation.attributes[stale]


def _bind_weights(module: Any, weights: Mapping[str, Variable]) -> dict[str, Variable]:
    """Makes placeholders of large constants arguments of @main, behind the others; returns those that are used, in
    order.
    """
    places: dict[str, list[Any]] = {}

    def visit(op: Any) -> Any:
        if op.name == "tf.Placeholder" and graph.WEIGHT in op.attributes:
            places.setdefault(ir.StringAttr(op.attributes[graph.WEIGHT]).value, []).append(op)
        return ir.WalkResult.ADVANCE

    main = _main(module)
    main.operation.walk(visit)
    block = main.body.blocks[0]
    for ops in places.values():
        argument = block.add_argument(ops[0].result.type, ops[0].location)
        for op in ops:
            op.result.replace_all_uses_with(argument)
            op.erase()
    _set_type(main)
    return {name: weights[name] for name in places}


def outputs_of(module: Any) -> Sequence[Any]:
    """The types of @main's results."""
    return list(_main(module).type.results)


def inputs_of(module: Any) -> Sequence[Any]:
    """The types of @main's arguments."""
    return list(_main(module).type.inputs)
