"""The script shared by contractions and convolutions: register tiles of the result over the whole reduction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.structured import Generic, defining, nested_generics, rebuild
from iree.codegen.cpu.templates.chain import Chain
from iree.codegen.cpu.templates.script import Script
from iree.dialects.mlir import ir, tensor
from iree.dialects.mlir import math as math_ops

WORKGROUP_FLOPS = 4e6
"""What one workgroup does, about: 20 to 40 microseconds."""

_ROOT, _REDUCTION, _INIT = "iree_root", "iree_reduction", "iree_init"


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
    """

    generic: Generic
    loops: dict[int, int]
    workgroup: list[int]
    register: list[int]
    depth: list[int]
    column: int


def register_tiles(chain: Chain, plan: RegisterTiles) -> Script:
    """The script. Pads are computed once per workgroup, into scratch memory."""
    chain.mark(chain.root, _ROOT)
    chain.mark(plan.generic, _REDUCTION)
    init = defining(plan.generic.inits[0])
    if init is not None and init.name == "linalg.fill":
        init.attributes[_INIT] = ir.UnitAttr.get()
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
    tiled = [i for i in range(len(register)) if register[i]]
    order = [tiled.index(i) for i in (column, *(i for i in tiled if i != column))]
    if chain.root.op == plan.generic.op:
        s.tile(s.match(_ROOT), register, order=order)
    else:
        s.fuse(s.match(_ROOT), register, order=order)
    s.tile(s.match(_REDUCTION), plan.depth)
    s.clean()
    s.patterns("linalg.fold_unit_extent_dims_via_slices", "canonicalization")
    s.then(slice_strides)
    s.vectorize(s.match(_REDUCTION))
    if chain.root.op != plan.generic.op:
        s.vectorize(s.match_ops("linalg.generic"))
    s.vectorize(s.match(_INIT))
    s.finish_vectors()
    return s


def _for_root(chain: Chain, plan: RegisterTiles, sizes: list[int]) -> list[int]:
    result = [0] * chain.root_rank
    for loop, root in plan.loops.items():
        result[root] = sizes[loop]
    return result


def slice_strides(function: Any) -> None:
    """Prepares tiled reductions for vectorizing: strided indices become strided slices, products without reduction fused multiply-adds."""
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
    marked = _REDUCTION in generic.op.attributes
    new = rebuild(generic, operands[:count], operands[count:], maps, generic.iterators)
    if marked:
        new.attributes[_REDUCTION] = ir.UnitAttr.get()
    for old, result in zip(list(generic.op.results), list(new.results), strict=True):
        old.replace_all_uses_with(result)
    generic.op.erase()


def _factors(expr: Any) -> tuple[int, int]:
    """Loop and factor of d * c."""
    dim, factor = expr.lhs.maybe_downcast(), expr.rhs.maybe_downcast()
    return int(dim.position), int(factor.value)
