"""The runtime: loads compiled modules and runs them.

Native code is loaded on first use, so that the module writer works without it.
"""

from __future__ import annotations

from iree.vm._version import __version__

__all__ = ["__version__"]
