"""The script shared by contractions and convolutions: register tiles of the result over the whole reduction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

from iree.codegen.cpu import vector_functions
from iree.codegen.cpu.kernel import is_tensor
from iree.codegen.cpu.structured import Generic, defining, find, nested_generics, read_generic, rebuild, walk
from iree.codegen.cpu.templates.chain import Chain
from iree.codegen.cpu.templates.columns import read_columns, widen_columns
from iree.codegen.cpu.templates.match import is_contraction
from iree.codegen.cpu.templates.remainders import divide_rests, peel
from iree.codegen.cpu.templates.script import Script
from iree.codegen.cpu.templates.tiles import largest_divisor
from iree.codegen.cpu.unpacked import read_panels, widen_rests
from iree.dialects.mlir import ir, linalg, tensor
from iree.dialects.mlir import math as math_ops

WORKGROUP_FLOPS = 1e6
"""What one workgroup does, about: 5 to 10 microseconds, so that any number of threads finish together."""

_ROOT, _REDUCTION, _INIT, _FUSED = "iree_root", "iree_reduction", "iree_init", "iree_fused_"
_PACK, _UNPACK, _VECTOR = "iree_pack", "iree_unpack", "iree_vector"
_NAMES = "iree_names"
_VECTORIZED = {"linalg.generic", "linalg.fill", "linalg.unpack"}
FEW_OPERATIONS = 32
"""Per element of the result, which a copy for each number of rows may have."""
PANEL_ROWS = 8
"""Rows of a panel that are copied at a time, at most."""


@dataclass(frozen=True)
class RegisterTiles:
    """How to tile a reduction. Sizes are per loop of `generic`.

    Attributes:
        generic: The contraction or convolution.
        loops: Its parallel loops' numbers in the root.
        workgroup: What one workgroup computes; 0 for all of a loop.
        register: What stays in registers; 0 for reduction loops.
        depth: How much of each reduction loop one step takes; 0 for parallel loops.
        column: The loop that is vectorized; it is the outermost loop over register tiles.
        peel: Some size is no multiple of its tile: what is left over gets code of its own.
        dynamic_row: The loop whose remainder is not known, None if there is none. Each number of rows left over gets
            code of its own as long as that is not much.
        panels: Copy the second input into panels of as many columns as a register tile has.
        packed: The second input comes in such panels.
        single: Loops of which a workgroup takes one iteration; with panels they are dropped.
    """

    generic: Generic
    loops: dict[int, int]
    workgroup: list[int]
    register: list[int]
    depth: list[int]
    column: int
    peel: bool = False
    dynamic_row: int | None = None
    panels: bool = False
    packed: bool = False
    single: frozenset[int] = frozenset()


def register_tiles(chain: Chain, plan: RegisterTiles) -> Script:
    """The script. Pads and panels are computed once per workgroup, into scratch memory."""
    fused = _mark(chain, plan)
    workgroup, register = _for_root(chain, plan, plan.workgroup), _for_root(chain, plan, plan.register)
    s = Script()
    if chain.pads and not any(workgroup):
        workgroup[0] = plan.generic.loop_sizes()[next(i for i, root in plan.loops.items() if root == 0)] or 1
    if any(workgroup):
        s.fuse(s.match(_ROOT), workgroup, forall=True)
        s.clean()
    if chain.pads:
        s.materialize_pads()
    column = plan.loops[plan.column]
    depth, alone = list(plan.depth), bool(chain.root.op == plan.generic.op)
    if plan.panels:
        if plan.single:
            _drop_single(s)
            single = {plan.loops[loop] for loop in plan.single}
            register = [size for loop, size in enumerate(register) if loop not in single]
            column -= sum(loop < column for loop in single)
            depth = [size for loop, size in enumerate(depth) if loop not in plan.single]
        _pack(s, plan)
        depth.append(0)
        if alone:
            kept = [loop for loop in plan.generic.dims(2) if loop is not None and loop not in plan.single]
            register = [plan.register[loop] for loop in kept]
            column = len(register) - 1
        fused = [_REDUCTION, *fused] if alone else [_UNPACK, *fused]
        alone = False
    order = _order(column, register)
    if alone:
        s.fuse(s.match(_ROOT), register, order=order)
    else:
        s.tile_and_fuse(s.match(_ROOT), register, order, fused)
    s.clean()
    if plan.peel:
        s.then(peel)
    if plan.dynamic_row is not None:
        s.then(partial(divide_rests, step=plan.register[plan.dynamic_row], tile=_rest_rows(chain, plan)))
        s.clean()
    if plan.packed:
        s.then(read_panels)
        s.then(partial(widen_rests, lanes=plan.register[plan.column] // 4))
        s.clean()
    open_columns = plan.generic.loop_sizes()[plan.column] is None and not plan.panels and not plan.packed
    if open_columns:
        s.then(partial(widen_columns, tile=plan.register[plan.column]))
    s.tile(s.match(_REDUCTION), depth)
    s.clean()
    if plan.peel:
        s.then(peel)
    if open_columns:
        s.then(read_columns)
    s.patterns("linalg.fold_unit_extent_dims_via_slices", "canonicalization")
    tile = prod(max(size, 1) for size in plan.register)
    s.then(partial(_prepare_vectors, limit=tile * max(*plan.depth, 1)))
    if plan.panels:
        _vectorize_panels(s, plan)
    s.vectorize(s.match(_VECTOR))
    s.finish_vectors()
    return s


def _rest_rows(chain: Chain, plan: RegisterTiles) -> int:
    """How many of an unknown number of rows left over are taken at a time."""
    rows = plan.register[plan.dynamic_row or 0]
    operations = [op for generic in chain.generics if generic.op != plan.generic.op for op in generic.body[:-1]]
    work = sum(vector_functions.WORK if vector_functions.is_function(op) else 1 for op in operations)
    several = sum(size is None for size in plan.generic.loop_sizes()) > 1
    return rows if work <= FEW_OPERATIONS and not several else -(-rows // 2)


def _mark(chain: Chain, plan: RegisterTiles) -> list[str]:
    """Names the operations by attributes. Returns those to fuse into the loops over register tiles, consumers first."""
    names = []
    before = {g.op for g in chain.generics if chain.depends(plan.generic, g)}
    for number, generic in enumerate(chain.generics):
        if generic.op == chain.root.op:
            chain.mark(generic, _ROOT)
        if generic.op == plan.generic.op:
            chain.mark(generic, _REDUCTION)
            names.append(_REDUCTION)
        elif generic.op != chain.root.op and generic.op not in before:
            chain.mark(generic, f"{_FUSED}{number}")
            names.append(f"{_FUSED}{number}")
    names.reverse()
    if chain.root.op == plan.generic.op:
        names.remove(_REDUCTION)
    init = defining(plan.generic.inits[0])
    if init is not None and init.name == "linalg.fill":
        init.attributes[_INIT] = ir.UnitAttr.get()
        names.append(_INIT)
    return names


def _order(column: int, register: list[int]) -> list[int]:
    """The loops over register tiles: columns outermost."""
    tiled = [i for i in range(len(register)) if register[i]]
    return [tiled.index(i) for i in (column, *(i for i in tiled if i != column)) if i in tiled]


def _drop_single(s: Script) -> None:
    """Drops loops with one iteration, so that panels are copied from matrices."""
    s.then(_note_names)
    s.patterns("linalg.fold_unit_extent_dims_via_slices", "canonicalization")
    s.then(_restore_names)
    s.then(_fill_slices)
    s.clean()


def _note_names(function: Any) -> None:
    """Keeps the names of generics where patterns do not lose them: on the function."""
    names = [ir.StringAttr.get(_name(generic.op)) for generic in nested_generics(function)]
    function.operation.attributes[_NAMES] = ir.ArrayAttr.get(names)


def _restore_names(function: Any) -> None:
    """Gives generics, of which there are as many and in the same order, their names again."""
    names = [ir.StringAttr(name).value for name in function.operation.attributes[_NAMES]]
    del function.operation.attributes[_NAMES]
    for generic, name in zip(nested_generics(function), names, strict=True):
        if name:
            generic.op.attributes[name] = ir.UnitAttr.get()


def _name(op: Any) -> str:
    return next((name for name in op.attributes if name.startswith("iree_")), "")


def _fill_slices(function: Any) -> None:
    """Fills what is read of a filled tensor and stored again, where that is all of it but dimensions of size 1."""
    for fill in find(function, "linalg.fill"):
        for use in list(fill.results[0].uses):
            user = use.owner.operation
            if user.name == "tensor.insert_slice" and use.operand_number == 1:
                if _as_large(user.operands[0], fill.results[0]):
                    user.operands[1] = fill.operands[1]
            elif user.name == "tensor.extract_slice" and _as_large(user.results[0], fill.results[0]):
                with fill.location, ir.InsertionPoint(user):
                    type_ = user.results[0].type
                    empty = tensor.EmptyOp(type_.shape, type_.element_type).result
                    filled = linalg.fill(fill.operands[0], outs=[empty])
                filled.owner.attributes[_INIT] = ir.UnitAttr.get()
                user.results[0].replace_all_uses_with(filled)
                user.erase()
        if not list(fill.results[0].uses):
            fill.erase()


def _as_large(a: Any, b: Any) -> bool:
    return bool(a.type.has_static_shape and b.type.has_static_shape and prod(a.type.shape) == prod(b.type.shape))


def _panel_dims(plan: RegisterTiles) -> list[int | None]:
    """The loops that index the matrices that panels are copied from."""
    return [loop for loop in plan.generic.dims(1) if loop not in plan.single]


def _pack(s: Script, plan: RegisterTiles) -> None:
    kept = [loop for loop in range(len(plan.register)) if loop not in plan.single]
    sizes = [plan.register[loop] if loop == plan.column else 0 for loop in kept]
    dims = _panel_dims(plan)
    rank = len(dims)
    outer = [*range(rank - 2), rank - 1, rank - 2] if dims[-1] == plan.column else list(range(rank))
    s.pack_columns(s.match(_REDUCTION), sizes, outer)
    s.then(_mark_packed)


def _vectorize_panels(s: Script, plan: RegisterTiles) -> None:
    rank = len(_panel_dims(plan))
    depth = plan.generic.loop_sizes()[plan.generic.reductions[-1]] or PANEL_ROWS
    rows = [1] * (rank - 1) + [largest_divisor(depth, PANEL_ROWS)]
    tiled = s.tile(s.match(_PACK), rows)
    s.vectorize_as(tiled, [*rows, plan.register[plan.column]])


def _mark_packed(function: Any) -> None:
    """Packing makes new operations: names them. If the reduction was the root, the root now unpacks its result."""
    has_root = any(_ROOT in op.attributes for op in walk(function) if op.name == "linalg.generic")
    for op in walk(function):
        if op.name == "linalg.generic" and is_contraction(read_generic(op)):
            op.attributes[_REDUCTION] = ir.UnitAttr.get()
            init = defining(op.operands[2])
            if init is not None and init.name == "linalg.fill":
                init.attributes[_INIT] = ir.UnitAttr.get()
        if op.name == "linalg.unpack":
            op.attributes[_UNPACK if has_root else _ROOT] = ir.UnitAttr.get()
        if op.name == "linalg.pack":
            op.attributes[_PACK] = ir.UnitAttr.get()


def _prepare_vectors(function: Any, limit: int) -> None:
    """Makes strides slices and products fused, and marks what is to be vectorized: operations that fit in a register
    tile.
    """
    slice_strides(function)
    for generic in nested_generics(function):
        if all(_small(v.type, limit) for v in [*generic.op.operands, *generic.op.results]):
            widen_inputs(generic)
    for op in walk(function):
        if op.name in _VECTORIZED and all(_small(v.type, limit) for v in [*op.operands, *op.results]):
            op.attributes[_VECTOR] = ir.UnitAttr.get()


def _small(type_: Any, limit: int) -> bool:
    return not is_tensor(type_) or (type_.has_static_shape and prod(type_.shape) <= limit)


def _for_root(chain: Chain, plan: RegisterTiles, sizes: list[int]) -> list[int]:
    result = [0] * chain.root_rank
    for loop, root in plan.loops.items():
        result[root] = sizes[loop]
    return result


def slice_strides(function: Any) -> None:
    """Prepares tiled reductions for vectorizing: strided indices become strided slices, products without reduction
    fused multiply-adds.
    """
    for generic in nested_generics(function):
        _fuse_product(generic)
        for number, map_ in enumerate(generic.maps):
            if any(isinstance(e.maybe_downcast(), ir.AffineMulExpr) for e in map_.results):
                _slice(generic, number)
                break


def _fuse_product(generic: Generic) -> None:
    """A contraction rounds once per step; without reduction loops its body would be vectorized as it stands."""
    body = generic.body
    if generic.reductions or [op.name for op in body] != ["arith.mulf", "arith.addf", "linalg.yield"]:
        return
    product, sum_, terminator = body
    others = [v for v in sum_.operands if v != product.results[0]]
    if len(others) != 1 or len(list(product.results[0].uses)) != 1:
        return
    with sum_.location, ir.InsertionPoint(sum_):
        fused = math_ops.FmaOp(product.operands[0], product.operands[1], others[0]).result
    terminator.operands[0] = fused
    sum_.erase()
    product.erase()


def _slice(generic: Generic, number: int) -> None:
    operand, exprs, sizes, strides = generic.operands[number], [], [], []
    extents = generic.loop_sizes()
    for position, expr in enumerate(generic.maps[number].results):
        down = expr.maybe_downcast()
        if isinstance(down, ir.AffineMulExpr):
            loop, stride = _factors(down)
            size = extents[loop] or 1
            exprs.append(ir.AffineExpr.get_dim(loop))
        else:
            size, stride = operand.type.shape[position], 1
            exprs.append(expr)
        sizes.append(size)
        strides.append(stride)
    type_ = ir.RankedTensorType.get(sizes, operand.type.element_type)
    with generic.op.location, ir.InsertionPoint(generic.op):
        zeros = [0] * len(sizes)
        sliced = tensor.ExtractSliceOp(type_, operand, [], [], [], zeros, sizes, strides).result
    operands = [*generic.operands]
    operands[number] = sliced
    maps = list(generic.maps)
    maps[number] = ir.AffineMap.get(len(generic.iterators), 0, exprs)
    count = len(generic.inputs)
    marks = [name for name in generic.op.attributes if "iree_" in name]
    new = rebuild(generic, operands[:count], operands[count:], maps, generic.iterators)
    for name in marks:
        new.attributes[name] = ir.UnitAttr.get()
    for old, result in zip(list(generic.op.results), list(new.results), strict=True):
        old.replace_all_uses_with(result)
    generic.op.erase()


def widen_inputs(generic: Generic) -> None:
    """Converts the inputs of a contraction to the type of its result before it, one tile at a time.

    As part of its body conversions would be made once per product, and keep it from being vectorized as a contraction.
    """
    if not generic.reductions or not is_contraction(generic):
        return
    for number, value in enumerate(generic.inputs):
        argument = generic.block.arguments[number]
        uses = list(argument.uses)
        cast = uses[0].owner.operation if len(uses) == 1 else None
        if cast is None or not cast.name.startswith("arith.ext"):
            continue
        wide = cast.results[0].type
        identity = ir.AffineMapAttr.get(ir.AffineMap.get_identity(value.type.rank))
        kinds = ir.ArrayAttr.get([ir.Attribute.parse("#linalg.iterator_type<parallel>")] * value.type.rank)
        with generic.op.location, ir.InsertionPoint(generic.op):
            empty = tensor.EmptyOp(value.type.shape, wide).result
            made = linalg.GenericOp([empty.type], [value], [empty], ir.ArrayAttr.get([identity] * 2), kinds)
            block = made.regions[0].blocks.append(value.type.element_type, wide)
            with ir.InsertionPoint(block):
                linalg.YieldOp([ir.Operation.create(cast.name, [wide], [block.arguments[0]]).result])
        generic.op.operands[number] = made.operation.results[0]
        cast.results[0].replace_all_uses_with(argument)
        cast.erase()
        argument.set_type(wide)


def _factors(expr: Any) -> tuple[int, int]:
    """Loop and factor of d * c."""
    dim, factor = expr.lhs.maybe_downcast(), expr.rhs.maybe_downcast()
    return int(dim.position), int(factor.value)
