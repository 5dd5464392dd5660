"""What is known not to work, with its reason: (operation, dtype or "", part of the case's name or "") -> reason."""

from __future__ import annotations

from conformance.case import Case

_SCRATCH = "statistics over a dynamic feature dimension are fused into a kernel that needs memory of unknown size"
_EMPTY = "constant folding cannot read an empty complex constant"
_COPY = "a copy of a tensor of unknown size is fused into a kernel that needs memory of unknown size"
_REDUCTION = (
    "large arguments lose precision: they are reduced by pi without the extra bits (Payne-Hanek) that they need"
)
KNOWN: dict[tuple[str, str, str], str] = {
    ("batch_norm_grad", "", "dynamic"): _SCRATCH,
    ("batch_norm_training", "", "dynamic"): _SCRATCH,
    ("cosine", "bf16", ""): _REDUCTION,
    ("cosine", "f16", ""): _REDUCTION,
    ("cosine", "f32", ""): _REDUCTION,
    ("cosine", "f64", ""): _REDUCTION,
    ("dynamic_gather", "", "dynamic"): "a size that a cast hides is not made a value of the host",
    ("dynamic_pad", "", "dynamic"): _COPY,
    ("dynamic_update_slice", "", "dynamic"): _COPY,
    ("fft", "", "RFFT (0, 4)"): _EMPTY,
    ("gather", "complex<f32>", "(4, 3) at i32 (0, 1)"): _EMPTY,
    ("gather", "complex<f64>", "(4, 3) at i32 (0, 1)"): _EMPTY,
    ("iota", "complex<f32>", "[0, 3]"): _EMPTY,
    ("iota", "complex<f64>", "[0, 3]"): _EMPTY,
    ("sine", "bf16", ""): _REDUCTION,
    ("sine", "f16", ""): _REDUCTION,
    ("sine", "f32", ""): _REDUCTION,
    ("sine", "f64", ""): _REDUCTION,
    ("tan", "bf16", ""): _REDUCTION,
    ("tan", "f16", ""): _REDUCTION,
    ("tan", "f32", ""): _REDUCTION,
    ("tan", "f64", ""): _REDUCTION,
    ("uniform_quantize", "", ""): "upstream adds the zero point before it rounds, so halves may go to the other side",
}


def reason(case: Case) -> str | None:
    """Why a case is known to fail, or None."""
    for (op, dtype, label), why in KNOWN.items():
        if case.op == op and dtype in ("", case.dtype) and label in case.name:
            return why
    return None
