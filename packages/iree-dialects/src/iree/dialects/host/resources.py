"""Where tensors are: ranges of buffers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from iree.dialects import hal
from iree.dialects.host.sizes import Size, multiply
from iree.dialects.mlir import CompileError


@dataclass(eq=False)
class Root:
    """A piece of memory that tensors are in.

    Attributes:
        size: Bytes.
        buffer: The `!hal.buffer` that it is in, None while it is not known: it then lives in the segment's slab or gets
            a buffer when the segment that writes it is executed.
        offset: Where it starts in the buffer.
        constant: It is never written: commands may refer to its buffer directly.
        escapes: It outlives its segment.
        host: The host or the caller reads it.
        ready: Fence after which its contents are there, None while their commands are not executed.
    """

    size: Size
    buffer: Any = None
    offset: Size = 0
    constant: bool = False
    escapes: bool = False
    host: bool = False
    ready: Any = None


@dataclass
class Tensor:
    """A tensor in memory, dense and row-major.

    Attributes:
        type: Its type; None for memory without one.
        dims: All its dimensions.
        root: Where it is.
        offset: Bytes of `root` before it.
        part: Bytes that it takes of `root`; None for all.
    """

    type: Any
    dims: Sequence[Size]
    root: Root
    offset: Size = 0
    part: int | None = None

    @property
    def size(self) -> Size:
        """Its bytes."""
        return self.root.size if self.part is None else self.part


@dataclass(frozen=True)
class Choice:
    """A word that depends on the executable's variant: one value for each."""

    values: tuple[Any, ...]


def choice(values: Sequence[Any]) -> Any:
    """One of several words by the variant; the word itself if it is the same in all of them."""
    same = all(type(value) is type(values[0]) and value == values[0] for value in values)
    return values[0] if same else Choice(tuple(values))


@dataclass
class Dispatch:
    """A kernel over tensors: those it reads, then those it writes that are not among them.

    `workgroups` are words, or `Choice`s of them.
    """

    op: Any
    kernel: Any
    constants: list[Any]
    workgroups: list[Any]
    bindings: list[Tensor]
    access: Sequence[int]

    @property
    def reads(self) -> list[Root]:
        """What is read."""
        return [tensor.root for tensor, access in zip(self.bindings, self.access, strict=True) if access & 1]

    @property
    def writes(self) -> list[Root]:
        """What is written."""
        return [tensor.root for tensor, access in zip(self.bindings, self.access, strict=True) if access & 2]


@dataclass
class Fill:
    """A pattern over (a part of) a tensor. `pattern` is an i64 value or an integer, of `width` bytes."""

    target: Root
    offset: Size
    length: Size
    pattern: Any
    width: int
    reads: list[Root] = field(default_factory=list)

    @property
    def writes(self) -> list[Root]:
        """What is written."""
        return [self.target]


@dataclass
class Copy:
    """The bytes of one piece of memory from `offset` on to all of another."""

    source: Root
    target: Root
    offset: Size = 0

    @property
    def reads(self) -> list[Root]:
        """What is read."""
        return [self.source]

    @property
    def writes(self) -> list[Root]:
        """What is written."""
        return [self.target]


Command = Dispatch | Fill | Copy


def storage_size(type_: Any, dims: Sequence[Size], at: Any) -> Size:
    """Bytes of a tensor.

    Raises:
        CompileError: Its element type cannot be stored.
    """
    element = hal.element_size(type_.element_type)
    if element is None:
        raise CompileError(f"tensors of {type_.element_type} cannot be stored in buffers: use another element type", at)
    return multiply([*dims, element])


def levels(commands: Sequence[Command]) -> list[int]:
    """The step of each command: after all that it depends on, at the same time as what it does not.

    A command depends on an earlier one if one of them writes what the other touches.
    """
    written: dict[Root, int] = {}
    touched: dict[Root, int] = {}
    found = []
    for command in commands:
        level = 0
        for root in command.reads:
            level = max(level, written.get(root, -1) + 1)
        for root in command.writes:
            level = max(level, touched.get(root, -1) + 1)
        for root in command.reads:
            touched[root] = max(touched.get(root, -1), level)
        for root in command.writes:
            written[root] = touched[root] = level
        found.append(level)
    return found
