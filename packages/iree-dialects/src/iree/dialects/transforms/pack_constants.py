"""Lays constant operands of contractions out in panels of columns, as register tiles read them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import arith, ir, linalg, tensor
from iree.dialects.passes import Pass
from iree.dialects.transforms.fusion import CHEAP
from iree.dialects.transforms.structure import Structure, defining, functions, shape_of, static_bytes, walk

_CONTRACTIONS = frozenset(
    {"linalg.matmul", "linalg.batch_matmul", "linalg.vecmat", "linalg.conv_1d_nwc_wcf", "linalg.conv_2d_nhwc_hwcf",
     "linalg.conv_3d_ndhwc_dhwcf"}
)  # fmt: skip
_LOADS = frozenset({"ml_program.global_load", "ml_program.global_load_const"})
_PURE = frozenset({"arith", "linalg", "math", "tensor"})
_OPERAND = 1
MAX_GROWTH = 0.025
"""By how much of its size an operand may grow because its columns are rounded up to whole panels."""
LEAST_ROWS, LEAST_DEPTH, LEAST_COLUMNS = 128, 256, 512
"""Of products whose second operand is packed with every call, if code generation cannot copy it part by part."""
PANEL_ROWS = 8
"""Code generation copies multiples of so many rows."""
SINGLE_ROW = 4
"""Panels of a product with one row are this many times as wide: there is nothing else to keep the machine busy."""


@dataclass(frozen=True)
class PackConstants(Pass):
    """A constant second operand of a contraction is packed: a panel of columns lies together, over the whole reduction.

    The operand becomes ``linalg.unpack`` of the packed constant, which each dispatch takes in (it is marked as cheap)
    and code generation reads through. It runs before constants are computed, so that packing happens once, at compile
    time; a constant of which something needs the plain form as well stays as it is. Other operands are packed with
    every call where that pays: in large products whose sizes no register tile divides.

    Attributes:
        register_bytes: Width of a register tile of the result; a panel has as many columns.
    """

    name = "pack-constants"
    register_bytes: int = 128

    def apply(self, module: Any) -> None:
        """See the class."""
        constants = _Constants(module)
        sites = [
            site
            for function in functions(module)
            for op in walk(function)
            if (site := _site(op, constants, self.register_bytes)) is not None
        ]
        known = [site for site in sites if site.op.operands[_OPERAND] in constants]
        others = [site for site in sites if site.op.operands[_OPERAND] not in constants]
        for site in others + _without_copies(known, constants, module):
            site.pack()


def _is_mutable(op: Any) -> bool:
    return bool(op.operation.name == "ml_program.global" and "is_mutable" in op.operation.attributes)


class _Constants:
    """Which values depend on constants and immutable globals alone."""

    def __init__(self, module: Any) -> None:
        self._mutable = {op.operation.attributes["sym_name"].value for op in module.body.operations if _is_mutable(op)}
        self._known: set[Any] = set()
        for function in functions(module):
            for op in walk(function):  # in an order in which what an operation uses comes before it
                if self._is_source(op) or self._is_pure(op):
                    self._known.update(op.results)

    def __contains__(self, value: Any) -> bool:
        return value in self._known

    def _is_source(self, op: Any) -> bool:
        if op.name in _LOADS:
            return ir.FlatSymbolRefAttr(op.attributes["global"]).value not in self._mutable
        return bool(op.name in ("arith.constant", "tensor.empty") and not op.operands)

    def _is_pure(self, op: Any) -> bool:
        if op.name.partition(".")[0] not in _PURE or not op.operands:
            return False
        return all(operand in self for operand in op.operands)

    def sources(self, value: Any) -> Iterable[Any]:
        """The loads and constants that a constant value is computed from."""
        found: list[Any] = []
        seen = {value}
        pending = [value]
        while pending:
            op: Any = defining(pending.pop())
            if not op.operands:
                found.append(op)
            for operand in op.operands:
                if operand not in seen:
                    seen.add(operand)
                    pending.append(operand)
        return found


@dataclass(frozen=True)
class _Site:
    """A contraction whose second operand is to be packed.

    Attributes:
        order: The operand's dimensions in the order that the packed one has them, the columns last.
        outer: Where the panels come among the other dimensions of that order.
        columns: Of a panel.
    """

    op: Any
    order: tuple[int, ...]
    outer: int
    columns: int

    def pack(self) -> None:
        """Puts the packing and the unpacking between the constant and the contraction."""
        value = self.op.operands[_OPERAND]
        with self.op.location, ir.InsertionPoint(self.op):
            ordered = _transpose(value, self.order)
            shape = shape_of(ordered.type)
            packed = _pack(ordered, self.outer, self.columns)
            rank = len(shape)
            empty = tensor.EmptyOp(shape, value.type.element_type).result
            perm = [*range(self.outer), rank - 1, *range(self.outer, rank - 1)]
            unpack = linalg.UnPackOp(
                empty.type, packed, empty, [rank - 1], [], [self.columns], outer_dims_perm=perm
            ).operation
            unpack.attributes[CHEAP] = ir.UnitAttr.get()
        if self.order != tuple(range(rank)):
            maps = [attribute.value for attribute in linalg.get_indexing_maps(self.op)]
            results = list(maps[_OPERAND].results)
            maps[_OPERAND] = ir.AffineMap.get(maps[_OPERAND].n_dims, 0, [results[d] for d in self.order])
            self.op.attributes["indexing_maps"] = ir.ArrayAttr.get([ir.AffineMapAttr.get(m) for m in maps])
        self.op.operands[_OPERAND] = unpack.results[0]


def _site(op: Any, constants: _Constants, register_bytes: int) -> _Site | None:
    if op.name not in _CONTRACTIONS and op.name != "linalg.generic":
        return None
    structure = Structure.of(op)
    if structure is None or not structure.reductions or len(structure.inputs) != 2 or len(structure.inits) != 1:
        return None
    value, output, dims = structure.inputs[_OPERAND], structure.maps[2], structure.maps[_OPERAND]
    if not output or dims is None or static_bytes(value.type) is None:
        return None
    if math.prod(structure.domain[loop] for loop in structure.reductions) == 1:
        return None
    element = op.results[0].type.element_type
    if element != value.type.element_type or not isinstance(element, (ir.F32Type, ir.F64Type)):
        return None
    column = output[-1]
    if dims.count(column) != 1 or _reads(op, column) or (op.name == "linalg.generic" and structure.maps[0] is None):
        return None
    first = structure.maps[0] or ()
    # Batch dimensions, columns, reductions: what one register tile reads lies together.
    kinds = [2 if loop in structure.reductions else 0 if loop in first else 1 for loop in dims]
    others = sorted((d for d in range(len(dims)) if dims[d] != column), key=lambda d: kinds[d])
    order = (*others, dims.index(column))
    if order != tuple(range(len(dims))) and op.name != "linalg.generic":
        return None
    rows = math.prod(structure.domain[loop] for loop in output if loop not in dims)
    if value not in constants and not _wants_panels(structure, rows, register_bytes * 8 // element.width):
        return None
    growth = 0.0 if structure.maps[0] is None else MAX_GROWTH
    columns = _columns(structure.domain[column], register_bytes * 8 // element.width, rows, growth)
    outer = sum(kinds[d] < 2 for d in others)
    return _Site(op, order, outer, columns) if columns else None


def _wants_panels(structure: Structure, rows: int, register: int) -> bool:
    """Whether the second operand of a product of matrices is worth a copy with every call."""
    dims = structure.maps[_OPERAND] or ()
    if len(dims) != 2 or len(structure.reductions) != 1 or structure.maps[0] is None:
        return False
    (depth,) = (structure.domain[loop] for loop in structure.reductions)
    (columns,) = (structure.domain[loop] for loop in dims if loop not in structure.reductions)
    large = rows >= LEAST_ROWS and depth >= LEAST_DEPTH and columns >= LEAST_COLUMNS
    return large and bool(columns % register or depth % PANEL_ROWS)


def _reads(op: Any, loop: int) -> bool:
    """Whether the first operand is indexed by a loop."""
    return any(ir.AffineDimExpr.get(loop) == e for e in linalg.get_indexing_maps(op)[0].value.results)


def _columns(size: int, register: int, rows: int, growth: float) -> int:
    """Columns of a panel; 0 if packing is not worth it, as when rows are no longer than a panel."""
    if size <= register:
        return 0
    widths = [register, register // 2]
    if rows == 1:
        widths.insert(0, register * SINGLE_ROW)
    for width in widths:
        if size > width and -(-size // width) * width <= size * (1 + growth):
            return width
    return 0


def _without_copies(sites: list[_Site], constants: _Constants, module: Any) -> list[_Site]:
    """The sites of constants of which nothing needs the plain form."""
    while True:
        places = {site.op.results[0] for site in sites}
        plain: set[str] = set()
        for function in functions(module):
            for op in walk(function):
                if op.name in _LOADS and not _only_packed(op.results[0], constants, places):
                    plain.add(ir.FlatSymbolRefAttr(op.attributes["global"]).value)
        kept = [
            site
            for site in sites
            if not any(
                source.name in _LOADS and ir.FlatSymbolRefAttr(source.attributes["global"]).value in plain
                for source in constants.sources(site.op.operands[_OPERAND])
            )
        ]
        if len(kept) == len(sites):
            return kept
        sites = kept


def _only_packed(value: Any, constants: _Constants, places: set[Any]) -> bool:
    """Whether everything that a constant is used for is packed; `places` are the results of what uses packed ones."""
    for use in value.uses:
        op = use.owner.operation
        if not op.results:
            return False
        if op.results[0] in places and use.operand_number == _OPERAND:
            continue
        if op.results[0] not in constants:
            return False
        if not _only_packed(op.results[0], constants, places):
            return False
    return True


def _transpose(value: Any, order: tuple[int, ...]) -> Any:
    if order == tuple(range(len(order))):
        return value
    shape = shape_of(value.type)
    empty = tensor.EmptyOp([shape[d] for d in order], value.type.element_type).result
    return linalg.transpose(value, outs=[empty], permutation=order).operation.results[0]


def _pack(value: Any, outer: int, columns: int) -> Any:
    """Panels of the last dimension become dimension `outer`."""
    shape = list(shape_of(value.type))
    element = value.type.element_type
    missing = -shape[-1] % columns
    if missing:
        shape[-1] += missing
        zeros = [0] * len(shape)
        type_ = ir.RankedTensorType.get(shape, element)
        pad = tensor.PadOp(type_, value, [], [], zeros, [*zeros[:-1], missing])
        index = ir.IndexType.get()
        with ir.InsertionPoint(pad.regions[0].blocks.append(*[index] * len(shape))):
            tensor.YieldOp(arith.ConstantOp(element, ir.FloatAttr.get(element, 0.0)).result)
        value = pad.result
    panels = [*shape[:-1], shape[-1] // columns, columns]
    rank = len(shape)
    groups = [*([d] for d in range(rank - 1)), [rank - 1, rank]]
    split = tensor.ExpandShapeOp(ir.RankedTensorType.get(panels, element), value, groups, [], panels).result
    order = [*range(outer), rank - 1, *range(outer, rank - 1), rank]
    return _transpose(split, tuple(order))
