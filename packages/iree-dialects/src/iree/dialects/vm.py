"""The vm dialect: one operation per instruction of the virtual machine, and the module around them.

Operation names are the instruction's mnemonic with ``_`` for each ``.``. `INSTRUCTIONS` has the mnemonics;
`iree.vm.isa` is the other side of the contract. The form of the attributes is in ``docs/architecture.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects.definition import LETTERS, Definition, table
from iree.dialects.mlir import ir

# --- Instructions that are rows ---------------------------------------------------------------------------------------


def _rows() -> dict[str, tuple[str, str, str]]:
    """Mnemonic -> (letters of the operands, letters of the results, attribute or ``""``)."""
    rows: dict[str, tuple[str, str, str]] = {"yield": ("", "", "")}
    for t, c in (*LETTERS.items(), ("ref", "r")):
        rows[f"global.load.{t}"] = ("", c, "global")
        rows[f"global.store.{t}"] = (c, "", "global")
        rows[f"list.get.{t}"] = ("rI", c, "")
        rows[f"list.set.{t}"] = (f"rI{c}", "", "")
        if t != "ref":
            rows[f"const.{t}"] = ("", c, "value")
            rows[f"mov.{t}"] = (c, c, "")
            rows[f"select.{t}"] = (f"i{c}{c}", c, "")
    rows |= {
        "ref.null": ("", "r", ""), "ref.copy": ("r", "r", ""), "ref.move": ("r", "r", ""),
        "ref.select": ("irr", "r", ""), "ref.eq": ("rr", "i", ""), "ref.is_null": ("r", "i", ""),
        "list.create": ("I", "r", ""), "list.size": ("r", "I", ""), "list.resize": ("rI", "", ""),
    }  # fmt: skip
    for t in ("i32", "i64"):
        c = LETTERS[t]
        for name in ("add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u "
                     "min_s max_s min_u max_u").split():  # fmt: skip
            rows[f"{name}.{t}"] = (c * 2, c, "")
        for name in ("clz", "ctz", "popcnt"):
            rows[f"{name}.{t}"] = (c, c, "")
        for name in ("eq", "ne", "lt_s", "le_s", "lt_u", "le_u"):
            rows[f"cmp.{name}.{t}"] = (c * 2, "i", "")
    for t in ("f32", "f64"):
        c = LETTERS[t]
        for name in ("add", "sub", "mul", "div", "rem", "min", "max", "pow", "atan2"):
            rows[f"{name}.{t}"] = (c * 2, c, "")
        for name in ("neg abs ceil floor trunc round roundeven sqrt exp expm1 log log1p "
                     "sin cos tan tanh erf").split():  # fmt: skip
            rows[f"{name}.{t}"] = (c, c, "")
        for name in ("eq", "ne", "lt", "le", "unordered"):
            rows[f"cmp.{name}.{t}"] = (c * 2, "i", "")
    rows |= {
        "trunc.i64.i32": ("I", "i", ""), "ext_s.i32.i64": ("i", "I", ""), "ext_u.i32.i64": ("i", "I", ""),
        "fpext.f32.f64": ("f", "F", ""), "fptrunc.f64.f32": ("F", "f", ""),
        "bitcast.i32.f32": ("i", "f", ""), "bitcast.f32.i32": ("f", "i", ""),
        "bitcast.i64.f64": ("I", "F", ""), "bitcast.f64.i64": ("F", "I", ""),
    }  # fmt: skip
    for width in (1, 8, 16):
        rows[f"ext_s.i{width}.i32"] = rows[f"ext_u.i{width}.i32"] = ("i", "i", "")
    for t in ("i32", "i64"):
        for u in ("f32", "f64"):
            c, d = LETTERS[t], LETTERS[u]
            rows[f"fp_s.{t}.{u}"] = rows[f"fp_u.{t}.{u}"] = (c, d, "")
            rows[f"int_s.{u}.{t}"] = rows[f"int_u.{u}.{t}"] = (d, c, "")
    return rows


ROWS = _rows()


def operation_name(mnemonic: str) -> str:
    """The operation of an instruction: ``add.i32`` -> ``vm.add_i32``."""
    return "vm." + mnemonic.replace(".", "_")


def _verify_branch(op: Any) -> str | None:
    """Do the operands match the arguments of the successors' blocks?"""
    given = [value.type for value in op.operands][0 if op.name == "vm.br" else 1 :]
    blocks = [[argument.type for argument in block.arguments] for block in op.successors]
    if given != [type_ for types in blocks for type_ in types]:
        return "passes values that do not match the arguments of its blocks"
    if op.name != "vm.br" and list(op.attributes["target_operands"]) != [len(types) for types in blocks]:
        return "has target_operands that do not match the arguments of its blocks"
    return None


_TARGETS = (("target_operands", ir.DenseI32ArrayAttr),)
_CALLEE = (("callee", ir.FlatSymbolRefAttr),)
_MESSAGE = (("message", ir.StringAttr),)
_SYMBOL = (("sym_name", ir.StringAttr),)

_MODULE = [
    Definition(
        "vm.module", "A module file: imports, globals, rodata segments, functions, exports.", "", "", _SYMBOL, regions=1
    ),
    Definition(
        "vm.import",
        "A function of the runtime that the module calls; `signature` is its row in the import table.",
        "",
        "",
        (*_SYMBOL, ("signature", ir.StringAttr)),
    ),
    Definition(
        "vm.global",
        "A variable of the module, 0 or null at first. Immutable ones are written by `__init` alone.",
        "",
        "",
        (*_SYMBOL, ("type", ir.TypeAttr), ("mutable", ir.BoolAttr)),
    ),
    Definition(
        "vm.rodata_segment",
        "Read-only bytes: `pieces` at their offsets, zeros between them, `size` bytes in all.",
        "",
        "",
        (*_SYMBOL, ("size", ir.IntegerAttr), ("alignment", ir.IntegerAttr), ("pieces", ir.ArrayAttr)),
    ),
    Definition(
        "vm.func", "A function: blocks of instructions.", "", "", (*_SYMBOL, ("function_type", ir.TypeAttr)), regions=1
    ),
    Definition(
        "vm.export",
        "Makes a function callable from outside; `signature` and `names` describe the tensors that it takes and gives.",
        "",
        "",
        (("export_name", ir.StringAttr), *_CALLEE, ("signature", ir.TypeAttr), ("names", ir.ArrayAttr)),
    ),
]

_OWN_FORM = {
    "br": Definition("vm.br", "Goes to the block; the operands are its arguments.", None, "", verify=_verify_branch),
    "cond_br": Definition(
        "vm.cond_br",
        "Goes to the first block if the condition is not 0, else to the second.",
        None,
        "",
        _TARGETS,
        verify=_verify_branch,
    ),
    "switch": Definition(
        "vm.switch",
        "Goes to the block of that number; to the first, the default, if there is none.",
        None,
        "",
        _TARGETS,
        verify=_verify_branch,
    ),
    "return": Definition("vm.return", "Returns the operands to the caller.", None, ""),
    "fail": Definition("vm.fail", "Traps with a status code and a message.", "i", "", _MESSAGE),
    "call": Definition("vm.call", "Calls a function of the module.", attributes=_CALLEE),
    "call.import": Definition(
        "vm.call_import",
        "Calls an import; `groups` are the repeat counts of the variadic groups of its signature.",
        attributes=(*_CALLEE, ("groups", ir.DenseI32ArrayAttr)),
    ),
    "import.resolved": Definition(
        "vm.import_resolved", "1 if the import is there, else 0.", "", "i", _CALLEE, pure=True
    ),
    "assert": Definition("vm.assert", "Traps with FAILED_PRECONDITION and the message if 0.", "i", "", _MESSAGE),
    "rodata": Definition(
        "vm.rodata", "A segment as a buffer.", "", "r", (("segment", ir.FlatSymbolRefAttr),), pure=True
    ),
}

_ATTRIBUTES: dict[str, tuple[tuple[str, Any], ...]] = {
    "": (),
    "global": (("global", ir.FlatSymbolRefAttr),),
    "value": (("value", ir.Attribute),),
}
_IMPURE = ("global.", "list.", "yield", "div_", "rem_")

INSTRUCTIONS: frozenset[str] = frozenset(ROWS) | frozenset(_OWN_FORM)
"""Every mnemonic of the instruction set."""

DEFINITIONS = table(
    [
        *_MODULE,
        *_OWN_FORM.values(),
        *(
            Definition(
                operation_name(mnemonic),
                f"The instruction `{mnemonic}`.",
                operands,
                results,
                _ATTRIBUTES[attribute],
                pure=not mnemonic.startswith(_IMPURE),
            )
            for mnemonic, (operands, results, attribute) in ROWS.items()
        ),
    ]
)

# --- Builders ---------------------------------------------------------------------------------------------------------


def emit(mnemonic: str, operands: Sequence[Any] = (), results: Sequence[Any] = (), **attributes: Any) -> Any:
    """Builds an instruction at the insertion point.

    Args:
        mnemonic: As in the instruction set, with dots.
        operands: Values read.
        results: Types of the values written.
        attributes: By name; see ``docs/architecture.md``.

    Returns:
        Its only result, or None, or the list of results if there are several.
    """
    op = ir.Operation.create(operation_name(mnemonic), results, operands, attributes)
    values = list(op.results)
    return values[0] if len(values) == 1 else values or None


def suffix(type_: Any) -> str:
    """``i32``, ``i64``, ``f32``, ``f64`` or ``ref``: the last part of the mnemonics for values of that type."""
    text = str(type_)
    return text if text in LETTERS else "ref"


def const(type_: Any, value: int | float) -> Any:
    """A constant of a value type."""
    is_float = isinstance(type_, (ir.F32Type, ir.F64Type))
    attribute = ir.FloatAttr.get(type_, value) if is_float else ir.IntegerAttr.get(type_, value)
    return emit(f"const.{type_}", results=[type_], value=attribute)


def global_load(name: str, type_: Any) -> Any:
    """Reads a global."""
    return emit(f"global.load.{suffix(type_)}", results=[type_], **{"global": ir.FlatSymbolRefAttr.get(name)})


def global_store(name: str, value: Any) -> None:
    """Writes a global."""
    emit(f"global.store.{suffix(value.type)}", [value], **{"global": ir.FlatSymbolRefAttr.get(name)})


def rodata(segment: str) -> Any:
    """A segment as a buffer."""
    return emit("rodata", results=[ir.OpaqueType.get("vm", "buffer")], segment=ir.FlatSymbolRefAttr.get(segment))


def define_global(name: str, type_: Any, *, mutable: bool) -> Any:
    """Declares a global at the insertion point."""
    attributes = {
        "sym_name": ir.StringAttr.get(name),
        "type": ir.TypeAttr.get(type_),
        "mutable": ir.BoolAttr.get(mutable),
    }
    return ir.Operation.create("vm.global", attributes=attributes)


def define_rodata(name: str, pieces: Sequence[dict[str, Any]], size: int, alignment: int = 64) -> Any:
    """Declares a rodata segment at the insertion point; pieces as ``docs/architecture.md`` has them."""
    i64 = ir.IntegerType.get_signless(64)
    attributes = {
        "sym_name": ir.StringAttr.get(name),
        "size": ir.IntegerAttr.get(i64, size),
        "alignment": ir.IntegerAttr.get(i64, alignment),
        "pieces": ir.ArrayAttr.get([ir.DictAttr.get(piece) for piece in pieces]),
    }
    return ir.Operation.create("vm.rodata_segment", attributes=attributes)
