"""Direct convolutions, depthwise ones too: pixels of a row and channels are the register tile, the window is
unrolled around it.
"""

from __future__ import annotations

from math import prod

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.structured import defining
from iree.codegen.cpu.templates.chain import Chain
from iree.codegen.cpu.templates.match import Contraction, is_contraction, read_contraction
from iree.codegen.cpu.templates.registers import WORKGROUP_FLOPS, RegisterTiles, register_tiles
from iree.codegen.cpu.templates.script import Script
from iree.codegen.cpu.templates.tiles import closest_divisor, largest_divisor, power_of_two_divisor, split_work
from iree.codegen.cpu.unpacked import columns_of

_SCRATCH_BYTES = 192 * 1024
"""Of a padded input tile: it should stay in the second-level cache."""
_UNKNOWN = 32
"""What an unknown number of pixels of a row is taken for."""


def script(chain: Chain, machine: Machine) -> Script | None:
    """The script for a convolution with channels last; None if the kernel is another.

    Dimensions of the result other than the channels may be of unknown size.
    """
    found = [g for g in chain.generics if g.reductions]
    if len(found) != 1 or not is_contraction(found[0]):
        return None
    convolution, loops = read_contraction(found[0]), chain.loops_of(found[0])
    sizes = convolution.sizes
    _infer_window(convolution, sizes)
    if convolution.plain or loops is None or None not in found[0].dims(0):
        return None
    unknown = [loop for loop, size in enumerate(sizes) if size is None]
    if any(loop not in found[0].dims(2)[:-1] for loop in unknown):
        return None
    channel = found[0].dims(2)[-1]
    if channel is None or found[0].dims(1)[-1] != channel or channel not in loops:
        return None
    return _channels_last(chain, convolution, sizes, loops, machine)


def _infer_window(convolution: Contraction, sizes: list[int | None]) -> None:
    """The filter and the result tell every loop of a convolution."""
    generic = convolution.generic
    for number in (1, 2):
        for position, loop in enumerate(generic.dims(number)):
            if loop is not None and not generic.operands[number].type.is_dynamic_dim(position):
                sizes[loop] = generic.operands[number].type.shape[position]


def _channels_last(
    chain: Chain,
    convolution: Contraction,
    extents: list[int | None],
    loops: dict[int, int],
    machine: Machine,
) -> Script | None:
    generic = convolution.generic
    channel = generic.dims(2)[-1]
    assert channel is not None
    pixels = [loop for loop in generic.dims(2)[:-1] if loop is not None]
    open_row = pixels[-1] if pixels and extents[pixels[-1]] is None else None
    # Of an unknown number a workgroup takes one, but whole rows of pixels.
    sizes = [1 if size is None and loop != open_row else size or _UNKNOWN for loop, size in enumerate(extents)]
    depthwise = channel in convolution.batch
    element = generic.op.results[0].type.element_type.width // 8
    width = machine.vector_bytes // element
    vectors = 1 if depthwise else 2
    packed = columns_of(generic)
    columns = packed or power_of_two_divisor(sizes[channel], vectors * width)
    if columns < min(4, sizes[channel]) or not pixels:
        return None
    budget = 8 if depthwise or machine.vector_registers == 32 else 4
    tile = [1] * len(sizes)
    tile[channel] = columns
    tile[pixels[-1]] = largest_divisor(sizes[pixels[-1]], budget)
    depth = [1 if loop in convolution.k else 0 for loop in range(len(sizes))]
    inner = generic.dims(0)[-1]
    if not depthwise and inner in convolution.k:
        depth[inner] = largest_divisor(sizes[inner], 4)
    parallel = [*pixels, channel]
    counts = [sizes[loop] // tile[loop] for loop in parallel]
    flops = 2.0 * prod(sizes[loop] for loop in convolution.k) * prod(tile[loop] for loop in parallel)
    limits = _limit_scratch(convolution, pixels, channel, counts)
    taken = split_work(limits, flops * (3 if depthwise else 1), WORKGROUP_FLOPS)
    workgroup = [0] * len(sizes)
    for loop, count, take in zip(parallel, counts, taken, strict=True):
        single = extents[loop] is None and loop != open_row
        workgroup[loop] = take * tile[loop] if take < count or single else 0
    register = [0 if d else t for d, t in zip(depth, tile, strict=True)]
    return register_tiles(
        chain,
        RegisterTiles(
            generic, loops, workgroup, register, depth, channel,
            peel=open_row is not None, dynamic_row=open_row, packed=bool(packed),
        ),
    )  # fmt: skip


def _limit_scratch(convolution: Contraction, pixels: list[int], channel: int, counts: list[int]) -> list[int]:
    """Register tiles per dimension of a workgroup whose padded input stays small: channels of depthwise ones first,
    then rows.
    """
    padded = defining(convolution.generic.inputs[0])
    if padded is None or padded.name != "tensor.pad":
        return list(counts)
    taken = list(counts)
    type_ = padded.results[0].type
    image = prod(n for d, n in enumerate(type_.shape) if not type_.is_dynamic_dim(d)) * type_.element_type.width // 8
    if channel in convolution.batch and counts[-1] > 2:
        taken[-1] = closest_divisor(counts[-1], 2)
        image = image * taken[-1] // counts[-1]
    if image > _SCRATCH_BYTES and len(pixels) > 1:
        taken[-2 - (len(pixels) - 1)] = closest_divisor(
            counts[-2 - (len(pixels) - 1)], counts[0] * _SCRATCH_BYTES / image
        )
    return taken
