"""What kind of operation a `linalg.generic` is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.structured import PARALLEL, Generic, defining

_CASTS = {"arith.extf", "arith.extsi", "arith.extui"}
_PRODUCTS = {"arith.mulf": "arith.addf", "arith.muli": "arith.addi"}


def is_contraction(generic: Generic) -> bool:
    """Whether it adds products of two inputs, casts of them included, over at least one reduction loop."""
    if len(generic.inputs) != 2 or len(generic.inits) != 1 or not generic.reductions:
        return False
    body = [op for op in generic.body if op.name not in _CASTS]
    if len(body) != 3:
        return False
    product, sum_, terminator = body
    left, right, accumulator = generic.block.arguments
    return (
        _PRODUCTS.get(product.name) == sum_.name
        and {_uncast(v) for v in product.operands} == {left, right}
        and product.operands[0] != product.operands[1]
        and {v for v in sum_.operands} == {accumulator, product.results[0]}
        and terminator.operands[0] == sum_.results[0]
    )


def _uncast(value: Any) -> Any:
    op = defining(value)
    return op.operands[0] if op is not None and op.name in _CASTS else value


@dataclass(frozen=True)
class Contraction:
    """Loops of a contraction C[batch, m, n] += A[batch, m, k] * B[batch, k, n] by the operands they index.

    Loops are in order of the loop nest. `plain` says that every index is one loop: no convolution.
    """

    generic: Generic
    batch: tuple[int, ...]
    m: tuple[int, ...]
    n: tuple[int, ...]
    k: tuple[int, ...]
    plain: bool

    @property
    def sizes(self) -> list[int | None]:
        """Iterations of each loop, None where dynamic."""
        return self.generic.loop_sizes()


def read_contraction(generic: Generic) -> Contraction:
    """Sorts the loops of a generic for which `is_contraction` holds."""
    a, b, c = (set(generic.dims(i)) for i in range(3))
    loops = range(len(generic.iterators))
    parallel = [i for i in loops if generic.iterators[i] == PARALLEL]
    return Contraction(
        generic,
        tuple(i for i in parallel if i in a and i in b),
        tuple(i for i in parallel if i not in b),
        tuple(i for i in parallel if i in b and i not in a),
        generic.reductions,
        None not in a | b | c,
    )


def is_matrix_product(generic: Generic) -> bool:
    """Whether it is a contraction in which both inputs are reused: matrix times vector is not, nor is depthwise
    convolution.
    """
    if not is_contraction(generic):
        return False
    contraction = read_contraction(generic)
    return bool(contraction.m and contraction.n) or not contraction.plain
