"""An importer from another package lets the compiler take a format of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from iree import codegen
from iree.codegen.importers import GROUP

from tests.plugins.fakes import install

SOURCE = """
    from iree.dialects import artifact
    from iree.dialects.mlir import make_context, parse_module

    def accepts(path):
        return (path / "program.abacus").exists()

    def convert(path, output):
        beads = (path / "program.abacus").read_text()
        if not beads.isdigit():
            raise ValueError(f"{path}: not beads: {beads}")
        n = int(beads)
        module = parse_module(f'''
            func.func @beads() -> tensor<{n}xi32> {{
              %0 = stablehlo.iota dim = 0 : tensor<{n}xi32>
              return %0 : tensor<{n}xi32>
            }}''', make_context())
        made = artifact.from_stablehlo(module)
        artifact.save(output, made.module, made.manifest, made.parameters)
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "site"
    directory.mkdir()
    monkeypatch.setattr(sys, "path", [str(directory), *sys.path])
    install(directory, "abacus-importer", SOURCE, {GROUP: {"abacus": "abacus_importer"}})
    return directory


def _program(tmp_path: Path, beads: str) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "program.abacus").write_text(beads)
    return tmp_path / "model"


def test_its_programs_compile(site: Path, tmp_path: Path) -> None:
    options = codegen.CompilerOptions(compile_to="flow")
    codegen.compile_file(_program(tmp_path, "12"), output=tmp_path / "m.mlirbc", options=options)
    assert (tmp_path / "m.mlirbc").stat().st_size > 0


def test_its_errors_are_the_compilers(site: Path, tmp_path: Path) -> None:
    with pytest.raises(codegen.CompileError, match="not beads: twelve"):
        codegen.compile_file(_program(tmp_path, "twelve"), output=tmp_path / "m.vmfb")
