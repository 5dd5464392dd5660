"""Text assembly: what is printed is read back to the same bytes."""

from __future__ import annotations

import pytest
from iree import vm
from iree.vm import module_reader
from iree.vm.assembly import AssemblyError, parse
from iree.vm.disassembler import print_module

from .programs import ModuleMaker

EVERYTHING = """
; every kind of statement
import @hal.fence.join [r]:r
import @nobody.has.this [rI]i[f]: optional
global @count i64 mutable = -3
global @nan f32 = 0x7fc00001
global @"odd name" hal.buffer mutable
global @any ref
rodata @key align 64 "a2V5"
rodata align 128 ""

func @main ii:i values(i32, i32, i32, i32) refs 2 {
  loc "a \\"file\\".py:1"
  const.i32 %3, -7
  switch %0, ^zero, [^one(%2 = %1, $0 = $1, $1 = $0), ^zero]
^zero:
  call @"a b"(%1) -> (%2)
  br ^one
^one:
  import.resolved %3, @nobody.has.this
  rodata $0, @1
  cond_br %3, ^two, ^three
^two:
  call.import @hal.fence.join[2]($0, $1) -> ($1)
  fail %0, "über"
^three:
  return %2
}

func @"a b" i:i values(i32, f32, f64) refs 0 {
  const.f32 %1, inf
  const.f64 %2, -0.1
  return %0
}

func @same : values() refs 0 {
  return
}

func @same : values() refs 0 {
  return
}

export @main = @main plain
export @"exported under a long name" = @2 plain
initializer @3
manifest {"producer":"by hand"}
"""


def test_every_statement() -> None:
    data = parse(EVERYTHING).tobytes()
    text = print_module(module_reader.read(data))
    assert parse(text).tobytes() == data
    module = vm.load(data, device=None)
    assert module.main(0, 5) == 5
    assert module.manifest == {"producer": "by hand"}


@pytest.mark.parametrize("seed", range(50))
def test_round_trip(seed: int) -> None:
    data = ModuleMaker(seed).builder.tobytes()
    first = print_module(module_reader.read(data))
    again = parse(first).tobytes()
    assert print_module(module_reader.read(again)) == first
    vm.load(again, device=None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "line 1: unknown statement"),
        ("func @f : values() refs 0 {\n  frobnicate\n}", "line 2: unknown instruction frobnicate"),
        ("func @f : values() refs 0 {", "line 1: the function does not end"),
        ("func @f : values(i32) refs 0 {\n  mov.i32 %0\n}", "line 2: expected ,"),
        ("func @f : values(i32) refs 0 {\n  mov.i32 $0, %0\n}", "line 2: expected %n, found \\$0"),
        ("func @f : values(i32) refs 0 {\n  const.i32 %0, 4294967296\n}", "line 2: .* does not fit in 32 bits"),
        ("func @f : values() refs 0 {\n  br ^nowhere\n}", "line 1: label \\^nowhere is branched to but has no place"),
        ("func @f : values() refs 0 {\n  call @g()\n}", "line 2: @g is not defined"),
        ("func @f i: values() refs 0 {\n  return\n}", "line 1: the first value registers must be the arguments"),
        ('global @g i32 = "x"', 'line 1: "x" is no i32'),
        ("export @a = @b plain", "line 1: @b is not defined"),
    ],
)
def test_errors_name_the_line(text: str, message: str) -> None:
    with pytest.raises(AssemblyError, match=message):
        parse(text)
