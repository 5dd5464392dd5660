"""What no other template takes, where sizes are unknown: one index of each unknown dimension at a time, so that what
lies between two operations has a known size.
"""

from __future__ import annotations

from iree.codegen.cpu.templates.chain import Chain
from iree.codegen.cpu.templates.script import Script

_ROOT = "iree_root"


def script(chain: Chain) -> Script | None:
    """The script for a chain whose root has parallel loops of unknown size; None if it has none, or nothing to fuse."""
    sizes = [0] * chain.root_rank
    shape = chain.root.op.results[0].type
    for position, loop in enumerate(chain.root.dims(len(chain.root.inputs))):
        if loop is not None and shape.is_dynamic_dim(position):
            sizes[loop] = 1
    if not any(sizes) or len(chain.generics) + len(chain.pads) == 1:
        return None
    chain.mark(chain.root, _ROOT)
    script = Script()
    script.fuse(script.match(_ROOT), sizes, forall=True)
    script.clean()
    return script
