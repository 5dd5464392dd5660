"""Refuses what a profile cannot compute with, by name: upstream would change some types silently."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import walk
from iree.codegen.spirv.profile import Profile
from iree.dialects.mlir import CompileError, ir


def check_types(function: Any, profile: Profile) -> None:
    """Checks every value of a flat function.

    Raises:
        CompileError: A float or a vector's element has a width that the profile has not; names operation and type.
    """
    for op in walk(function):
        for value in [*op.operands, *op.results]:
            type_ = _element(value.type)
            if isinstance(type_, ir.BF16Type) or not isinstance(type_, ir.FloatType):
                continue
            if type_.width not in profile.floats or type_.width == 8:
                raise CompileError(
                    f"'{op.name}' on {type_} is not supported by {profile.name}, which computes with floats of "
                    f"{', '.join(map(str, sorted(profile.floats)))} bits: use another type or another target",
                    op,
                )


def _element(type_: Any) -> Any:
    while isinstance(type_, (ir.MemRefType, ir.VectorType, ir.ComplexType)):
        type_ = type_.element_type
    return type_
