"""The documentation says what the tables say."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]
DOCS = PACKAGE.parents[1] / "docs"


@pytest.mark.skipif(not DOCS.is_dir(), reason="the package stands alone, without the repository's docs/")
def test_isa_document_is_current() -> None:
    document = runpy.run_path(str(PACKAGE / "scripts" / "write_isa_doc.py"))["document"]()
    assert (DOCS / "isa.md").read_text() == document, "run packages/iree-vm/scripts/write_isa_doc.py > docs/isa.md"
