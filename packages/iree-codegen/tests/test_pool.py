"""Workers: results, errors, and kernels that take their process with them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from iree.codegen.messages import Job
from iree.codegen.options import Limits
from iree.codegen.pool import Outcome, WorkerPool, borrow

FAKES = Path(__file__).parent / "fakes"


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(FAKES))
    monkeypatch.setattr(sys, "path", [str(FAKES), *sys.path])


def _run(orders: list[str], count: int = 2, limits: Limits | None = None, dump: str = "") -> list[Outcome]:
    from fake_target import FakeTarget  # type: ignore[import-not-found]  # noqa: PLC0415

    outcomes: dict[int, Outcome] = {}
    with WorkerPool(FakeTarget(), count, limits) as pool:
        pool.run([Job(order.encode(), dump) for order in orders], lambda i, outcome: outcomes.update({i: outcome}))
        pool.run([], lambda i, outcome: pytest.fail("no job, no outcome"))
    return [outcomes[i] for i in range(len(orders))]


def test_each_order_gets_its_outcome() -> None:
    orders = ["compile a", "fail b", "crash c", "compile d", "hang e", "raise f", "hog g", "compile h"]
    limits = Limits(seconds=3, memory=2 << 30)
    outcomes = dict(zip((o[-1] for o in orders), _run(orders, limits=limits), strict=True))
    for name in "adh":
        kernel = outcomes[name].kernel
        assert kernel is not None and kernel.name == name
    failures = {name: outcome.failure for name, outcome in outcomes.items() if outcome.failure}
    assert {name: failure.message for name, failure in failures.items()} == {
        "b": "cannot do this",
        "c": "the compiler crashed (SIGABRT)",
        "e": "the compiler took more than 3 s",
        "f": "ZeroDivisionError: a bug",
        "g": "out of memory",
    }
    assert failures["b"].location == "model.mlir:3:4"
    assert "ZeroDivisionError" in outcomes["f"].log
    assert {name for name, outcome in outcomes.items() if outcome.crashed} == {"c", "e"}


def test_processes_are_kept_for_the_next_compilation() -> None:
    from fake_target import FakeTarget  # noqa: PLC0415

    def pids(pool: WorkerPool) -> set[int]:
        return {worker.process.pid for worker in pool._workers}

    limits = Limits(seconds=9)
    jobs = [Job(b"compile a", ""), Job(b"compile b", ""), Job(b"compile c", "")]
    with borrow(FakeTarget(), 2, limits) as pool:
        assert not pids(pool)
        pool.run(jobs[:1], lambda i, outcome: None)
        first = pids(pool)
    with borrow(FakeTarget(), 2, limits) as pool, borrow(FakeTarget(), 2, limits) as other:
        assert pids(pool) == first and not pids(other)
        pool.run(jobs, lambda i, outcome: None)
        assert len(pids(pool)) == 2 and first < pids(pool)
    with borrow(FakeTarget(key="another"), 2, limits) as pool:
        assert not pids(pool)


def test_processes_are_replaced_when_they_are_worn_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from fake_target import FakeTarget  # noqa: PLC0415

    monkeypatch.setattr("iree.codegen.pool.MAX_JOBS", 2)
    found = []
    with WorkerPool(FakeTarget(), 1) as pool:
        for _ in range(3):
            pool.run([Job(b"compile a", "")], lambda i, outcome: None)
            found.append(pool._workers[0].process.pid)
    assert found[0] == found[1] != found[2]


def test_dump_goes_to_the_directory(tmp_path: Path) -> None:
    _run(["compile k"], 1, dump=str(tmp_path / "k"))
    assert (tmp_path / "k" / "1-stage.txt").read_text() == "k"
