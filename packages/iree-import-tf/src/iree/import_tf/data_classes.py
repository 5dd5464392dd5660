"""Data classes in signatures: TensorFlow takes them as structures, but cannot write them into a SavedModel.

They are written as named tuples, which the manifest has as dictionaries.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any


@cache
def register() -> None:
    """Lets TensorFlow write down every class that says how to take it apart (``__tf_flatten__``)."""
    from tensorflow.python.saved_model import nested_structure_coder  # noqa: PLC0415  (who calls it has TensorFlow)

    nested_structure_coder.register_codec(_Codec())


class _Codec:
    """What `nested_structure_coder` wants; nothing is read back."""

    def can_encode(self, value: Any) -> bool:
        return hasattr(value, "__tf_flatten__") and not isinstance(value, type)

    def do_encode(self, value: Any, encode: Any) -> Any:
        from tensorflow.core.protobuf import struct_pb2  # noqa: PLC0415  (as above)

        encoded = struct_pb2.StructuredValue()
        encoded.named_tuple_value.name = type(value).__name__
        for name, part in parts(value).items():
            pair = encoded.named_tuple_value.values.add()
            pair.key = name
            pair.value.CopyFrom(encode(part))
        return encoded

    def can_decode(self, value: Any) -> bool:
        del value
        return False


def parts(value: Any) -> dict[str, Any]:
    """The components of a data class in TensorFlow's order, by the names of the fields that hold them.

    Components that no field holds are called by their numbers.
    """
    _, components = value.__tf_flatten__()
    known = dataclasses.is_dataclass(value)
    fields = [field.name for field in dataclasses.fields(value)] if known else list(vars(value))
    names: list[str] = []
    for i, component in enumerate(components):
        holding = (f for f in fields if getattr(value, f, None) is component and f not in names)
        names.append(next(holding, str(i)))
    return dict(zip(names, components, strict=True))
