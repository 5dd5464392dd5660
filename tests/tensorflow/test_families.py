"""Every family of functions against TensorFlow: outputs of every call, and the state after the last."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import cases_open
import cases_state
import cases_stateless
import pytest
from harness import Case, Family, run
from iree.import_tf.worker import Worker
from not_yet import KNOWN

BATCH = 16
"""So many cases share a module file: fewer files take less time, smaller ones are easier to look at."""
NAMES = sorted(path.stem for path in (Path(__file__).parent / "families").glob("*.py"))


def _families() -> Iterator[tuple[str, Family]]:
    for name in NAMES:
        yield name, importlib.import_module(f"families.{name}").FAMILY
    stateless, open_, state = Family(), Family(), Family()
    for name, (inputs, function) in cases_stateless.CASES.items():
        stateless.function(name, function, *inputs)
    for name, (specs, function, calls) in cases_open.CASES.items():
        open_.function(name, function, *specs, shapes=calls)
    for name, make in cases_state.CASES.items():
        state[name] = Case(name, make)
    yield from (("stateless", stateless), ("open", open_), ("state", state))


def _batches() -> Iterator[object]:
    for name, family in _families():
        cases = [case for case in family.values() if f"{name}/{case.name}" not in KNOWN]
        for start in range(0, len(cases), BATCH):
            yield pytest.param(cases[start : start + BATCH], id=f"{name}-{start // BATCH}", marks=pytest.mark.slow)


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """One process of TensorFlow's MLIR for all imports."""
    with Worker() as process:
        yield process


@pytest.mark.parametrize("cases", list(_batches()))
def test_family(cases: list[Case], worker: Worker, tmp_path: Path, subtests: pytest.Subtests) -> None:
    for outcome in run(cases, tmp_path, worker):
        with subtests.test(outcome.name):
            if outcome.error is not None:
                raise outcome.error


def test_not_yet(subtests: pytest.Subtests) -> None:
    for name, reason in KNOWN.items():
        with subtests.test(name):
            pytest.skip(reason)


def test_there_are_many() -> None:
    names = {f"{name}/{case}" for name, family in _families() for case in family}
    assert len(names - set(KNOWN)) >= 200
    assert set(KNOWN) <= names
