"""The manifest of an import artefact: its functions, what their arguments and results mean, the variables they keep.

`docs/architecture.md` describes the JSON; `Manifest.from_json` checks it against itself (trees, indexes, names), and
`iree.dialects.artifact` checks it against the program and the weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from typing import Literal as OneOf

from iree.dialects.weights import STORAGE

FORMAT = "iree-import"
VERSION = 1
MAX_DEPTH = 100
"""Deeper trees are refused, so that a hostile manifest cannot exhaust the stack."""

Shape = tuple[int | None, ...]
"""Sizes of dimensions; None where only the run knows."""


class ManifestError(ValueError):
    """A manifest that cannot be used; the message has the path of the fault inside the JSON."""


@dataclass(frozen=True)
class TensorSpec:
    """A leaf of a tree: tensor number `index` of a function's inputs or outputs."""

    index: int
    dtype: str
    shape: Shape
    name: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {"tensor": self.index, "name": self.name, "dtype": self.dtype, "shape": list(self.shape)}


@dataclass(frozen=True)
class Literal:
    """A leaf of an input tree that is no tensor: the Python value with which the function was traced."""

    value: bool | int | float | str

    def to_json(self) -> dict[str, Any]:
        return {"literal": self.value}


Tree = TensorSpec | Literal | dict[str, "Tree"] | list["Tree"] | tuple["Tree", ...] | None
"""Nested inputs or outputs: what Python code passes and gets back, with `TensorSpec` for each tensor."""


def tree_to_json(tree: Tree) -> dict[str, Any]:
    """A tree as docs/architecture.md writes it."""
    match tree:
        case TensorSpec() | Literal():
            return tree.to_json()
        case dict():
            return {"dict": {name: tree_to_json(child) for name, child in tree.items()}}
        case list():
            return {"list": [tree_to_json(child) for child in tree]}
        case tuple():
            return {"tuple": [tree_to_json(child) for child in tree]}
        case None:
            return {"none": True}


def tree_leaves(tree: Tree) -> Iterator[TensorSpec]:
    """The tree's tensors, in the order in which they are written."""
    match tree:
        case TensorSpec():
            yield tree
        case dict():
            for child in tree.values():
                yield from tree_leaves(child)
        case list() | tuple():
            for child in tree:
                yield from tree_leaves(child)


@dataclass(frozen=True)
class Slot:
    """What an argument or result in the program stands for: tensor `index` of the inputs or outputs, or variable
    `name`.
    """

    kind: OneOf["input", "output", "variable"]
    index: int | None = None
    name: str | None = None

    def to_json(self) -> dict[str, Any]:
        if self.kind == "variable":
            return {"kind": "variable", "name": self.name}
        return {"kind": self.kind, "index": self.index}


@dataclass(frozen=True)
class Function:
    """An exported function. `symbol` names it in the program; `args` and `results` follow the program's signature;
    `input_names` are the parameters' names, of as many of `input_args` as have one.
    """

    name: str
    symbol: str
    args: Sequence[Slot]
    results: Sequence[Slot]
    input_args: Sequence[Tree]
    input_kwargs: Mapping[str, Tree]
    outputs: Tree
    input_names: Sequence[str] = ()

    def inputs(self) -> list[TensorSpec]:
        """The input tensors, by index."""
        leaves = [leaf for tree in (*self.input_args, *self.input_kwargs.values()) for leaf in tree_leaves(tree)]
        return sorted(leaves, key=lambda leaf: leaf.index)

    def output_specs(self) -> list[TensorSpec]:
        """The output tensors, by index."""
        return sorted(tree_leaves(self.outputs), key=lambda leaf: leaf.index)

    def to_json(self) -> dict[str, Any]:
        kwargs = {name: tree_to_json(tree) for name, tree in self.input_kwargs.items()}
        return {
            "name": self.name,
            "symbol": self.symbol,
            "args": [slot.to_json() for slot in self.args],
            "results": [slot.to_json() for slot in self.results],
            "inputs": {
                "args": [tree_to_json(tree) for tree in self.input_args],
                "names": list(self.input_names),
                "kwargs": kwargs,
            },
            "outputs": tree_to_json(self.outputs),
        }


@dataclass(frozen=True)
class Variable:
    """A tensor kept between calls, or a large constant (`mutable` false); `key` names its initial value in the
    weights.
    """

    name: str
    dtype: str
    shape: Shape
    mutable: bool
    key: str

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "shape": list(self.shape)}


@dataclass(frozen=True)
class Manifest:
    """The whole manifest."""

    producer: str
    functions: Sequence[Function]
    variables: Sequence[Variable] = field(default_factory=tuple)

    def to_json(self) -> dict[str, Any]:
        """The manifest as JSON values; `Manifest.from_json` reads it back."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "producer": self.producer,
            "functions": [function.to_json() for function in self.functions],
            "variables": [variable.to_json() for variable in self.variables],
        }

    @staticmethod
    def from_json(value: object) -> Manifest:
        """Reads and checks JSON values. Raises `ManifestError`, which names the faulty place."""
        root = _Json(value, "manifest")
        if root.get("format").text() != FORMAT:
            raise root.get("format").error(f"is not {FORMAT!r}: this is no import artefact")
        if (version := root.get("version").natural()) != VERSION:
            raise root.get("version").error(
                f"is {version}; this compiler reads version {VERSION}: import the program again with a "
                f"matching importer"
            )
        variables = tuple(_variable(item) for item in root.get("variables").items())
        _no_repeats(root.get("variables"), [variable.name for variable in variables])
        known = {variable.name: variable for variable in variables}
        functions = tuple(_function(item, known) for item in root.get("functions").items())
        _no_repeats(root.get("functions"), [function.name for function in functions])
        return Manifest(root.get("producer").text(), functions, variables)


@dataclass(frozen=True)
class _Json:
    """A JSON value and where it stands, so that errors can name it."""

    value: object
    path: str

    def error(self, what: str) -> ManifestError:
        return ManifestError(f"{self.path} {what}")

    def get(self, key: str) -> _Json:
        if not isinstance(self.value, dict):
            raise self.error("is not an object")
        if key not in self.value:
            raise self.error(f"has no {key!r}")
        return _Json(self.value[key], f"{self.path}.{key}")

    def pairs(self) -> list[tuple[str, _Json]]:
        if not isinstance(self.value, dict):
            raise self.error("is not an object")
        return [(key, _Json(value, f"{self.path}.{key}")) for key, value in self.value.items()]

    def items(self) -> list[_Json]:
        if not isinstance(self.value, list):
            raise self.error("is not a list")
        return [_Json(item, f"{self.path}[{i}]") for i, item in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.error("is not a string")
        return self.value

    def boolean(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.error("is not true or false")
        return self.value

    def natural(self) -> int:
        if type(self.value) is not int or not 0 <= self.value < 2**63:
            raise self.error("is not a natural number")
        return self.value

    def dtype(self) -> str:
        if (name := self.text()) not in STORAGE:
            raise self.error(f"is {name!r}; known are {', '.join(STORAGE)}")
        return name

    def shape(self) -> Shape:
        return tuple(None if item.value is None else item.natural() for item in self.items())


def _no_repeats(place: _Json, names: Sequence[str]) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise place.error(f"names {repeated[0]!r} twice")


def _variable(json: _Json) -> Variable:
    return Variable(
        json.get("name").text(),
        json.get("dtype").dtype(),
        json.get("shape").shape(),
        json.get("mutable").boolean(),
        json.get("key").text(),
    )


def _function(json: _Json, variables: Mapping[str, Variable]) -> Function:
    inputs = json.get("inputs")
    function = Function(
        json.get("name").text(),
        json.get("symbol").text(),
        tuple(_slot(item, "input", variables) for item in json.get("args").items()),
        tuple(_slot(item, "output", variables) for item in json.get("results").items()),
        tuple(_tree(item, 0) for item in inputs.get("args").items()),
        {name: _tree(item, 0) for name, item in inputs.get("kwargs").pairs()},
        _tree(json.get("outputs"), 0),
        tuple(item.text() for item in dict(inputs.pairs()).get("names", _Json([], "")).items()),
    )
    if len(function.input_names) > len(function.input_args):
        raise inputs.error(f"has {len(function.input_names)} names for {len(function.input_args)} args")
    _check_indexes(inputs, function.inputs(), json.get("args"), function.args)
    _check_indexes(json.get("outputs"), function.output_specs(), json.get("results"), function.results)
    for item, slot in zip(json.get("results").items(), function.results, strict=True):
        if slot.name is not None and not variables[slot.name].mutable:
            raise item.error(f"stores the variable {slot.name!r}, which is not mutable")
    return function


def _slot(json: _Json, kind: OneOf["input", "output"], variables: Mapping[str, Variable]) -> Slot:
    match json.get("kind").text():
        case "variable":
            name = json.get("name").text()
            if name not in variables:
                raise json.error(f"names the variable {name!r}, which the manifest does not list")
            return Slot("variable", name=name)
        case found if found == kind:
            return Slot(kind, index=json.get("index").natural())
        case found:
            raise json.get("kind").error(f"is {found!r}; {kind!r} or 'variable' was expected")


def _tree(json: _Json, depth: int) -> Tree:
    if depth > MAX_DEPTH:
        raise json.error(f"is nested more than {MAX_DEPTH} levels deep")
    match json.value:
        case {"tensor": _}:
            index, dtype, shape = json.get("tensor").natural(), json.get("dtype").dtype(), json.get("shape").shape()
            name = dict(json.pairs()).get("name")
            return TensorSpec(index, dtype, shape, None if name is None or name.value is None else name.text())
        case {"dict": _}:
            return {name: _tree(child, depth + 1) for name, child in json.get("dict").pairs()}
        case {"list": _}:
            return [_tree(child, depth + 1) for child in json.get("list").items()]
        case {"tuple": _}:
            return tuple(_tree(child, depth + 1) for child in json.get("tuple").items())
        case {"literal": bool() | int() | float() | str() as value}:
            return Literal(value)
        case {"none": True}:
            return None
    raise json.error("is not a tree: it needs one of tensor, literal, dict, list, tuple, none")


def _check_indexes(tree: _Json, leaves: Sequence[TensorSpec], slots_json: _Json, slots: Sequence[Slot]) -> None:
    """Leaves number 0..n-1 once each, the slots take each of them once, and no variable appears twice."""
    expected = list(range(len(leaves)))
    if (numbers := [leaf.index for leaf in leaves]) != expected:
        raise tree.error(f"numbers its tensors {numbers}; {expected}, each once, was expected")
    taken = sorted(slot.index for slot in slots if slot.index is not None)
    if taken != expected:
        raise slots_json.error(f"takes the tensors {taken}, but the tree has {len(leaves)}, each to be taken once")
    _no_repeats(slots_json, [slot.name for slot in slots if slot.name is not None])
