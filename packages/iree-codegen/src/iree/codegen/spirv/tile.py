"""What a thread, or a workgroup, does where no template fits: an element of the result with all that leads to it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.structured import PARALLEL, Generic, defining, generics, made_by
from iree.codegen.cpu.templates.chain import Chain
from iree.codegen.cpu.templates.match import is_matrix_product
from iree.codegen.cpu.templates.script import Script

ROOT = "iree_root"
_FREE = frozenset(
    {
        "arith.constant",
        "arith.addi",
        "arith.subi",
        "arith.muli",
        "tensor.empty",
        "tensor.collapse_shape",
        "tensor.expand_shape",
        "tensor.extract_slice",
        "tensor.dim",
        "tensor.cast",
        "bufferization.materialize_in_destination",
        "func.return",
        "linalg.fill",
        "affine.apply",
    }
)
_LONG, _VERY_LONG = 128, 512
"""Reductions of this many elements are worth a workgroup, if there are not rows enough to keep a device busy, or even
if there are.
"""
_MANY_ROWS = 16384
_FEW, _DEEP = 4096, 8192
"""Results of a product for which it takes fewer workgroups than a device has, and terms of each that take them long."""


@dataclass(frozen=True)
class Plan:
    """How a kernel is cut.

    Attributes:
        script: Makes the `scf.forall`; None if there is none to make.
        cooperative: Each of its iterations is a workgroup's rather than a thread's.
    """

    script: Script | None
    cooperative: bool


def plan(kernel: Kernel) -> Plan:
    """How to cut a prepared kernel: one workgroup does all of it if its operations share no loop."""
    chain = read_chain(kernel.function)
    loops = [] if chain is None else shared_loops(chain)
    if chain is None or not loops:
        return Plan(None, True)
    s = Script()
    chain.mark(chain.root, ROOT)
    s.fuse(s.match(ROOT), [1 if i in loops else 0 for i in range(chain.root_rank)], forall=True)
    s.clean()
    return Plan(s, _cooperative(chain, loops))


def is_product(function: Any) -> bool:
    """Whether a template for products of matrices may fit, and has tiles enough of the result."""
    chain = read_chain(function)
    if chain is None:
        return False
    reductions = [g for g in chain.generics if g.reductions]
    return len(reductions) == 1 and is_matrix_product(reductions[0]) and not _is_deep(reductions[0])


def _is_deep(product: Generic) -> bool:
    """Whether a few sums of very many products, as of gradients of weights, would be left to a workgroup or two."""
    sizes = [size for size in product.loop_sizes() if size is not None]
    if len(sizes) < len(product.iterators):
        return False
    terms = _reduced(product)
    return terms >= _DEEP and prod(sizes) // terms <= _FEW


def is_elementwise(function: Any) -> bool:
    """Whether the kernel is one operation on single elements."""
    chain = read_chain(function)
    return chain is not None and len(chain.generics) == 1 and not chain.root.reductions


def read_chain(function: Any) -> Chain | None:
    """The generics of a kernel if one of them makes all its results and all others lead to it."""
    ops = [op.operation for op in function.regions[0].blocks[0].operations]
    found = generics(function)
    known = {g.op for g in found}
    if not found or any(op not in known and op.name not in _FREE for op in ops):
        return None
    for result in ops[-1].operands:
        value = result
        while (op := defining(value)) is not None and op.name in _FREE:
            value = op.operands[0]
        if not made_by(value, found[-1].op):
            return None
    return Chain(found, [])


def shared_loops(chain: Chain) -> list[int]:
    """Loops of the root that each operation has as a parallel loop of its own."""
    shared = {i for i, kind in enumerate(chain.root.iterators) if kind == PARALLEL}
    for generic in chain.generics:
        shared &= set(chain.shared_loops_of(generic).values())
    return sorted(shared)


def _cooperative(chain: Chain, loops: list[int]) -> bool:
    """Whether a workgroup shares each iteration: reductions, or rows made in several steps, that are long."""
    sizes = chain.root.loop_sizes()
    inner = [size for i, size in enumerate(sizes) if i not in loops]
    rows = prod(size or _LONG for i, size in enumerate(sizes) if i in loops)
    long = max([prod(size or _LONG for size in inner), *(_reduced(g) for g in chain.generics)])
    return long >= _LONG and (rows <= _MANY_ROWS or (long >= _VERY_LONG and _along_rows(chain)))


def _along_rows(chain: Chain) -> bool:
    """Whether all reductions are of consecutive elements, which threads that have rows of their own read apart."""
    reductions = [g for g in chain.generics if g.reductions]
    return bool(reductions) and all(map(_is_along_rows, reductions))


def _is_along_rows(generic: Generic) -> bool:
    reduced = set(generic.reductions)
    read = [set(generic.dims(i)) & reduced <= set(generic.dims(i)[-1:]) for i in range(len(generic.inputs))]
    return bool(read) and all(read)


def _reduced(generic: Generic) -> int:
    sizes = generic.loop_sizes()
    return prod(sizes[i] or _LONG for i in generic.reductions)
