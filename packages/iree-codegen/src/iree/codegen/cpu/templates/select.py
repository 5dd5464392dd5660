"""Picks the template for a kernel: the first in the table that takes it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.templates import (
    attention,
    contraction,
    convolution,
    data_movement,
    depthwise,
    rows,
    scan,
    several,
    slices,
)
from iree.codegen.cpu.templates.chain import Chain, read_chain
from iree.codegen.cpu.templates.script import Script

Template = Callable[[Chain, Machine], Script | None]

TEMPLATES: tuple[tuple[str, Template], ...] = (
    ("attention", attention.script),
    ("contraction", contraction.script),
    ("depthwise", depthwise.script),
    ("convolution", convolution.script),
    ("rows", rows.script),
)
"""Name and script of each template."""

WHOLE: tuple[tuple[str, Callable[[Any, Machine], Script | None]], ...] = (
    ("pad", data_movement.pad_script),
    ("scan", scan.script),
    ("several", several.script),
)
"""Those of kernels that are no chain."""

ATTEMPTS = ("templates", "slices", "loops")
"""How a kernel may be compiled, best first: what fails is tried again as the next."""


def select(kernel: Kernel, machine: Machine, attempt: str, without: Collection[str] = ()) -> tuple[str, Script] | None:
    """Name and script of the template for a prepared kernel; None if it is to be compiled as plain loops.

    Args:
        kernel: Prepared.
        machine: What it is compiled for.
        attempt: One of `ATTEMPTS`: `slices` only cuts unknown sizes, `loops` nothing.
        without: Templates that are not to be used.
    """
    if attempt == "loops":
        return None
    chain = read_chain(kernel.function)
    if chain is None:
        for name, whole in WHOLE if attempt == "templates" else ():
            script = whole(kernel.function, machine)
            if script is not None:
                return name, script
        return None
    for name, template in TEMPLATES if attempt == "templates" else ():
        script = template(chain, machine) if name not in without else None
        if script is not None:
            return name, script
    script = slices.script(chain)
    return ("slices", script) if script is not None else None
