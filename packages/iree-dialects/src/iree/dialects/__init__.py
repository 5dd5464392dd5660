"""The flow, hal and vm dialects and every pass between StableHLO and vm."""

from iree.dialects._version import __version__

__all__ = ["__version__"]
