"""What the VM itself costs: instructions, calls, opening a file, and calls from Python.

Usage: python benchmarks/vm_benchmark.py [PATH_OF_vm_benchmark [--only-cpp]]   (built from native/ with
-DIREE_VM_TOOLS=ON)
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from iree import vm
from iree.vm.assembly import parse
from iree.vm.tools.benchmark_module import measure

TEXT = """
import @hal.fence.signal r:
func @empty : values() refs 0 {
  return
}
func @calls I: values(i64, i64, i64, i32) refs 0 {
  const.i64 %2, 1
  br ^again
^again:
  call @empty()
  add.i64 %1, %1, %2
  cmp.lt_s.i64 %3, %1, %0
  cond_br %3, ^again, ^end
^end:
  return
}
func @loop I:I values(i64, i64, i64, i32) refs 0 {
  const.i64 %2, 1
  br ^again
^again:
  add.i64 %1, %1, %2
  cmp.lt_s.i64 %3, %1, %0
  cond_br %3, ^again, ^end
^end:
  return %1
}
func @nothing rr: values() refs 2 {
  call.import @hal.fence.signal($1)
  return
}
func @same rrr:r values() refs 3 {
  call.import @hal.fence.signal($2)
  return $0
}
export @empty = @empty plain
export @calls = @calls plain
export @loop = @loop plain
export @nothing = @nothing fences
export @same = @same fences
"""


def minimum_us(call: Callable[[], object], count: int = 2000, repetitions: int = 50) -> float:
    """Microseconds of a call, the best of many batches."""
    return min(measure(call, repetitions, count)) * 1e6


def main() -> None:
    """Print one line per measurement."""
    with tempfile.TemporaryDirectory() as directory:
        builder = parse(TEXT)
        builder.add_rodata(np.zeros(1 << 28, np.uint8), name="weights", align=4096)
        path = Path(directory) / "benchmark.vmfb"
        builder.write(path)
        if len(sys.argv) > 1:
            out = subprocess.run([sys.argv[1], str(path)], capture_output=True, text=True, check=True).stdout
            for name, value in json.loads(out).items():
                print(f"{name:28} {value:10.2f}")
        if "--only-cpp" in sys.argv:
            return
        print(f"{'load 256 MB, us':28} {minimum_us(lambda: vm.load(path), 1, 20):10.2f}")
        for device in ("null", "cpu?threads=1", "cpu?threads=2"):
            module = vm.load(path, device=device)
            x = np.zeros(1, np.float32)
            nothing, same = module.nothing, module.same
            print(f"{f'no-op, {device}, us':28} {minimum_us(nothing):10.3f}")
            print(f"{f'one array, {device}, us':28} {minimum_us(lambda f=same, x=x: f(x)):10.3f}")


if __name__ == "__main__":
    main()
