"""The hardware abstraction layer: devices, their memory and queues, and arrays that NumPy understands.

    >>> from iree import hal
    >>> device = hal.open("null")
    >>> x = device.array([1.0, 2.0, 3.0])
    >>> x.shape
    (3,)

Names are loaded when first used, so that the import itself costs next to nothing and `get_include()` works where
the extension does not.
"""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._bits import BufferUsage as BufferUsage
    from ._bits import MemoryType as MemoryType
    from ._errors import HalError as HalError
    from ._listing import DeviceInfo as DeviceInfo
    from ._listing import devices as devices
    from ._native import Binding as Binding
    from ._native import Buffer as Buffer
    from ._native import CommandBuffer as CommandBuffer
    from ._native import CompletionQueue as CompletionQueue
    from ._native import Device as Device
    from ._native import DeviceArray as DeviceArray
    from ._native import Driver as Driver
    from ._native import Executable as Executable
    from ._native import Fence as Fence
    from ._native import Mapping as Mapping
    from ._native import Semaphore as Semaphore
    from ._registry import drivers as drivers
    from ._registry import open as open
    from ._uri import DeviceUri as DeviceUri
    from ._version import __version__ as __version__

_HOMES = {
    "_bits": ("BufferUsage", "MemoryType"),
    "_errors": ("HalError",),
    "_listing": ("DeviceInfo", "devices"),
    "_native": (
        "Binding",
        "Buffer",
        "CommandBuffer",
        "CompletionQueue",
        "Device",
        "DeviceArray",
        "Driver",
        "Executable",
        "Fence",
        "Mapping",
        "Semaphore",
    ),
    "_registry": ("drivers", "open"),
    "_uri": ("DeviceUri",),
    "_version": ("__version__",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["get_include", *sorted(_HOME)]  # noqa: PLE0604


def get_include() -> str:
    """The directory that holds `iree/hal.h`, `iree/hal.hpp` and `iree/hal_python.h`, for authors of drivers."""
    here = os.path.dirname(os.path.realpath(__file__))
    installed = os.path.join(here, "include")
    return installed if os.path.isdir(installed) else os.path.normpath(os.path.join(here, "../../../include"))


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'iree.hal' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    value = getattr(import_module(f"iree.hal.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
