"""A target from another package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from iree import codegen
from iree.codegen import targets

from tests.plugins.fakes import install

SOURCE = """
    import dataclasses
    from iree.codegen.targets import CompiledKernel

    @dataclasses.dataclass(frozen=True)
    class Paper:
        size: str = "A4"
        name: str = "paper"
        format: str = "paper-sheets"
        plain: None = None

        @property
        def options(self):
            return {"size": self.size}

        @property
        def key(self):
            return self.size

        def compile_kernel(self, kernel, dump):
            return CompiledKernel("k", b"[" + self.size.encode() + b"]", "affine_map<() -> (1, 1, 1)>", 0, (1, 1, 2), 0)

        def link(self, kernels):
            return b"".join(k.object for k in kernels)
"""
ADD = """
func.func @main(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %0 = stablehlo.add %a, %b : tensor<4xf32>
  return %0 : tensor<4xf32>
}
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "site"
    directory.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(directory))  # for the compiler's processes
    monkeypatch.setattr(sys, "path", [str(directory), *sys.path])
    monkeypatch.delitem(sys.modules, "paper_target", raising=False)
    return directory


def test_its_binary_is_in_the_module(site: Path) -> None:
    install(site, "paper-target", SOURCE, {targets.GROUP: {"paper": "paper_target:Paper"}})
    options = codegen.CompilerOptions(target_options={"size": "A3"}, use_cache=False)
    module = codegen.compile_str(ADD, target="paper", options=options)
    assert b"paper-sheets" in module and b"[A3]" in module


def test_it_is_not_loaded_unless_asked_for(site: Path) -> None:
    install(site, "paper-target", "raise SystemExit('loaded')", {targets.GROUP: {"paper": "paper_target:Paper"}})
    assert targets.load("cpu", {}).name == "cpu"


def test_two_owners_of_one_name_are_refused(site: Path) -> None:
    install(site, "paper-target", SOURCE, {targets.GROUP: {"paper": "paper_target:Paper"}})
    install(site, "other-target", SOURCE, {targets.GROUP: {"paper": "other_target:Paper"}})
    with pytest.raises(
        codegen.CompileError, match=r"'paper' is claimed by two packages: other-target .* and paper-target"
    ):
        targets.load("cpu", {})


def test_a_broken_one_is_named(site: Path) -> None:
    install(site, "paper-target", "import nothing_like_this", {targets.GROUP: {"paper": "paper_target:Paper"}})
    with pytest.raises(codegen.CompileError, match=r"nothing_like_this.*reinstall paper-target"):
        targets.load("paper", {})
