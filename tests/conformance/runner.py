"""Compiles batches of cases with the whole compiler and runs them, in a process of its own that may die.

On the CPU, or on the device that IREE_CONFORMANCE_DEVICE names: cpu, vulkan, webgpu, or the URI of one of these, such
as vulkan://0?unified=0; or on another machine's CPU that is emulated (`emulated.MACHINES`): aarch64.
"""

from __future__ import annotations

import multiprocessing
import os
import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from conformance import emulated
from conformance.case import Array, Case
from iree import codegen, vm

TIMEOUT_S = 900
DEVICE = os.environ.get("IREE_CONFORMANCE_DEVICE", "cpu")
TARGETS = {"cpu": "cpu", "vulkan": "spirv-vulkan", "webgpu": "spirv-portable"}
"""By the driver; the CPU's for machines that are emulated."""

Compile = Callable[[str], Any]


def driver(device: str) -> str:
    """The driver of a device's URI."""
    return re.split("[:?]", device, maxsplit=1)[0]


def _compiler(device: str) -> Compile:
    """What makes a loaded module of a program."""
    machine = driver(device)
    emulate = machine in emulated.MACHINES
    if emulate:
        emulated.build(machine)
    # Batches run side by side.
    options = codegen.CompilerOptions(jobs=1, target_options={"cpu": machine} if emulate else {})

    def compile_(text: str) -> Any:
        data = codegen.compile_str(text, TARGETS.get(machine, "cpu"), options=options)
        return emulated.Module(data, machine) if emulate else vm.load(data, device=device)

    return compile_


def run(cases: Sequence[Case], device: str = DEVICE) -> list[list[Array] | str]:
    """Per case its results on a device, or what went wrong. All cases share a module if they compile."""
    answers: dict[int, list[Array] | str] = {}
    compile_ = _compiler(device)
    groups = [list(range(len(cases)))]
    while groups:
        todo = [i for i in groups.pop() if i not in answers]
        if not todo:
            continue
        running, problem = _guarded([cases[i] for i in todo], answers, todo, compile_)
        if problem is None:
            continue
        if running is None and len(todo) > 1:  # the compiler, with one of them
            groups += [todo[: len(todo) // 2], todo[len(todo) // 2 :]]
            continue
        answers[todo[running or 0]] = f"{'the compiler' if running is None else 'the program'} {problem}"
        groups.append(todo)
    return [answers[i] for i in range(len(cases))]


def _guarded(
    cases: Sequence[Case], answers: dict[int, list[Array] | str], numbers: Sequence[int], compile_: Compile
) -> tuple[int | None, str | None]:
    """Runs the cases in a process.

    Returns:
        The position of the case that ran last, or None if none did, and what became of the process if it failed.
    """
    mine, theirs = multiprocessing.get_context("fork").Pipe(duplex=False)
    worker = multiprocessing.get_context("fork").Process(target=_work, args=(cases, theirs, compile_))
    worker.start()
    theirs.close()
    running: int | None = None
    try:
        while any(number not in answers for number in numbers):
            if not mine.poll(TIMEOUT_S):
                return running, f"takes more than {TIMEOUT_S} s"
            running, answer = mine.recv()
            if answer is not None:
                answers[numbers[running]] = answer
        return running, None
    except EOFError:
        worker.join()
        return running, f"dies with exit code {worker.exitcode}"
    finally:
        worker.kill()
        worker.join()


def _work(cases: Sequence[Case], pipe: Any, compile_: Compile) -> None:
    for position, case, module, problem in _compile(cases, range(len(cases)), compile_):
        pipe.send((position, None))
        if module is None:
            pipe.send((position, problem))
            continue
        try:
            found = module[f"c{position}"](*case.inputs)
            values = found if isinstance(found, tuple | list) else [found]
            pipe.send((position, [np.asarray(value) for value in values]))
        except Exception as error:  # whatever it is, it is this case's result
            pipe.send((position, f"{type(error).__name__}: {error}"))


def _compile(cases: Sequence[Case], numbers: Sequence[int], compile_: Compile) -> list[tuple[int, Case, Any, str]]:
    """A module for all the cases; those that an error names are compiled alone, and the rest again."""
    text, ends = "", []
    for number in numbers:
        text += f"{cases[number].prelude}\n{cases[number].function(f'c{number}')}\n"
        ends.append(text.count("\n"))
    try:
        module = compile_(text)
    except Exception as error:  # any error is the case's result
        if len(numbers) == 1:
            return [(numbers[0], cases[numbers[0]], None, f"{type(error).__name__}: {error}")]
        lines = {int(line) for line in re.findall(r"-:(\d+):\d+", str(error))}
        named = {numbers[bisect_left(ends, line)] for line in lines if line <= ends[-1]}
        groups = [[n] for n in numbers if n in named] or [list(numbers[: len(numbers) // 2])]
        rest = [n for n in numbers if n not in {number for group in groups for number in group}]
        return [entry for group in [rest, *groups] if group for entry in _compile(cases, group, compile_)]
    return [(number, cases[number], module, "") for number in numbers]
