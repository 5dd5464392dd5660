"""The table of hal_python.h, called as another extension would."""

from __future__ import annotations

import ctypes
from ctypes import PYFUNCTYPE, c_char_p, c_uint32, c_void_p, py_object
from typing import Any

import numpy as np
import pytest

from iree import hal
from iree.hal import _native
from iree.hal._errors import AbortedError, InvalidArgumentError


class Api(ctypes.Structure):
    """iree_hal_python_api_t; objects that are asked about go in as addresses, so that NULL comes out as None."""

    _fields_ = (
        ("size", c_uint32),
        ("abi_version", c_uint32),
        ("set_error", PYFUNCTYPE(None, c_void_p)),
        ("array_new", PYFUNCTYPE(py_object, c_void_p, c_void_p)),
        ("device_new", PYFUNCTYPE(py_object, c_void_p)),
        ("fence_new", PYFUNCTYPE(py_object, c_void_p)),
        ("semaphore_new", PYFUNCTYPE(py_object, c_void_p)),
        ("array_view", PYFUNCTYPE(c_void_p, py_object)),
        ("array_ready", PYFUNCTYPE(c_void_p, py_object)),
        ("device_get", PYFUNCTYPE(c_void_p, py_object)),
        ("fence_get", PYFUNCTYPE(c_void_p, py_object)),
        ("semaphore_get", PYFUNCTYPE(c_void_p, py_object)),
        ("view_from_object", PYFUNCTYPE(c_void_p, py_object, c_void_p, c_uint32)),
        ("view_copy", PYFUNCTYPE(c_void_p, c_void_p)),
    )


class Status(ctypes.Structure):
    """iree_hal_status_s."""


DESTROY = ctypes.CFUNCTYPE(None, ctypes.POINTER(Status))
Status._fields_ = (("code", ctypes.c_int), ("message", c_char_p), ("destroy", DESTROY))


def api() -> Any:
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = c_void_p, [py_object, c_char_p]
    return Api.from_address(pointer(_native.api, b"iree.hal._native.api"))


def retain(address: int) -> int:
    """Another reference: the count is an object's first member. Nobody else is looking."""
    ctypes.c_int32.from_address(address).value += 1
    return address


def count(address: int) -> int:
    return ctypes.c_int32.from_address(address).value


@pytest.fixture
def device() -> hal.Device:
    return hal.open("null")


def test_table() -> None:
    assert (api().size, api().abi_version) == (ctypes.sizeof(Api), 1)


def test_wrap_and_unwrap(device: hal.Device) -> None:
    semaphore = device.create_semaphore()
    fence = hal.Fence([(semaphore, 1)])
    array = device.array([1, 2, 3])
    for kind, thing in (("device", device), ("semaphore", semaphore), ("fence", fence)):
        address = getattr(api(), f"{kind}_get")(thing)
        again = getattr(api(), f"{kind}_new")(retain(address))
        assert type(again) is type(thing)
        assert getattr(api(), f"{kind}_get")(again) == address
        before = count(address)
        del again
        assert count(address) == before - 1
    view = api().array_view(array)
    again = api().array_new(retain(view), None)
    assert again.tolist() == [1, 2, 3]
    assert api().array_view(again) == view
    assert api().array_ready(again) is None
    pending = api().array_new(retain(view), api().fence_get(fence))
    assert api().array_ready(pending) == api().fence_get(fence)
    fence.signal()
    assert pending.tolist() == [1, 2, 3]


def test_copies_of_views(device: hal.Device) -> None:
    values = np.zeros(4096, np.float32)
    array = device.array(values)
    copy = api().array_new(api().view_copy(api().array_view(array)), None)
    values += 1
    assert (array.numpy() == 1).all() and (copy.numpy() == 0).all()


@pytest.mark.parametrize("getter", ["array_view", "array_ready", "device_get", "fence_get", "semaphore_get"])
def test_unwrap_of_another_type(getter: str) -> None:
    for thing in (None, 3, object(), np.zeros(3), type):
        assert getattr(api(), getter)(thing) is None


def test_views_of_objects(device: hal.Device) -> None:
    address = api().device_get(device)
    array = device.array([1.0])
    assert api().view_from_object(array, address, 0) == api().array_view(array)
    retained = count(api().array_view(array))
    made = api().array_new(api().array_view(array), None)  # takes the reference that view_from_object gave
    del made
    assert count(api().array_view(array)) == retained - 1
    for value, element_type, name in (
        (3, 0x04000020, "f32"),
        ([1, 2], 0x02000008, "i8"),
        (np.zeros(2), 0x04000020, "f64"),
    ):
        made = api().array_new(api().view_from_object(value, address, element_type), None)
        assert made.element_type == name
    for wrong in (object(), "text", np.array(["a"])):
        with pytest.raises((TypeError, ValueError)):
            api().view_from_object(wrong, address, 0)


@pytest.mark.parametrize(("code", "error"), [(10, AbortedError), (3, InvalidArgumentError)])
def test_set_error(code: int, error: type[Exception]) -> None:
    freed = []
    destroy = DESTROY(lambda status: freed.append(status.contents.code))
    status = Status(code, b"caf\xc3\xa9 \xff", destroy)
    with pytest.raises(error) as caught:
        api().set_error(ctypes.addressof(status))
    assert str(caught.value) == "café \\xff"
    assert freed == [code]
