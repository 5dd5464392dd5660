"""Brings a kernel into the form that templates match: generics without unit loops, neighbouring loops collapsed."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu import passes
from iree.codegen.cpu.accumulators import widen_accumulators
from iree.codegen.cpu.collapse import collapse
from iree.codegen.cpu.expand_math import expand_math
from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.kernel import Kernel, is_tensor
from iree.codegen.cpu.loops import allow_reassociation, order_loops
from iree.codegen.cpu.recompute import recompute
from iree.codegen.cpu.structured import Generic, defining, find, generics
from iree.codegen.cpu.templates.match import is_contraction
from iree.dialects.mlir import arith, bufferization, ir, linalg, tensor


def prepare(kernel: Kernel, machine: Machine, *, doubles: bool = True, recomputes: bool = False) -> None:
    """Prepares `kernel` in place.

    Args:
        kernel: What to prepare.
        machine: What it is compiled for.
        doubles: Whether the machine has f64.
        recomputes: Whether cheap values are computed again in every use.
    """
    passes.run("prepare", kernel.module)
    if not any(is_contraction(generic) for generic in generics(kernel.function)):
        # Around a contraction it would recompute producers once per output: there the template fuses by tiles.
        passes.run("fuse", kernel.module)
        if recomputes and recompute(kernel.function):
            passes.run("fuse", kernel.module)
    expand_math(kernel.module, machine, doubles=doubles)
    passes.run("fold", kernel.module)
    _name_fills(kernel)
    widen_accumulators(kernel.function)
    collapse(kernel.function)
    passes.run("clean", kernel.module)
    order_loops(kernel.function, keep_reductions=not machine.reassociate)
    if machine.reassociate:
        allow_reassociation(kernel.function)
    _reshape_destinations(kernel)
    _flatten_empties(kernel)


def _name_fills(kernel: Kernel) -> None:
    """Generics that only spread a value become `linalg.fill`, which has no loops of its own to agree on."""
    for generic in generics(kernel.function):
        value = _spread(generic)
        if value is not None:
            with generic.op.location, ir.InsertionPoint(generic.op):
                filled = linalg.fill(value, outs=[generic.inits[0]])
            generic.op.results[0].replace_all_uses_with(filled)
            generic.op.erase()


def _spread(generic: Generic) -> Any:
    """The scalar that a generic does nothing but spread, or None."""
    if len(generic.body) > 1 or len(generic.inits) > 1 or any(is_tensor(v.type) for v in generic.inputs):
        return None
    value = generic.body[0].operands[0]
    if value.owner != generic.block:
        return value
    return generic.inputs[value.arg_number] if value.arg_number < len(generic.inputs) else None


def _reshape_destinations(kernel: Kernel) -> None:
    """Stores a value in the reshaped destination instead of reshaping it: bufferization then computes it in place."""
    for store in find(kernel.function, "bufferization.materialize_in_destination"):
        _reshape_destination(store)


def _reshape_destination(store: Any) -> None:
    reshape = defining(store.operands[0])
    if reshape is None or reshape.name != "tensor.expand_shape":
        return
    source, groups = reshape.operands[0], reshape.attributes["reassociation"]
    # As early as can be: an empty tensor can become the destination only where that is known.
    with store.location, _after(store.operands[1]):
        into = tensor.CollapseShapeOp(source.type, store.operands[1], groups).result
    with store.location, ir.InsertionPoint(store):
        stored = bufferization.MaterializeInDestinationOp(source.type, source, into)
        whole = _expand_like(reshape, stored.results[0])
    store.results[0].replace_all_uses_with(whole)
    store.erase()
    _reshape_destination(stored.operation)


def _after(value: Any) -> Any:
    """The point right after a value comes to be."""
    if isinstance(value, ir.BlockArgument):
        return ir.InsertionPoint.at_block_begin(value.owner)
    return ir.InsertionPoint.after(value.owner)


def _flatten_empties(kernel: Kernel) -> None:
    """Reshaped empty tensors are empty tensors: only as such they can become the destination."""
    for reshape in find(kernel.function, "tensor.collapse_shape"):
        empty = defining(reshape.operands[0])
        if empty is None or empty.name != "tensor.empty":
            continue
        shape, unknown, sizes = empty.results[0].type, iter(empty.operands), []
        with reshape.location, ir.InsertionPoint(reshape):
            extents = [
                next(unknown) if shape.is_dynamic_dim(d) else arith.ConstantOp.create_index(shape.shape[d]).result
                for d in range(shape.rank)
            ]
            type_ = reshape.results[0].type
            for position, group in enumerate(reshape.attributes["reassociation"]):
                if type_.is_dynamic_dim(position):
                    product = extents[group[0].value]
                    for d in list(group)[1:]:
                        product = arith.MulIOp(product, extents[d.value]).result
                    sizes.append(product)
            flat = tensor.EmptyOp(
                [sizes.pop(0) if type_.is_dynamic_dim(d) else type_.shape[d] for d in range(type_.rank)],
                type_.element_type,
            ).result
        reshape.results[0].replace_all_uses_with(flat)
        reshape.erase()


def _expand_like(reshape: Any, value: Any) -> Any:
    static = list(reshape.attributes["static_output_shape"])
    sizes = list(reshape.operands)[1:]
    return tensor.ExpandShapeOp(
        reshape.results[0].type, value, reshape.attributes["reassociation"], sizes, static
    ).result
