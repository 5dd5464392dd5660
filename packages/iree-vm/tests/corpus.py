"""Modules with some of everything, for fuzzing to start from. ``python -m tests.corpus DIRECTORY`` writes them."""

from __future__ import annotations

import sys
from pathlib import Path

from iree.vm.assembly import parse

from .programs import ModuleMaker
from .test_calls import COUNTER, STATE
from .test_hal import FILLED, IMPORTS, PLAIN, RECORDED
from .test_limits import DEEP, LISTS

GATE = """
global @count i64 mutable
global @gate hal.fence mutable
func @arm r: values() refs 1 {
  global.store.ref @gate, $0
  return
}
func @wait i:i values(i32) refs 1 {
  global.load.ref $0, @gate
  call.import @hal.fence.await($0)
  yield
  return %0
}
func @next :I values(i64, i64) refs 0 {
  global.load.i64 %0, @count
  const.i64 %1, 1
  add.i64 %0, %0, %1
  yield
  global.load.i64 %0, @count
  add.i64 %0, %0, %1
  global.store.i64 @count, %0
  return %0
}
export @arm = @arm plain
export @wait = @wait plain
export @next = @next plain
"""


def write_corpus(directory: Path) -> list[Path]:
    """Write the modules; their paths."""
    texts = [FILLED, RECORDED, PLAIN, COUNTER, STATE, DEEP, LISTS, GATE]
    builders = [parse(IMPORTS + "\n" + text) for text in texts] + [ModuleMaker(seed).builder for seed in range(20)]
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / f"{i:02}.vmfb" for i in range(len(builders))]
    for path, builder in zip(paths, builders, strict=True):
        builder.write(path)
    return paths


if __name__ == "__main__":
    write_corpus(Path(sys.argv[1]))
