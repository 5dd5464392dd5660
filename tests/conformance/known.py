"""What is known not to work, with its reason: (operation, dtype or "", part of the label or "") -> reason.

A case that is listed here and works fails the test, so that the list stays true.
"""

from __future__ import annotations

from conformance.case import Case

KNOWN: dict[tuple[str, str, str], str] = {
    ("uniform_quantize", "", ""): "upstream adds the zero point before it rounds, so halves may go to the other side",
}


def reason(case: Case) -> str | None:
    """Why a case is known to fail, or None."""
    for (op, dtype, label), why in KNOWN.items():
        if case.op == op and dtype in ("", case.dtype) and label in case.name:
            return why
    return None
