"""DeviceArray as NumPy, DLPack and the buffer protocol see it; per-device cases are in the conformance suite."""

from __future__ import annotations

import copy
import ctypes
import gc
import mmap
import operator
import pickle
import subprocess
import sys
import weakref
from typing import Any

import numpy as np
import pytest

from iree import hal
from iree.hal._errors import AbortedError, OutOfRangeError

dlpack_1 = pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.1.0", reason="NumPy speaks DLPack 1.0 from version 2.1 on"
)


@pytest.fixture
def device() -> hal.Device:
    return hal.open("null")


def page(count: int, dtype: Any = np.float32) -> np.ndarray[Any, Any]:
    """Zeros at the start of a page."""
    return np.frombuffer(mmap.mmap(-1, count * np.dtype(dtype).itemsize), dtype)


@pytest.mark.parametrize("offset", [0, 16, 48])
def test_aligned_arrays_are_shared(device: hal.Device, offset: int) -> None:
    values = page(4096)[offset // 4 :]
    array = device.array(values)
    values[5] = 7
    assert array[5] == 7
    assert array.numpy().ctypes.data == values.ctypes.data
    assert device.array(values, copy=True)[5] == 7
    assert device.array(values, copy=True).numpy().ctypes.data != values.ctypes.data


def test_shared_arrays_live_as_long_as_anyone_looks(device: hal.Device) -> None:
    values = page(4096)
    gone = weakref.ref(values)
    view = memoryview(device.array(values))
    del values
    gc.collect()
    assert gone() is not None
    view.release()
    gc.collect()
    assert gone() is None


def test_shared_read_only_arrays_are_constant(device: hal.Device) -> None:
    values = page(4096)
    values.setflags(write=False)
    array = device.array(values)
    assert array.numpy().ctypes.data == values.ctypes.data
    assert array.buffer.usage & hal.BufferUsage.CONSTANT
    with pytest.raises(PermissionError):
        device.queue_fill(array.buffer, b"\0")


def test_results_are_read_only(device: hal.Device) -> None:
    array = device.array([1, 2, 3])
    for values in (array.numpy(), np.asarray(array), np.from_dlpack(array)):
        assert not values.flags.writeable
    assert memoryview(array).readonly
    with pytest.raises((BufferError, TypeError)):
        ctypes.c_char.from_buffer(array)


@pytest.mark.parametrize("copy", [None, False, True])
def test_array_protocol_copies_when_told(device: hal.Device, copy: bool | None) -> None:
    array = device.array(np.arange(4.0))
    values = array.__array__(copy=copy)
    assert (values.ctypes.data == array.buffer.host_pointer) == (copy is not True)
    assert values.tolist() == [0, 1, 2, 3]
    assert np.array(array).flags.writeable


def test_array_protocol_converts(device: hal.Device) -> None:
    array = device.array(np.arange(4.0))
    assert array.__array__(np.int16).dtype == np.int16
    assert array.__array__(dtype=float, copy=False).dtype == float
    with pytest.raises(ValueError, match="copy"):
        array.__array__(np.int16, copy=False)
    assert np.asarray(array, np.float32).dtype == np.float32


FLOATS = "bfloat16 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e4m3b11fnuz".split()


@pytest.mark.parametrize("name", [*FLOATS, "int4", "uint4", "int2", "uint2"])
def test_types_of_ml_dtypes(device: hal.Device, name: str) -> None:
    dtype = np.dtype(getattr(pytest.importorskip("ml_dtypes"), name))
    values = np.array([[0, 1], [1, 0]]).astype(dtype)
    array = device.array(values)
    assert array.dtype == dtype
    np.testing.assert_array_equal(array.numpy(), values)
    np.testing.assert_array_equal(np.asarray(array), values)
    with pytest.raises(BufferError, match="numpy"):
        memoryview(array)


def test_missing_ml_dtypes_is_named() -> None:
    code = """
import sys
sys.modules["ml_dtypes"] = None
import numpy as np
from iree import hal
device = hal.open("null")
array = hal.DeviceArray.from_dlpack(hal.DeviceArray.from_buffer(device.allocate(4), np.uint16, (2,)), device)
print(array.element_type)
try:
    hal.Device.empty(device, (2,), "bfloat16")
except TypeError as error:
    print("bfloat16" in str(error))
try:
    from iree.hal import _convert
    _convert.dtype_named("bfloat16")
except ImportError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split("\n")[:3] == ["ui16", "True", "bfloat16 arrays need ml_dtypes: pip install ml_dtypes"]


def test_bfloat16_through_dlpack(device: hal.Device) -> None:
    array = device.array(np.ones(3, pytest.importorskip("ml_dtypes").bfloat16))
    assert hal.DeviceArray.from_dlpack(array, device).element_type == "bf16"


@pytest.mark.parametrize("dtype", ["U1", "S1", "O", "M8[s]", "i4,f4", "g", "V3"])
def test_types_that_devices_do_not_have(device: hal.Device, dtype: str) -> None:
    with pytest.raises(TypeError, match="astype"):
        device.array(np.zeros(1, dtype))


@pytest.mark.parametrize(
    ("value", "dtype", "shape"),
    [
        (3, "int64", ()),
        (2.5, "float64", ()),
        (True, "bool", ()),
        (1j, "complex128", ()),
        ([[1, 2], [3, 4]], "int64", (2, 2)),
        ([], "float64", (0,)),
        (np.float16(2), "float16", ()),
        (b"abc", "uint8", (3,)),
        (bytearray(b"ab"), "uint8", (2,)),
        (memoryview(np.arange(6, dtype=np.int16).reshape(2, 3)), "int16", (2, 3)),
        (np.ma.array([1.0, 2.0]), "float64", (2,)),
    ],
)
def test_what_arrays_are_made_of(device: hal.Device, value: Any, dtype: str, shape: tuple[int, ...]) -> None:
    array = device.array(value)
    assert array.shape == shape
    assert array.dtype == dtype
    expected = np.frombuffer(value, np.uint8) if isinstance(value, bytes | bytearray) else np.asarray(value)
    np.testing.assert_array_equal(array.numpy(), expected)


def test_dtype_argument(device: hal.Device) -> None:
    assert device.array([1, 2], np.float32).dtype == np.float32
    assert device.array(device.array([1, 2]), "int8").tolist() == [1, 2]


@pytest.mark.parametrize("value", [object(), {"a": 1}, [[1], [2, 3]], None, "text"])
def test_what_arrays_are_not_made_of(device: hal.Device, value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        device.array(value)


def test_empty(device: hal.Device) -> None:
    array = device.empty((3, 4), np.int16)
    assert (array.shape, array.nbytes, array.size, array.ndim, len(array)) == ((3, 4), 24, 12, 2, 3)
    with pytest.raises(OutOfRangeError, match="63 bits"):
        device.empty((1 << 40, 1 << 40), np.int8)
    assert device.empty((1 << 40, 0, 1 << 40), np.int8).nbytes == 0
    with pytest.raises(ValueError, match="negative"):
        device.empty((-1,), np.int8)
    with pytest.raises(ValueError, match="rank"):
        device.empty((1,) * 33, np.int8)


class FromAnotherLibrary:
    """Exports only DLPack, as a tensor of another library does."""

    def __init__(self, values: np.ndarray[Any, Any], old: bool = False, where: tuple[int, int] = (1, 0)) -> None:
        self.values, self.old, self.where = values, old, where

    def __dlpack__(self, **options: Any) -> Any:
        if self.old and options:
            raise TypeError("unexpected keyword argument")
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.where


@pytest.mark.parametrize("old", [False, True])
def test_from_dlpack_shares(device: hal.Device, old: bool) -> None:
    values = page(4096)
    gone = weakref.ref(values)
    for array in (
        device.array(FromAnotherLibrary(values, old)),
        hal.DeviceArray.from_dlpack(FromAnotherLibrary(values, old), device),
    ):
        values[1] = 5
        assert array[1] == 5
        assert hal.DeviceArray.from_dlpack(FromAnotherLibrary(values, old), device, copy=False)[1] == 5
    copy = hal.DeviceArray.from_dlpack(FromAnotherLibrary(values, old), device, copy=True)
    values[1] = 6
    assert copy[1] == 5
    del values
    gc.collect()
    assert gone() is not None
    del array
    gc.collect()
    assert gone() is None


def test_from_dlpack_of_unaligned_memory_copies(device: hal.Device) -> None:
    values = page(4096)[1:]
    array = device.array(FromAnotherLibrary(values))
    values[0] = 9
    assert array[0] == 0


@dlpack_1
def test_from_dlpack_read_only_is_constant(device: hal.Device) -> None:
    values = page(4096)
    values.setflags(write=False)
    assert device.array(FromAnotherLibrary(values)).buffer.usage & hal.BufferUsage.CONSTANT


@pytest.mark.parametrize(
    ("values", "where", "why"),
    [
        (np.ones((3, 3)).T[:2], (1, 0), "not dense and row-major, and copy=False"),
        (np.ones((4, 4))[:, ::2], (1, 0), "not dense and row-major, and copy=False"),
        (np.ones(3), (2, 0), "host memory"),
    ],
)
def test_from_dlpack_refuses(device: hal.Device, values: Any, where: tuple[int, int], why: str) -> None:
    with pytest.raises(BufferError, match=why):
        hal.DeviceArray.from_dlpack(FromAnotherLibrary(values, where=where), device, copy=False)


@pytest.mark.parametrize(
    "values",
    [
        np.arange(12).reshape(3, 4).T,
        np.arange(24.0).reshape(2, 3, 4)[:, ::2, ::-1],
        np.broadcast_to(np.float32(3), (4, 5)),
        np.arange(8, dtype=np.complex64)[::-2],
        np.arange(3 << 20, dtype=np.uint8).reshape(3, -1).T,
        np.zeros((0, 3))[:, ::2],
        np.zeros((2, 6))[:0, 1:],
        np.zeros((3, 0), np.float16).T,
        np.ones((1, 6))[:, :1],
    ],
    ids=lambda v: f"{v.dtype}{list(v.shape)}",
)
def test_from_dlpack_gathers_what_is_not_dense(device: hal.Device, values: Any) -> None:
    for array in (
        device.array(FromAnotherLibrary(values)),
        device.array(FromAnotherLibrary(values), copy=True),
        hal.DeviceArray.from_dlpack(FromAnotherLibrary(values), device),
    ):
        assert array.numpy().dtype == values.dtype and not np.shares_memory(array.numpy(), values)
        np.testing.assert_array_equal(array.numpy(), values)


def test_dlpack_capsule_is_used_once(device: hal.Device) -> None:
    class Twice(FromAnotherLibrary):
        capsule: Any = None

        def __dlpack__(self, **options: Any) -> Any:
            self.capsule = self.capsule or super().__dlpack__(**options)
            return self.capsule

    tensor = Twice(np.ones(3))
    device.array(tensor)
    with pytest.raises(BufferError, match="used already"):
        device.array(tensor)


def test_dlpack_export(device: hal.Device) -> None:
    array = device.array(np.arange(6, dtype=np.float32).reshape(2, 3))
    assert array.__dlpack_device__() == (1, 0)
    for options in ({}, {"max_version": (1, 0)}, {"max_version": (1, 0), "copy": True}, {"max_version": (0, 8)}):
        capsule = array.__dlpack__(**options)
        assert ("versioned" in repr(capsule)) == (options.get("max_version", (0, 0)) >= (1, 0))
        del capsule  # never used: frees itself
    with pytest.raises(BufferError, match="read-only"):
        array.__dlpack__(copy=False)
    with pytest.raises(BufferError, match="host"):
        array.__dlpack__(dl_device=(2, 0))


@dlpack_1
def test_dlpack_export_shares(device: hal.Device) -> None:
    array = device.array(np.arange(6, dtype=np.float32).reshape(2, 3))
    shared = np.from_dlpack(array)
    assert shared.ctypes.data == array.buffer.host_pointer
    del array
    gc.collect()
    assert shared.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_capsules_round_trip(device: hal.Device) -> None:
    array = device.array([1, 2, 3])
    capsule = array.__iree_hal_buffer_view__()
    again = hal.DeviceArray.from_capsule(capsule)
    assert hal.Device.from_capsule(device.__iree_hal_device__()) == device
    del array, capsule
    assert again.tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="PyCapsule"):
        hal.DeviceArray.from_capsule(device.__iree_hal_device__())
    with pytest.raises(ValueError, match="PyCapsule"):
        hal.Device.from_capsule(3)


def test_scalars_and_items(device: hal.Device) -> None:
    array = device.array(np.int32(7))
    assert (float(array), int(array), bool(array), array.item()) == (7.0, 7, True, 7)
    assert [10, 20, 30, 40, 50, 60, 70, 80][array] == 80
    with pytest.raises(TypeError):
        len(array)
    table = device.array([[1, 2], [3, 4]])
    assert table[1, 0] == 3
    assert table[:, 1].tolist() == [2, 4]
    assert [row.tolist() for row in table] == [[1, 2], [3, 4]]
    assert table.item(1, 1) == 4
    with pytest.raises(TypeError):
        float(table)
    with pytest.raises(IndexError):
        table[5]
    np.testing.assert_array_equal(np.asarray(table) + 1, [[2, 3], [4, 5]])


def test_repr(device: hal.Device) -> None:
    array = device.array([[1.5, 2.0]], np.float32)
    assert repr(array) == "DeviceArray([[1.5, 2. ]], dtype=f32, shape=(1, 2), device='null')"
    assert "..." in repr(device.array(np.zeros(5000)))


def test_arrays_are_not_copied_by_accident(device: hal.Device) -> None:
    for use in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=r"cannot be copied or pickled: its numpy\(\) can"):
            use(device.array(1.0))


def test_failed_contents_raise(device: hal.Device) -> None:
    source = device.create_semaphore()
    array = hal.DeviceArray.from_buffer(device.allocate(8), np.int32, (2,), ready=hal.Fence([(source, 1)]))
    assert array.ready is not None
    assert device.array([1, 2]).ready is None
    source.fail("the kernel trapped")
    for use in (array.numpy, array.tolist, array.__dlpack__, lambda: memoryview(array), lambda: np.asarray(array)):
        with pytest.raises(AbortedError, match="trapped"):
            use()


def test_weak_references(device: hal.Device) -> None:
    array = device.array([1])
    reference = weakref.ref(array)
    assert reference() is array
    del array
    assert reference() is None


def test_no_references_leak(device: hal.Device) -> None:
    values = page(4096)
    before = device.query("memory.used")
    for _ in range(100):
        array = device.array([1.0, 2.0])
        np.asarray(array), np.from_dlpack(array), memoryview(array), array.tolist(), repr(array), array.__dlpack__()
        device.array(values)
        with pytest.raises(TypeError):
            device.array(np.array(["a"]))
    del array
    gc.collect()
    assert device.query("memory.used") == before


def test_operators_are_those_of_numpy(device: hal.Device) -> None:
    values = np.array([3, -4, 5])
    array, other = device.array(values), device.array([1, 2, 5])
    for name in (
        "add",
        "sub",
        "mul",
        "truediv",
        "floordiv",
        "mod",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "and_",
        "or_",
        "xor",
        "matmul",
    ):
        operation = getattr(operator, name)
        expected = operation(values, other.numpy())
        for result in (operation(array, other), operation(array, other.numpy()), operation(values, other)):
            np.testing.assert_array_equal(result, expected)
    np.testing.assert_array_equal(2**other, [2, 4, 32])
    np.testing.assert_array_equal(10 - other, [9, 8, 5])
    np.testing.assert_array_equal(-array, -values)
    np.testing.assert_array_equal(abs(array), abs(values))
    with pytest.raises(TypeError, match="unhashable"):
        hash(array)
