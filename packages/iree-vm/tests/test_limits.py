"""Bounds, time-outs and traps: every way in which a call ends early."""

from __future__ import annotations

import gc
import signal
import threading
from typing import Any

import pytest
from iree import vm
from iree.vm import errors
from iree.vm.assembly import parse

LOOP = """
func @spin : values() refs 0 {
  br ^again
^again:
  br ^again
}
func @spin_yielding : values() refs 0 {
  br ^again
^again:
  yield
  br ^again
}
export @spin = @spin plain
export @spin_yielding = @spin_yielding plain
"""
DEEP = """
func @down I:I values(i64, i64, i32) refs 0 {
  const.i64 %1, 1
  cmp.lt_s.i64 %2, %0, %1
  cond_br %2, ^end, ^more
^end:
  return %0
^more:
  loc "deep.py:7"
  sub.i64 %0, %0, %1
  call @down(%0) -> (%0)
  add.i64 %0, %0, %1
  return %0
}
func @wide I:I values(i64) refs 60000 {
  call @wide(%0) -> (%0)
  return %0
}
export @down = @down plain
export @wide = @wide plain
"""
LISTS = """
func @make II: values(i64, i64) refs 1 {
  list.create $0, %0
  list.resize $0, %1
  return
}
func @nest I:I values(i64, i64, i64, i32) refs 2 {
  const.i64 %1, 1
  br ^more
^more:
  list.create $1, %1
  list.resize $1, %1
  list.set.ref $1, %2, $0
  ref.move $0, $1
  sub.i64 %0, %0, %1
  cmp.le_s.i64 %3, %1, %0
  cond_br %3, ^more, ^end
^end:
  list.size %0, $0
  return %0
}
export @make = @make plain
export @nest = @nest plain
"""


def load(text: str, **options: Any) -> vm.Module:
    return vm.load(parse(text).tobytes(), device=None, **options)


@pytest.mark.parametrize("name", ["spin", "spin_yielding"])
def test_time_out(name: str) -> None:
    module = load(LOOP)
    with pytest.raises(TimeoutError, match="time ran out") as info:
        module[name](timeout=0.02)
    assert isinstance(info.value, errors.DeadlineError) and "@spin" in info.value.trace


@pytest.mark.parametrize("name", ["spin", "spin_yielding"])
def test_interrupt(name: str) -> None:
    """Ctrl-C ends a call that would not end."""
    module = load(LOOP)
    timer = threading.Timer(0.05, lambda: signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        module[name]()
    timer.join()


def test_an_initializer_that_does_not_end() -> None:
    """A time-out and Ctrl-C end it too."""
    text = LOOP.partition("export")[0] + "initializer @spin\n"
    with pytest.raises(errors.DeadlineError, match="time ran out"):
        load(text, timeout=0.02)
    timer = threading.Timer(0.05, lambda: signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        load(text)
    timer.join()


def test_time_out_while_another_call_has_the_turn() -> None:
    text = LOOP.replace("func @spin :", "global @state i32 mutable\nfunc @spin :", 1)
    module = load(text)

    def spin() -> None:
        with pytest.raises(errors.DeadlineError):
            module.spin(timeout=0.3)

    thread = threading.Thread(target=spin)
    thread.start()
    with pytest.raises(errors.DeadlineError):
        module.spin(timeout=0.05)
    assert thread.is_alive()
    thread.join()


def test_stack_bound() -> None:
    assert load(DEEP).down(1000) == 1000
    with pytest.raises(errors.ResourceError, match="stack bound reached: 1024 calls") as info:
        load(DEEP).down(2000)
    assert isinstance(info.value, MemoryError)
    assert info.value.location == "deep.py:7" and info.value.trace.count("@down at deep.py:7") == 20
    assert load(DEEP, depth=100_000).down(50_000) == 50_000
    with pytest.raises(errors.ResourceError, match="stack bound"):
        load(DEEP, depth=10).down(50)


def test_memory_bound() -> None:
    module = load(DEEP)
    with pytest.raises(errors.ResourceError, match="memory bound of the invocation reached"):
        module.wide(1)
    lists = load(LISTS, memory=1 << 20)
    lists.make(10, 60_000)
    lists.make(60_000, 60_000)
    for create, resize in ((1 << 17, 0), (0, 1 << 17), (-1, 0), (0, -1), (0, 1 << 60)):
        with pytest.raises(errors.ResourceError, match="memory bound"):
            lists.make(create, resize)
    lists.make(60_000, 60_000)


def test_deeply_nested_lists_are_freed() -> None:
    module = load(LISTS, memory=1 << 30)
    assert module.nest(1_000_000) == 1
    with pytest.raises(errors.ResourceError):
        load(LISTS).nest(10_000_000)
    gc.collect()


@pytest.mark.parametrize(
    ("body", "error", "code", "message"),
    [
        ("div_s.i32 %0, %0, %1", errors.InvalidArgumentError, 3, "division by zero"),
        ("const.i32 %0, -2147483648\n const.i32 %1, -1\n div_s.i32 %0, %0, %1", errors.Trap, 11, "integer overflow"),
        ('assert %0, "must hold: ü"', errors.Trap, 9, "must hold: ü"),
        ('const.i32 %0, 4\n fail %0, "late"', errors.DeadlineError, 4, "late"),
        ('const.i32 %0, 0\n fail %0, "odd"', errors.Trap, 2, "odd"),
        ('const.i32 %0, 77\n fail %0, "odd"', errors.Trap, 2, "odd"),
        ("list.size %2, $0", errors.InvalidArgumentError, 3, "expected a vm.list, not null"),
        ("list.create $0, %2\n list.get.i32 %0, $0, %2", errors.Trap, 11, "index 0 is out of bounds"),
        ("call.import @absent()", errors.Trap, 12, "optional import not.there is absent"),
        (
            "rodata $0, @r\n global.store.ref @g, $0",
            errors.InvalidArgumentError,
            3,
            "type vm.list cannot hold a vm.buf",
        ),
    ],
)
def test_traps_say_where(body: str, error: type[errors.Error], code: int, message: str) -> None:
    text = f"""
import @not.there : optional
global @g vm.list mutable
rodata @r align 64 ""
func @f : values(i32, i32, i64) refs 1 {{
  loc "before.py:1"
  const.i32 %0, 0
  loc "here.py:2:3"
  {body.replace("@absent", "@not.there")}
"""
    ends = body.rpartition("\n")[2].strip().startswith("fail")
    text += "}\n" if ends else '  loc "after.py:9"\n  return\n}\n'
    text += 'func @outer : values() refs 0 {\n  loc "outer.py:5"\n  call @f()\n  return\n}\nexport @f = @outer plain\n'
    with pytest.raises(error, match=message) as info:
        load(text).f()
    assert info.value.code == code
    assert info.value.location == "here.py:2:3"
    assert info.value.trace == "@f at here.py:2:3\n@outer at outer.py:5\n"
    assert str(info.value).endswith("\n  in @f at here.py:2:3\n  in @outer at outer.py:5")


def test_a_trap_in_the_initializer() -> None:
    text = 'func @i : values(i32) refs 0 {\n  assert %0, "not today"\n  return\n}\ninitializer @i'
    with pytest.raises(errors.Trap, match="not today"):
        load(text)
