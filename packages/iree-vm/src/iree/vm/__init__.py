"""The runtime: loads compiled modules and runs them.

    >>> from iree import vm
    >>> m = vm.load("model.vmfb", device="cpu")
    >>> y = m.main(x)

Names are loaded on first use, so that the module writer works without native code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iree.vm._version import __version__
    from iree.vm.errors import Error
    from iree.vm.module import Module, load

_HOMES = {"__version__": "_version", "Error": "errors", "Module": "module", "load": "module"}

__all__ = ["Error", "Module", "__version__", "load"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'iree.vm' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    value = getattr(import_module(f"iree.vm.{home}"), name)
    globals()[name] = value
    return value
