"""The program of a live concrete function, from its graph: nothing is saved, loaded or traced again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iree.dialects.manifest import Tree
from iree.import_tf import data_classes, locations
from iree.import_tf.errors import ImportFailure
from iree.import_tf.program import Capture, Export, Program, Variable
from iree.import_tf.structure import Flattened, shape_of, without_tail


def program(concrete: Any, name: str, source: str) -> Program:
    """The program with one function.

    Args:
        concrete: The `ConcreteFunction`. It is kept alive, as the variables' values are read when they are written.
        name: The function's name in the program.
        source: Where it comes from, for messages.

    Raises:
        ImportFailure: It takes or returns what cannot be written down.
    """
    definition = concrete.function_def
    graph = concrete.graph.as_graph_def()
    library = {function.signature.name: function for function in graph.library.function}
    library[definition.signature.name] = definition
    variables, captures = _captured(concrete)
    inputs, outputs = Flattened(), Flattened()
    args, kwargs = _tree(inputs, concrete.structured_input_signature, name)
    results = _tree(outputs, _specs(concrete.structured_outputs), name)
    export = Export(
        name,
        definition.signature.name,
        inputs.leaves,
        captures,
        args := without_tail(args),
        kwargs,
        results,
        outputs.leaves,
        _parameters(concrete)[: len(args)],
    )
    return Program(source, {name: export}, variables, library, graph.versions, _traces(concrete))


def _tree(leaves: Flattened, structure: Any, name: str) -> Any:
    from tensorflow.python.saved_model import nested_structure_coder as coder  # noqa: PLC0415  (its caller has it)

    data_classes.register()
    try:
        tree: Tree = leaves.tree(coder.encode_structure(structure))
    except coder.NotEncodableError as error:
        raise ImportFailure(f"{name}: its inputs or outputs cannot be written down: {error}") from None
    return tree


def _specs(structure: Any) -> Any:
    from tensorflow.python.framework import func_graph  # noqa: PLC0415  (as above)

    return func_graph.convert_structure_to_signature(structure)


def _parameters(concrete: Any) -> tuple[str, ...]:
    """The names of its positional parameters."""
    parameters = concrete.function_type.parameters.values()
    return tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))


def _captured(concrete: Any) -> tuple[Mapping[str, Variable], Sequence[Capture]]:
    """Variables and constants by name, and what each of the captured tensors is."""
    import tensorflow as tf  # noqa: PLC0415  (as above)

    live = {id(variable.handle): variable for variable in concrete.graph.variables}
    found: dict[str, Variable] = {}
    names: dict[int, str] = {}
    captures = []
    for i, tensor in enumerate(concrete.captured_inputs):
        key = id(tensor)
        if key not in names:
            made = _variable(live.get(key), tensor, i)
            if made is None:
                what = "lookup table, or another resource," if tensor.dtype == tf.resource else tensor.dtype.name
                captures.append(Capture("other", f"{what} {tensor.name!r}" if hasattr(tensor, "graph") else what))
                continue
            names[key] = name = _unused(made.name, found)
            found[name] = Variable(name, made.dtype, made.shape, made.mutable, made.value)
        captures.append(Capture("variable", names[key]))
    return found, captures


def _variable(variable: Any, tensor: Any, index: int) -> Variable | None:
    """The variable whose handle `tensor` is, or the constant that it is; None if it is neither."""
    if variable is not None:
        name = variable.name.partition(":")[0]
        shape = shape_of(variable.shape.as_proto())
        return Variable(name, variable.dtype.as_datatype_enum, shape, True, variable.numpy)
    if tensor.dtype.is_numpy_compatible and not hasattr(tensor, "graph"):
        shape = shape_of(tensor.shape.as_proto())
        return Variable(f"constants/{index}", tensor.dtype.as_datatype_enum, shape, False, tensor.numpy)
    return None


def _unused(name: str, taken: Mapping[str, Any]) -> str:
    unique, number = name, 0
    while unique in taken:
        number += 1
        unique = f"{name}_{number}"
    return unique


def _traces(concrete: Any) -> Mapping[str, Sequence[tuple[str, int]]]:
    from tensorflow.core.framework import graph_debug_info_pb2  # noqa: PLC0415  (as above)
    from tensorflow.python.util import tf_stack  # noqa: PLC0415  (as above)

    builder = tf_stack.GraphDebugInfoBuilder()
    for function in (concrete._inference_function, *map(concrete.graph._get_function, concrete.graph._functions)):
        if hasattr(function, "graph_debug_info"):
            builder.AppendGraphDebugInfo(function.name.decode(), function.graph_debug_info)
    info = graph_debug_info_pb2.GraphDebugInfo()
    info.ParseFromString(builder.Build().SerializeToString())
    return locations.traces(info)
