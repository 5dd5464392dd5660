"""What has Python's buffer protocol, as an input: without NumPy where it is of the right type already."""

from __future__ import annotations

import array
import ctypes
import gc
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from iree import hal

CODES = "bBhHiIlLqQfd"
TYPES = "i8 ui8 i16 ui16 i32 ui32 i64 ui64 i64 ui64 f32 f64".split()


@pytest.fixture
def device() -> hal.Device:
    return hal.open("null")


def grid(format_: str, shape: tuple[int, ...], data: bytes) -> memoryview:
    return memoryview(data).cast(format_, shape)


@pytest.mark.parametrize(
    ("value", "element_type", "shape"),
    [
        *((array.array(code, range(3)), type_, (3,)) for code, type_ in zip(CODES, TYPES, strict=True)),
        (array.array("f"), "f32", (0,)),
        (grid("f", (2, 1, 3), bytes(range(24))), "f32", (2, 1, 3)),
        (grid("?", (2, 2), b"\0\1\1\0"), "i1", (2, 2)),
        (grid("n", (1,), bytes(8)), "i64", (1,)),
        (memoryview(np.arange(3, dtype=np.float16)), "f16", (3,)),
        (memoryview(np.arange(3, dtype=np.complex64)), "complex<f32>", (3,)),
        (memoryview(np.arange(3, dtype=np.complex128)), "complex<f64>", (3,)),
        (((ctypes.c_float * 3) * 2)(), "f32", (2, 3)),
        (ctypes.c_int32(7), "i32", ()),
        (b"abc", "ui8", (3,)),
        (bytearray(b"abc"), "ui8", (3,)),
        (np.float32(1.5), "f32", ()),
        # What is not dense goes through NumPy.
        (memoryview(array.array("i", range(6)))[::2], "i32", (3,)),
        (memoryview(np.arange(6.0).reshape(2, 3).T), "f64", (3, 2)),
        (memoryview(np.arange(3, dtype=">i4")), "i32", (3,)),
        (memoryview(bytes(9))[1:].cast("d"), "f64", (1,)),
    ],
)  # fmt: skip
def test_elements_come_as_numpy_reads_them(
    device: hal.Device, value: Any, element_type: str, shape: tuple[int, ...]
) -> None:
    result = device.array(value)
    expected = np.frombuffer(value, np.uint8) if isinstance(value, bytes | bytearray) else np.asarray(value)
    assert (result.element_type, result.shape) == (element_type, shape)
    np.testing.assert_array_equal(result.numpy(), expected)


@pytest.mark.parametrize(
    "value", [np.zeros(3, "M8[s]"), np.zeros(3, "S2"), np.zeros(3, "i4,f4"), memoryview(b"ab").cast("c")]
)
def test_other_elements_are_refused(device: hal.Device, value: Any) -> None:
    with pytest.raises(TypeError, match="no element type"):
        device.array(value)


def test_large_memory_is_shared_and_stays_where_it_is(device: hal.Device) -> None:
    values = array.array("f", [1.0]) * 4096
    held = device.array(values)
    assert held.buffer.host_pointer == values.buffer_info()[0]
    with pytest.raises(BufferError):
        values.append(2.0)  # it would move
    del held
    gc.collect()
    values.append(2.0)
    assert device.array(values, copy=True).buffer.host_pointer != values.buffer_info()[0]
    values.append(3.0)


def test_memory_that_cannot_be_written_is_constant(device: hal.Device) -> None:
    frozen = device.array(memoryview(array.array("f", [1.0]) * 4096).toreadonly())
    with pytest.raises(hal.HalError):
        frozen.buffer.write(b"\0")


def test_needs_no_numpy() -> None:
    code = """
import array, sys
from iree import hal
sys.modules["numpy"] = None  # importing it is an error
values = array.array("f", range(6))
shaped = memoryview(values).cast("B").cast("f", (2, 3))
assert memoryview(hal.open("null").array(shaped)).tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
"""
    subprocess.run([sys.executable, "-c", code], check=True)
