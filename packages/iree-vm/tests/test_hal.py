"""The imports of module `hal`, on real devices."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
from iree import hal, vm
from iree.hal import BufferUsage, MemoryType
from iree.vm import errors
from iree.vm.assembly import parse
from iree.vm.imports import HAL

TYPE = int(MemoryType.DEVICE_LOCAL | MemoryType.HOST_VISIBLE)
USAGE = int(BufferUsage.TRANSFER | BufferUsage.STORAGE | BufferUsage.MAPPING)
F32 = 4 << 24 | 32

IMPORTS = "\n".join(f"import @{name} {signature}" for name, (signature, _) in HAL.items())


def load(text: str, device: Any, manifest: Any = None, **options: Any) -> vm.Module:
    builder = parse(IMPORTS + "\n" + text)
    if manifest is not None:
        builder.set_manifest(manifest)
    return vm.load(builder.tobytes(), device=device, **options)


FILLED = f"""
func @fill rr:r values(i32, i32, i32, i64, i64, i64, i32, i32, i64) refs 7 {{
  const.i32 %1, {TYPE}
  const.i32 %2, {USAGE}
  const.i64 %3, 24
  call.import @hal.device(%0) -> ($2)
  call.import @hal.fence.create($2) -> ($4)
  call.import @hal.queue.alloca($2, $0, $4, %1, %2, %3) -> ($3)
  const.i64 %5, {np.float32(1.5).view(np.uint32)}
  const.i32 %6, 4
  call.import @hal.queue.fill($2, $4, $1, $3, %4, %3, %5, %6)
  const.i32 %7, {F32}
  const.i64 %8, 2
  const.i64 %5, 3
  call.import @hal.view.create[2]($3, %4, %7, %8, %5) -> ($5)
  return $5
}}
export @fill = @fill fences
"""


def test_fill(device: Any) -> None:
    result = load(FILLED, device).fill()
    assert isinstance(result, hal.DeviceArray)
    assert result.shape == (2, 3) and result.dtype == np.float32
    if "null" not in device.uri:
        assert result.numpy().tolist() == [[1.5] * 3] * 2


RECORDED = f"""
global @commands hal.command_buffer
rodata @weights align 64 "AACAPwAAAEAAAEBAAACAQA=="

func @init : values(i32, i64, i64, i32, i32, i64, i32) refs 5 {{
  call.import @hal.device(%0) -> ($0)
  rodata $1, @weights
  const.i64 %2, 16
  call.import @hal.buffer.constant($0, $1, %1, %2) -> ($2)
  const.i32 %3, 2
  call.import @hal.command.create($0, %3) -> ($3)
  const.i32 %4, 1
  const.i64 %5, 12
  call.import @hal.command.copy($3, $4, %0, %1, $4, %4, %1, %5)
  call.import @hal.command.barrier($3)
  const.i64 %5, 4
  call.import @hal.command.copy($3, $2, %0, %5, $4, %4, %5, %5)
  const.i64 %1, 12
  const.i64 %2, 255
  call.import @hal.command.fill($3, $4, %4, %1, %5, %2, %4)
  call.import @hal.command.finalize($3)
  global.store.ref @commands, $3
  return
}}

func @run rrr:r values(i32, i32, i32, i64, i64, i64, i32) refs 10 {{
  call.import @hal.view.buffer($0) -> ($3, %3, %4)
  call.import @hal.device(%0) -> ($4)
  const.i32 %1, {TYPE}
  const.i32 %2, {USAGE}
  const.i64 %5, 16
  call.import @hal.fence.create($4) -> ($8)
  call.import @hal.queue.alloca($4, $1, $8, %1, %2, %5) -> ($5)
  global.load.ref $6, @commands
  const.i64 %3, 0
  call.import @hal.queue.execute[2]($4, $8, $2, $6, $3, %3, %4, $5, %3, %5)
  const.i32 %6, {F32}
  const.i64 %4, 4
  call.import @hal.view.create[1]($5, %3, %6, %4) -> ($7)
  return $7
}}
initializer @init
export @run = @run fences
"""


def test_recorded_commands_are_replayed(device: Any) -> None:
    module = load(RECORDED, device)
    for k in range(3):
        x = np.float32([5, 6, 7]) + k
        result = module.run(x)
        if "null" not in device.uri:
            expected = np.float32([5 + k, 2, 7 + k, 0])
            expected[3:].view(np.uint32)[:] = 0xFFFFFFFF
            assert result.numpy().tobytes() == expected.tobytes()


def test_constants_outlive_the_module(cpu: Any) -> None:
    """A buffer imported from the file keeps the mapping alive, an array of it too."""
    text = f"""
    rodata @w align 64 "AACAPwAAAEA="
    func @get rr:r values(i32, i64, i64, i32, i64) refs 6 {{
      call.import @hal.device(%0) -> ($2)
      rodata $3, @w
      const.i64 %2, 8
      call.import @hal.buffer.constant($2, $3, %1, %2) -> ($4)
      const.i32 %3, {F32}
      const.i64 %4, 2
      call.import @hal.view.create[1]($4, %1, %3, %4) -> ($5)
      call.import @hal.fence.signal($1)
      return $5
    }}
    export @get = @get fences
    """
    result = load(text, cpu).get()
    gc.collect()
    assert result.numpy().tolist() == [1, 2]


PLAIN = f"""
func @count :i values(i32) refs 0 {{
  call.import @hal.device.count() -> (%0)
  return %0
}}
func @device i:r values(i32) refs 1 {{
  call.import @hal.device(%0) -> ($0)
  return $0
}}
rodata @concurrency align 64 "Y29uY3VycmVuY3k="
rodata @nothing align 64 "bm90aGluZw=="
rodata @name align 64 "eA=="
rodata @null align 64 "bnVsbA=="
rodata @executable align 64 "TlVMTAAAAAA="
func @known :iIiIi values(i32, i64, i32, i64, i32, i32) refs 2 {{
  call.import @hal.device(%5) -> ($0)
  rodata $1, @concurrency
  call.import @hal.device.query($0, $1) -> (%0, %1)
  rodata $1, @nothing
  call.import @hal.device.query($0, $1) -> (%2, %3)
  call.import @hal.executable.supported($0, $1) -> (%4)
  return %0, %1, %2, %3, %4
}}
func @create : values(i32) refs 3 {{
  call.import @hal.device(%0) -> ($0)
  rodata $1, @nothing
  call.import @hal.executable.create($0, $1, $1) -> ($2)
  return
}}
func @try_create ii:i values(i32, i32, i32) refs 4 {{
  call.import @hal.device(%2) -> ($0)
  rodata $1, @null
  rodata $2, @nothing
  ref.select $1, %0, $1, $2
  rodata $3, @executable
  ref.select $2, %1, $3, $2
  call.import @hal.executable.try_create($0, $1, $2) -> ($3)
  ref.is_null %0, $3
  return %0
}}
func @scalars Iii:II values(i64, i32, i32, i64, i32, i32, i64) refs 2 {{
  call.import @hal.device(%4) -> ($0)
  const.i64 %3, 16
  call.import @hal.buffer.allocate($0, %1, %2, %3) -> ($1)
  const.i64 %3, 8
  const.i32 %5, 8
  call.import @hal.buffer.store($1, %3, %5, %0)
  const.i32 %5, 2
  call.import @hal.buffer.load($1, %3, %5) -> (%6)
  call.import @hal.buffer.length($1) -> (%3)
  return %6, %3
}}
func @bad_load rI:I values(i64, i32) refs 2 {{
  call.import @hal.view.buffer($0) -> ($1, %0, %0)
  const.i64 %0, 100000
  const.i32 %1, 8
  call.import @hal.buffer.load($1, %0, %1) -> (%0)
  return %0
}}
func @shape r:iII values(i32, i64, i64, i32) refs 1 {{
  call.import @hal.view.rank($0) -> (%0)
  call.import @hal.view.dim($0, %3) -> (%1)
  const.i32 %3, 1
  call.import @hal.view.dim($0, %3) -> (%2)
  return %0, %1, %2
}}
func @expect r: values(i32, i64, i64) refs 2 {{
  rodata $1, @name
  const.i32 %0, {F32}
  const.i64 %1, -1
  const.i64 %2, 3
  call.import @hal.view.assert[2]($0, $1, %0, %1, %2)
  return
}}
func @await r: values() refs 1 {{
  call.import @hal.fence.await($0)
  return
}}
func @join rr:r values() refs 3 {{
  call.import @hal.fence.join[2]($0, $1) -> ($2)
  return $2
}}
export @count = @count plain
export @device = @device plain
export @known = @known plain
export @create = @create plain
export @try_create = @try_create plain
export @scalars = @scalars plain
export @bad_load = @bad_load plain
export @shape = @shape plain
export @expect = @expect plain
export @await = @await plain
export @join = @join plain
"""


@pytest.fixture
def plain(cpu: Any) -> vm.Module:
    return load(PLAIN, cpu)


def test_devices(cpu: Any, plain: vm.Module) -> None:
    assert plain.count() == 1
    with pytest.raises(errors.Trap, match="there is no device 3"):
        plain.device(3)
    known, concurrency, unknown, value, supported = plain.known()
    assert (known, unknown, value, supported) == (1, 0, 0, 0)
    assert concurrency == cpu.query("concurrency")
    with pytest.raises(errors.IncompatibleError, match="nothing"):
        plain.create()
    module = vm.load(parse(IMPORTS + PLAIN).tobytes(), devices=["null", "cpu"])
    assert module.count() == 2


def test_the_first_executable_that_the_device_takes_can_be_chosen() -> None:
    plain = load(PLAIN, "null")
    assert plain.try_create(1, 1) == 0
    assert plain.try_create(0, 1) == 1, "null for a format of another device"
    with pytest.raises(errors.ModuleFormatError, match="null executable: no header"):
        plain.try_create(1, 0)


def test_host_access_to_buffers(plain: vm.Module) -> None:
    assert plain.scalars(0x1122334455667788, TYPE, USAGE) == (0x7788, 16)
    # What the host cannot map is copied to and from a buffer that it can.
    local, device_only = int(MemoryType.DEVICE_LOCAL), int(BufferUsage.TRANSFER | BufferUsage.STORAGE)
    assert plain.scalars(0x1122334455667788, local, device_only) == (0x7788, 16)
    with pytest.raises(errors.Trap, match="past the end"):
        plain.bad_load(np.zeros(3, np.float32), 0)


def test_views(plain: vm.Module) -> None:
    assert plain.shape(np.zeros((2, 5), np.int8)) == (2, 2, 5)
    with pytest.raises(errors.Trap, match="dimension 0 of a view of rank 0"):
        plain.shape(np.float32(1))
    plain.expect(np.zeros((7, 3), np.float32))
    for wrong, given in (
        (np.zeros((7, 4), np.float32), "7x4xf32"),
        (np.zeros((7, 3), np.int64), "7x3xi64"),
        (np.zeros((7, 3, 1), bool), "7x3x1xi1"),
    ):
        with pytest.raises(errors.InvalidArgumentError, match=rf"x: expected tensor<\?x3xf32>, given tensor<{given}>"):
            plain.expect(wrong)


def test_references_of_the_wrong_type(cpu: Any, plain: vm.Module) -> None:
    with pytest.raises(errors.InvalidArgumentError, match=r"hal.view.rank: argument 1 is null, expected a hal.view"):
        plain.shape(None)
    with pytest.raises(errors.InvalidArgumentError, match=r"await: argument 1 is hal\.device, expected a"):
        plain["await"](cpu)
    with pytest.raises(errors.Trap, match=r"a hal\.device cannot be returned"):
        plain.device(0)


def test_fences(cpu: Any, plain: vm.Module) -> None:
    plain["await"](None)
    a, b = cpu.create_semaphore(), cpu.create_semaphore()
    fences = [hal.Fence([(s, 1)]) for s in (a, b)]
    joined = plain.join(*fences)
    assert plain.join(None, None).reached
    with pytest.raises(errors.DeadlineError):
        plain["await"](joined, timeout=0.01)
    a.signal(1)
    b.fail("broken on purpose")
    with pytest.raises(errors.Error, match="broken on purpose"):
        plain["await"](joined)
