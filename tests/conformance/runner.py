"""Compiles batches of cases with the whole compiler and runs them on the CPU, in a process of its own that may die."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from typing import Any

import numpy as np
from conformance.case import Array, Case
from iree import codegen, vm

TIMEOUT_S = 120


def run(cases: Sequence[Case]) -> list[list[Array] | str]:
    """Per case its results, or what went wrong. All cases share a module if they compile."""
    answers: dict[int, list[Array] | str] = {}
    while len(answers) < len(cases):
        todo = [i for i in range(len(cases)) if i not in answers]
        mine, theirs = multiprocessing.get_context("fork").Pipe(duplex=False)
        worker = multiprocessing.get_context("fork").Process(target=_work, args=([cases[i] for i in todo], theirs))
        worker.start()
        theirs.close()
        current = 0
        try:
            while len(answers) < len(cases):
                if not mine.poll(TIMEOUT_S):
                    answers[todo[current]] = f"takes more than {TIMEOUT_S} s"
                    break
                current, answer = mine.recv()
                if answer is not None:
                    answers[todo[current]] = answer
        except EOFError:
            answers[todo[current]] = "the process dies"
        worker.kill()
        worker.join()
    return [answers[i] for i in range(len(cases))]


def _work(cases: Sequence[Case], pipe: Any) -> None:
    for position, case, module, problem in _compile(cases, 0):
        pipe.send((position, None))
        if module is None:
            pipe.send((position, problem))
            continue
        try:
            found = module[f"c{position}"](*case.inputs)
            pipe.send(
                (position, [np.asarray(value) for value in (found if isinstance(found, tuple | list) else [found])])
            )
        except Exception as error:  # whatever it is, it is this case's result
            pipe.send((position, f"{type(error).__name__}: {error}"))


def _compile(cases: Sequence[Case], first: int) -> list[tuple[int, Case, Any, str]]:
    """A module for all the cases, or by halves where one of them does not compile."""
    text = "\n".join(case.prelude + case.function(f"c{first + i}") for i, case in enumerate(cases))
    try:
        module = vm.load(codegen.compile_str(text))
    except Exception as error:  # any error is the case's result
        if len(cases) == 1:
            return [(first, cases[0], None, f"{type(error).__name__}: {error}")]
        half = len(cases) // 2
        return _compile(cases[:half], first) + _compile(cases[half:], first + half)
    return [(first + i, case, module, "") for i, case in enumerate(cases)]
