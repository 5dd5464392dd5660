"""Nested inputs and outputs: the TREEs of the manifest against Python values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, NoReturn

from iree.vm.errors import Error, InputCountError, InputTypeError, raise_input_error

if TYPE_CHECKING:
    from inspect import Parameter

Tree = Mapping[str, Any]

MISSING = object()


def describe(tree: Tree) -> str:
    """A tree as people write it: ``{'x': tensor<?x4xf32>, 'training': tensor<i1>}``."""
    if "tensor" in tree:
        return tensor_type(tree["dtype"], tree["shape"])
    if "dict" in tree:
        return "{" + ", ".join(f"{k!r}: {describe(v)}" for k, v in tree["dict"].items()) + "}"
    if "list" in tree:
        return "[" + ", ".join(map(describe, tree["list"])) + "]"
    if "tuple" in tree:
        return "(" + ", ".join(map(describe, tree["tuple"])) + ")"
    return repr(tree["literal"]) if "literal" in tree else "None"


def tensor_type(dtype: str, shape: Sequence[int | None] | None) -> str:
    """``tensor<?x4xf32>``."""
    if shape is None:
        return f"tensor<*x{dtype}>"
    return "tensor<" + "".join(f"{'?' if d is None else d}x" for d in shape) + f"{dtype}>"


def leaves(tree: Tree, path: str = "") -> Iterator[tuple[str, Tree]]:
    """The tensors of a tree with their paths, such as ``state['h'][0]``."""
    if "tensor" in tree:
        yield path, tree
    elif "dict" in tree:
        for key, value in tree["dict"].items():
            yield from leaves(value, f"{path}[{key!r}]")
    else:
        for i, value in enumerate(tree.get("list", tree.get("tuple", ()))):
            yield from leaves(value, f"{path}[{i}]")


def _expected(path: str, tree: Tree, value: object) -> NoReturn:
    raise_input_error(InputTypeError(f"input {path}: expected {describe(tree)}, given {type(value).__name__}"))


def flatten(tree: Tree, value: Any, path: str, out: dict[int, Any]) -> None:
    """Put the tensors of `value`, which must have the structure of `tree`, into `out` by their index.

    Raises:
        InputTypeError: Another structure; says where, what was expected and what was given.
    """
    if "tensor" in tree:
        if value is None:
            _expected(path, tree, value)
        out[tree["tensor"]] = value
    elif "dict" in tree:
        if not isinstance(value, Mapping):
            _expected(path, tree, value)
        if value.keys() != tree["dict"].keys():
            raise_input_error(
                InputTypeError(
                    f"input {path}: expected the keys {sorted(tree['dict'])}, given {sorted(map(str, value))}"
                )
            )
        for key, part in tree["dict"].items():
            flatten(part, value[key], f"{path}[{key!r}]", out)
    elif "none" in tree:
        if value is not None:
            _expected(path, tree, value)
    elif "literal" in tree:
        if isinstance(value, bool) != isinstance(tree["literal"], bool) or value != tree["literal"]:
            raise_input_error(
                InputTypeError(
                    f"input {path}: the function was made for {tree['literal']!r}, given {value!r}: "
                    "import the one for this value too, or leave it out"
                )
            )
    else:
        parts = tree["list"] if "list" in tree else tree["tuple"]
        if not isinstance(value, list | tuple):
            _expected(path, tree, value)
        if len(value) != len(parts):
            raise_input_error(InputTypeError(f"input {path}: expected {len(parts)} elements, given {len(value)}"))
        for i, (part, element) in enumerate(zip(parts, value, strict=True)):
            flatten(part, element, f"{path}[{i}]", out)


def flatten_default(tree: Tree, out: dict[int, Any]) -> bool:
    """Put the defaults of a tree that was not given into `out`; False if a tensor has none."""
    found = [leaf for _, leaf in leaves(tree)]
    if any("default" not in leaf for leaf in found):
        return False
    for leaf in found:
        out[leaf["tensor"]] = leaf["default"]
    return True


def unflatten(tree: Tree, values: Sequence[Any] | Mapping[int, Any]) -> Any:
    """Return `values` in the structure of `tree`."""
    if "tensor" in tree:
        return values[tree["tensor"]]
    if "dict" in tree:
        return {key: unflatten(part, values) for key, part in tree["dict"].items()}
    if "list" in tree:
        return [unflatten(part, values) for part in tree["list"]]
    if "tuple" in tree:
        return tuple(unflatten(part, values) for part in tree["tuple"])
    return None


class Parameters:
    """What a function takes: positional inputs, which may be given by name where they have one, then named ones.

    Attributes:
        names: Of each parameter, positional ones without a name as ``#0``.
        trees: The structure of each parameter.
        paths: Of each tensor, by index.
        tensors: Each tensor's entry in the manifest, by index.
    """

    def __init__(self, args: Sequence[Tree], kwargs: Mapping[str, Tree], names: Sequence[str] = ()) -> None:
        given = [*names, *(tree.get("name") for tree in args[len(names) :])]
        self.names = [name or f"#{i}" for i, name in enumerate(given)] + list(kwargs)
        self.trees = [*args, *kwargs.values()]
        self.paths: dict[int, str] = {}
        self.tensors: dict[int, Tree] = {}
        for name, tree in zip(self.names, self.trees, strict=True):
            for path, leaf in leaves(tree, name):
                self.paths[leaf["tensor"]] = path
                self.tensors[leaf["tensor"]] = leaf
        if sorted(self.tensors) != list(range(len(self.tensors))):
            raise Error("the manifest does not number the inputs 0, 1, …: the module was made by a broken compiler")

    @property
    def flat(self) -> bool:
        """Whether the parameters are the tensors, in order."""
        return [tree.get("tensor") for tree in self.trees] == list(range(len(self.trees)))

    def describe(self) -> str:
        """``x: tensor<4xf32>, training: tensor<i1>``."""
        return ", ".join(f"{name}: {describe(tree)}" for name, tree in zip(self.names, self.trees, strict=True))

    def signature(self, parameter: type[Parameter]) -> list[Parameter]:
        """The parameters as `inspect` has them; those whose names Python cannot write are together ``**inputs``."""
        unnamed = max((i for i, name in enumerate(self.names) if name == f"#{i}"), default=-1)
        out: list[Parameter] = []
        others = by_name = False
        for i, (name, tree) in enumerate(zip(self.names, self.trees, strict=True)):
            usable = name.isidentifier() and not iskeyword(name)
            if i <= unnamed:  # no names after one without
                label = name if usable else f"_{i}"
                out.append(parameter(label, parameter.POSITIONAL_ONLY, annotation=describe(tree)))
                continue
            if not usable:
                others = True
                continue
            found: dict[int, Any] = {}
            default = parameter.empty
            if flatten_default(tree, found):
                default = tree["literal"] if "literal" in tree else unflatten(tree, found)
            elif out and out[-1].default is not parameter.empty:
                by_name = True
            named = parameter(name, parameter.KEYWORD_ONLY, default=default, annotation=describe(tree))
            out.append(named if by_name else named.replace(kind=parameter.POSITIONAL_OR_KEYWORD))
        return [*out, parameter("inputs", parameter.VAR_KEYWORD)] if others else out

    def bind(self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
        """Return the tensors of a call by index.

        Raises:
            InputCountError: Too many inputs, a missing one or one of an unknown name.
            InputTypeError: An input of another structure.
        """
        if len(args) > len(self.trees):
            raise_input_error(
                InputCountError(
                    f"{function} takes {len(self.trees)} inputs ({self.describe()}), {len(args)} given"
                    + (f" and {', '.join(kwargs)}" if kwargs else "")
                )
            )
        rest = dict(kwargs)
        out: dict[int, Any] = {}
        for i, (name, tree) in enumerate(zip(self.names, self.trees, strict=True)):
            value = args[i] if i < len(args) else rest.pop(name, MISSING)
            if value is not MISSING:
                flatten(tree, value, name, out)
            elif not flatten_default(tree, out):
                raise_input_error(
                    InputCountError(f"{function}: missing input {name}: {describe(tree)} (takes {self.describe()})")
                )
        if rest:
            unknown = ", ".join(map(repr, rest))
            twice = [name for name in rest if name in self.names]
            problem = "given twice" if twice else "unknown"
            raise_input_error(InputCountError(f"{function}: {problem}: input {unknown} (takes {self.describe()})"))
        return [out[i] for i in range(len(self.tensors))]
