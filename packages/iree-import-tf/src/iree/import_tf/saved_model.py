"""Reading a SavedModel's object graph: which functions and signatures it has, what they capture, what they are called
with.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from iree.import_tf import locations
from iree.import_tf.checkpoint import Checkpoint
from iree.import_tf.dtypes import tensor_array
from iree.import_tf.errors import ImportFailure
from iree.import_tf.program import Capture, Export, Program, Variable
from iree.import_tf.structure import Flattened, shape_of, without_tail
from iree.import_tf.tensorflow import protos

_FILE = "saved_model.pb"
_VALUE = "VARIABLE_VALUE"


def read(path: str | os.PathLike[str]) -> Program:
    """Reads the SavedModel in the directory `path`.

    Returns:
        The program: all functions and signatures by name. A signature that shares its name with a function is
            ``signature:NAME``.

    Raises:
        ImportFailure: It is no SavedModel, or one that cannot be read.
    """
    directory = Path(path)
    model = _parse(directory)
    graphs = [graph for graph in model.meta_graphs if graph.HasField("object_graph_def")]
    if len(model.meta_graphs) != 1 or not graphs:
        raise ImportFailure(
            f"{directory}: this SavedModel comes from TensorFlow 1 (no object graph): load it with TensorFlow 2 "
            f"and save it again"
        )
    return _Reader(directory, graphs[0]).program()


def has_objects(path: Path) -> bool:
    """Whether a SavedModel has the object graph that TensorFlow 2 writes. Raises `ImportFailure` if it is none."""
    return any(graph.HasField("object_graph_def") for graph in _parse(path).meta_graphs)


def reference_variables(path: Path) -> list[str]:
    """The names of the variables of TensorFlow 1's first kind in a SavedModel. Raises `ImportFailure` if it is none."""
    nodes = (node for graph in _parse(path).meta_graphs for node in graph.graph_def.node)
    return sorted({node.name for node in nodes if node.op in ("Variable", "VariableV2")})


def _parse(directory: Path) -> Any:
    file = directory / _FILE
    if not file.is_file():
        if not directory.exists():
            what = "no such directory"
        elif directory.is_file():
            what = "this is a file; a SavedModel is a directory"
        else:
            what = f"there is no {_FILE} in it, so it is no SavedModel"
        raise ImportFailure(f"{directory}: {what} (tf.saved_model.save and Keras model.export make SavedModels)")
    model = protos("protobuf.saved_model_pb2").SavedModel()
    try:
        model.ParseFromString(file.read_bytes())
    except DecodeError as error:
        raise ImportFailure(f"{file}: it is no SavedModel, or it is damaged: {error}") from None
    return model


class _Reader:
    """The one MetaGraphDef that is read, with what is looked up in it."""

    def __init__(self, directory: Path, graph: Any) -> None:
        self._directory = directory
        self._graph = graph
        self._nodes = graph.object_graph_def.nodes
        self._paths = self._find_paths()
        self._library = {function.signature.name: function for function in graph.graph_def.library.function}
        self._constants = {node.name: node for node in graph.graph_def.node if node.op == "Const"}

    def program(self) -> Program:
        variables = self._variables()
        exports = self._exports({node: name for node, (name, _) in variables.items()})
        return Program(
            str(self._directory),
            exports,
            dict(variables.values()),
            self._library,
            self._graph.graph_def.versions,
            self._traces(),
        )

    def _find_paths(self) -> Mapping[int, tuple[str, ...]]:
        """The shortest path from the root to every object: the names of the attributes on the way."""
        paths: dict[int, tuple[str, ...]] = {0: ()}
        queue = deque([0])
        while queue:
            node = queue.popleft()
            for child in self._nodes[node].children:
                if child.node_id not in paths:
                    paths[child.node_id] = (*paths[node], child.local_name)
                    queue.append(child.node_id)
        return paths

    def _variables(self) -> Mapping[int, tuple[str, Variable]]:
        """Every variable and constant that a function captures: node -> its name and itself."""
        found: dict[int, tuple[str, Variable]] = {}
        taken: set[str] = set()
        keys: Mapping[int, str] = {}
        checkpoint: Checkpoint | None = None
        functions = self._graph.object_graph_def.concrete_functions.values()
        for node in sorted({node for function in functions for node in function.bound_inputs}):
            saved = self._nodes[node]
            kind = saved.WhichOneof("kind")
            if kind == "variable":
                if checkpoint is None:
                    checkpoint = Checkpoint(self._directory / "variables" / "variables")
                    keys = self._checkpoint_keys(checkpoint)
                variable = saved.variable
                path = ".".join(self._paths.get(node, ()))
                name = _unused(path if variable.name in ("", "Variable") else variable.name, taken)
                key = keys.get(node, f"{name} (not in the checkpoint)")
                found[node] = (
                    name,
                    Variable(name, variable.dtype, shape_of(variable.shape), True, partial(checkpoint.array, key)),
                )
            elif kind == "constant":
                tensor = self._constants[saved.constant.operation].attr["value"].tensor
                name = _unused("constants/" + saved.constant.operation, taken)
                found[node] = (
                    name,
                    Variable(name, tensor.dtype, shape_of(tensor.tensor_shape), False, partial(tensor_array, tensor)),
                )
        return found

    def _checkpoint_keys(self, checkpoint: Checkpoint) -> Mapping[int, str]:
        """Node -> key of its value: the checkpoint has an object graph of its own, which is walked along with the
        SavedModel's.
        """
        stored = checkpoint.object_graph()
        if stored is None:
            return {}
        twins = {0: 0}
        queue = deque([0])
        while queue:
            node = queue.popleft()
            others = {child.local_name: child.node_id for child in stored.nodes[twins[node]].children}
            for child in self._nodes[node].children:
                if child.local_name in others and child.node_id not in twins:
                    twins[child.node_id] = others[child.local_name]
                    queue.append(child.node_id)
        keys = {}
        for node, twin in twins.items():
            for attribute in stored.nodes[twin].attributes:
                if attribute.name == _VALUE:
                    keys[node] = attribute.checkpoint_key
        return keys

    def _exports(self, names: Mapping[int, str]) -> Mapping[str, Export]:
        """Functions by path, then signatures; one that was traced several times has a number after its name."""
        exports: dict[str, Export] = {}
        signatures: list[Export] = []
        for node, path in sorted(self._paths.items(), key=lambda item: len(item[1])):
            saved = self._nodes[node]
            if saved.HasField("function"):
                for i, function in enumerate(saved.function.concrete_functions):
                    name = ".".join(path) + (f"_{i}" if i else "")
                    export = self._export(name, function, names)
                    parameters = _parameters(saved.function.function_spec)[: len(export.input_args)]
                    exports[name] = replace(export, input_names=parameters)
            elif saved.HasField("bare_concrete_function") and path[:1] == ("signatures",):
                signatures.append(
                    replace(
                        self._export(path[1], saved.bare_concrete_function.concrete_function_name, names),
                        signature=True,
                    )
                )
        for export in signatures:
            exports[export.name if export.name not in exports else f"signature:{export.name}"] = export
        return exports

    def _export(self, name: str, function: str, names: Mapping[int, str]) -> Export:
        saved = self._graph.object_graph_def.concrete_functions[function]
        inputs, outputs = Flattened(), Flattened()
        signature = inputs.tree(saved.canonicalized_input_signature)
        assert isinstance(signature, tuple)
        args, kwargs = signature
        assert isinstance(args, tuple) and isinstance(kwargs, dict)
        captures = [self._capture(node, names) for node in saved.bound_inputs]
        tree = outputs.tree(saved.output_signature)
        return Export(name, function, inputs.leaves, captures, without_tail(args), kwargs, tree, outputs.leaves)

    def _capture(self, node: int, names: Mapping[int, str]) -> Capture:
        if node in names:
            return Capture("variable", names[node])
        kind = self._nodes[node].WhichOneof("kind")
        return Capture("other", f"{kind} {'.'.join(self._paths.get(node, ()))}".strip())

    def _traces(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Stack traces saved with `tf.saved_model.SaveOptions(save_debug_info=True)`."""
        file = self._directory / "debug" / "saved_model_debug_info.pb"
        if not file.is_file():
            return {}
        info = protos("framework.graph_debug_info_pb2").GraphDebugInfo()
        info.ParseFromString(file.read_bytes())
        return locations.traces(info)


def _parameters(spec: Any) -> tuple[str, ...]:
    """The names of a function's positional parameters."""
    fields = {pair.key: pair.value for pair in spec.fullargspec.named_tuple_value.values}
    if "args" not in fields:
        return ()
    names = tuple(value.string_value for value in fields["args"].list_value.values)
    return names[1:] if spec.is_method else names


def _unused(name: str, taken: set[str]) -> str:
    """`name`, with a number if it is taken already; takes it."""
    unique, number = name, 0
    while unique in taken:
        number += 1
        unique = f"{name}_{number}"
    taken.add(unique)
    return unique
