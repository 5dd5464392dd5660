"""Long-lived worker processes that compile kernels under time and memory limits.

Processes are started when there is work for them, or before, so that they load MLIR while the front of the compiler
runs. They outlive a compilation: the next one of the same process finds them ready (`borrow`). A kernel that crashes or
hangs takes its process with it; a new process takes over the rest.
"""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import IO, Self

from iree.codegen.messages import IDLE_SECONDS, Done, Failed, Job, Ready, Setup
from iree.codegen.options import Limits
from iree.codegen.sources import sources_digest
from iree.codegen.targets import CompiledKernel, Target
from iree.dialects.errors import CompileError

START_SECONDS = 120.0
MAX_JOBS = 1000
"""A process that compiled so many kernels is replaced between compilations: each leaves some 0.2 MB behind."""
MAX_IDLE = 4
"""Pools that are kept for later."""


@dataclass(frozen=True)
class Outcome:
    """What became of one job.

    Attributes:
        kernel: The compiled kernel, or None if it failed.
        failure: Why it failed.
        crashed: Whether the process died or was killed, rather than saying what is wrong.
        log: What the process wrote to stderr while it died, or a Python traceback.
        seconds: Time it took.
    """

    kernel: CompiledKernel | None
    failure: Failed | None
    crashed: bool
    log: str
    seconds: float


class _Worker:
    """One process. `busy` is the index of the job it is compiling, `jobs` the number that it got."""

    def __init__(self, setup: Setup) -> None:
        ours, theirs = socket.socketpair()
        self.log: IO[bytes] = tempfile.TemporaryFile()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "iree.codegen.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self.log,
                stderr=self.log,
                # Kernels compile side by side: one thread each. Ctrl-C is the parent's to handle.
                env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                process_group=0,
            )
        self.connection = Connection(ours.detach())
        self.connection.send(setup)
        self.ready = False
        self.busy: int | None = None
        self.jobs = 0
        self.since = time.monotonic()

    def send(self, index: int, job: Job) -> None:
        self.busy = index
        self.jobs += 1
        self.since = time.monotonic()
        self.log.truncate(0)
        self.connection.send(job)

    def tail(self) -> str:
        self.log.seek(0)
        return self.log.read()[-4000:].decode(errors="replace").strip("\0\n ")

    def close(self, *, kill: bool = False) -> int:
        """Ends the process and returns its status."""
        if kill and self.process.poll() is None:
            self.process.kill()
        self.connection.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
        status = self.process.wait()
        self.log.close()
        return status


class WorkerPool:
    """Compiles kernels for one target in up to `count` processes. A context manager; leaving it ends the processes.

    Args:
        target: Sent to each process.
        count: Number of processes.
        limits: Bounds on each kernel.
    """

    def __init__(self, target: Target, count: int, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._setup = Setup(target, self.limits.memory)
        self._count = max(1, count)
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def busy(self) -> bool:
        """Whether something is being compiled, as after an interrupt."""
        return any(worker.busy is not None for worker in self._workers)

    def start(self, count: int | None = None) -> None:
        """Starts processes until there are `count`, or as many as there may be."""
        now = time.monotonic()
        for worker in [w for w in self._workers if now - w.since > IDLE_SECONDS / 2 or w.jobs >= MAX_JOBS]:
            self._workers.remove(worker)  # it may be about to end, or is worn out
            worker.close(kill=not worker.ready)
        wanted = self._count if count is None else min(count, self._count)
        self._workers += [_Worker(self._setup) for _ in range(wanted - len(self._workers))]

    def close(self) -> None:
        """Ends the processes."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.close(kill=worker.busy is not None or not worker.ready)

    def run(self, jobs: Sequence[Job], done: Callable[[int, Outcome], None]) -> None:
        """Compiles the jobs in that order, several at a time.

        Args:
            jobs: What to compile.
            done: Called with the index and outcome of each job as it finishes, in any order.

        Raises:
            CompileError: A worker process does not start.
        """
        self.start(len(jobs))
        waiting = list(range(len(jobs)))[::-1]
        while waiting or self.busy:
            for worker in self._workers:
                if worker.ready and worker.busy is None and waiting:
                    worker.send(index := waiting.pop(), jobs[index])
            active = [w for w in self._workers if w.busy is not None or not w.ready]
            deadline = min(w.since + self._allowed(w) for w in active)
            readable = wait([w.connection for w in active], max(0.0, deadline - time.monotonic()))
            for worker in active:
                if worker.connection in readable:
                    self._receive(worker, done)
                elif time.monotonic() - worker.since > self._allowed(worker):
                    self._lost(worker, f"took more than {self._allowed(worker):g} s", done, kill=True)

    def _allowed(self, worker: _Worker) -> float:
        return self.limits.seconds if worker.ready else START_SECONDS

    def _receive(self, worker: _Worker, done: Callable[[int, Outcome], None]) -> None:
        try:
            message = worker.connection.recv()
        except (EOFError, ConnectionResetError):
            self._lost(worker, None, done)
            return
        if isinstance(message, Ready):
            worker.ready = True
            return
        assert worker.busy is not None
        now = time.monotonic()
        index, seconds, worker.busy, worker.since = worker.busy, now - worker.since, None, now
        if isinstance(message, Done):
            done(index, Outcome(message.kernel, None, False, "", seconds))
        else:
            assert isinstance(message, Failed)
            done(index, Outcome(None, message, False, message.traceback, seconds))

    def _lost(
        self, worker: _Worker, why: str | None, done: Callable[[int, Outcome], None], *, kill: bool = False
    ) -> None:
        """Replaces a process that died, or that is to be killed, and reports its job as failed."""
        if not kill:
            worker.process.wait()  # its end of the connection is closed, so it is going
        log = worker.tail()
        status = worker.close(kill=kill)
        if not worker.ready:
            self._workers.remove(worker)
            raise CompileError(f"a compiler process {why or 'ended while it started'}:\n{log}")
        self._workers[self._workers.index(worker)] = _Worker(self._setup)
        assert worker.busy is not None
        failure = Failed(f"the compiler {why or _ending(status, log, self.limits.memory)}", "", "")
        done(worker.busy, Outcome(None, failure, True, log, time.monotonic() - worker.since))


@contextmanager
def borrow(target: Target, count: int, limits: Limits) -> Iterator[WorkerPool]:
    """A pool that nobody else uses; its processes are kept for the next one who wants the same."""
    # What processes are started with: the target, and where they find its code.
    sources = sources_digest(type(target).__module__)
    options = tuple(sorted(target.options.items()))
    key = (target.name, target.key, options, sources, os.environ.get("PYTHONPATH"), count, limits)
    with _LOCK:
        pool = _idle.pop(key, None)
    if pool is None:
        pool = WorkerPool(target, count, limits)
    try:
        yield pool
    finally:
        surplus = [pool]
        if not pool.busy:
            with _LOCK:
                surplus = [_idle.pop(key)] if key in _idle else []
                _idle[key] = pool
                if len(_idle) > MAX_IDLE:
                    surplus.append(_idle.pop(next(iter(_idle))))
        for unwanted in surplus:
            unwanted.close()


_LOCK = threading.Lock()
_idle: dict[object, WorkerPool] = {}


@atexit.register
def _close_idle() -> None:
    while _idle:
        _idle.popitem()[1].close()


os.register_at_fork(after_in_child=_idle.clear)  # they are the parent's


def _ending(status: int, log: str, memory: int) -> str:
    if "out of memory" in log.lower() or "bad_alloc" in log:
        return f"needed more than {memory / 2**30:g} GiB of memory"
    if status < 0:
        return f"crashed ({signal.Signals(-status).name})"
    return f"ended with status {status}"
