"""Calls that end before their work does: the work ends too, unless it changes state, which is then changed whole."""

from __future__ import annotations

import signal
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
