"""Modules through the whole chain, many at a time: one SavedModel, one artefact, one module file for a batch of cases.

A case is a `tf.Module` and calls of its functions. Outputs of every call and the values of its variables after the last
are compared with TensorFlow's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from comparing import assert_close, draw, flatten
from iree import codegen, vm
from iree.import_tf import api, saved_model
from iree.import_tf.worker import Worker
from numpy.typing import NDArray
from tensorflow.python.checkpoint.graph_view import ObjectGraphView
from tensorflow.python.trackable.base import SaveType

Array = NDArray[Any]
Calls = Sequence[tuple[str, Sequence[Any]]]
"""Function names with their inputs, nested as the function takes them."""


@dataclass(frozen=True)
class Case:
    """What is tested: `make` returns the module and its calls."""

    name: str
    make: Callable[[], tuple[tf.Module, Calls]]


class Family(dict[str, Case]):
    """Cases by name; its methods add some."""

    def module(self, make: Callable[[], tuple[tf.Module, Calls]]) -> Callable[[], tuple[tf.Module, Calls]]:
        """Adds a module under the name of the function that makes it."""
        self[make.__name__] = Case(make.__name__, make)
        return make

    def function(
        self, name: str, function: Callable[..., Any], *inputs: Any, shapes: Iterable[Any] = (None,), seed: int = 7
    ) -> None:
        """Adds a function without state, called once for each of `shapes`.

        Args:
            name: The case's name.
            function: What is tested.
            inputs: Shapes (of float32), TensorSpecs, or arrays, which are their own values.
            shapes: For each call the shapes of its inputs, where those of the specs are open.
            seed: For the values of the inputs.
        """
        specs = [tf.TensorSpec(i, tf.float32) if isinstance(i, tuple) else i for i in inputs]

        def make() -> tuple[tf.Module, Calls]:
            random = np.random.default_rng(seed)
            module = tf.Module()
            module.f = _traced(function, specs)
            return module, [("f", [draw(spec, random) for spec in _closed(specs, sizes)]) for sizes in shapes]

        assert name not in self, name
        self[name] = Case(name, make)


def _traced(function: Callable[..., Any], specs: Sequence[Any]) -> Any:
    """A tf.function that takes positional arguments alone: defaults of lambdas cannot be saved."""

    def positional(*args: Any) -> Any:
        return function(*args)

    given = [s if isinstance(s, tf.TensorSpec) else tf.TensorSpec(s.shape, s.dtype) for s in specs]
    return tf.function(positional, input_signature=given)


def _closed(specs: Sequence[Any], sizes: Any) -> list[Any]:
    if sizes is None:
        return list(specs)
    return [
        spec if size is None else size if isinstance(size, np.ndarray) else tf.TensorSpec(size, spec.dtype)
        for spec, size in zip(specs, sizes, strict=True)
    ]


@dataclass(frozen=True)
class Outcome:
    """What became of a case: the error, or None."""

    name: str
    error: Exception | None


def run(cases: Sequence[Case], folder: Path, worker: Worker) -> list[Outcome]:
    """Runs cases as one batch; if that fails, each alone, so that the error is that case's own."""
    made = {case.name: case.make() for case in cases}
    root = tf.Module()
    for name, (module, _) in made.items():
        setattr(root, name, module)
    options = tf.saved_model.SaveOptions(save_debug_info=True)
    tf.saved_model.save(root, str(folder / "saved"), signatures={}, options=options)
    try:
        module = _compiled(folder, made, worker)
    except Exception:  # whatever it is, it comes again with the case that it belongs to
        outcomes = []
        for name, one in made.items():
            alone = folder / name
            alone.mkdir()
            (alone / "saved").symlink_to(folder / "saved")
            outcomes += _alone(alone, name, one, root, worker)
        return outcomes
    return [_outcome(name, calls, module, root, folder) for name, calls in made.items()]


def _alone(folder: Path, name: str, made: tuple[tf.Module, Calls], root: tf.Module, worker: Worker) -> list[Outcome]:
    try:
        module = _compiled(folder, {name: made}, worker)
    except Exception as error:  # whatever it is, the other cases go on
        return [Outcome(name, error)]
    return [_outcome(name, made, module, root, folder)]


def _compiled(folder: Path, made: Mapping[str, tuple[tf.Module, Calls]], worker: Worker) -> Any:
    functions = dict.fromkeys(f"{name}.{function}" for name, (_, calls) in made.items() for function, _ in calls)
    program = saved_model.read(folder / "saved")
    api.import_program(program, folder / "model", list(functions), worker=worker)
    codegen.compile_file(folder / "model", target="cpu", output=folder / "model.vmfb")
    return vm.load(folder / "model.vmfb", device="cpu")


def _outcome(name: str, made: tuple[tf.Module, Calls], module: Any, root: tf.Module, folder: Path) -> Outcome:
    live, calls = made
    try:
        for function, inputs in calls:
            expected = flatten(getattr(live, function)(*tf.nest.map_structure(tf.constant, list(inputs))))
            actual = module[f"{name}.{function}"](*inputs)
            assert_close(by_index(function_entry(module, f"{name}.{function}")["outputs"], actual), expected)
        for variable, path in paths(folder / "saved").items():
            kept = find(root, path) if path[0] == name and variable in module.variables else None
            if kept is not None:
                assert_close([np.asarray(module.variables[variable])], [np.asarray(kept)])
    except Exception as error:  # whatever it is, the other cases go on
        return Outcome(name, error)
    return Outcome(name, None)


def function_entry(module: Any, name: str) -> Mapping[str, Any]:
    """What a module's manifest says of a function."""
    return next(entry for entry in module.manifest["functions"] if entry["name"] == name)


def by_index(tree: Mapping[str, Any], value: Any) -> list[Array]:
    """The arrays of a nested result in the order of their indexes in the manifest's tree."""
    found: dict[int, Array] = {}

    def visit(tree: Mapping[str, Any], value: Any) -> None:
        if "tensor" in tree:
            found[tree["tensor"]] = np.asarray(value)
        elif "dict" in tree:
            for key, child in tree["dict"].items():
                visit(child, value[key])
        else:
            for child, part in zip(tree.get("list", tree.get("tuple", ())), value or (), strict=True):
                visit(child, part)

    visit(tree, value)
    return [found[i] for i in sorted(found)]


def paths(saved: Path) -> dict[str, tuple[str, ...]]:
    """Where each variable of a SavedModel stands in the object: the names of the attributes on the way."""
    reader = saved_model._Reader(saved, saved_model._parse(saved).meta_graphs[0])
    return {name: reader._paths[node] for node, (name, v) in reader._variables().items() if v.mutable}


def find(root: Any, path: Sequence[str]) -> Any:
    """The object at such a place; None if Keras makes an attribute on the way only while it saves."""
    for name in path:
        view = ObjectGraphView(root)
        children = {**view.children(root), **view.children(root, save_type=SaveType.SAVEDMODEL)}
        if name not in children:
            return None
        root = children[name]
    return root
