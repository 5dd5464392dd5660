"""Attention: a workgroup computes a block of queries of one head against all keys.

The lanes of vectors are queries. So the scores are transposed, a row of a few vectors per key, and whatever makes
probabilities of them along the keys goes from row to row, without sums across lanes and whatever the number of keys
is. Only the queries, and masks that depend on them, are copied transposed, a block at a time; keys and values are read
as they lie. Both products keep tiles of their results in registers: of the first, a few keys by all lanes; of the
second, a few queries by as many features. A division of the probabilities by what is the same for all keys is made
once per result instead.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.structured import defining, read_generic
from iree.codegen.cpu.templates import rows
from iree.codegen.cpu.templates.attention_passes import write
from iree.codegen.cpu.templates.chain import Chain
from iree.codegen.cpu.templates.lanes import has_lanes
from iree.codegen.cpu.templates.script import Script
from iree.dialects.transforms.attention import Attention, find_attention, goes_on

_FEW_QUERIES = 8
"""Fewer would leave most lanes empty."""


def script(chain: Chain, machine: Machine) -> Script | None:
    """The script for a kernel that is attention; None if it is not."""
    found = None if chain.pads else _find(chain)
    if found is None:
        return None
    if found.query is None or 0 <= found.scores.domain[found.query] < _FEW_QUERIES:
        return rows.script(chain, machine)
    result = Script()
    result.then(partial(write, attention=found, machine=machine))
    return result


def _find(chain: Chain) -> Attention | None:
    """The attention that is the whole kernel."""
    found = next((a for a in (find_attention(g.op) for g in chain.generics) if a is not None), None)
    while found is not None and found.last.op != chain.root.op:
        users = [use.owner.operation for use in found.last.op.results[0].uses]
        found = goes_on(found, users[0]) if len(users) == 1 else None
    if found is None or len(found.ops) != len(chain.generics):
        return None
    reductions = [found.product, *(step for step in found.steps if step.structure.reductions)]
    plain = all(has_lanes(read_generic(op)) for op in found.ops)
    return found if plain and all(map(_is_filled, [found.scores, *(s.structure for s in reductions)])) else None


def _is_filled(structure: Any) -> bool:
    """Whether a reduction starts from one number."""
    init = defining(structure.inits[0])
    return init is not None and init.name == "linalg.fill"
