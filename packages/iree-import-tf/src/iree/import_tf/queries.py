"""Questions about values of a program, answered by asking others: each once, and however deep without recursion.

A rule answers one kind of question. It is a generator: it yields the questions that it needs answered, is sent their
answers and returns its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

Question = tuple["Rule", Any, int]
"""A rule, the value that is asked about, and a number: which dimension or element of it."""
Answer = Any


@dataclass(frozen=True)
class Assume:
    """What a rule yields to have answers taken for granted, until it yields `Settle`."""

    answers: Mapping[Question, Answer]


@dataclass(frozen=True)
class Settle:
    """The end of what was assumed last: `holds` keeps it and all that follows from it, else both are dropped."""

    holds: bool


Step = Generator["Question | Assume | Settle", Any, Answer]
Rule = Callable[[Any, int], Step]
_Key = tuple[Rule, int, int]


class Memory:
    """Answers as long as they hold.

    The program may change while the memory lives if `forget` is told of every value before it goes, and if what takes
    its place equals it. Types of values and operands of operations must stay otherwise.
    """

    def __init__(self) -> None:
        self.steps = 0
        """How many questions were worked out."""
        self._numbers: dict[Any, int] = {}
        self._given = 0
        self._asked: dict[int, set[_Key]] = {}
        """By the number of a value: what was asked about it."""
        self._layers: list[dict[_Key, Answer]] = [{}]
        """What holds, then what follows from each assumption that is made at present."""
        self._dependents: dict[_Key, set[_Key]] = {}

    def ask(self, rule: Rule, value: Any, index: int) -> Answer:
        """The answer to one question."""
        key = self._key(rule, value, index)
        known, answer = self._known(key)
        if known:
            return answer
        try:
            return self._work_out(key, rule(value, index))
        finally:
            del self._layers[1:]

    def forget(self, value: Any, is_about: Callable[[Answer, Any], bool]) -> None:
        """Drops what is known of a value that is replaced by an equal one.

        Args:
            value: The value; it still exists.
            is_about: Whether an answer speaks of the value, or says that nothing could be found out: what
                follows from such an answer is dropped as well, since the new value may say more.
        """
        number = self._numbers.pop(value, None)
        if number is None:
            return
        facts = self._layers[0]
        stale = []
        for key in self._asked.pop(number):
            if key in facts and is_about(facts[key], value):
                stale.append(key)
            facts.pop(key, None)
        while stale:
            for key in self._dependents.pop(stale.pop(), ()):
                if key in facts:
                    del facts[key]
                    stale.append(key)

    def _key(self, rule: Rule, value: Any, index: int) -> _Key:
        number = self._numbers.get(value)
        if number is None:  # numbers are given once: a new value may be where an old one was
            number = self._numbers[value] = self._given
            self._given += 1
            self._asked[number] = set()
        key = (rule, number, index)
        self._asked[number].add(key)
        return key

    def _known(self, key: _Key) -> tuple[bool, Answer]:
        for layer in reversed(self._layers):
            if key in layer:
                return True, layer[key]
        return False, None

    def _work_out(self, key: _Key, step: Step) -> Answer:
        stack = [(key, step)]
        answer: Answer = None
        self.steps += 1
        while stack:
            key, step = stack[-1]
            try:
                wanted = step.send(answer)
            except StopIteration as stop:
                answer = self._layers[-1][key] = stop.value
                stack.pop()
                continue
            answer = None
            match wanted:
                case Assume(answers):
                    assumed = {self._key(*question): given for question, given in answers.items()}
                    for other in assumed:
                        self._dependents.setdefault(key, set()).add(other)
                    self._layers.append(assumed)
                case Settle(holds):
                    layer = self._layers.pop()
                    if holds:
                        self._layers[-1].update(layer)
                case (rule, value, index):
                    other = self._key(rule, value, index)
                    self._dependents.setdefault(other, set()).add(key)
                    known, answer = self._known(other)
                    if not known:
                        self.steps += 1
                        stack.append((other, rule(value, index)))
        return answer
