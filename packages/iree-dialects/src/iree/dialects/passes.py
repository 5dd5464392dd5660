"""Passes: what one is, where they are found, and pipelines of ours and upstream's mixed."""

from __future__ import annotations

import importlib
import io
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from iree.dialects.entry_points import entry_points
from iree.dialects.mlir import CompileError, run_upstream

ENTRY_POINTS = "iree.passes"


@dataclass(frozen=True)
class Pass(ABC):
    """A transformation of a module: a frozen dataclass whose fields (int, float, bool, str) are its options.

    Attributes:
        name: As in pipelines: lower case with dashes.
    """

    name: ClassVar[str]

    @abstractmethod
    def apply(self, module: Any) -> None:
        """Changes the `ir.Module` in place, with its context entered.

        Raises:
            CompileError: It cannot be done; says what, where and how to get on.
        """


class Observer:
    """Watches a pipeline; a subclass overrides what it needs."""

    def before(self, step: str, module: Any) -> None:
        """`step` (with its options) is about to run."""

    def after(self, step: str, module: Any, seconds: float) -> None:
        """`step` has run."""

    def failed(self, step: str, source: bytes, context: Any) -> None:
        """`step` failed on the module of `context` whose bytecode is `source` (empty unless `wants_source`)."""

    wants_source: bool = False
    """Should the module be kept as it was before each step?"""


def _builtin() -> dict[str, str]:
    table: dict[str, str] = importlib.import_module("iree.dialects.transforms").PASSES
    return table


def find_passes() -> Mapping[str, str]:
    """Every pass of the project and of plug-ins (entry points ``iree.passes``): name -> ``module:Class``.

    Raises:
        CompileError: Two packages have a pass of one name; names both.
    """
    found = {name: (target, "iree-dialects") for name, target in _builtin().items()}
    for point in entry_points(group=ENTRY_POINTS):
        owner = point.dist.name if point.dist else point.value
        if point.name in found and found[point.name][0] != point.value:
            first = found[point.name][1]
            raise CompileError(f"{first} and {owner} both have a pass '{point.name}': uninstall one of them")
        found[point.name] = (point.value, owner)
    return {name: target for name, (target, _) in found.items()}


def load_pass(target: str) -> type[Pass]:
    """The class that ``module:Class`` names."""
    module, _, name = target.partition(":")
    cls = getattr(importlib.import_module(module), name)
    if not (isinstance(cls, type) and issubclass(cls, Pass)):
        raise CompileError(f"{target} is registered as a pass but is not a subclass of iree.dialects.passes.Pass")
    return cls


def split_pipeline(text: str) -> list[str]:
    """``a{x=1,2},func.func(b,c)`` -> ``["a{x=1,2}", "func.func(b,c)"]``.

    Raises:
        CompileError: Brackets do not match.
    """
    steps, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "({") - (c in ")}")
        if depth < 0:
            break
        if c == "," and depth == 0:
            steps.append(text[start:i])
            start = i + 1
    if depth:
        raise CompileError(f"brackets do not match in the pipeline {text!r}")
    return [step.strip() for step in [*steps, text[start:]] if step.strip()]


def parse_pass(step: str, known: Mapping[str, str]) -> Pass | None:
    """A pass of ours with its options, ``name{option=value …}``, or None if it is upstream's.

    Raises:
        CompileError: An option is unknown or has a value of the wrong kind.
    """
    name, brace, rest = step.partition("{")
    target = known.get(name.strip())
    if target is None:
        return None
    cls = load_pass(target)
    kinds = {f.name.replace("_", "-"): (f.name, f.type) for f in fields(cls)}
    values: dict[str, Any] = {}
    for option in rest.removesuffix("}").split() if brace else ():
        key, equals, text = option.partition("=")
        if key not in kinds:
            options = ", ".join(kinds) or "none"
            raise CompileError(f"pass '{name}' has no option '{key}'; its options: {options}")
        attribute, kind = kinds[key]
        values[attribute] = _option(
            name, key, kind.__name__ if isinstance(kind, type) else str(kind), text if equals else "true"
        )
    return cls(**values)


def _option(name: str, key: str, kind: str, text: str) -> Any:
    try:
        if kind == "bool":
            return {"true": True, "1": True, "false": False, "0": False}[text]
        return {"int": int, "float": float, "str": str}[kind](text)
    except (KeyError, ValueError):
        raise CompileError(f"option '{key}' of pass '{name}' takes a value of type {kind}, not '{text}'") from None


def run_pipeline(module: Any, pipeline: str | Sequence[str | Pass], observers: Iterable[Observer] = ()) -> None:
    """Runs passes of ours and of upstream.

    Args:
        module: The `ir.Module`, changed in place.
        pipeline: ``name{option=value …},…``, where a step that is not ours is upstream's and may be nested, as in
            ``func.func(cse)``; or such steps and `Pass` objects.
        observers: Are told of every step.

    Raises:
        CompileError: A step failed or is not known.
    """
    observers = list(observers)
    wants_source = any(o.wants_source for o in observers)
    known = find_passes()
    steps = split_pipeline(pipeline) if isinstance(pipeline, str) else pipeline
    parsed = [(str(s), s if isinstance(s, Pass) else parse_pass(s, known)) for s in steps]
    for step, ours in parsed:
        for observer in observers:
            observer.before(step, module)
        source = bytecode(module) if wants_source else b""
        start = time.perf_counter()
        try:
            if ours is None:
                run_upstream(module, step)
            else:
                with module.context:
                    ours.apply(module)
        except Exception:
            for observer in observers:
                observer.failed(step, source, module.context)
            raise
        seconds = time.perf_counter() - start
        for observer in observers:
            observer.after(step, module, seconds)


def bytecode(module: Any) -> bytes:
    """The module as MLIR bytecode."""
    buffer = io.BytesIO()
    module.operation.write_bytecode(buffer)
    return buffer.getvalue()
