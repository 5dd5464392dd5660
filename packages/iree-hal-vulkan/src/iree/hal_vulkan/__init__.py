"""The Vulkan driver. Installing it is all it takes: ``iree.hal.open("vulkan")`` finds it by its entry point.

URIs: ``vulkan`` opens the best device there is; ``vulkan://1`` by index, ``vulkan://llvmpipe`` by a part of its name,
``vulkan://6d657361-3232-2e33-2e36-000000000000`` by UUID. ``?validate=1`` turns the validation layer on, ``?cache=DIR``
says where compiled pipelines are kept (``off`` for nowhere), ``?profile=FILE.csv`` has what each dispatch took written.
"""

from iree.hal.mesa import isolate_mesa
from iree.hal_vulkan import _native
from iree.hal_vulkan._version import __version__

__all__ = ["__version__", "driver"]


def driver() -> object:
    """The driver, as a capsule. The Vulkan loader is opened with the first question about its devices."""
    isolate_mesa()
    return _native.driver()
