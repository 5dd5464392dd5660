"""Writes ``docs/dialects.md`` from the definitions of the flow, hal and vm dialects."""

from __future__ import annotations

import sys
from pathlib import Path

from iree.dialects import flow, hal, vm
from iree.dialects.definition import documentation

HEAD = """# The flow, hal and vm dialects

Made from their definitions by `packages/iree-dialects/scripts/write_dialect_docs.py`; do not edit.
Operands and results: `i` i32, `I` i64, `f` f32, `F` f64, `r` anything else; none given: any number and types.
`docs/architecture.md` says how programs use them.

"""


def page() -> str:
    """The page's text."""
    parts = [
        documentation(f"The {name} dialect", d.DEFINITIONS.values()).replace("\n## ", "\n### ").replace("# ", "## ", 1)
        for name, d in (("flow", flow), ("hal", hal), ("vm", vm))
    ]
    return HEAD + "\n".join(parts)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page())
