"""Modules, contexts and calls; see native/python.cc and native/python_function.cc."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

class Module:
    """A verified module file."""

    @staticmethod
    def open(path: str) -> Module:
        """Map and verify a module file."""

    @staticmethod
    def copy(data: bytes | bytearray | memoryview) -> Module:
        """Copy and verify a module in memory."""

    @property
    def manifest(self) -> bytes: ...
    @property
    def exports(self) -> list[tuple[str, str, str, str]]:
        """(name, convention, argument letters, result letters) of each export."""

    @property
    def stateful(self) -> bool: ...
    @property
    def size(self) -> int: ...

class Context:
    """A module with devices and globals."""

    def __init__(
        self,
        module: Module,
        devices: Sequence[Any],
        depth: int = 1024,
        memory: int = ...,
        timeout: float | None = None,
    ) -> None: ...
    def call(self, name: str, arguments: Sequence[Any], timeout: float | None = None) -> list[Any]:
        """Call a plain export; returns the list of results."""

class Task:
    """A call in flight."""

    def cancel(self) -> None: ...

class Function:
    """An export of arrays; attributes that it does not have are those of `helper`."""

    def __new__(
        cls,
        context: Context,
        name: str,
        inputs: Sequence[tuple[str, Sequence[int | None]] | None],
        flat_inputs: bool,
        packing: int,
        helper: Any,
        timeout: float | None,
    ) -> Function: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def invoke(self, leaves: Sequence[Any], timeout: float | None = None) -> Any:
        """Call with a flat list of arrays."""

    def submit_leaves(self, leaves: Sequence[Any], wait: Any, signal: Any) -> Any:
        """Run the host's part of a call; the results become valid later."""

    def start(self, leaves: Sequence[Any], done: Callable[[Any, BaseException | None], object]) -> Task:
        """Call in the background; done(result, exception) is called on another thread."""

    @property
    def helper(self) -> Any: ...

def natives() -> Mapping[str, str]:
    """The imports that there are, with their signatures."""
