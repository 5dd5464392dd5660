"""Loading module files."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from functools import cache
from typing import Any, NoReturn

from iree.vm import _native
from iree.vm.errors import ModuleFormatError
from iree.vm.function import ArrayFunction, PlainFunction
from iree.vm.structure import tensor_type


@cache
def _open_device(uri: str) -> Any:
    """Devices are shared by URI, so that arrays pass from one module to the next as they are."""
    from iree import hal  # noqa: PLC0415

    return hal.open(uri)


def _some(items: Iterable[str], none: str = "none", most: int = 8) -> str:
    """The first of many, and how many more there are."""
    listed = list(items)
    more = [f"… {len(listed) - most} more"] if len(listed) > most else []
    return ", ".join(listed[:most] + more) or none


class Variables(MutableMapping[str, Any]):
    """The variables of a module by name: reading gives a copy as a `DeviceArray`, assigning stores one."""

    def __init__(self, module: Module, entries: Sequence[Mapping[str, Any]]) -> None:
        self._module = module
        self._entries = {entry["name"]: entry for entry in entries}
        for name, entry in self._entries.items():
            if not (entry["getter"] and isinstance(entry["dtype"], str) and isinstance(entry["shape"], list)):
                raise ValueError(f"variable {name!r}")

    def _entry(self, name: str) -> Mapping[str, Any]:
        try:
            return self._entries[name]
        except KeyError:
            raise KeyError(f"{name!r} is no variable; there are: {_some(map(repr, self._entries))}") from None

    def __getitem__(self, name: str) -> Any:
        return self._module[self._entry(name)["getter"]]()

    def __setitem__(self, name: str, value: Any) -> None:
        setter = self._entry(name).get("setter")
        if setter is None:
            raise TypeError(f"variable {name!r} cannot be set: the module never changes it")
        self._module[setter](value)

    def __delitem__(self, name: str) -> None:
        raise TypeError("variables of a module cannot be deleted")

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        described = (
            f"{name!r}: {tensor_type(entry['dtype'], entry['shape'])}{'' if 'setter' in entry else ' read-only'}"
            for name, entry in self._entries.items()
        )
        return f"<iree.vm variables {{{_some(described, '')}}}>"


class Module:
    """A loaded module with state of its own. Exports are attributes, and items for names that are not identifiers.

    Attributes:
        manifest: What the compiler says about inputs, outputs and variables.
        functions: The exports by name.
        variables: The variables by name.
    """

    def __init__(self, native: Any, context: Any, timeout: float | None) -> None:
        self.manifest: dict[str, Any] = _parse_manifest(native.manifest)
        self._context = context
        entries = {entry["name"]: entry for entry in self.manifest.get("functions", ())}
        self.variables = Variables(self, self.manifest.get("variables", ()))
        self._all: dict[str, Any] = {}
        for name, convention, arguments, results in native.exports:
            if convention == "fences":
                entry = entries.get(name) or self._accessor(name)
                function = ArrayFunction(
                    context,
                    name,
                    input_count=len(arguments) - 2,
                    output_count=len(results),
                    entry=entry,
                    timeout=timeout,
                )
                self._all[name] = function.native
            else:
                self._all[name] = PlainFunction(context, name, arguments, results)
        hidden = {v[key] for v in self.manifest.get("variables", ()) for key in ("getter", "setter") if key in v}
        self.functions: dict[str, Any] = {name: f for name, f in self._all.items() if name not in hidden}

    def _accessor(self, name: str) -> dict[str, Any] | None:
        """The entry of a variable's setter, so that what is stored is checked."""
        for variable in self.manifest.get("variables", ()):
            if variable.get("setter") == name:
                leaf = {"tensor": 0, "name": "value", "dtype": variable["dtype"], "shape": variable["shape"]}
                return {"inputs": {"args": [leaf]}, "outputs": {"tuple": []}}
        return None

    def __getitem__(self, name: str) -> Any:
        try:
            return self._all[name]
        except KeyError:
            raise KeyError(f"{name!r} is no export; there are: {', '.join(self.functions) or 'none'}") from None

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["functions"][name]
        except KeyError:
            exports = ", ".join(self.__dict__.get("functions", ())) or "none"
            raise AttributeError(f"the module has no export {name!r}; there are: {exports}") from None

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.functions})

    def __reduce__(self) -> NoReturn:
        raise TypeError("a loaded module cannot be copied or pickled: pass on the file's path and load it there")

    def __repr__(self) -> str:
        return f"<iree.vm module with {', '.join(self.functions) or 'no exports'}>"


def _parse_manifest(data: bytes) -> dict[str, Any]:
    if not data:
        return {}
    try:
        manifest = json.loads(data)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ModuleFormatError(f"the manifest is not JSON: {error}") from error
    if not isinstance(manifest, dict):
        raise ModuleFormatError("the manifest is not a JSON object")
    return manifest


def load(
    source: str | os.PathLike[str] | bytes,
    device: Any = "cpu",
    *,
    devices: Sequence[Any] | None = None,
    timeout: float | None = None,
    depth: int = 1024,
    memory: int = 64 << 20,
) -> Module:
    """Load a module and run its initializer.

    Args:
        source: Path of a `.vmfb` file, which is mapped and must not be changed while it is loaded; or its bytes.
        device: URI (``cpu``, ``cpu?threads=4``, ``vulkan://1``) or an `iree.hal.Device`; None for a module that
            needs none.
        devices: Several of these, in place of `device`.
        timeout: Seconds that the initializer, and then a call, may take; None for no limit.
        depth: Calls within calls that an invocation may make.
        memory: Bytes that an invocation may use on the host for its stack and lists.

    Raises:
        OSError: There is no such file, or it cannot be read.
        ValueError: A bound or a timeout that is none.
        ModuleFormatError: Not a module file, truncated, or damaged.
        IncompatibleError: For another version of the runtime, or without code for this machine.
        iree.hal.HalError: The device cannot be opened.
        DeadlineError: The initializer did not end in time.
        Error: What else the initializer trapped with.
    """
    if depth < 0 or depth >= 1 << 32 or memory < 0 or memory >= 1 << 64:
        raise ValueError(f"depth={depth}, memory={memory}: expected numbers of calls and of bytes")
    if isinstance(source, bytes | bytearray | memoryview):
        native = _native.Module.copy(source)
    else:
        path = os.fspath(source)
        # These say what is wrong as Python does. What is no file may block when it is opened.
        if stat.S_ISREG(os.stat(path).st_mode):
            os.close(os.open(path, os.O_RDONLY))
        native = _native.Module.open(path)
    wanted = devices if devices is not None else ([] if device is None else [device])
    opened = [_open_device(d) if isinstance(d, str) else d for d in wanted]
    context = _native.Context(native, opened, depth, memory, timeout)
    try:
        return Module(native, context, timeout)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ModuleFormatError(f"the manifest is malformed: {type(error).__name__}: {error}") from error
