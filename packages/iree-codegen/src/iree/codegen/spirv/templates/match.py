"""Bufferized kernels as templates see them: fill, contraction, elementwise operations on its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.structured import PARALLEL, Generic, generics
from iree.codegen.cpu.templates.match import is_contraction
from iree.dialects.mlir import ir

_FREE = ("arith.", "affine.", "memref.collapse_shape", "memref.expand_shape", "memref.dim")
_ALSO = frozenset({"memref.alloc", "memref.cast", "memref.dealloc", "func.return"})


@dataclass(frozen=True)
class Product:
    """A contraction with what comes before and after it in a kernel.

    Attributes:
        fill: Gives the accumulators their first value.
        contraction: C[batch, m, n] += A[batch, m, k] * B[batch, k, n]; indices may be sums of loops.
        batch: Loops of both operands.
        m: Loops of A and the result.
        n: Loops of B and the result.
        k: The reductions.
        after: Elementwise, each on the result of the one before.
    """

    fill: Generic
    contraction: Generic
    batch: tuple[int, ...]
    m: tuple[int, ...]
    n: tuple[int, ...]
    k: tuple[int, ...]
    after: tuple[Generic, ...]

    @property
    def initial(self) -> Any:
        """The accumulators' first value: a scalar."""
        value = self.fill.body[-1].operands[0]
        return self.fill.inputs[value.arg_number] if isinstance(value, ir.BlockArgument) else value


def read_product(kernel: Kernel) -> Product | None:
    """The product that a bufferized kernel of generics is; None if it is something else."""
    found = generics(kernel.function)
    ops = [op.operation for op in kernel.block.operations]
    known = [g.op for g in found]
    if any(op not in known and op.name not in _ALSO and not op.name.startswith(_FREE) for op in ops):
        return None
    if len(found) < 2 or not is_contraction(found[1]) or not is_fill(found[0], found[1]):
        return None
    fill, contraction, *after = found
    a, b, c = (_loops(contraction, i) for i in range(3))
    loops = range(len(contraction.iterators))
    parallel = [i for i in loops if contraction.iterators[i] == PARALLEL]
    m = tuple(i for i in parallel if i in a and i not in b)
    n = tuple(i for i in parallel if i in b and i not in a)
    batch = tuple(i for i in parallel if i in a and i in b)
    if not m or not n or set(parallel) != c or len(batch) + len(m) + len(n) != len(parallel):
        return None
    if None in contraction.dims(2) or not follow(contraction, after):
        return None
    return Product(fill, contraction, batch, m, n, contraction.reductions, tuple(after))


def is_fill(fill: Generic, contraction: Generic) -> bool:
    """Whether a generic gives the results of another their first value, a number."""
    scalar = all(not isinstance(v.type, ir.MemRefType) for v in fill.inputs)
    return scalar and len(fill.body) == 1 and list(fill.inits) == list(contraction.inits)


def follow(contraction: Generic, after: list[Generic]) -> bool:
    """Whether each of `after` is elementwise over the result before it, element for element."""
    previous = contraction
    for generic in after:
        result = previous.inits[0]
        uses = [i for i, value in enumerate(generic.inputs) if value == result]
        if len(uses) != 1 or len(generic.inits) != 1 or generic.reductions:
            return False
        if generic.maps[uses[0]] != generic.maps[len(generic.inputs)] or None in generic.dims(uses[0]):
            return False
        if len(generic.dims(uses[0])) != len(generic.iterators):
            return False
        if any(not op.name.startswith(("arith.", "math.", "linalg.yield")) for op in generic.body):
            return False
        if list(generic.block.arguments[len(generic.inputs)].uses):
            return False
        previous = generic
    return True


def _loops(generic: Generic, operand: int) -> set[int]:
    """Loops that an operand's indices depend on."""
    found: set[int] = set()
    for expr in generic.maps[operand].results:
        _collect(expr, found)
    return found


def _collect(expr: Any, found: set[int]) -> None:
    expr = expr.maybe_downcast()
    if isinstance(expr, ir.AffineDimExpr):
        found.add(expr.position)
    elif not isinstance(expr, (ir.AffineConstantExpr, ir.AffineSymbolExpr)):
        _collect(expr.lhs, found)
        _collect(expr.rhs, found)
