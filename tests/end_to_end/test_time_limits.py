"""Calls that end before their work does: the work ends too, unless it changes state, which is then changed whole."""

from __future__ import annotations

import asyncio
import random
import signal
import threading
from types import FrameType

import numpy as np
import pytest
from iree import codegen, vm
from iree.vm import errors

N = 2048
_T = f"tensor<{N}x{N}xf32>"
_THRICE = f"""
  %1 = stablehlo.dot_general %0, %x, contracting_dims = [1] x [0] : ({_T}, {_T}) -> {_T}
  %2 = stablehlo.dot_general %1, %x, contracting_dims = [1] x [0] : ({_T}, {_T}) -> {_T}
  %3 = stablehlo.dot_general %2, %x, contracting_dims = [1] x [0] : ({_T}, {_T}) -> {_T}
"""
PURE = f"""
func.func @main(%x: {_T}) -> {_T} {{
  %0 = stablehlo.add %x, %x : {_T}
  {_THRICE}
  return %3 : {_T}
}}
"""
STATE = f"""
ml_program.global private mutable @state(dense<1.0> : {_T}) : {_T}
func.func @main(%x: {_T}) -> {_T} {{
  %0 = ml_program.global_load @state : {_T}
  {_THRICE}
  ml_program.global_store @state = %3 : {_T}
  return %3 : {_T}
}}
"""
SMALL = """
ml_program.global private mutable @state(dense<0.0> : tensor<262144xf32>) : tensor<262144xf32>
func.func @main(%x: tensor<262144xf32>) -> tensor<262144xf32> {
  %0 = ml_program.global_load @state : tensor<262144xf32>
  %1 = stablehlo.add %0, %x : tensor<262144xf32>
  %2 = stablehlo.slice %1 [0:1] : (tensor<262144xf32>) -> tensor<1xf32>
  %3 = stablehlo.reshape %2 : (tensor<1xf32>) -> tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %p = stablehlo.compare GE, %3, %zero : (tensor<f32>, tensor<f32>) -> tensor<i1>
  %r = "stablehlo.if"(%p) ({
    ml_program.global_store @state = %1 : tensor<262144xf32>
    stablehlo.return %1 : tensor<262144xf32>
  }, {
    stablehlo.return %0 : tensor<262144xf32>
  }) : (tensor<i1>) -> tensor<262144xf32>
  return %r : tensor<262144xf32>
}
"""
TWICE = 2 * np.eye(N, dtype=np.float32)


@pytest.fixture(scope="module")
def pure() -> bytes:
    return codegen.compile_str(PURE)


@pytest.mark.parametrize("threads", [1, 2])
def test_work_ends_with_its_time(pure: bytes, threads: int) -> None:
    module = vm.load(pure, device=f"cpu?threads={threads}")
    with pytest.raises(errors.DeadlineError):
        module.main.call(TWICE, timeout=0.02)
    assert np.asarray(module.main(TWICE))[0, 0] == 32


@pytest.mark.parametrize("threads", [1, 2])
def test_a_signal_handler_ends_the_call(pure: bytes, threads: int) -> None:
    module = vm.load(pure, device=f"cpu?threads={threads}")

    def ring(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, ring)
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 0.03)
            module.main(TWICE)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert np.asarray(module.main(TWICE))[0, 0] == 32


def test_state_is_changed_whole() -> None:
    module = vm.load(codegen.compile_str(STATE), device="cpu?threads=2")
    with pytest.raises(errors.DeadlineError):
        module.main.call(TWICE, timeout=0.02)
    state = np.asarray(module.main(TWICE))  # waits for what the first call still does
    np.testing.assert_array_equal(state, np.full((N, N), 64, np.float32))


@pytest.mark.parametrize("threads", [1, 2])
def test_state_stays_whole_whatever_calls_do(threads: int) -> None:
    module = vm.load(codegen.compile_str(SMALL), device=f"cpu?threads={threads}")
    one = np.ones(262144, np.float32)
    ended: list[bool] = []

    async def one_that_is_cancelled(after: float) -> None:
        call = asyncio.ensure_future(module.main.call_async(one))
        await asyncio.sleep(after)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)

    def work(seed: int) -> None:
        generator = random.Random(seed)
        for _ in range(40):
            try:
                if generator.random() < 0.7:
                    module.main.call(one, timeout=generator.choice([0.0, 0.0001, 0.0005, 0.002, 10]))
                else:
                    asyncio.run(one_that_is_cancelled(generator.choice([0, 0.0005, 0.002])))
            except errors.DeadlineError:
                continue
        ended.append(True)

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(ended) == len(workers)
    last = np.asarray(module.main(one))
    assert 1 <= last[0] <= 121 and (last == last[0]).all()
