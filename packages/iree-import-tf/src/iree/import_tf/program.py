"""What is known of a TensorFlow program before anything is lowered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from iree.dialects.manifest import Shape, Tree
from iree.import_tf.dtypes import Array


@dataclass(frozen=True)
class Variable:
    """A variable or a constant that functions capture.

    Attributes:
        name: Unique in the program.
        dtype: TensorFlow's DataType number.
        shape: None in place of the whole shape if even the rank is open, or of a dimension.
        mutable: False for constants.
        value: Reads the initial value.
    """

    name: str
    dtype: int
    shape: Shape | None
    mutable: bool
    value: Callable[[], Array]

    @property
    def sizes(self) -> Shape:
        """The shape; of a variable whose rank is open that of its initial value, which it keeps."""
        return (None,) * self.value().ndim if self.shape is None else self.shape


@dataclass(frozen=True)
class Capture:
    """What a function takes besides its inputs: variable or constant `name`, or something else that TensorFlow keeps
    (`name` says what).
    """

    kind: Literal["variable", "other"]
    name: str


@dataclass(frozen=True)
class Leaf:
    """A tensor of a signature. `dtype` is TensorFlow's number; `shape` is None if the rank is open."""

    name: str
    dtype: int
    shape: Shape | None


@dataclass(frozen=True)
class Export:
    """A function that can be imported.

    Attributes:
        name: Its path in the object, such as ``serve``, or the signature's name.
        function: The FunctionDef.
        inputs: Its tensors, in the FunctionDef's order; `captures` are the rest of the FunctionDef's arguments.
        input_args, input_kwargs, outputs: The nested structure over `inputs` and the FunctionDef's results.
        input_names: The names of the parameters, of as many of `input_args` as have one.
        signature: Whether it is one of the SavedModel's signatures rather than a method.
    """

    name: str
    function: str
    inputs: Sequence[Leaf]
    captures: Sequence[Capture]
    input_args: Sequence[Tree]
    input_kwargs: Mapping[str, Tree]
    outputs: Tree
    output_leaves: Sequence[Leaf]
    input_names: Sequence[str] = ()
    signature: bool = False


@dataclass(frozen=True)
class Program:
    """A TensorFlow program: functions by name, what they call, what they keep.

    Attributes:
        source: Where it comes from, for messages.
        library: FunctionDefs by name.
        versions: The graph's VersionDef.
        traces: Stack traces by ``node@function``, outermost frame first; empty unless the program was saved with
            debug information.
    """

    source: str
    exports: Mapping[str, Export]
    variables: Mapping[str, Variable]
    library: Mapping[str, Any]
    versions: Any
    traces: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
