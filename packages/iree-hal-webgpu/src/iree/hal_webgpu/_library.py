"""Where Dawn's library is: in the wheel of dawn-python, which is not imported (that would take a while)."""

from __future__ import annotations

import os
import platform
import sys
from importlib.util import find_spec


def find_library() -> str:
    """The library's path; empty if the package is not installed or has none for this platform."""
    spec = find_spec("pydawn")
    if spec is None or spec.origin is None:
        return ""
    suffix = "dylib" if sys.platform == "darwin" else "so"
    path = os.path.join(os.path.dirname(spec.origin), "lib", f"libwebgpu_dawn_{platform.machine()}.{suffix}")
    return path if os.path.exists(path) else ""
