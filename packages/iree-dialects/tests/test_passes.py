from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from iree.dialects import passes
from iree.dialects.mlir import CompileError, ir, make_context, parse_module
from iree.dialects.observers import Printer, Reproducer, Timer, read_reproducer
from iree.dialects.passes import Pass, find_passes, load_pass, parse_pass, run_pipeline, split_pipeline


@dataclass(frozen=True)
class Rename(Pass):
    """Renames the module."""

    name = "rename"
    suffix: str = "x"
    times: int = 1
    loud: bool = False

    def apply(self, module: Any) -> None:
        """See the class."""
        if self.times < 0:
            raise CompileError("times is negative", module.operation)
        text = self.suffix * self.times
        module.operation.attributes["test.named"] = ir.StringAttr.get(text.upper() if self.loud else text)


KNOWN = {"rename": f"{__name__}:Rename"}


@pytest.fixture(autouse=True)
def _plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "load_pass", lambda target: Rename if target.endswith(":Rename") else load_pass(target))
    real = find_passes
    monkeypatch.setattr(passes, "find_passes", lambda: {**real(), **KNOWN})


def module() -> Any:
    return parse_module("func.func @f() { %a = arith.constant 1 : i32 \n return }", make_context())


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", []),
        ("a", ["a"]),
        ("a{x=1 y=2},func.func(b,c{d=1}), e", ["a{x=1 y=2}", "func.func(b,c{d=1})", "e"]),
    ],
)
def test_pipelines_are_split_outside_of_brackets(text: str, steps: list[str]) -> None:
    assert split_pipeline(text) == steps


@pytest.mark.parametrize("text", ["a{", "a)", "f(a},b)("])
def test_brackets_must_match(text: str) -> None:
    with pytest.raises(CompileError, match="brackets"):
        split_pipeline(text)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("rename", Rename()),
        ("rename{suffix=ab times=3 loud}", Rename("ab", 3, True)),
        ("rename{loud=false}", Rename()),
        ("cse", None),
    ],
)
def test_options(step: str, expected: Pass | None) -> None:
    assert parse_pass(step, KNOWN) == expected


@pytest.mark.parametrize(
    ("step", "message"), [("rename{size=1}", "its options: suffix, times, loud"), ("rename{times=x}", "of type int")]
)
def test_wrong_options_are_named(step: str, message: str) -> None:
    with pytest.raises(CompileError, match=message):
        parse_pass(step, KNOWN)


def test_ours_and_upstream_mix_and_are_timed() -> None:
    m, timer = module(), Timer()
    run_pipeline(m, "rename{suffix=q},func.func(canonicalize),cse", [timer])
    assert 'test.named = "q"' in str(m)
    assert "arith.constant" not in str(m)
    assert [step for step, _ in timer.seconds] == ["rename{suffix=q}", "func.func(canonicalize)", "cse"]
    assert "all passes" in timer.report()


def test_printing(capsys: pytest.CaptureFixture[str]) -> None:
    run_pipeline(module(), "rename,canonicalize", [Printer({"rename"}, {"canonicalize"}, sys.stdout)])
    printed = capsys.readouterr().out
    assert printed.count("before rename") == printed.count("after canonicalize") == 1
    assert printed.count("-----\n") == 2


def test_a_failure_is_reproduced_from_one_file(tmp_path: Path) -> None:
    path = tmp_path / "r.mlirbc"
    with pytest.raises(CompileError, match="times is negative"):
        run_pipeline(module(), "rename{suffix=before},rename{times=-1},cse", [Reproducer(path)])
    again, pipeline = read_reproducer(path, make_context())
    assert pipeline == "rename{times=-1}"
    assert 'test.named = "before"' in str(again)
    with pytest.raises(CompileError, match="times is negative"):
        run_pipeline(again, pipeline)


def test_unknown_passes_are_named() -> None:
    with pytest.raises(CompileError, match="'frobnicate' does not refer to a registered pass"):
        run_pipeline(module(), "frobnicate")


def test_all_our_passes_load_and_are_named_as_registered() -> None:
    for name, target in find_passes().items():
        assert load_pass(target).name == name


def test_two_passes_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("form-dispatches", "somebody.else:Pass", passes.ENTRY_POINTS)
    monkeypatch.setattr(passes, "entry_points", lambda group: [point])
    with pytest.raises(CompileError, match=r"iree-dialects and somebody\.else:Pass both have a pass 'form-dispatches'"):
        find_passes()
