"""What is known not to work, with its reason: (operation, dtype or "", part of the case's name or "") -> reason."""

from __future__ import annotations

from conformance.case import Case
from conformance.runner import DEVICE, driver

KNOWN: dict[tuple[str, str, str], str] = {}
_DOUBLE = "computed as f32, not f64, of which WebGPU has none: off by a few units in the last place"
_REGROUPED = "WebGPU's compilers may regroup sums and products: off by a few units in the last place"
_DENORMAL = "WebGPU's denormals may be zero"
_DIVISION = "WebGPU's division of f32 is within 2.5 units of the last place, and denormals may be zero"
ON_DEVICES: dict[str, dict[tuple[str, str, str], str]] = {
    "webgpu": {
        ("cosine", "", ""): _DOUBLE,
        ("sine", "", ""): _DOUBLE,
        ("tan", "", ""): _DOUBLE,
        ("chlo.tan", "", ""): _DOUBLE,
        ("tanh", "complex<f32>", ""): _DOUBLE,
        ("power", "f32", ""): _DOUBLE,
        ("chlo.broadcast_power", "f32", ""): _DOUBLE,
        ("divide", "f32", ""): _DIVISION,
        ("divide", "bf16", ""): _DENORMAL,
        ("multiply", "f32", ""): _DENORMAL,
        ("multiply", "bf16", ""): _DENORMAL,
        ("exponential", "f32", ""): _DENORMAL,
        ("exponential", "bf16", ""): _DENORMAL,
        ("exponential_minus_one", "f32", ""): _REGROUPED,
        ("exponential_minus_one", "complex<f32>", ""): _REGROUPED,
        ("logistic", "f32", ""): _DENORMAL,
        ("logistic", "bf16", ""): _DENORMAL,
        ("logistic", "complex<f32>", ""): _REGROUPED,
        ("log_plus_one", "", ""): _DENORMAL,
        ("rng_bit_generator", "", ""): "Dawn's translator makes SPIR-V of it that its validator does not take",
    },
}
"""The same for the devices that IREE_CONFORMANCE_DEVICE may name beside the CPU."""


def reason(case: Case, device: str = DEVICE) -> str | None:
    """Why a case is known to fail on a device, or None."""
    for (op, dtype, label), why in {**KNOWN, **ON_DEVICES.get(driver(device), {})}.items():
        if case.op == op and dtype in ("", case.dtype) and label in case.name:
            return why
    return None


def refused(case: Case, device: str = DEVICE) -> str | None:
    """Why a device's target refuses whatever is like a case, or None."""
    if driver(device) == "webgpu" and "f64" in case.function("f"):
        return "WebGPU has no f64: refused by name"
    return None
