"""A pass from another package runs in a pipeline beside ours and upstream's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from iree.dialects.mlir import CompileError, make_context, parse_module
from iree.dialects.passes import ENTRY_POINTS, run_pipeline

from tests.plugins.fakes import install

SOURCE = """
    from dataclasses import dataclass
    from iree.dialects.mlir import ir
    from iree.dialects.passes import Pass

    @dataclass(frozen=True)
    class Mark(Pass):
        name = "mark"
        text: str = "seen"

        def apply(self, module):
            module.operation.attributes["mark"] = ir.StringAttr.get(self.text)
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "mark_pass", raising=False)
    return tmp_path


def test_it_runs_with_its_options(site: Path) -> None:
    install(site, "mark-pass", SOURCE, {ENTRY_POINTS: {"mark": "mark_pass:Mark"}})
    module = parse_module("module {}", make_context(ours=False))
    run_pipeline(module, "canonicalize,mark{text=here},cse")
    assert 'mark = "here"' in str(module)


def test_two_owners_of_one_name_are_refused(site: Path) -> None:
    install(site, "mark-pass", SOURCE, {ENTRY_POINTS: {"mark": "mark_pass:Mark"}})
    install(site, "other-pass", SOURCE, {ENTRY_POINTS: {"mark": "other_pass:Mark"}})
    with pytest.raises(CompileError, match=r"mark-pass and other-pass|other-pass and mark-pass"):
        run_pipeline(parse_module("module {}", make_context(ours=False)), "canonicalize")
