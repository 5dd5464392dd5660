"""Writes docs/isa.md from the tables in iree.vm.isa and iree.vm.imports.

Usage: python packages/iree-vm/scripts/write_isa_doc.py > docs/isa.md
"""

from __future__ import annotations

import re

from iree.vm import imports, isa

HEAD = """# The VM's instructions

Made from `iree.vm.isa` and `iree.vm.imports` by `packages/iree-vm/scripts/write_isa_doc.py`; do not edit.

## Machine

A function has a bank of 64-bit value registers, each declared i32, i64, f32 or f64, and a bank of reference
registers. Both start as 0 and null; the first registers of each bank are the arguments. References count: a
register, a global or a slot of a list that holds one keeps the object alive. Reading a register shares the
reference; `ref.move` empties its source.

Code is a run of little-endian 16-bit words, verified when the module is loaded: nothing is checked again
while it runs. A trap ends the invocation with a status code, a message and the source location. Calls, taken
branches and `yield` count towards the points at which cancellation and time-outs are noticed.
`hal.fence.await` suspends an invocation without holding a thread.

Lists that only refer to each other are freed when the invocation that made them ends.

## State and concurrency

Any number of invocations of one context may be in flight. If functions other than the initializer can change
what they share (mutable globals; lists or command buffers in globals), their host code runs one at a time,
switching only where an invocation waits, yields or ends; otherwise it runs in parallel.

## Encoding

An instruction is its opcode, then its fields in order.
"""


def fields_table() -> str:
    """The table of field codes, as isa.py's documentation has it."""
    assert isa.__doc__ is not None
    rows = re.search(r"(?s)field  words meaning\n=+ =+ =+\n(.*?)\n=+ ", isa.__doc__)
    assert rows is not None
    lines: list[list[str]] = []
    for line in rows[1].splitlines():
        if line.startswith(" "):
            lines[-1][2] += " " + line.strip()
        else:
            code, words, meaning = line.split(maxsplit=2)
            lines.append([code.strip("`"), words, meaning])
    table = "\n".join(f"| `{code}` | {words} | {meaning} |" for code, words, meaning in lines)
    return f"| field | words | meaning |\n|---|---|---|\n{table}\n"


def instructions_table() -> str:
    """One row for each instruction; the first fields are written."""
    rows = []
    for op in isa.OPS:
        fields = " ".join(op.fields)
        results = " ".join(op.fields[: op.results])
        written = f"`{results}`" if results else ""
        shown = f"`{fields}`" if fields else ""
        rows.append(f"| {op.opcode} | `{op.name}` | {shown} | {written} | {op.doc} |")
    return "| opcode | name | fields | written | meaning |\n|---|---|---|---|---|\n" + "\n".join(rows) + "\n"


def imports_table() -> str:
    """One row for each import."""
    rows = []
    for name, (signature, doc) in imports.IMPORTS.items():
        text = doc.replace("|", "\\|")
        rows.append(f"| `{name}` | `{signature}` | {text} |")
    return "| name | signature | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def document() -> str:
    """The whole of docs/isa.md."""
    letters = (
        "Letters: `i` i32, `I` i64, `f` f32, `F` f64, `r` reference; `[…]` is repeated a number of times given at\n"
        "each call; `arguments:results`. A null or an object of the wrong type where it is not allowed traps, naming\n"
        "the argument.\n"
    )
    return "\n".join(
        [HEAD, fields_table(), "## Instructions\n", instructions_table(), "## Imports\n", letters, imports_table()]
    )


if __name__ == "__main__":
    print(document(), end="")
