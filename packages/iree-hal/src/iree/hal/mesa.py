"""For drivers that use Vulkan: loads Mesa's libraries so that they get along with a TensorFlow in the same process.

Mesa's software driver compiles shaders with LLVM, which it calls through symbols that TensorFlow makes visible to the
whole process too, of another version: a dispatch then crashes. A library that is loaded first with RTLD_DEEPBIND looks
at its own dependencies before it looks at others', and stays loaded so when the Vulkan loader asks for it.
"""

from __future__ import annotations

import ctypes
import json
import os
from pathlib import Path

# Where the Vulkan loader looks for manifests when it is not told (Vulkan-Loader, LoaderDriverInterface.md).
_FOLDERS = ("/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/usr/share/vulkan/icd.d")
_VARIABLES = ("VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES")


def _manifests() -> list[Path]:
    named = [Path(name) for v in _VARIABLES for name in os.environ.get(v, "").split(os.pathsep) if name]
    found: list[Path] = []
    for path in [*named, *map(Path, _FOLDERS)]:
        found += sorted(path.glob("*.json")) if path.is_dir() else [path]
    return found


def _library(manifest: Path) -> str | None:
    """The library that a manifest names, if it is one of Mesa's."""
    try:
        path = json.loads(manifest.read_bytes())["ICD"]["library_path"]
    except (OSError, ValueError, KeyError, TypeError):
        return None  # the Vulkan loader says what is wrong with it
    if not isinstance(path, str) or not Path(path).name.startswith("libvulkan_"):
        return None
    return str(manifest.parent / path) if "/" in path else path


def isolate_mesa() -> None:
    """To be called before the first Vulkan instance of the process; does nothing where there is no RTLD_DEEPBIND."""
    if not hasattr(os, "RTLD_DEEPBIND"):
        return
    for library in filter(None, map(_library, _manifests())):
        try:
            ctypes.CDLL(library, mode=os.RTLD_NOW | os.RTLD_LOCAL | os.RTLD_DEEPBIND)
        except OSError:
            continue  # the Vulkan loader skips it too
