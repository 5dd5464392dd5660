"""Applies transform scripts, and lowers bufferized vectors to what LLVM has instructions for."""

from __future__ import annotations

from functools import cache
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.templates.script import Script
from iree.codegen.pipelines import context
from iree.dialects.mlir import CompileError, capture_diagnostics, ir, transform_interpreter

_LOWER = """
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %fn = transform.structured.match ops{["func.func"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.apply_patterns to %fn {
      transform.apply_patterns.vector.lower_contraction lowering_strategy = "outerproduct"
      transform.apply_patterns.vector.transfer_permutation_patterns
    } : !transform.any_op
    transform.apply_patterns to %fn {
      transform.apply_patterns.vector.lower_outerproduct
      transform.apply_patterns.vector.lower_broadcast
      transform.apply_patterns.vector.lower_masks
    } : !transform.any_op
    transform.apply_patterns to %fn {
      transform.apply_patterns.vector.transfer_to_scf full_unroll = true max_transfer_rank = 1
      transform.apply_patterns.vector.lower_transfer max_transfer_rank = 1
      transform.apply_patterns.vector.lower_transpose lowering_strategy = "shuffle_16x16"
      transform.apply_patterns.vector.lower_shape_cast
      transform.apply_patterns.canonicalization
    } : !transform.any_op
    transform.yield
  }
}
"""


class TemplateError(Exception):
    """A template did not fit the kernel it was picked for. The kernel can still be compiled without."""


def apply(script: Script, kernel: Kernel) -> None:
    """Runs the steps of a script over a kernel.

    Raises:
        TemplateError: A transform failed, or left work outside the workgroups' loop.
    """
    for step in script.steps:
        if isinstance(step, str):
            try:
                _interpret(ir.Module.parse(step), kernel.module)
            except CompileError as error:
                raise TemplateError(str(error)) from error
        else:
            step(kernel.function)
    names = [op.operation.name for op in kernel.block.operations]
    outside = [name for name in names if name.startswith(("linalg.", "vector.", "scf.for")) and name != "scf.forall"]
    if "scf.forall" in names and outside:
        raise TemplateError(f"every workgroup would repeat {', '.join(outside)}")


def lower_vectors(module: Any) -> None:
    """Lowers contractions and transfers of a bufferized module to vectors of rank one."""
    _interpret(_lowering(), module)


@cache
def _lowering() -> Any:
    with context():
        return ir.Module.parse(_LOWER)


def _interpret(script: Any, module: Any) -> None:
    with capture_diagnostics(context()) as captured:
        try:
            transform_interpreter.apply_named_sequence(module, script.body.operations[0], script)
        except (ir.MLIRError, ValueError) as error:
            detail = "" if captured.errors else f": {error}"
            raise CompileError(f"a transform script failed{detail}", None, captured.errors) from None
