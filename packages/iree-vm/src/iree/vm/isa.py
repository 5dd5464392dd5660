"""The instruction set of the VM: one table.

The encoder, the decoder, the verifier, the disassembler, the reference interpreter, the C++ dispatch
loop (through a header generated at build time) and ``docs/isa.md`` all come from ``OPS``.

An instruction is a run of little-endian 16-bit words: the opcode, then its fields in order.

====== ===== ==========================================================================
field  words meaning
====== ===== ==========================================================================
``i``  1     register of the value bank whose declared type is i32
``I``  1     likewise i64
``f``  1     likewise f32
``F``  1     likewise f64
``r``  1     register of the reference bank
``#4`` 2     32-bit immediate (i32 or the bits of an f32)
``#8`` 4     64-bit immediate (i64 or the bits of an f64)
``@g`` 2     global, whose declared type must be the type in the mnemonic
``@d`` 2     rodata segment
``@s`` 2     string
``@f`` 2     internal function
``@i`` 2     import
``>``  2     branch target (word offset from the start of the function, at a block start), then the block
             arguments as parallel moves: count of value moves, (from, to)*, count of reference
             moves, (from, to)*; both registers of a move have one type
``>*`` 1+    count, then that many ``>`` fields
``()`` 1+    call operands: for an import, one word per variadic group of its signature (the
             repeat count); then the argument registers in signature order, each in the
             bank and of the type that the signature says; then the result registers
``$``  1+    the registers returned, in the order of the function's results
====== ===== ==========================================================================

Destination registers come first. Registers start as 0 or null. Reads of a reference register share
the reference (retain); ``ref.move`` empties its source.
"""

from __future__ import annotations

from dataclasses import dataclass

VALUE_TYPES = {"i32": "i", "i64": "I", "f32": "f", "f64": "F"}


@dataclass(frozen=True)
class Op:
    """One instruction.

    Attributes:
        name: Mnemonic; unique.
        opcode: Number in the encoding; the position in the table, never reused.
        fields: Field codes, see the module's docstring; the first ``results`` of them are written.
        results: How many leading fields are destinations.
        doc: What it does, and when it traps.
    """

    name: str
    opcode: int
    fields: tuple[str, ...]
    results: int
    doc: str


def _table() -> tuple[Op, ...]:
    ops: list[Op] = []

    def op(name: str, fields: str, results: int, doc: str) -> None:
        ops.append(Op(name, len(ops), tuple(fields.split()), results, doc))

    # Control. Blocks end in one of these.
    op("br", ">", 0, "Go to the target.")
    op("cond_br", "i > >", 0, "Go to the first target if the condition is not 0, else to the second.")
    op("switch", "i > >*", 0, "Go to target number `i`; to the first (default) if there is none.")
    op("return", "$", 0, "Return the registers to the caller.")
    op("fail", "i @s", 0, "Trap with the status code in the register and a message.")
    # Calls.
    op("call", "@f ()", 0, "Call an internal function. Traps when the stack bound is reached.")
    op("call.import", "@i ()", 0, "Call an import. Traps if it is optional and absent. May suspend.")
    op("import.resolved", "i @i", 1, "1 if the import is there, else 0.")
    op("assert", "i @s", 0, "Trap with FAILED_PRECONDITION and the message if the register is 0.")
    op("yield", "", 0, "Let other invocations run; checks for cancellation.")

    # Constants, moves, globals, selection.
    for t, c in VALUE_TYPES.items():
        op(f"const.{t}", f"{c} #{8 if t.endswith('64') else 4}", 1, "The immediate.")
        op(f"mov.{t}", f"{c} {c}", 1, "Copy.")
        op(f"select.{t}", f"{c} i {c} {c}", 1, "The second if the condition is not 0, else the third.")
        op(f"global.load.{t}", f"{c} @g", 1, "Read a global.")
        op(f"global.store.{t}", f"@g {c}", 0, "Write a global, which must be mutable or this the initializer.")
    op("ref.null", "r", 1, "Null.")
    op("ref.copy", "r r", 1, "Share a reference.")
    op("ref.move", "r r", 1, "Move a reference; the source becomes null.")
    op("ref.select", "r i r r", 1, "The second if the condition is not 0, else the third.")
    op("ref.eq", "i r r", 1, "1 if both are the same object, or both null.")
    op("ref.is_null", "i r", 1, "1 if null.")
    op("global.load.ref", "r @g", 1, "Read a global.")
    op("global.store.ref", "@g r", 0, "Write a global. Traps if the object is not of the global's type.")
    op("rodata", "r @d", 1, "A read-only segment as a `vm.buffer`, the same each time.")

    # Integers: wrap-around two's complement; shift amounts are taken modulo the width.
    for t in ("i32", "i64"):
        c = VALUE_TYPES[t]
        for name, doc in (
            ("add", "a + b"),
            ("sub", "a - b"),
            ("mul", "a * b"),
            ("div_s", "Signed quotient, towards 0. Traps on 0 and on overflow."),
            ("div_u", "Unsigned quotient. Traps on 0."),
            ("rem_s", "Signed remainder, sign of a. Traps on 0; 0 for MIN rem -1."),
            ("rem_u", "Unsigned remainder. Traps on 0."),
            ("and", "a & b"),
            ("or", "a | b"),
            ("xor", "a ^ b"),
            ("shl", "a << b"),
            ("shr_s", "Arithmetic shift right."),
            ("shr_u", "Logical shift right."),
            ("min_s", "Signed minimum."),
            ("max_s", "Signed maximum."),
            ("min_u", "Unsigned minimum."),
            ("max_u", "Unsigned maximum."),
        ):
            op(f"{name}.{t}", f"{c} {c} {c}", 1, doc)
        for name, doc in (("clz", "Leading zeros."), ("ctz", "Trailing zeros."), ("popcnt", "Bits set.")):
            op(f"{name}.{t}", f"{c} {c}", 1, doc)
        for name in ("eq", "ne", "lt_s", "le_s", "lt_u", "le_u"):
            op(f"cmp.{name}.{t}", f"i {c} {c}", 1, f"1 if a {name} b.")

    # Floats: IEEE 754 binary32 and binary64, round to nearest even.
    for t in ("f32", "f64"):
        c = VALUE_TYPES[t]
        for name, doc in (
            ("add", "a + b"),
            ("sub", "a - b"),
            ("mul", "a * b"),
            ("div", "a / b"),
            ("rem", "C fmod."),
            ("min", "IEEE 754-2019 minimum (NaN if either is)."),
            ("max", "IEEE 754-2019 maximum."),
            ("pow", "C pow."),
            ("atan2", "C atan2."),
        ):
            op(f"{name}.{t}", f"{c} {c} {c}", 1, doc)
        for name in (
            "neg",
            "abs",
            "ceil",
            "floor",
            "trunc",
            "round",
            "roundeven",
            "sqrt",
            "exp",
            "expm1",
            "log",
            "log1p",
            "sin",
            "cos",
            "tan",
            "tanh",
            "erf",
        ):
            op(f"{name}.{t}", f"{c} {c}", 1, f"C {name}.")
        for name, doc in (
            ("eq", "a == b"),
            ("ne", "a != b, or unordered"),
            ("lt", "a < b"),
            ("le", "a <= b"),
            ("unordered", "Either is NaN."),
        ):
            op(f"cmp.{name}.{t}", f"i {c} {c}", 1, f"1 if {doc}, else 0.")

    # Conversions.
    op("trunc.i64.i32", "i I", 1, "Low 32 bits.")
    op("ext_s.i32.i64", "I i", 1, "Sign extension.")
    op("ext_u.i32.i64", "I i", 1, "Zero extension.")
    for w in (1, 8, 16):
        op(f"ext_s.i{w}.i32", "i i", 1, f"Sign extension of the low {w} bits.")
        op(f"ext_u.i{w}.i32", "i i", 1, f"Zero extension of the low {w} bits.")
    for t in ("i32", "i64"):
        for u in ("f32", "f64"):
            c, d = VALUE_TYPES[t], VALUE_TYPES[u]
            op(f"fp_s.{t}.{u}", f"{d} {c}", 1, "Signed integer to float, rounded to nearest even.")
            op(f"fp_u.{t}.{u}", f"{d} {c}", 1, "Unsigned integer to float, rounded to nearest even.")
            op(f"int_s.{u}.{t}", f"{c} {d}", 1, "Float to signed integer, towards 0, saturating; 0 for NaN.")
            op(f"int_u.{u}.{t}", f"{c} {d}", 1, "Float to unsigned integer, towards 0, saturating; 0 for NaN.")
    op("fpext.f32.f64", "F f", 1, "Exact.")
    op("fptrunc.f64.f32", "f F", 1, "Rounded to nearest even.")
    op("bitcast.i32.f32", "f i", 1, "Same bits.")
    op("bitcast.f32.i32", "i f", 1, "Same bits.")
    op("bitcast.i64.f64", "F I", 1, "Same bits.")
    op("bitcast.f64.i64", "I F", 1, "Same bits.")

    # Lists: growable, of mixed values (each slot has its own type) and references.
    op("list.create", "r I", 1, "An empty list with room for that many. Traps when the memory bound is reached.")
    op("list.size", "I r", 1, "Number of slots.")
    op("list.resize", "r I", 0, "Shrink, or grow with null slots. Traps when the memory bound is reached.")
    for t, c in VALUE_TYPES.items():
        op(f"list.get.{t}", f"{c} r I", 1, "A slot. Traps out of bounds or if the slot has another type.")
        op(f"list.set.{t}", f"r I {c}", 0, "Set a slot. Traps out of bounds.")
    op("list.get.ref", "r r I", 1, "A slot; null if it was never set. Traps out of bounds or if it is a value.")
    op("list.set.ref", "r I r", 0, "Set a slot. Traps out of bounds.")
    return tuple(ops)


OPS: tuple[Op, ...] = _table()
BY_NAME: dict[str, Op] = {op.name: op for op in OPS}
assert len(BY_NAME) == len(OPS)
