"""Matrix products: register tiles of the result stay in vector registers over the whole reduction, epilogues are applied to them.

The loop nest is workgroup, columns, rows, reduction: the panel of B for one column tile stays in the cache while rows pass by. The
columns are the vectors; elements of A are broadcast.
"""

from __future__ import annotations

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.templates.chain import Chain
from iree.codegen.cpu.templates.match import Contraction, is_contraction, read_contraction
from iree.codegen.cpu.templates.registers import WORKGROUP_FLOPS, RegisterTiles, register_tiles
from iree.codegen.cpu.templates.script import Script
from iree.codegen.cpu.templates.tiles import largest_divisor, power_of_two_divisor, split_work


def script(chain: Chain, machine: Machine) -> Script | None:
    """The script for a kernel whose only reduction is a contraction of static shape; None if it is not such a kernel."""
    found = [g for g in chain.generics if g.reductions]
    if len(found) != 1 or not is_contraction(found[0]):
        return None
    contraction = read_contraction(found[0])
    sizes = contraction.sizes
    loops = chain.loops_of(found[0])
    if not contraction.plain or None in sizes or loops is None or not contraction.n or not contraction.m:
        return None
    extents = [size or 0 for size in sizes]
    last = found[0].dims(2)[-1]
    if last not in contraction.n or found[0].dims(1)[-1] != last or last not in loops:
        return None
    return _row_major(chain, contraction, extents, loops, machine)


def _row_major(
    chain: Chain, contraction: Contraction, sizes: list[int], loops: dict[int, int], machine: Machine
) -> Script | None:
    """B's rows are contiguous. `loops` maps loops of the contraction to those of the root."""
    generic = contraction.generic
    width = machine.vector_bytes // max(generic.op.results[0].type.element_type.width // 8, 1)
    n = generic.dims(2)[-1]
    assert n is not None
    columns = power_of_two_divisor(sizes[n], 2 * width)
    if columns * 2 < width and columns < sizes[n]:
        return None
    vectors = -(-columns // width)
    budget = max(1, (machine.vector_registers - 4) // vectors)
    tile = [1] * len(sizes)
    tile[n] = columns
    row = contraction.m[-1]
    tile[row] = largest_divisor(sizes[row], min(budget, 8))
    depth = contraction.k[-1]
    unroll = largest_divisor(sizes[depth], 4)
    if unroll == 1 and sizes[depth] > 1:
        return None
    flops = 2.0
    for loop in contraction.k:
        flops *= sizes[loop]
    parallel = [loop for loop in range(len(sizes)) if loop not in contraction.k]
    counts = [sizes[loop] // tile[loop] for loop in parallel]
    for loop in parallel:
        flops *= tile[loop]
    taken = split_work(counts, flops, WORKGROUP_FLOPS)
    depth = [1 if loop in contraction.k else 0 for loop in range(len(sizes))]
    depth[contraction.k[-1]] = unroll
    workgroup = [0] * len(sizes)
    for loop, count, take in zip(parallel, counts, taken, strict=True):
        workgroup[loop] = take * tile[loop] if take < count else 0
    plan = RegisterTiles(
        contraction.generic, loops, workgroup, [0 if d else t for d, t in zip(depth, tile, strict=True)], depth, n
    )
    return register_tiles(chain, plan)
