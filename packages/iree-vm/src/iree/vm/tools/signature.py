"""What an export takes and gives, tensor by tensor, as the command line names and reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from iree.vm.function import PlainFunction
from iree.vm.structure import leaves, tensor_type
from iree.vm.tools.common import ToolError
from iree.vm.tools.values import Array, dtype_of, parse

_NUMBERS = {"i": "i32", "I": "i64", "f": "f32", "F": "f64"}


@dataclass(frozen=True)
class Slot:
    """An input or a result.

    Attributes:
        name: As the program has it, ``x`` or ``state['h'][0]``; ``#0``, ``result[0]`` if it has none.
        dtype: MLIR's name; None if the module does not say.
        shape: None for a size that is not known before the call; None altogether if the module does not say.
    """

    name: str
    dtype: str | None = None
    shape: Sequence[int | None] | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.type}"

    @property
    def type(self) -> str:
        """As messages call it."""
        return "an array" if self.dtype is None else tensor_type(self.dtype, self.shape)

    def parse(self, what: str, text: str) -> Array:
        """Read a value for it, which is an ``input`` or a ``result`` in messages.

        Raises:
            ToolError: Malformed; says what was expected and what is wrong.
        """
        try:
            return parse(text, self.dtype, self.shape)
        except ToolError as error:
            raise ToolError(f"{what} {self.name}: expected {self.type}, given {error}") from None

    def array(self, value: Any) -> Array:
        """A result as an array; numbers get the type that the module has for them."""
        return np.asarray(value, dtype_of(self.dtype) if self.dtype and isinstance(value, int | float) else None)


def inputs_of(function: Any) -> list[Slot]:
    """The flat inputs of an export."""
    if isinstance(function, PlainFunction):
        return _numbers(function.arguments, [f"#{i}" for i in range(len(function.arguments))])
    if function.parameters is None:
        return [Slot(f"#{i}") for i in range(function.input_count)]
    paths, tensors = function.parameters.paths, function.parameters.tensors
    return [Slot(paths[i], tensors[i]["dtype"], tensors[i]["shape"]) for i in range(len(tensors))]


def outputs_of(function: Any) -> list[Slot]:
    """The results of an export in the order of their structure."""
    if isinstance(function, PlainFunction):
        return _numbers(function.results, _places("result", len(function.results)))
    if function.outputs is None:
        return [Slot(name) for name in _places("result", function.output_count)]
    if "dict" in function.outputs:
        found = [named for key, part in function.outputs["dict"].items() for named in leaves(part, key)]
    else:
        found = list(leaves(function.outputs, "result"))
        names = {leaf.get("name") for _, leaf in found}
        if len(names) == len(found) and None not in names:
            found = [(leaf["name"], leaf) for _, leaf in found]
    return [Slot(name, leaf["dtype"], leaf["shape"]) for name, leaf in found]


def parse_inputs(function: Any, texts: Sequence[str]) -> list[Array]:
    """Read the values of ``--input`` flags.

    Raises:
        ToolError: A malformed value, or more of them than there are inputs.
    """
    slots = inputs_of(function)
    if len(texts) > len(slots):
        takes = f" ({', '.join(map(str, slots))})" if slots else ""
        raise ToolError(f"{function.name} takes {len(slots)} inputs{takes}, {len(texts)} given")
    return [slot.parse("input", text) for slot, text in zip(slots, texts, strict=False)]


def arrays_of(value: Any) -> Iterator[Any]:
    """The arrays of a structured result, in order."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from arrays_of(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from arrays_of(part)
    elif value is not None:
        yield value


def _places(of: str, count: int) -> list[str]:
    return [of] if count == 1 else [f"{of}[{i}]" for i in range(count)]


def _numbers(letters: str, names: Sequence[str]) -> list[Slot]:
    kinds = [_NUMBERS.get(letter) for letter in letters]
    return [Slot(name, kind, None if kind is None else ()) for name, kind in zip(names, kinds, strict=True)]
