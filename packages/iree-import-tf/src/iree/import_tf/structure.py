"""Nested inputs and outputs: from TensorFlow's `StructuredValue` to the manifest's trees.

Leaves are numbered as `tf.nest.flatten(…, expand_composites=True)` visits them, dictionaries by sorted key: that is the
order of a FunctionDef's arguments and results.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from iree.dialects.manifest import Literal, Shape, TensorSpec, Tree
from iree.import_tf.dtypes import mlir_dtype, type_name
from iree.import_tf.errors import ImportFailure
from iree.import_tf.program import Leaf

_INT64 = 9
"""TensorFlow's DataType number."""


def shape_of(proto: Any) -> Shape | None:
    """A TensorShapeProto's sizes; None if the rank is open."""
    if proto.unknown_rank:
        return None
    return tuple(None if dim.size < 0 else dim.size for dim in proto.dim)


def without_tail(args: tuple[Tree, ...]) -> tuple[Tree, ...]:
    """Without the Python values at the end, which a caller leaves at their defaults."""
    end = len(args)
    while end and args[end - 1] is None:
        end -= 1
    return args[:end]


@dataclass
class Flattened:
    """Collects the leaves of one or more trees."""

    leaves: list[Leaf] = field(default_factory=list)

    def tree(self, value: Any) -> Tree:
        """The tree of a `StructuredValue`. Python values that a function was traced with become literals, but for those
        that JSON cannot hold, such as dtypes, which become None.

        Raises:
            ImportFailure: It holds something that is neither a container, a tensor nor a Python value.
        """
        kind = value.WhichOneof("kind")
        match kind:
            case "tensor_spec_value" | "bounded_tensor_spec_value":
                spec = getattr(value, kind)
                return self._leaf(spec.name, spec.dtype, shape_of(spec.shape))
            case "dict_value":
                return {key: self.tree(value.dict_value.fields[key]) for key in sorted(value.dict_value.fields)}
            case "list_value":
                return [self.tree(child) for child in value.list_value.values]
            case "tuple_value":
                return tuple(self.tree(child) for child in value.tuple_value.values)
            case "named_tuple_value":
                return {pair.key: self.tree(pair.value) for pair in value.named_tuple_value.values}
            case "type_spec_value":
                return self._composite(value.type_spec_value)
            case "bool_value" | "int64_value" | "float64_value" | "string_value":
                return Literal(getattr(value, kind))
        return None

    def _leaf(self, name: str, dtype: int, shape: Shape | None) -> TensorSpec:
        self.leaves.append(Leaf(name, dtype, shape))
        # What has no name TensorFlow calls "unknown".
        known = name if name != "unknown" else None
        return TensorSpec(len(self.leaves) - 1, mlir_dtype(dtype) or type_name(dtype), shape or (), known or None)

    def _composite(self, spec: Any) -> Tree:
        """A ragged or sparse tensor, or slices with indices: a dictionary of the tensors that it is made of, in
        TensorFlow's order.
        """
        state = list(spec.type_state.tuple_value.values)
        match spec.type_spec_class_name:
            case "RaggedTensorSpec" if len(state) == 4:
                shape, dtype, ragged = shape_of(state[0].tensor_shape_value), state[1], state[2].int64_value
                inner = None if shape is None else (None, *shape[ragged + 1 :])
                first = None if shape is None or shape[0] is None else shape[0] + 1
                tree: dict[str, Tree] = {"flat_values": self._leaf("", dtype.tensor_dtype_value, inner)}
                splits = [(first,), *[(None,)] * (ragged - 1)]
                tree["nested_row_splits"] = [self._leaf("", state[3].tensor_dtype_value, size) for size in splits]
                return tree
            case "SparseTensorSpec":
                shape = shape_of(state[0].tensor_shape_value)
                rank = None if shape is None else len(shape)
                return {
                    "indices": self._leaf("", _INT64, (None, rank)),
                    "values": self._leaf("", state[1].tensor_dtype_value, (None,)),
                    "dense_shape": self._leaf("", _INT64, (rank,)),
                }
            case "IndexedSlicesSpec":
                shape, (count,) = (
                    shape_of(state[0].tensor_shape_value),
                    shape_of(state[4].tensor_shape_value) or (None,),
                )
                rows = None if shape is None else (count, *shape[1:])
                tree = {
                    "values": self._leaf("", state[1].tensor_dtype_value, rows),
                    "indices": self._leaf("", state[2].tensor_dtype_value, (count,)),
                }
                if state[3].WhichOneof("kind") == "tensor_dtype_value":
                    tree["dense_shape"] = self._leaf(
                        "", state[3].tensor_dtype_value, (None if shape is None else len(shape),)
                    )
                return tree
        raise ImportFailure(f"a {spec.type_spec_class_name} stands in a signature: pass its component tensors instead")
