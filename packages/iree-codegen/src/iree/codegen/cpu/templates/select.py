"""Picks the template for a kernel: the first in the table that takes it."""

from __future__ import annotations

from collections.abc import Callable

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.templates import contraction, convolution, data_movement, rows
from iree.codegen.cpu.templates.chain import Chain, read_chain
from iree.codegen.cpu.templates.script import Script

Template = Callable[[Chain, Machine], Script | None]

TEMPLATES: tuple[tuple[str, Template], ...] = (
    ("contraction", contraction.script),
    ("convolution", convolution.script),
    ("rows", rows.script),
)
"""Name and script of each template."""


def select(kernel: Kernel, machine: Machine) -> tuple[str, Script] | None:
    """Name and script of the template for a prepared kernel; None if it is to be compiled as plain loops."""
    chain = read_chain(kernel.function)
    if chain is None:
        script = data_movement.pad_script(kernel.function)
        return ("pad", script) if script is not None else None
    for name, template in TEMPLATES:
        script = template(chain, machine)
        if script is not None:
            return name, script
    return None
