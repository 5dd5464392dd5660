"""Cases that do not work yet, with what stops them: they are skipped, so that the others share their batch."""

from __future__ import annotations

from collections.abc import Mapping

KNOWN: Mapping[str, str] = {
    "lists/split_uneven": "a TensorArray is one tensor, so its elements have one shape; the importer says so",
}
"""By family and case."""

APPLICATIONS: Mapping[str, str] = {}
"""By name of the model."""
