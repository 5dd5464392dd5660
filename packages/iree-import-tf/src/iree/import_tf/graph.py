"""The GraphDef that TensorFlow's MLIR importer gets: one call of the exported function, variables as handles, no
weights.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from iree.import_tf import asserts
from iree.import_tf.dtypes import numpy_dtype, tensor_array, tensor_bytes, type_name
from iree.import_tf.errors import ImportFailure
from iree.import_tf.graph_fixes import fix
from iree.import_tf.program import Export, Program, Variable
from iree.import_tf.structure import shape_of
from iree.import_tf.tensorflow import protos

WEIGHT = "_iree_weight"
"""Attribute of the placeholder that stands for a large constant: the constant's name."""
LARGE = 4096
"""Constants of more bytes travel beside the IR; smaller ones may steer shapes and stay."""


@dataclass(frozen=True)
class Graph:
    """What `Worker.import_graph` takes, and the large constants that were taken out.

    Attributes:
        serialized: The GraphDef.
        names, dtypes, shapes: The input placeholders. The first `inputs` are the function's, then come captured
            constants.
        outputs: The function's results, then one more that only keeps side effects alive.
        constants: The names of captured constants, in the order of their placeholders.
        weights: Large constants by the name in their placeholder's `WEIGHT` attribute.
    """

    serialized: bytes
    names: list[str]
    dtypes: list[str]
    shapes: list[str]
    outputs: list[str]
    constants: list[str]
    weights: Mapping[str, Variable]


def build(program: Program, export: Export) -> Graph:
    """The graph that calls `export`.

    Raises:
        ImportFailure: The function takes or returns something that has no StableHLO type.
    """
    return _Builder(program, export).build()


class _Builder:
    def __init__(self, program: Program, export: Export) -> None:
        self._program = program
        self._export = export
        self._graph = protos("framework.graph_pb2").GraphDef()
        self._graph.versions.CopyFrom(program.versions)
        self._names: list[str] = []
        self._dtypes: list[str] = []
        self._shapes: list[str] = []
        self._constants: list[str] = []
        self._weights: dict[str, Variable] = {}

    def build(self) -> Graph:
        export, library = self._export, self._program.library
        definition = library[export.function]
        arguments = definition.signature.input_arg
        if len(arguments) != len(export.inputs) + len(export.captures):
            raise ImportFailure(
                f"{export.name}: its FunctionDef takes {len(arguments)} tensors, but the signature has "
                f"{len(export.inputs)} "
                f"and {len(export.captures)} are captured"
            )
        call = self._node("call", "StatefulPartitionedCall")
        call.attr["f"].func.name = export.function
        call.attr["Tin"].list.type.extend(argument.type for argument in arguments)
        call.attr["Tout"].list.type.extend(result.type for result in definition.signature.output_arg)
        call.input.extend(self._input(i) for i in range(len(export.inputs)))
        call.input.extend(self._captured(i) for i in range(len(export.captures)))
        if not self._names:  # TensorFlow's importer wants at least one input
            self._placeholder("no_inputs", 10, ())
        outputs = [self._output(i, result.type) for i, result in enumerate(definition.signature.output_arg)]
        outputs.append(self._after_call())
        self._add_library(export.function)
        serialized = self._graph.SerializeToString()
        return Graph(serialized, self._names, self._dtypes, self._shapes, outputs, self._constants, self._weights)

    def _node(self, name: str, op: str, **types: int) -> Any:
        node = self._graph.node.add(name=name, op=op)
        for attribute, dtype in types.items():
            node.attr[attribute].type = dtype
        return node

    def _placeholder(self, name: str, dtype: int, shape: tuple[int | None, ...]) -> str:
        node = self._node(name, "Placeholder", dtype=dtype)
        for size in shape:
            node.attr["shape"].shape.dim.add(size=-1 if size is None else size)
        node.attr["shape"].shape.SetInParent()
        self._names.append(name)
        self._dtypes.append("DT_" + type_name(dtype).upper())
        self._shapes.append(",".join("?" if size is None else str(size) for size in shape))
        return name

    def _input(self, index: int) -> str:
        leaf = self._export.inputs[index]
        what = f"{self._export.name}: input {leaf.name or index!r}"
        if numpy_dtype(leaf.dtype) is None:
            raise ImportFailure(f"{what} is a {type_name(leaf.dtype)}: cut the model behind it (--inputs)")
        if leaf.shape is None:
            raise ImportFailure(
                f"{what} has an open rank: give it a shape in its signature (None for open dimensions is fine)"
            )
        return self._placeholder(f"input_{index}", leaf.dtype, leaf.shape)

    def _captured(self, index: int) -> str:
        capture = self._export.captures[index]
        name = f"capture_{index}"
        if capture.kind == "other":
            raise ImportFailure(
                f"{self._export.name}: it uses the {capture.name}, which only TensorFlow can hold: cut the "
                f"model around it (--inputs, --outputs)"
            )
        variable = self._program.variables[capture.name]
        if not variable.mutable:
            if numpy_dtype(variable.dtype) is None:
                raise ImportFailure(
                    f"{self._export.name}: it uses the constant {variable.name} of type "
                    f"{type_name(variable.dtype)}: cut the model around it"
                )
            self._constants.append(variable.name)
            return self._placeholder(name, variable.dtype, variable.shape or ())
        node = self._node(name, "VarHandleOp", dtype=variable.dtype)
        node.attr["shared_name"].s = variable.name.encode()
        node.attr["container"].s = b""
        shape = node.attr["shape"].shape
        for size in variable.sizes:
            shape.dim.add(size=-1 if size is None else size)
        shape.SetInParent()
        return name

    def _output(self, index: int, dtype: int) -> str:
        leaf = self._export.output_leaves[index] if index < len(self._export.output_leaves) else None
        if numpy_dtype(dtype) is None:
            name = leaf.name if leaf is not None and leaf.name else index
            raise ImportFailure(
                f"{self._export.name}: output {name!r} is a {type_name(dtype)}: cut the model in front of it "
                f"(--outputs)"
            )
        node = self._node(f"output_{index}", "Identity", T=dtype)
        node.input.append(f"call:{index}")
        return str(node.name)

    def _after_call(self) -> str:
        """A constant that waits for the call: without it a function that only has side effects would be dropped."""
        node = self._node("done", "Const", dtype=10)
        node.input.append("^call")
        value = node.attr["value"].tensor
        value.dtype = 10
        value.bool_val.append(True)
        value.tensor_shape.SetInParent()
        return "done"

    def _add_library(self, root: str) -> None:
        """Copies the functions that `root` needs, large constants replaced by placeholders."""
        library = self._program.library
        todo, added = [root], {root}
        while todo:
            function = self._graph.library.function.add()
            function.CopyFrom(library[todo.pop()])
            fix(function)
            asserts.simplify(function, library)
            for node in function.node_def:
                if node.op in library and node.op not in added:  # a call that has its function's name for an op
                    added.add(node.op)
                    todo.append(node.op)
                if node.op == "Const" and tensor_bytes(node.attr["value"].tensor) > LARGE:
                    self._take_out(node)
                for attribute in node.attr.values():
                    for callee in (attribute.func, *attribute.list.func):
                        if callee.name in library and callee.name not in added:
                            added.add(callee.name)
                            todo.append(callee.name)

    def _take_out(self, node: Any) -> None:
        tensor = protos("framework.tensor_pb2").TensorProto()
        tensor.CopyFrom(node.attr["value"].tensor)
        name = "constants/" + hashlib.sha256(tensor.SerializeToString(deterministic=True)).hexdigest()[:16]
        shape = shape_of(tensor.tensor_shape)
        self._weights[name] = Variable(name, tensor.dtype, shape, False, partial(tensor_array, tensor))
        node.op = "Placeholder"
        del node.attr["value"]
        node.attr["shape"].shape.CopyFrom(tensor.tensor_shape)
        node.attr[WEIGHT].s = name.encode()
