"""What is known not to work, with its reason: (operation, dtype or "", part of the case's name or "") -> reason."""

from __future__ import annotations

from conformance.case import Case

KNOWN: dict[tuple[str, str, str], str] = {}


def reason(case: Case) -> str | None:
    """Why a case is known to fail, or None."""
    for (op, dtype, label), why in KNOWN.items():
        if case.op == op and dtype in ("", case.dtype) and label in case.name:
            return why
    return None
