"""Calling exports from Python: arrays, structures, defaults, errors, state, threads."""

from __future__ import annotations

import asyncio
import copy
import gc
import inspect
import math
import os
import pickle
import re
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from iree import hal, vm
from iree.vm import errors
from iree.vm.assembly import parse

from .test_hal import FILLED, IMPORTS, load


def identity(count: int) -> str:
    """A function that returns its inputs once their contents are valid."""
    registers = ", ".join(f"${i}" for i in range(count))
    return f"""
    func @f {"r" * count}rr:{"r" * count} values() refs {count + 2} {{
      call.import @hal.fence.await(${count})
      call.import @hal.fence.signal(${count + 1})
      return {registers}
    }}
    export @f = @f fences
    """


def leaf(index: int, dtype: str = "f32", shape: Any = (), **more: Any) -> dict[str, Any]:
    return {"tensor": index, "dtype": dtype, "shape": list(shape), **more}


def function(inputs: Any, outputs: Any, count: int, device: Any = "cpu", **kwargs: Any) -> Any:
    entry = {"name": "f", "inputs": {"args": inputs, "kwargs": kwargs}, "outputs": outputs}
    return load(identity(count), device, {"functions": [entry]}).f


@pytest.mark.parametrize(
    "array",
    [
        np.float32(3),
        np.zeros((0, 4), np.int8),
        np.ones((1, 1, 1), np.complex64),
        np.array([[np.nan, -0.0], [np.inf, 1e-45]], np.float32),
        np.array([True, False]),
        np.arange(24).reshape(2, 3, 4)[:, ::2, ::-1],
        np.arange(5, dtype=">i4"),
        np.arange(100000, dtype=np.float64),
        np.int64([-(2**63), 2**63 - 1]),
        np.uint8([0, 255]),
    ],
    ids=lambda a: f"{a.dtype}{list(a.shape)}",
)
def test_arrays_come_back_as_they_were(array: Any) -> None:
    f = load(identity(1), "cpu").f
    for given in (array, hal.open("cpu").array(array)):
        result = f(given)
        assert isinstance(result, hal.DeviceArray)
        expected = np.asarray(array)
        assert result.numpy().dtype == expected.dtype.newbyteorder("=")
        np.testing.assert_array_equal(result.numpy(), expected)


def test_results_do_not_lie_in_the_memory_of_inputs() -> None:
    f = load(identity(1), "cpu").f
    values = np.zeros(1 << 16, np.float32)
    for call in (f, f.submit, lambda x: asyncio.run(f.call_async(x)), lambda x: f(memoryview(x))):
        result = call(values)
        values += 1
        assert (result.numpy() == values - 1).all()
    array = f(values)
    assert f(array).numpy().ctypes.data == array.numpy().ctypes.data  # nobody can write there


def test_scalars_and_lists_take_the_expected_type() -> None:
    f = function([leaf(0, "f32"), leaf(1, "i64", [None])], {"tuple": [leaf(0), leaf(1, "i64", [None])]}, 2)
    a, b = f(2, [1, 2, 3])
    assert a.numpy().dtype == np.float32 and b.numpy().dtype == np.int64 and b.tolist() == [1, 2, 3]


def test_structures() -> None:
    inputs = [{"dict": {"a": leaf(1), "b": {"list": [leaf(0), {"none": True}]}}}, leaf(2, name="x")]
    outputs = {"dict": {"left": {"tuple": [leaf(2), leaf(0)]}, "right": {"list": [leaf(1)]}, "nothing": {"none": True}}}
    f = function(inputs, outputs, 3)
    one, two, three = (np.float32(k) for k in (1, 2, 3))
    result = f({"a": two, "b": [one, None]}, x=three)
    assert set(result) == {"left", "right", "nothing"} and result["nothing"] is None
    assert isinstance(result["left"], tuple) and isinstance(result["right"], list)
    assert [r.item() for r in (*result["left"], *result["right"])] == [3, 1, 2]
    for bad, message in (
        (({"a": two}, three), r"input #0: expected the keys \['a', 'b'\], given \['a'\]"),
        (({"a": two, "b": [one]}, three), r"input #0\['b'\]: expected 2 elements, given 1"),
        (({"a": two, "b": [one, two]}, three), r"input #0\['b'\]\[1\]: expected None, given"),
        ((one, three), r"input #0: expected \{'a': tensor<f32>, 'b': \[tensor<f32>, None\]\}, given float32"),
        (({"a": two, "b": (one, None)}, None), "input x: expected tensor<f32>, given NoneType"),
    ):
        with pytest.raises(errors.InputTypeError, match=message):
            f(*bad)


def test_names_and_defaults() -> None:
    kwargs = {"rate": leaf(1, default=0.5), "training": leaf(2, "i1", default=False)}
    f = function([leaf(0, name="x")], {"list": [leaf(0), leaf(1), leaf(2, "i1")]}, 3, **kwargs)

    def call(*args: Any, **kw: Any) -> list[Any]:
        return [r.item() for r in f(*args, **kw)]

    x = np.float32(1)
    assert call(x) == [1, 0.5, False]
    assert call(x=x, training=np.bool_(True)) == [1, 0.5, True]
    assert call(x, 2) == [1, 2, False]
    assert call(x, 2, True) == [1, 2, True]
    for args, kw, message in (
        ((), {}, "missing input x: tensor<f32>"),
        ((x, x, x, x), {}, r"takes 3 inputs \(x: tensor<f32>, rate: tensor<f32>, training: tensor<i1>\), 4 given"),
        ((x,), {"speed": 1}, "unknown: input 'speed'"),
        ((x,), {"x": x}, "given twice: input 'x'"),
    ):
        with pytest.raises(TypeError, match=message) as info:
            f(*args, **kw)
        assert isinstance(info.value, errors.InputCountError)


@pytest.mark.parametrize(
    ("args", "kwargs", "expected"),
    [
        (
            [leaf(0, shape=[None, 4], name="x")],
            {"rate": leaf(1, default=0.5), "mask": leaf(2, "i1"), "training": {"literal": False}},
            "(x: 'tensor<?x4xf32>', rate: 'tensor<f32>' = 0.5, *, mask: 'tensor<i1>', training: 'False' = False)",
        ),
        ([leaf(0), leaf(1, name="x")], {"class": leaf(2)}, "(_0: 'tensor<f32>', /, x: 'tensor<f32>', **inputs)"),
        (
            [leaf(0, name="x"), {"dict": {"a": leaf(1), "b": leaf(2)}}],
            {},
            "(x: 'tensor<f32>', _1: \"{'a': tensor<f32>, 'b': tensor<f32>}\", /)",
        ),
    ],
)
def test_signature(args: Any, kwargs: Any, expected: str) -> None:
    f = function(args, {"tuple": [leaf(0), leaf(1), leaf(2, "i1")]}, 3, **kwargs)
    assert str(inspect.signature(f)) == expected + " -> '(tensor<f32>, tensor<f32>, tensor<i1>)'"


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (np.zeros((3, 4)), TypeError, r"input x: expected tensor<\?x4xf32>, given tensor<3x4xf64>"),
        (np.zeros((3, 5), np.float32), ValueError, r"input x: expected tensor<\?x4xf32>, given tensor<3x5xf32>"),
        (np.zeros(4, np.float32), ValueError, r"expected tensor<\?x4xf32>, given tensor<4xf32>"),
        ("text", TypeError, "input x: expected .*, given a str"),
        (None, TypeError, "input x: expected .*, given a NoneType"),
        (np.array(["text"]), TypeError, "input x: .*dtype"),
        (object(), TypeError, "input x: expected .*, given a object: object is no number"),
        ([["1"] * 4], TypeError, "input x: expected .*, given a list: <U1 does not become float32"),
        ([[1j] * 4], TypeError, "given a list: complex128 does not become float32"),
        ([[1, 2], [3]], TypeError, "given a list: .*inhomogeneous"),
    ],
)
def test_wrong_inputs(given: Any, error: type[Exception], message: str) -> None:
    f = function([leaf(0, shape=[None, 4], name="x")], leaf(0, shape=[None, 4]), 1)
    with pytest.raises(error, match=message) as info:
        f(given)
    assert isinstance(info.value, vm.Error)
    f(np.zeros((2, 4), np.float32))


class Raises:
    """Raises what it has when it is asked for its elements."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise self.error


def test_what_goes_wrong_while_an_input_is_read() -> None:
    f = function([leaf(0, shape=[None], name="x")], leaf(0, shape=[None]), 1)
    for error, expected, message in (
        (KeyboardInterrupt(), KeyboardInterrupt, "^$"),
        (SystemExit(3), SystemExit, "3"),
        (MemoryError("no more"), errors.ResourceError, "f: input x: no more"),
        (hal.HalError("gone"), errors.Trap, "f: input x: gone"),
        (RuntimeError("lost"), errors.InputTypeError, r"input x: expected tensor<\?xf32>, given a Raises: lost"),
    ):
        with pytest.raises(expected, match=message) as info:
            f(Raises(error))
        assert error in (info.value, info.value.__cause__)
    assert f([1, 2]).tolist() == [1, 2]


@pytest.mark.parametrize("timeout", [float("nan"), -1.0, 0, float("inf"), 1e300, "1"])
def test_odd_timeouts(timeout: Any) -> None:
    """What is not a number is refused, the past has passed, and infinity is for ever."""
    builder = parse(IMPORTS + identity(1))
    x, error = np.float32(1), None
    if timeout == "1":
        error = TypeError
    elif math.isnan(timeout):
        error = ValueError
    elif timeout <= 0:
        error = errors.DeadlineError
    f = vm.load(builder.tobytes(), "cpu").f
    for call in (
        lambda: f.call(x, timeout=timeout),
        lambda: vm.load(builder.tobytes(), "cpu", timeout=timeout).f(x),
    ):
        if error is None:
            assert call().item() == 1
            continue
        with pytest.raises(error):
            call()


@pytest.mark.parametrize("bounds", [{"depth": -1}, {"depth": 1 << 32}, {"memory": -1}, {"memory": 1 << 64}])
def test_bounds_that_are_none(bounds: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="expected numbers of calls and of bytes"):
        vm.load(parse(COUNTER).tobytes(), None, **bounds)


def test_files_that_cannot_be_read(tmp_path: Any) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, error in ((tmp_path / "none", FileNotFoundError), (tmp_path, vm.Error), (tmp_path / "pipe", vm.Error)):
        with pytest.raises(error, match=re.escape(str(path))):
            vm.load(path)
    if os.getuid():
        (tmp_path / "secret").touch(0)
        with pytest.raises(PermissionError, match="secret"):
            vm.load(tmp_path / "secret")


def test_modules_are_not_copied() -> None:
    module = load(identity(1), "cpu")
    for use in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be copied or pickled: pass on the file's path"):
            use(module)


def test_arrays_that_are_not_ready_are_waited_for(cpu: Any) -> None:
    semaphore = cpu.create_semaphore()
    buffer = cpu.array(np.float32([1, 2])).buffer
    pending = hal.DeviceArray.from_buffer(buffer, np.float32, (2,), ready=hal.Fence([(semaphore, 1)]))
    f = load(identity(1), cpu).f
    with pytest.raises(errors.DeadlineError):
        f.call(pending, timeout=0.02)
    threading.Timer(0.02, lambda: semaphore.signal(1)).start()
    assert f(pending).tolist() == [1, 2]


def test_submitted_calls_can_be_chained(device: Any) -> None:
    """Nothing waits until a result is read; `wait` holds back the first."""
    module = load(FILLED, device)
    semaphore = device.create_semaphore()
    first = module.fill.submit(wait=hal.Fence([(semaphore, 1)]))
    assert not first.ready.reached
    semaphore.signal(1)
    first.ready.wait()
    f = load(identity(1), device).f
    assert f(first).shape == (2, 3)
    with pytest.raises(TypeError, match="wait must be"):
        module.fill.submit(wait=3)


def test_submitted_calls_signal_a_fence_of_the_caller(device: Any) -> None:
    module = load(FILLED, device)
    semaphore = device.create_semaphore()
    result = module.fill.submit(wait=hal.Fence([(semaphore, 1)]), signal=hal.Fence([(semaphore, 2)]))
    assert semaphore.value == 0
    semaphore.signal(1)
    semaphore.wait(2)
    assert result.ready.reached
    for signal, error in ((hal.Fence([]), ValueError), (7, TypeError)):
        with pytest.raises(error, match="signal"):
            module.fill.submit(signal=signal)


def test_attributes_and_names() -> None:
    module = load(identity(1).replace("export @f = @f fences", 'export @"not a name" = @f fences'), "cpu")
    assert module["not a name"](np.float32(1)).item() == 1
    with pytest.raises(AttributeError, match="no export 'main'; there are: not a name"):
        module.main()
    with pytest.raises(KeyError, match="no export"):
        module["main"]
    assert "not a name" in dir(module)
    f = module.functions["not a name"]
    assert f.name == "not a name" and "an export of a compiled module" in f.__doc__ and callable(f)
    with pytest.raises(AttributeError, match="nothing"):
        f.nothing  # noqa: B018


STATE = """
global @state hal.view mutable
func @get rr:r values() refs 3 {
  global.load.ref $2, @state
  call.import @hal.fence.signal($1)
  return $2
}
func @set rrr: values() refs 3 {
  global.store.ref @state, $0
  call.import @hal.fence.signal($2)
  return
}
export @get = @get fences
export @set = @set fences
"""
VARIABLE = {"name": "w/kernel:0", "dtype": "f32", "shape": [2], "mutable": True, "getter": "get", "setter": "set"}


def test_variables_and_separate_instances(cpu: Any) -> None:
    a, b = (load(STATE, cpu, {"variables": [VARIABLE]}) for _ in range(2))
    assert list(a.variables) == ["w/kernel:0"] and list(a.functions) == []
    a.variables["w/kernel:0"] = np.float32([1, 2])
    b.variables["w/kernel:0"] = [3, 4]
    assert a.variables["w/kernel:0"].tolist() == [1, 2]
    assert b.variables["w/kernel:0"].tolist() == [3, 4]
    with pytest.raises(errors.InputShapeError, match=r"expected tensor<2xf32>, given tensor<3xf32>"):
        a.variables["w/kernel:0"] = np.zeros(3, np.float32)
    for use in (lambda: a.variables["other"], lambda: a.variables.update(other=1)):
        with pytest.raises(KeyError, match="'other' is no variable; there are: 'w/kernel:0'"):
            use()
    assert "other" not in a.variables and a.variables.get("other") is None
    assert repr(a.variables) == "<iree.vm variables {'w/kernel:0': tensor<2xf32>}>"
    constant = load(STATE, cpu, {"variables": [{k: v for k, v in VARIABLE.items() if k != "setter"}]})
    with pytest.raises(TypeError, match="cannot be set"):
        constant.variables["w/kernel:0"] = 1
    assert repr(constant.variables) == "<iree.vm variables {'w/kernel:0': tensor<2xf32> read-only}>"
    many = [{**VARIABLE, "name": f"v{i}", "shape": [], "dtype": "i64"} for i in range(200)]
    assert repr(load(STATE, cpu, {"variables": many}).variables).endswith("'v7': tensor<i64>, … 192 more}>")
    assert repr(load(identity(1), cpu).variables) == "<iree.vm variables {}>"


COUNTER = """
global @count i64 mutable
func @next :I values(i64, i64) refs 0 {
  global.load.i64 %0, @count
  const.i64 %1, 1
  add.i64 %0, %0, %1
  global.store.i64 @count, %0
  return %0
}
export @next = @next plain
"""


@pytest.mark.parametrize("threads", [64])
def test_many_threads_call_one_module(threads: int) -> None:
    module = vm.load(parse(COUNTER).tobytes(), device=None)
    f = load(identity(1), "cpu").f

    def work(k: int) -> list[int]:
        x = np.full(3, k, np.int32)
        for _ in range(20):
            assert f(x).tolist() == [k] * 3
        return [module.next() for _ in range(50)]

    with ThreadPoolExecutor(threads) as pool:
        numbers = [n for part in pool.map(work, range(threads)) for n in part]
    assert sorted(numbers) == list(range(1, threads * 50 + 1)), "host code of a module with state runs one at a time"


def test_functions_outlive_their_module() -> None:
    module = load(identity(1), "cpu")
    f = module.f
    alive = weakref.ref(module)
    del module
    gc.collect()
    assert alive() is None
    assert f(np.float32(2)).item() == 2


def test_a_module_without_a_device_says_so() -> None:
    with pytest.raises(errors.Error, match="there is no device 0"):
        load("func @i : values(i32) refs 1 {\n  call.import @hal.device(%0) -> ($0)\n  return\n}\ninitializer @i", None)
    with pytest.raises(errors.Error, match="needs a device"):
        load(identity(0), None).f()
    with pytest.raises(hal.HalError, match="no driver 'abacus'"):
        load(identity(0), "abacus")
    with pytest.raises(TypeError, match=r"a device is a URI or an iree\.hal\.Device, given 3"):
        load(identity(0), 3)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("f", "x", "an i32, given <class 'str'>"),
        ("f", 1.5, "an i32, given <class 'float'>"),
        ("f", None, "an i32"),
        ("f", 1 << 32, "an i32, given 4294967296"),
        ("f", -(1 << 31) - 1, "an i32, given -2147483649"),
        ("g", 1 << 63, "an i64, given 9223372036854775808"),
        ("h", "1", "an f64"),
        ("r", np.zeros(2), "None, since arrays need a device"),
    ],
)
def test_plain_exports_refuse_what_they_cannot_take(name: str, given: Any, message: str) -> None:
    text = "".join(
        f"func @{name} {letter}:{letter} values({values}) refs {refs} {{\n  return {register}\n}}\n"
        f"export @{name} = @{name} plain\n"
        for name, letter, values, refs, register in (
            ("f", "i", "i32", 0, "%0"), ("g", "I", "i64", 0, "%0"), ("h", "F", "f64", 0, "%0"), ("r", "r", "", 1, "$0")
        )
    )  # fmt: skip
    module = load(text, None)
    assert (module.f((1 << 32) - 1), module.f(-5), module.g(-1), module.h(1), module.r(None)) == (-1, -5, -1, 1.0, None)
    with pytest.raises(errors.InputTypeError, match=f"{name}\\(.*\\): expected {message}"):
        module[name](given)
