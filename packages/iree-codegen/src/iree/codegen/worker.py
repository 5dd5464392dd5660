"""A worker process: compiles kernels that its parent sends. See `iree.codegen.pool`."""

from __future__ import annotations

import resource
import sys
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

from iree.codegen.messages import IDLE_SECONDS, Done, Failed, Job, Ready, Setup
from iree.codegen.targets import Dump
from iree.dialects.mlir import CompileError


def directory_dump(directory: Path) -> Dump:
    """Writes stages as files of a directory, which is made if need be."""

    def dump(name: str, content: str | bytes) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content.encode() if isinstance(content, str) else content)

    return dump


def serve(connection: Connection) -> None:
    """Answers each `Job` with `Done` or `Failed`, until there is none for long."""
    setup = connection.recv()
    assert isinstance(setup, Setup)
    if setup.memory_limit:
        # Not the address space: shared libraries and reserved ranges would count.
        resource.setrlimit(resource.RLIMIT_DATA, (setup.memory_limit, setup.memory_limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    connection.send(Ready())
    while connection.poll(IDLE_SECONDS):
        try:
            job = connection.recv()
        except EOFError:
            return
        assert isinstance(job, Job)
        try:
            dump = directory_dump(Path(job.dump_directory)) if job.dump_directory else None
            target = setup.target.plain if job.plain else setup.target
            assert target is not None
            kernel = target.compile_kernel(job.kernel, dump)
        except CompileError as error:
            connection.send(Failed("\n".join([error.message, *map(str, error.diagnostics)]), error.location, ""))
        except MemoryError:
            connection.send(Failed("out of memory", "", ""))
        except Exception as error:  # whatever a target raises is the parent's to report
            connection.send(Failed(f"{type(error).__name__}: {error}", "", traceback.format_exc()))
        else:
            connection.send(Done(kernel))


if __name__ == "__main__":
    with Connection(int(sys.argv[1])) as parent:
        serve(parent)
