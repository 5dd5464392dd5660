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

_REMAINDER = """
define double @fmod(double %x, double %y) #0 {
entry:
  %bits_x = bitcast double %x to i64
  %bits_y = bitcast double %y to i64
  %a = and i64 %bits_x, 9223372036854775807
  %b = and i64 %bits_y, 9223372036854775807
  %sign = and i64 %bits_x, -9223372036854775808
  %zero_y = icmp eq i64 %b, 0
  %nan_y = icmp ugt i64 %b, 9218868437227405312
  %large_x = icmp uge i64 %a, 9218868437227405312
  %bad_y = or i1 %zero_y, %nan_y
  %bad = or i1 %bad_y, %large_x
  br i1 %bad, label %invalid, label %compare
invalid:
  %product = fmul double %x, %y
  %quotient = fdiv double %product, %product
  ret double %quotient
compare:
  %less = icmp ult i64 %a, %b
  br i1 %less, label %same, label %start
same:
  ret double %x
start:
  %dy = bitcast i64 %b to double
  %dx = bitcast i64 %a to double
  br label %outer
outer:
  %r = phi double [ %dx, %start ], [ %left, %subtract ]
  %enough = fcmp oge double %r, %dy
  br i1 %enough, label %scale, label %done
scale:
  %r_bits = bitcast double %r to i64
  %r_exponent = lshr i64 %r_bits, 52
  %y_exponent = lshr i64 %b, 52
  %difference = sub i64 %r_exponent, %y_exponent
  %y_normal = icmp ne i64 %y_exponent, 0
  %far = icmp sgt i64 %difference, 0
  %jump = and i1 %y_normal, %far
  %shift = shl i64 %difference, 52
  %scaled_bits = add i64 %b, %shift
  %candidate = bitcast i64 %scaled_bits to double
  %chosen = select i1 %jump, double %candidate, double %dy
  %above = fcmp ogt double %chosen, %r
  %half = fmul double %chosen, 5.000000e-01
  %fit = select i1 %above, double %half, double %chosen
  br label %grow
grow:
  %step = phi double [ %fit, %scale ], [ %twice, %grow ]
  %twice = fmul double %step, 2.000000e+00
  %more = fcmp ole double %twice, %r
  br i1 %more, label %grow, label %subtract
subtract:
  %left = fsub double %r, %step
  br label %outer
done:
  %r_done = bitcast double %r to i64
  %signed = or i64 %r_done, %sign
  %result = bitcast i64 %signed to double
  ret double %result
}
attributes #0 = { nounwind "no-builtins" }
"""

_REMAINDER_F32 = """
declare double @fmod(double, double)
define float @fmodf(float %x, float %y) #0 {
  %a = fpext float %x to double
  %b = fpext float %y to double
  %r = call double @fmod(double %a, double %b)
  %f = fptrunc double %r to float
  ret float %f
}
attributes #0 = { nounwind "no-builtins" }
"""

_FROM_HALF = """
define float @__extendhfsf2(half %x) #0 {
  %bits = bitcast half %x to i16
  %wide = zext i16 %bits to i32
  %magnitude = and i32 %wide, 32767
  %shifted = shl i32 %magnitude, 13
  %small = bitcast i32 %shifted to float
  %scaled = fmul float %small, 0x46F0000000000000
  %scaled_bits = bitcast float %scaled to i32
  %special = icmp uge i32 %magnitude, 31744
  %mask = select i1 %special, i32 2139095040, i32 0
  %sign_half = and i32 %wide, 32768
  %sign = shl i32 %sign_half, 16
  %with_mask = or i32 %scaled_bits, %mask
  %all = or i32 %with_mask, %sign
  %result = bitcast i32 %all to float
  ret float %result
}
attributes #0 = { nounwind "no-builtins" }
"""

_TO_HALF = """
define half @__truncsfhf2(float %x) #0 {
  %bits = bitcast float %x to i32
  %a = and i32 %bits, 2147483647
  %sign_wide = lshr i32 %bits, 16
  %sign = and i32 %sign_wide, 32768
  %nan = icmp ugt i32 %a, 2139095040
  %large = select i1 %nan, i32 32256, i32 31744
  %magnitude = bitcast i32 %a to float
  %denormal_sum = fadd float %magnitude, 5.000000e-01
  %denormal_bits = bitcast float %denormal_sum to i32
  %denormal = sub i32 %denormal_bits, 1056964608
  %last = lshr i32 %a, 13
  %odd = and i32 %last, 1
  %rebased = add i32 %a, -939520001
  %rounded = add i32 %rebased, %odd
  %normal = lshr i32 %rounded, 13
  %is_small = icmp ult i32 %a, 947912704
  %is_large = icmp uge i32 %a, 1199570944
  %finite = select i1 %is_small, i32 %denormal, i32 %normal
  %value = select i1 %is_large, i32 %large, i32 %finite
  %signed = or i32 %value, %sign
  %narrow = trunc i32 %signed to i16
  %result = bitcast i16 %narrow to half
  ret half %result
}
attributes #0 = { nounwind "no-builtins" }
"""

PROVIDED: dict[str, str] = {
    "memcpy": _COPY,
    "memmove": _MOVE,
    "memset": _SET,
    "fmod": _REMAINDER,
    "fmodf": _REMAINDER_F32,
    "__extendhfsf2": _FROM_HALF,
    "__truncsfhf2": _TO_HALF,
}
"""IR by the symbol it defines."""


@cache
def object_of(machine: Machine, name: str) -> bytes | None:
    """The object that defines one of `PROVIDED`; None for another name. Some modules need one, most none."""
    text = PROVIDED.get(name)
    return None if text is None else emit_object(optimize(text, machine, name=name), machine)
