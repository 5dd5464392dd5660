"""StableHLO and CHLO to linalg on tensors, as a pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects.input import input_to_linalg
from iree.dialects.passes import Pass


@dataclass(frozen=True)
class InputToLinalg(Pass):
    """Lowers a program in the input phase to linalg, tensor, arith, math and scf; see `iree.dialects.input`."""

    name = "input-to-linalg"

    def apply(self, module: Any) -> None:
        """See the class."""
        input_to_linalg(module)
