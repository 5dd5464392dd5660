"""The machine's fused multiply-adds per second on one thread, measured."""

from __future__ import annotations

import ctypes
import time

import llvmlite.binding as llvm
from iree.codegen.cpu.features import machine

ACCUMULATORS = 12
ROUNDS = 200_000


def _text(lanes: int) -> str:
    """A loop of independent chains of f32 multiply-adds; adds up what they give, so that none is left out."""
    v = f"<{lanes} x float>"
    ids = range(ACCUMULATORS)
    phis = "\n".join(f"  %a{i} = phi {v} [ zeroinitializer, %entry ], [ %b{i}, %loop ]" for i in ids)
    steps = "\n".join(f"  %b{i} = call {v} @llvm.fma.v{lanes}f32({v} %a{i}, {v} %x, {v} %x)" for i in ids)
    sums = "\n".join(f"  %s{i + 1} = fadd {v} {f'%s{i}' if i else 'zeroinitializer'}, %b{i}" for i in ids)
    return f"""
declare {v} @llvm.fma.v{lanes}f32({v}, {v}, {v})
define void @peak(ptr %out, i64 %n) {{
entry:
  %x = load {v}, ptr %out, align 4
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
{phis}
{steps}
  %next = add i64 %i, 1
  %done = icmp eq i64 %next, %n
  br i1 %done, label %exit, label %loop
exit:
{sums}
  store {v} %s{ACCUMULATORS}, ptr %out, align 4
  ret void
}}"""


def measure(seconds: float) -> float:
    """GFLOP/s of f32, the best of many short runs."""
    host = machine("host")
    lanes = host.vector_bytes // 4
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple().create_target_machine(
        cpu=host.llvm_cpu, features=host.llvm_features, opt=3
    )
    with llvm.create_mcjit_compiler(llvm.parse_assembly(_text(lanes)), target) as engine:
        engine.finalize_object()
        run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(engine.get_function_address("peak"))
        values = (ctypes.c_float * lanes)(*[1e-3] * lanes)
        best, end = float("inf"), time.perf_counter() + seconds
        while time.perf_counter() < end:
            start = time.perf_counter()
            run(ctypes.addressof(values), ROUNDS)
            best = min(best, time.perf_counter() - start)
    return 2.0 * lanes * ACCUMULATORS * ROUNDS / best / 1e9
