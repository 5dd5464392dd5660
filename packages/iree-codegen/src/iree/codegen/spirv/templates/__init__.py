"""Kernels of a known shape: what a workgroup's threads keep in registers and share."""
