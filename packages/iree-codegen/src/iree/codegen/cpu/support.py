"""Functions that LLVM may call by itself, as LLVM IR: compiled once per machine and linked where they are needed.

``no-builtins`` keeps LLVM from recognizing the loops as the functions that they are.
"""

from __future__ import annotations

from functools import cache

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.object import emit_object, optimize

_COPY = """
define ptr @memcpy(ptr noalias returned %to, ptr noalias %from, i64 %size) #0 {
entry:
  %empty = icmp eq i64 %size, 0
  br i1 %empty, label %done, label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %source = getelementptr i8, ptr %from, i64 %i
  %value = load i8, ptr %source
  %target = getelementptr i8, ptr %to, i64 %i
  store i8 %value, ptr %target
  %next = add nuw i64 %i, 1
  %more = icmp ult i64 %next, %size
  br i1 %more, label %loop, label %done
done:
  ret ptr %to
}
attributes #0 = { nounwind "no-builtins" }
"""

_SET = """
define ptr @memset(ptr returned %to, i32 %value, i64 %size) #0 {
entry:
  %byte = trunc i32 %value to i8
  %empty = icmp eq i64 %size, 0
  br i1 %empty, label %done, label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %target = getelementptr i8, ptr %to, i64 %i
  store i8 %byte, ptr %target
  %next = add nuw i64 %i, 1
  %more = icmp ult i64 %next, %size
  br i1 %more, label %loop, label %done
done:
  ret ptr %to
}
attributes #0 = { nounwind "no-builtins" }
"""

_MOVE = """
define ptr @memmove(ptr returned %to, ptr %from, i64 %size) #0 {
entry:
  %empty = icmp eq i64 %size, 0
  br i1 %empty, label %done, label %choose
choose:
  %before = icmp ult ptr %to, %from
  br i1 %before, label %up, label %down
up:
  %i = phi i64 [ 0, %choose ], [ %next, %up ]
  %source = getelementptr i8, ptr %from, i64 %i
  %value = load i8, ptr %source
  %target = getelementptr i8, ptr %to, i64 %i
  store i8 %value, ptr %target
  %next = add nuw i64 %i, 1
  %more = icmp ult i64 %next, %size
  br i1 %more, label %up, label %done
down:
  %left = phi i64 [ %size, %choose ], [ %last, %down ]
  %last = sub nuw i64 %left, 1
  %source_down = getelementptr i8, ptr %from, i64 %last
  %value_down = load i8, ptr %source_down
  %target_down = getelementptr i8, ptr %to, i64 %last
  store i8 %value_down, ptr %target_down
  %end = icmp eq i64 %last, 0
  br i1 %end, label %done, label %down
done:
  ret ptr %to
}
attributes #0 = { nounwind "no-builtins" }
"""

PROVIDED: dict[str, str] = {"memcpy": _COPY, "memmove": _MOVE, "memset": _SET}
"""IR by the symbol it defines."""


@cache
def objects(machine: Machine) -> tuple[bytes, ...]:
    """One object per function of `PROVIDED`."""
    return tuple(emit_object(optimize(text, machine, name=name), machine) for name, text in PROVIDED.items())
