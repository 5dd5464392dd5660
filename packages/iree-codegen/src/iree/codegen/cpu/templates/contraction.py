"""Matrix products: register tiles of the result stay in vector registers over the whole reduction, epilogues are
applied to them.

The loop nest is workgroup, columns, rows, reduction: the panel of B for one column tile stays in the cache while
rows pass by. The
columns are the vectors; elements of A are broadcast.
"""

from __future__ import annotations

from math import prod
from typing import Any

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.templates.chain import Chain
from iree.codegen.cpu.templates.match import Contraction, is_contraction, read_contraction
from iree.codegen.cpu.templates.registers import PANEL_ROWS, WORKGROUP_FLOPS, RegisterTiles, register_tiles
from iree.codegen.cpu.templates.script import Script
from iree.codegen.cpu.templates.tiles import closest_divisor, largest_divisor, power_of_two_divisor, split_evenly
from iree.codegen.cpu.unpacked import columns_of

UNKNOWN = 256
"""What an unknown size is taken for."""
_ROWS = 8
"""Of a register tile, at most: more rows would take more address registers than there are."""
_PANEL_BYTES = 384 * 1024
"""Of B's panels in one workgroup: they should stay in the second-level cache."""
_STREAMED_BYTES = 128 * 1024
"""Of B in one workgroup with few rows, which takes the time to read them: 1 to 3 microseconds."""
_WORKGROUPS = 128
"""More than this many workgroups are not worth smaller tiles."""
_PANEL_FLOPS = 16e6
"""What a workgroup does that copies panels first."""


def script(chain: Chain, machine: Machine) -> Script | None:
    """The script for a kernel whose only reduction is a matrix product; None if it is not such a kernel."""
    found = [g for g in chain.generics if g.reductions]
    if len(found) != 1 or not is_contraction(found[0]):
        return None
    contraction, loops = read_contraction(found[0]), chain.loops_of(found[0])
    if not contraction.plain or loops is None or not contraction.n or not contraction.k:
        return None
    if not contraction.m and not columns_of(found[0]):
        return None
    column = found[0].dims(2)[-1]
    if column not in contraction.n or column not in loops:
        return None
    return _plan(chain, contraction, loops, column, machine)


def _plan(
    chain: Chain, contraction: Contraction, loops: dict[int, int], column: int, machine: Machine
) -> Script | None:
    """`loops` maps loops of the contraction to those of the root."""
    generic, sizes = contraction.generic, contraction.sizes
    width = machine.vector_bytes // _element_bytes(generic.op.results[0])
    row, depth = contraction.m[-1] if contraction.m else None, contraction.k[-1]
    packed = columns_of(generic)
    unknown_row = row is not None and sizes[row] is None
    if not packed and ((sizes[column] or width) < 4 or row is None or (sizes[row] or _ROWS) < 2):
        return None
    # The loop over a batch is dropped where panels are copied, which needs known sizes.
    panels = not packed and not (unknown_row and contraction.batch) and _wants_panels(contraction, column, 2 * width)
    if generic.dims(1)[-1] != column and not panels:
        return None
    register = [1] * len(sizes)
    register[column] = packed or (2 * width if panels else _columns(sizes[column], width))
    vectors = -(-register[column] // width)
    if row is not None:
        register[row] = _rows(sizes[row], min(_ROWS, max(1, (machine.vector_registers - 4) // vectors)))
    steps = [1 if loop in contraction.k else 0 for loop in range(len(sizes))]
    steps[depth] = _depth(sizes[depth])
    parallel = [loop for loop in range(len(sizes)) if loop not in contraction.k]
    flops = 2.0 * prod(sizes[loop] or UNKNOWN for loop in contraction.k) * prod(register[loop] for loop in parallel)
    counts = [-(-(sizes[loop] or UNKNOWN) // register[loop]) for loop in parallel]
    # Panels are copied from one matrix at a time.
    limits = [
        1 if panels and loop in contraction.batch else count for loop, count in zip(parallel, counts, strict=True)
    ]
    if panels:
        place = parallel.index(column)
        limits[place] = closest_divisor(counts[place], _PANEL_BYTES / (4 * register[column] * (sizes[depth] or 1)))
    rows = prod(sizes[loop] or UNKNOWN for loop in contraction.m)
    least = WORKGROUP_FLOPS if rows > _ROWS else 2.0 * rows * _STREAMED_BYTES / _element_bytes(generic.inputs[1])
    wanted = max(_PANEL_FLOPS if panels else least, flops * prod(counts) / _WORKGROUPS)
    taken = split_evenly(limits, [register[loop] for loop in parallel], flops, wanted)
    workgroup = [0] * len(sizes)
    for loop, count, take in zip(parallel, counts, taken, strict=True):
        workgroup[loop] = take * register[loop] if take < count else 0
    single = frozenset(loop for loop in contraction.batch if panels)
    tiles = [step or size for step, size in zip(steps, register, strict=True)]
    return register_tiles(
        chain,
        RegisterTiles(
            generic,
            loops,
            workgroup,
            [0 if step else size for step, size in zip(steps, register, strict=True)],
            steps,
            column,
            peel=any(size is None or size % tile for size, tile in zip(sizes, tiles, strict=True)),
            dynamic_row=row if row is not None and unknown_row and register[row] > 1 else None,
            panels=panels,
            packed=bool(packed),
            single=single,
        ),
    )


def _element_bytes(value: Any) -> int:
    return max(int(value.type.element_type.width) // 8, 1)


def _wants_panels(contraction: Contraction, column: int, width: int) -> bool:
    """Whether copying B pays: its columns are not contiguous, or far apart, and there are rows enough to use the
    copy.
    """
    sizes, dims = contraction.sizes, contraction.generic.dims(1)
    if any(sizes[loop] is None for loop in (*contraction.n, *contraction.k)):
        return False
    if len(contraction.n) != 1 or len(contraction.k) != 1:
        return False
    known = all(sizes[loop] is not None for loop in contraction.m)
    rows = prod(sizes[loop] or UNKNOWN for loop in contraction.m)
    depth = sizes[contraction.k[-1]] or 0
    if (sizes[column] or 0) % width or largest_divisor(depth, PANEL_ROWS) < min(depth, PANEL_ROWS // 2):
        return False
    transposed = dims[-1] != column
    far = (sizes[column] or 0) >= 512 and (sizes[contraction.k[0]] or 0) >= 256 and rows >= 128 and known
    return (transposed and rows >= _ROWS) or far


def _columns(size: int | None, width: int) -> int:
    """Columns of a register tile: two vectors, fewer if that divides the size."""
    if size is None:
        return 2 * width
    if size < width:
        return size
    even = power_of_two_divisor(size, 2 * width)
    small = size < 4 * width and even >= width // 2
    return even if even >= width or small else min(2 * width, size // width * width)


def _rows(size: int | None, limit: int) -> int:
    """Rows of a register tile: a divisor of the size if one is large enough."""
    if size is None:
        return limit
    even = largest_divisor(size, limit)
    return even if even >= limit // 2 or even == size else min(limit, size)


def _depth(size: int | None) -> int:
    """Steps of the reduction that are unrolled: none of an unknown number, where rows need the address registers."""
    if size is None or size < 4:
        return size or 1
    even = largest_divisor(size, 4)
    return even if even > 1 else 4
