"""The hal dialect: what host code asks of devices. One operation per import of the runtime, plus executables.

The operation of the import ``hal.command.dispatch`` is ``hal.command_dispatch``: operands in the order of the
signature, variadic groups expanded, their repeat counts in ``groups``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from iree.dialects.definition import Definition, letter, table
from iree.dialects.mlir import ir

# --- Operations that are imports ------------------------------------------------------------------------------------

IMPORTS: dict[str, str] = {
    "hal.device": "i:r",
    "hal.device.count": ":i",
    "hal.device.query": "rr:iI",
    "hal.executable.supported": "rr:i",
    "hal.executable.create": "rrr:r",
    "hal.executable.try_create": "rrr:r",
    "hal.buffer.allocate": "riiI:r",
    "hal.buffer.constant": "rrII:r",
    "hal.buffer.length": "r:I",
    "hal.buffer.load": "rIi:I",
    "hal.buffer.store": "rIiI:",
    "hal.view.create": "rIi[I]:r",
    "hal.view.assert": "rri[I]:",
    "hal.view.buffer": "r:rII",
    "hal.view.dim": "ri:I",
    "hal.view.rank": "r:i",
    "hal.command.create": "ri:r",
    "hal.command.finalize": "r:",
    "hal.command.barrier": "r:",
    "hal.command.fill": "rriIIIi:",
    "hal.command.copy": "rriIriII:",
    "hal.command.dispatch": "rriiii[i][riII]:",
    "hal.fence.create": "r:r",
    "hal.fence.join": "[r]:r",
    "hal.fence.await": "r:",
    "hal.fence.signal": "r:",
    "hal.queue.alloca": "rrriiI:r",
    "hal.queue.dealloca": "rrrr:",
    "hal.queue.fill": "rrrrIIIi:",
    "hal.queue.copy": "rrrrIrII:",
    "hal.queue.execute": "rrrr[rII]:",
}
"""Import -> signature, in the letters of the runtime's import table, which is the other side of this contract."""

RESULT_TYPES: dict[str, str] = {
    "hal.device": "device",
    "hal.executable.create": "executable",
    "hal.executable.try_create": "executable",
    "hal.buffer.allocate": "buffer",
    "hal.buffer.constant": "buffer",
    "hal.view.create": "view",
    "hal.view.buffer": "buffer",
    "hal.command.create": "command_buffer",
    "hal.fence.create": "fence",
    "hal.fence.join": "fence",
    "hal.queue.alloca": "buffer",
}
"""What the reference that an import returns refers to."""


@dataclass(frozen=True)
class Signature:
    """A signature taken apart.

    Attributes:
        arguments: In order: letters of one argument each, or of a variadic group.
        variadic: For each of them, is it a group?
        results: Letters of the results.
    """

    arguments: tuple[str, ...]
    variadic: tuple[bool, ...]
    results: str

    @classmethod
    def parse(cls, text: str) -> Signature:
        """Reads ``rr[iI]:r``."""
        arguments, results = text.split(":")
        parts = re.findall(r"\[(\w+)\]|(\w)", arguments)
        return cls(tuple(g or s for g, s in parts), tuple(bool(g) for g, _ in parts), results)


SIGNATURES: dict[str, Signature] = {name: Signature.parse(text) for name, text in IMPORTS.items()}


def operation_name(name: str) -> str:
    """The operation of an import: ``hal.command.dispatch`` -> ``hal.command_dispatch``."""
    return "hal." + name.removeprefix("hal.").replace(".", "_")


IMPORT_OF_OPERATION: dict[str, str] = {operation_name(name): name for name in IMPORTS}


def _verify_groups(signature: Signature) -> Callable[[Any], str | None]:
    """A verifier: are the operands those that `groups` says, and of the signature's types?"""

    def verify(op: Any) -> str | None:
        groups = iter(op.attributes["groups"])
        letters = "".join(
            part * next(groups) if group else part
            for part, group in zip(signature.arguments, signature.variadic, strict=True)
        )
        given = "".join(letter(value.type) for value in op.operands)
        return None if given == letters else f"has operands {given}, not {letters} as its signature and groups say"

    return verify


def _definition(name: str, signature: Signature) -> Definition:
    doc = f"Calls the import `{name}`, `{IMPORTS[name]}`."
    if any(signature.variadic):
        groups = (("groups", ir.DenseI32ArrayAttr),)
        return Definition(operation_name(name), doc, None, signature.results, groups, verify=_verify_groups(signature))
    return Definition(operation_name(name), doc, "".join(signature.arguments), signature.results)


DEFINITIONS = table(
    [
        Definition(
            "hal.executables",
            "Kernels linked together: `hal.executable_export`s, and a `hal.executable_variant` per target.",
            "",
            "",
            (("sym_name", ir.StringAttr),),
            regions=1,
        ),
        Definition(
            "hal.executable_export",
            "An entry point: its access to each binding (1 reads, 2 writes, 3 both), how many 32-bit constants it has.",
            "",
            "",
            (
                ("sym_name", ir.StringAttr),
                ("ordinal", ir.IntegerAttr),
                ("access", ir.DenseI32ArrayAttr),
                ("constant_words", ir.IntegerAttr),
            ),
        ),
        Definition(
            "hal.executable_variant",
            """A binary for a target.

`workgroup_counts` has a map per ordinal from the index arguments to (x, y, z). `scratch` has a map per ordinal from the
index arguments, as symbols, to the bytes that each workgroup needs of one more binding, behind those of the export; 0
if the kernel does not take it.""",
            "",
            "",
            (
                ("target", ir.StringAttr),
                ("format", ir.StringAttr),
                ("binary", ir.Attribute),
                ("workgroup_counts", ir.ArrayAttr),
                ("scratch", ir.ArrayAttr),
            ),
        ),
        *(_definition(name, signature) for name, signature in SIGNATURES.items()),
    ]
)


def type_of(kind: str) -> Any:
    """The type ``!hal.KIND``; kinds are device, buffer, view, command_buffer, executable and fence."""
    return ir.OpaqueType.get("hal", kind)


def emit(name: str, *arguments: Any) -> Any:
    """Builds the operation of an import at the insertion point.

    Args:
        name: Of the import, with dots.
        arguments: One per argument of the signature; for a variadic group a list: of values if the group is of
            one letter, else of tuples.

    Returns:
        The only result, None, or the list of results if there are several.
    """
    signature = SIGNATURES[name]
    operands: list[Any] = []
    groups: list[int] = []
    for letters, variadic, argument in zip(signature.arguments, signature.variadic, arguments, strict=True):
        if not variadic:
            operands.append(argument)
            continue
        groups.append(len(argument))
        for item in argument:
            operands.extend([item] if len(letters) == 1 else item)
    op = ir.Operation.create(operation_name(name), _result_types(name, signature), operands)
    if groups:
        op.attributes["groups"] = ir.DenseI32ArrayAttr.get(groups)
    values = list(op.results)
    return values[0] if len(values) == 1 else values or None


def _result_types(name: str, signature: Signature) -> list[Any]:
    types = {
        "i": lambda: ir.IntegerType.get_signless(32),
        "I": lambda: ir.IntegerType.get_signless(64),
        "r": lambda: type_of(RESULT_TYPES[name]),
    }
    return [types[c]() for c in signature.results]


# --- Constants of iree/hal.h ------------------------------------------------------------------------------------------

MEMORY_DEVICE_LOCAL, MEMORY_HOST_VISIBLE, MEMORY_HOST_COHERENT = 1, 2, 4
USAGE_TRANSFER, USAGE_STORAGE, USAGE_MAPPING, USAGE_CONSTANT = 1, 2, 4, 8
BINDING_ALIGNMENT = 256

_ELEMENT_KINDS: dict[str, tuple[int, int]] = {
    "i1": (1, 8), "f16": (4, 16), "f32": (4, 32), "f64": (4, 64), "bf16": (5, 16),
    "complex<f32>": (6, 64), "complex<f64>": (6, 128), "f8E4M3FN": (7, 8), "f8E5M2": (8, 8),
    "f8E4M3FNUZ": (9, 8), "f8E5M2FNUZ": (10, 8), "f8E4M3B11FNUZ": (11, 8), "index": (2, 64),
} | {f"i{w}": (2, w) for w in (2, 4, 8, 16, 32, 64)} | {f"si{w}": (2, w) for w in (2, 4, 8, 16, 32, 64)} | {
    f"ui{w}": (3, w) for w in (2, 4, 8, 16, 32, 64)
}  # fmt: skip


def element_type(type_: Any) -> int | None:
    """The HAL's number of an MLIR element type, or None if it has none."""
    kind = _ELEMENT_KINDS.get(str(type_))
    return None if kind is None else kind[0] << 24 | kind[1]


def element_size(type_: Any) -> int | None:
    """Bytes that an element takes in a buffer, or None for a type that cannot be stored."""
    kind = _ELEMENT_KINDS.get(str(type_))
    return None if kind is None else (kind[1] + 7) // 8
