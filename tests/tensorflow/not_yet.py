"""Cases that do not work yet, with what stops them: they are skipped, so that the others share their batch."""

from __future__ import annotations

from collections.abc import Mapping

KNOWN: Mapping[str, str] = {
    "lists/uneven_in_loop": "a TensorArray that a loop carries is one tensor, so its elements have one shape: a check "
    "at run time says so",
}
"""By family and case."""

APPLICATIONS: Mapping[str, str] = {}
"""By name of the model."""
