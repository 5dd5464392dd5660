"""The flag sets of hal.h."""

from enum import IntFlag


class MemoryType(IntFlag):
    """Where memory is; an allocation gets all bits that are asked for."""

    DEVICE_LOCAL = 1
    HOST_VISIBLE = 2
    HOST_COHERENT = 4
    HOST_CACHED = 8


class BufferUsage(IntFlag):
    """What memory may be used for; an allocation gets all bits that are asked for."""

    TRANSFER = 1
    STORAGE = 2
    MAPPING = 4
    CONSTANT = 8
