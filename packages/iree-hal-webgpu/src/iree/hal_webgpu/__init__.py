"""The WebGPU driver, on Dawn. Installing it is all it takes: ``iree.hal.open("webgpu")`` finds it by its entry point.

URIs: ``webgpu`` is the first adapter that Dawn finds; ``webgpu://1`` the second; ``webgpu://NAME`` the one of that
name or of a name that contains it.
"""

from iree.hal.mesa import isolate_mesa
from iree.hal_webgpu import _native
from iree.hal_webgpu._library import find_library
from iree.hal_webgpu._version import __version__

__all__ = ["__version__", "driver"]


def driver() -> object:
    """The driver, as a capsule. Dawn itself is loaded with the first question about its devices."""
    isolate_mesa()
    return _native.driver(find_library())
