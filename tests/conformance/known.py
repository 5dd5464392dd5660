"""What is known not to work, with its reason: (operation, dtype or "", part of the case's name or "") -> reason."""

from __future__ import annotations

from conformance.case import Case

_SCRATCH = "statistics over a dynamic feature dimension are fused into a kernel that needs memory of unknown size"
KNOWN: dict[tuple[str, str, str], str] = {
    ("batch_norm_grad", "", "dynamic"): _SCRATCH,
    ("batch_norm_training", "", "dynamic"): _SCRATCH,
    ("fft", "", "RFFT (0, 4)"): "constant folding cannot read an empty complex constant",
    ("uniform_quantize", "", ""): "upstream adds the zero point before it rounds, so halves may go to the other side",
}


def reason(case: Case) -> str | None:
    """Why a case is known to fail, or None."""
    for (op, dtype, label), why in KNOWN.items():
        if case.op == op and dtype in ("", case.dtype) and label in case.name:
            return why
    return None
