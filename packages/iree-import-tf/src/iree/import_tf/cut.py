"""Sub-graphs: a function from some of its inner tensors to others, without what lies outside.

Tensors are named ``NODE`` or ``NODE:K`` (result K of a node), as messages about a function name nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from iree.dialects.manifest import TensorSpec
from iree.import_tf.dtypes import mlir_dtype, type_name
from iree.import_tf.errors import ImportFailure
from iree.import_tf.program import Capture, Export, Leaf, Program
from iree.import_tf.structure import shape_of

_CALLS = ("PartitionedCall", "StatefulPartitionedCall")


@dataclass(frozen=True)
class _Tensor:
    """An inner tensor: its name for the user, how nodes refer to it, and what it holds."""

    name: str
    reference: str
    leaf: Leaf


def cut(program: Program, export: Export, inputs: Sequence[str], outputs: Sequence[str]) -> Program:
    """A program with `export` replaced by the part of it between the given tensors.

    Args:
        program: Where the function is.
        export: The function.
        inputs: Tensors that become inputs, behind those of the function's own that are still needed.
        outputs: Tensors that become the outputs, in this order; by default the function's. With outputs given, state
            changes that
            they do not depend on are left out.

    Raises:
        ImportFailure: There is no such tensor, or its shape is not known.
    """
    function, export = _function_with(program, export, [*inputs, *outputs])
    fresh = [_tensor(function, name) for name in inputs]
    wanted = [_tensor(function, name) for name in outputs]
    made = type(function)()
    made.CopyFrom(function)
    made.signature.name = f"{function.signature.name}_cut"
    made.attr.pop("_input_shapes", None)  # of all the old arguments
    if wanted:
        _set_outputs(made, wanted)
    _forget_what_lies_before(made, fresh)
    _set_inputs(made, fresh)
    _prune(made)
    arguments = _drop_unused(made, len(fresh))
    count = len(export.inputs)
    kept_inputs = [export.inputs[i] for i in arguments if i < count] + [tensor.leaf for tensor in fresh]
    captures = [export.captures[i - count] for i in arguments if i >= count]
    _move_captures_last(made, len(captures), len(fresh))
    names = tuple(leaf.name for leaf in kept_inputs)
    leaves = [tensor.leaf for tensor in wanted] or list(export.output_leaves)
    replaced = replace(
        export,
        function=made.signature.name,
        inputs=kept_inputs,
        captures=captures,
        input_args=tuple(_spec(i, leaf) for i, leaf in enumerate(kept_inputs)),
        input_kwargs={},
        input_names=names if all(names) and len(set(names)) == len(names) else (),
        outputs=tuple(_spec(i, leaf) for i, leaf in enumerate(leaves)) if wanted else export.outputs,
        output_leaves=leaves,
    )
    library = {**program.library, made.signature.name: made}
    exports = {key: replaced if old.name == export.name else old for key, old in program.exports.items()}
    return replace(program, library=library, exports=exports)


def _spec(index: int, leaf: Leaf) -> TensorSpec:
    return TensorSpec(index, mlir_dtype(leaf.dtype) or type_name(leaf.dtype), leaf.shape or (), leaf.name)


def _function_with(program: Program, export: Export, names: Sequence[str]) -> tuple[Any, Export]:
    """The function that has all the nodes: the exported one, or one that it only passes its arguments on to."""
    function = program.library[export.function]
    nodes = [name.rsplit(":", 1)[0] if name.rpartition(":")[2].isdigit() else name for name in names]
    while True:
        known = {node.name for node in function.node_def} | {argument.name for argument in function.signature.input_arg}
        missing = [node for node in nodes if node not in known]
        if not missing:
            return function, export
        calls = [node for node in function.node_def if node.op in _CALLS]
        order = {argument.name: i for i, argument in enumerate(function.signature.input_arg)}
        passed = [order.get(name) for name in calls[0].input if not name.startswith("^")] if len(calls) == 1 else [None]
        if None in passed:
            some = ", ".join(sorted(known)[:12])
            raise ImportFailure(
                f"{export.name}: there is no node {missing[0]!r} in {function.signature.name!r}; it has {some}, …"
            )
        everything: list[Leaf | Capture] = [*export.inputs, *export.captures]
        taken = [everything[i] for i in passed if i is not None]
        export = replace(
            export,
            inputs=[value for value in taken if isinstance(value, Leaf)],
            captures=[value for value in taken if isinstance(value, Capture)],
        )
        function = program.library[calls[0].attr["f"].func.name]


def _tensor(function: Any, name: str) -> _Tensor:
    node_name, _, number = name.rpartition(":")
    if not number.isdigit():
        node_name, number = name, "0"
    for argument in function.signature.input_arg:
        if argument.name == node_name:
            raise ImportFailure(
                f"{name!r} is an argument of {function.signature.name!r} already: leave it out of --inputs"
            )
    node = next(node for node in function.node_def if node.name == node_name)
    places = list(_results(node))
    if int(number) >= len(places):
        raise ImportFailure(f"node {node_name!r} ({node.op}) has {len(places)} results; there is no {name!r}")
    reference, dtype = places[int(number)]
    shapes = node.attr["_output_shapes"].list.shape if "_output_shapes" in node.attr else []
    shape = shape_of(shapes[int(number)]) if len(shapes) > int(number) else None
    return _Tensor(name, reference, Leaf(name, dtype, shape))


def leaf(function: Any, reference: str) -> Leaf | None:
    """What a node's result holds and how `cut` is asked for it, given how other nodes refer to it; None if TensorFlow
    does not know the op.
    """
    node = next((node for node in function.node_def if node.name == reference.partition(":")[0]), None)
    if node is None:
        return None
    try:
        names = [name for name, _ in _results(node)]
    except ImportFailure:
        return None
    index = names.index(reference) if reference in names else 0
    return _tensor(function, node.name if index == 0 else f"{node.name}:{index}").leaf


def _results(node: Any) -> Iterator[tuple[str, int]]:
    """How other nodes refer to each result of a node, and its type."""
    from tensorflow.python.framework import op_def_registry  # noqa: PLC0415  (all of TensorFlow: only cuts need it)

    definition = op_def_registry.get(node.op)
    if definition is None:
        raise ImportFailure(f"node {node.name!r}: TensorFlow does not know the op {node.op}: cut at another node")
    for result in definition.output_arg:
        if result.type_list_attr:
            types = list(node.attr[result.type_list_attr].list.type)
        else:
            dtype = result.type or _type_attribute(definition, node, result.type_attr)
            types = [dtype] * (node.attr[result.number_attr].i if result.number_attr else 1)
        for i, dtype in enumerate(types):
            yield f"{node.name}:{result.name}:{i}", dtype


def _type_attribute(definition: Any, node: Any, name: str) -> int:
    """The value of an attribute, which a saved node leaves out where it is the default."""
    if name in node.attr:
        return int(node.attr[name].type)
    return next(int(attribute.default_value.type) for attribute in definition.attr if attribute.name == name)


def _forget_what_lies_before(function: Any, tensors: Sequence[_Tensor]) -> None:
    """Nothing waits any more for the effects of the nodes that the new inputs stand for, or of those behind them."""
    nodes: Mapping[str, Any] = {node.name: node for node in function.node_def}
    todo = [tensor.reference for tensor in tensors]
    before: set[str] = set()
    while todo:
        name = todo.pop().split(":")[0]
        if name in nodes and name not in before:
            before.add(name)
            todo += [reference for reference in nodes[name].input if not reference.startswith("^")]
    for node in function.node_def:
        node.input[:] = [r for r in node.input if not (r.startswith("^") and r[1:] in before)]
    for key, name in list(function.control_ret.items()):
        if name in before:
            del function.control_ret[key]
            function.signature.control_output.remove(key)


def _set_outputs(function: Any, tensors: Sequence[_Tensor]) -> None:
    del function.signature.output_arg[:]
    function.ret.clear()
    function.control_ret.clear()
    del function.signature.control_output[:]
    for i, tensor in enumerate(tensors):
        function.signature.output_arg.add(name=f"cut_output_{i}", type=tensor.leaf.dtype)
        function.ret[f"cut_output_{i}"] = tensor.reference


def _set_inputs(function: Any, tensors: Sequence[_Tensor]) -> None:
    names = {}
    for i, tensor in enumerate(tensors):
        name = f"cut_input_{i}"
        function.signature.input_arg.add(name=name, type=tensor.leaf.dtype)
        names[tensor.reference] = name
        if tensor.reference.endswith(":0"):
            names[tensor.reference.removesuffix(":0")] = name
    for node in function.node_def:
        for i, reference in enumerate(node.input):
            node.input[i] = names.get(reference, reference)
    for key, reference in list(function.ret.items()):
        function.ret[key] = names.get(reference, reference)


def _prune(function: Any) -> None:
    """Removes the nodes that neither an output nor a side effect needs."""
    nodes: Mapping[str, Any] = {node.name: node for node in function.node_def}
    todo = [*function.ret.values(), *function.control_ret.values()]
    needed: set[str] = set()
    while todo:
        name = todo.pop().removeprefix("^").split(":")[0]
        if name in nodes and name not in needed:
            needed.add(name)
            todo += nodes[name].input
    kept = [nodes[name] for name in nodes if name in needed]
    copies = [type(node).FromString(node.SerializeToString()) for node in kept]
    del function.node_def[:]
    function.node_def.extend(copies)


def _drop_unused(function: Any, fresh: int) -> list[int]:
    """Removes arguments (but for the last `fresh`) that no node takes; returns the old positions of those that stay."""
    used = {name.removeprefix("^").split(":")[0] for node in function.node_def for name in node.input}
    used |= {reference.split(":")[0] for reference in function.ret.values()}
    arguments = list(function.signature.input_arg)
    old = len(arguments) - fresh
    kept = [i for i in range(old) if arguments[i].name in used]
    copies = [
        type(arguments[0]).FromString(arguments[i].SerializeToString()) for i in [*kept, *range(old, len(arguments))]
    ]
    function.arg_attr.clear()  # by the old positions; nothing reads them
    del function.signature.input_arg[:]
    function.signature.input_arg.extend(copies)
    return kept


def _move_captures_last(function: Any, captures: int, fresh: int) -> None:
    """Puts new inputs in front of captured tensors, where inputs belong."""
    arguments = list(function.signature.input_arg)
    front = len(arguments) - captures - fresh
    order = [*range(front), *range(front + captures, len(arguments)), *range(front, front + captures)]
    copies = [type(argument).FromString(argument.SerializeToString()) for argument in arguments]
    del function.signature.input_arg[:]
    function.signature.input_arg.extend(copies[i] for i in order)
