"""Machines that there is only an emulator of: the runtime, built for one by a cross compiler, runs modules there.

The device ``aarch64`` needs Debian's g++-aarch64-linux-gnu and qemu-user; ``vm_call`` of iree-vm's native tests does
what the Python extension does, so that Python is not emulated.
"""

from __future__ import annotations

import fcntl
import shutil
import struct
import subprocess
import sys
import tempfile
import weakref
from functools import cache
from pathlib import Path
from typing import IO

import numpy as np
from conformance.case import NUMPY, Array

MACHINES = ("aarch64",)
_NAMES = {np.dtype(dtype): name for name, dtype in NUMPY.items()}
_WORKSPACE = Path(__file__).parents[2]


def missing(machine: str) -> str | None:
    """What a machine's emulation lacks here, or None."""
    wanted = ("cmake", "ninja", f"{machine}-linux-gnu-g++", _emulator(machine))
    lacking = [program for program in wanted if shutil.which(program) is None]
    return f"there is no {', '.join(lacking)}" if lacking else None


class Module:
    """A module loaded by a process of its own, with its exports by name."""

    def __init__(self, data: bytes, machine: str) -> None:
        self._directory = tempfile.TemporaryDirectory()
        path = Path(self._directory.name) / "module.vmfb"
        path.write_bytes(data)
        command = [_emulator(machine), "-L", f"/usr/{machine}-linux-gnu", build(machine), path]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        weakref.finalize(self, _end, self._process, self._directory)

    def __getitem__(self, name: str) -> _Function:
        return _Function(self, name)

    def call(self, name: str, inputs: tuple[Array, ...]) -> list[Array]:
        """The results of an export.

        Raises:
            RuntimeError: What the call failed with.
            SystemExit: The emulated program has died, and so shall this one.
        """
        into, out = self._process.stdin, self._process.stdout
        assert into is not None and out is not None
        into.write(_text(name) + _numbers(len(inputs)))
        for value in map(np.asarray, inputs):
            into.write(_text(_NAMES[value.dtype]) + _numbers(value.ndim, *value.shape) + value.tobytes())
        into.flush()
        problem = _read_text(out)
        results = [_read_array(out) for _ in range(_read_number(out))]
        if problem:
            raise RuntimeError(problem)
        return results


class _Function:
    def __init__(self, module: Module, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *inputs: Array) -> list[Array]:
        return self._module.call(self._name, inputs)


def _emulator(machine: str) -> str:
    return f"qemu-{machine}" if shutil.which(f"qemu-{machine}") else f"qemu-{machine}-static"


@cache
def build(machine: str) -> Path:
    """Builds ``vm_call`` for a machine, in the workspace's ignored folder of builds.

    Raises:
        RuntimeError: It does not compile.
    """
    directory = _WORKSPACE / "build" / machine
    configure = [
        *("cmake", "-G", "Ninja", "-S", _WORKSPACE / "packages/iree-vm/native", "-B", directory),
        *(
            "-DIREE_VM_PYTHON=OFF",
            "-DIREE_VM_TOOLS=ON",
            "-DCMAKE_SYSTEM_NAME=Linux",
            f"-DCMAKE_SYSTEM_PROCESSOR={machine}",
        ),
        *(f"-DCMAKE_CXX_COMPILER={machine}-linux-gnu-g++", f"-DPython_EXECUTABLE={sys.executable}"),
    ]
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for command in (configure, ["cmake", "--build", directory, "-j2", "--target", "vm_call"]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(done.stdout + done.stderr)
    return directory / "vm_call"


def _end(process: subprocess.Popen[bytes], directory: tempfile.TemporaryDirectory[str]) -> None:
    process.kill()
    process.communicate()
    directory.cleanup()


def _numbers(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


def _text(text: str) -> bytes:
    return _numbers(len(text)) + text.encode()


def _read(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise SystemExit("the emulated program has died")
    return data


def _read_number(stream: IO[bytes]) -> int:
    return int.from_bytes(_read(stream, 4), "little")


def _read_text(stream: IO[bytes]) -> str:
    return _read(stream, _read_number(stream)).decode()


def _read_array(stream: IO[bytes]) -> Array:
    dtype = np.dtype(NUMPY[_read_text(stream)])
    shape = [_read_number(stream) for _ in range(_read_number(stream))]
    return np.frombuffer(_read(stream, dtype.itemsize * int(np.prod(shape))), dtype).reshape(shape)
