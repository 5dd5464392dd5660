"""Elementwise kernels and reductions along rows: rows are distributed, what happens to one row stays in the cache.

Inner loops are left to LLVM's vectorizer, which takes any size, static or dynamic.
"""

from __future__ import annotations

from math import prod

from iree.codegen.cpu import vector_functions
from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.kernel import is_tensor
from iree.codegen.cpu.loops import reuse_dying_inputs
from iree.codegen.cpu.structured import Generic
from iree.codegen.cpu.templates.chain import Chain
from iree.codegen.cpu.templates.script import Script
from iree.codegen.cpu.templates.tiles import closest_divisor
from iree.dialects.mlir import ir

_WORKGROUP_OPERATIONS = 100_000
"""Scalar operations of one workgroup, about; 5 to 12 microseconds."""
_DYNAMIC_EXTENT = 256
"""What an unknown extent is taken for."""
_CHUNK = 256
"""Elements of a contiguous loop that stay in the first-level cache while a reduction runs over others."""
_ROOT = "iree_root"


def script(chain: Chain, machine: Machine) -> Script | None:
    """The script for a kernel without pads whose operations share loops over rows; None if they share none."""
    rows = _shared_loops(chain)
    if chain.pads or not rows:
        return None
    sizes = chain.root.loop_sizes()
    tile = workgroup_tile(chain.root, rows, sum(operations(generic) for generic in chain.generics))
    single = [0] * len(sizes)
    if len(chain.generics) > 1:
        contiguous = _contiguous_loops(chain)
        for loop in rows:
            single[loop] = _CHUNK if loop in contiguous else 1
    s = Script()
    chain.mark(chain.root, _ROOT)
    short = _is_short(chain, machine)
    if any(tile):
        s.fuse(s.match(_ROOT), tile, forall=True)
        s.clean()
    if short:
        s.tile(s.match(_ROOT), [1] * (len(sizes) - 1) + [0])
        s.patterns("linalg.fold_unit_extent_dims_via_slices", "canonicalization")
        s.vectorize(s.match_ops("linalg.generic"))
        s.finish_vectors()
        return s
    if any(single):
        s.fuse(s.match(_ROOT), single)
        s.clean()
        s.patterns(
            "linalg.fold_unit_extent_dims_via_slices",
            "tensor.merge_consecutive_insert_extract_slice",
            "tensor.fold_tensor_empty",
            "canonicalization",
        )
        s.then(reuse_dying_inputs)
    return s if any(tile) or any(single) else None


def workgroup_tile(root: Generic, rows: list[int], work: float) -> list[int]:
    """How much of each loop one workgroup takes, 0 for all of it, if `rows` may be split and there are `work`
    operations for each of their points.
    """
    sizes = root.loop_sizes()
    total = work * prod(size or _DYNAMIC_EXTENT for i, size in enumerate(sizes) if i in rows)
    tile = [0] * len(sizes)
    for loop in rows:
        size = sizes[loop]
        if total <= 2 * _WORKGROUP_OPERATIONS:
            break
        extent = size or _DYNAMIC_EXTENT
        per_one = total / extent
        wanted = max(1.0, _WORKGROUP_OPERATIONS / per_one)
        tile[loop] = _extent(size, wanted, vector=loop == len(sizes) - 1)
        total = per_one * tile[loop]
    return tile


def _is_short(chain: Chain, machine: Machine) -> bool:
    """Whether it is one elementwise operation whose innermost loop is a few whole vectors and cannot be joined with the
    next: LLVM's vectorizer wants more iterations.
    """
    root, sizes = chain.root, chain.root.loop_sizes()
    if len(chain.generics) > 1 or root.reductions or len(sizes) < 2 or not root.op.results[0].type.has_static_shape:
        return False
    last, element = sizes[-1] or 0, root.op.results[0].type.element_type
    if not isinstance(element, ir.F32Type) or any(op.name.startswith(("linalg.index", "tensor.")) for op in root.body):
        return False
    lanes = machine.vector_bytes // 4
    plain = all(
        None not in root.dims(number) and value.type.element_type == element
        for number, value in enumerate(root.operands)
        if is_tensor(value.type)
    )
    contiguous = all(len(sizes) - 1 not in dims[:-1] for dims in map(root.dims, range(len(root.operands))))
    return plain and contiguous and last % lanes == 0 and 0 < last < 4 * lanes


def _extent(size: int | None, wanted: float, *, vector: bool) -> int:
    """How many rows a workgroup takes: a divisor if one is near, whole vectors of a contiguous dimension."""
    if size is not None and size <= wanted:
        return size
    if vector:
        return max(_CHUNK, int(wanted) // _CHUNK * _CHUNK)
    if size is None:
        return int(wanted)
    near = closest_divisor(size, wanted)
    return near if wanted / 2 <= near <= wanted * 2 else max(1, int(wanted))


def _shared_loops(chain: Chain) -> list[int]:
    """Loops of the root that each operation has as a parallel loop of its own."""
    shared = set(range(chain.root_rank))
    for generic in chain.generics:
        loops = chain.shared_loops_of(generic)
        shared &= set(loops.values())
    return sorted(shared)


def _contiguous_loops(chain: Chain) -> set[int]:
    """Loops of the root along which a reduction's input is contiguous: its columns are reduced together."""
    found: set[int] = set()
    for generic in chain.generics:
        loops = chain.shared_loops_of(generic)
        for number in range(len(generic.inputs) if generic.reductions else 0):
            dims = generic.dims(number)
            if dims and dims[-1] in loops:
                found.add(loops[dims[-1]])
    return found


def operations(generic: Generic) -> float:
    """Operations per point of the root's rows: those of the body times the reduction's extent."""
    sizes = generic.loop_sizes()
    body = sum(vector_functions.WORK if vector_functions.is_function(op) else 1 for op in generic.body)
    return body * prod(sizes[i] or _DYNAMIC_EXTENT for i in generic.reductions)
