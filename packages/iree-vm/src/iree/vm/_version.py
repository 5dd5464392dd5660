"""The version of iree-vm."""

__version__ = "0.1.0"
