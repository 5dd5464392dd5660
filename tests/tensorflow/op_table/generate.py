"""Writes docs/tensorflow-ops.md: which ops of TensorFlow's XLA bridge the importer takes.

Each op is called in a function of its own, with inputs made from its OpDef and `samples`, and imported.

    python tests/tensorflow/op_table/generate.py docs/tensorflow-ops.md
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from iree.import_tf import ImportFailure, api
from iree.import_tf.program import Capture, Export, Leaf, Program, Variable
from iree.import_tf.worker import Worker
from programs import PROGRAMS, VARIABLES
from samples import ATTRIBUTES, CONSTANTS, INPUTS, NOT_CALLED
from tensorflow.core.framework import attr_value_pb2, op_def_pb2
from tensorflow.python.framework import kernels, op_def_library, op_def_registry

DEVICE = "XLA_CPU_JIT"
PREFERRED = (1, 3, 9, 8, 10, 4, 6, 2, 23, 22)
"""DataTypes in the order in which they are chosen."""
SHAPES: Sequence[tuple[int, ...]] = ((4, 4), (4,), (), (1, 4, 4, 2), (2, 4, 4))
QUANTIZED = {11: 6, 12: 4, 13: 3, 15: 5, 16: 17}


class NoSample(Exception):
    """An op that could not be called: it needs an entry in `samples`."""


def bridge() -> dict[str, set[int]]:
    """The ops that XLA's bridge has kernels for, with the types of their attribute ``T`` (empty: any)."""
    tf.function(lambda x: x * 2.0, jit_compile=True)(tf.constant(1.0))  # registers them
    found: dict[str, set[int]] = {}
    for kernel in kernels.get_all_registered_kernels().kernel:
        if kernel.device_type == DEVICE:
            allowed = [set(c.allowed_values.list.type) for c in kernel.constraint if c.name in ("T", "dtype")]
            found.setdefault(kernel.op, set()).update(*allowed)
    return found


def trial(name: str, allowed: set[int], worker: Worker) -> None:
    """Calls the op in a function and imports that. Raises `NoSample` or `ImportFailure`."""
    if name in PROGRAMS:
        function, specs = PROGRAMS[name]
        concrete = tf.function(function, autograph=False).get_concrete_function(*specs)
        _import(_of(concrete, VARIABLES), worker)
        return
    definition = op_def_registry.get(name)
    if definition is None:
        raise NoSample("it is not in the op registry")
    problem: Exception = NoSample("")
    for shape in SHAPES:
        try:
            program = _program(definition, _attributes(definition, allowed), shape)
        except (ValueError, TypeError, tf.errors.OpError, AttributeError) as error:
            problem = error
            continue
        _import(program, worker)
        return
    raise NoSample(str(problem).split("\n", maxsplit=1)[0])


def _import(program: Program, worker: Worker) -> None:
    with tempfile.TemporaryDirectory() as folder:
        api.import_program(program, Path(folder), ["f"], worker=worker)


_NEEDED = {"int": 2, "shape": [4], "list(type)": [1, 1], "float": 0.5, "bool": False}
"""Values of attributes without default."""


def _attributes(definition: op_def_pb2.OpDef, allowed: set[int]) -> dict[str, Any]:
    found: dict[str, Any] = dict(ATTRIBUTES.get(definition.name, {}))
    for attribute in definition.attr:
        name = attribute.name
        if name in found:
            continue
        if attribute.HasField("default_value"):
            found[name] = _plain(attribute.default_value)
        elif attribute.type == "type":
            kinds = list(attribute.allowed_values.list.type) or list(PREFERRED)
            fitting = [kind for kind in kinds if kind in allowed] if name in ("T", "dtype") and allowed else []
            fitting = fitting or kinds
            found[name] = next((kind for kind in PREFERRED if kind in fitting), fitting[0])
        elif attribute.type in _NEEDED:
            found[name] = _NEEDED[attribute.type]
    return found


def _plain(value: attr_value_pb2.AttrValue) -> Any:
    """An attribute's value as Python has it."""
    kind = value.WhichOneof("value")
    if kind == "list":
        filled = [list(values) for _, values in value.list.ListFields()]
        return filled[0] if filled else []
    return getattr(value, kind)


def _program(definition: op_def_pb2.OpDef, attributes: Mapping[str, Any], shape: tuple[int, ...]) -> Program:
    """A program whose function ``f`` calls the op once."""
    specs: list[tf.TensorSpec] = []
    plan: dict[str, Any] = {}
    variables: list[tf.Variable] = []
    given = INPUTS.get(definition.name, {})
    for argument in definition.input_arg:
        dtypes = _dtypes(argument, attributes)
        values = []
        for i, dtype in enumerate(dtypes):
            wanted = given.get(argument.name, CONSTANTS.get(argument.name, shape))
            if isinstance(wanted, list) and argument.number_attr and argument.name in given:
                wanted = wanted[i] if i < len(wanted) else shape
            if dtype == 20:
                kind = attributes.get("T", attributes.get("dtype", 1))
                variables.append(tf.Variable(tf.ones((4, 4), tf.as_dtype(kind))))
                values.append(("variable", len(variables) - 1))
            elif isinstance(wanted, tuple):
                specs.append(tf.TensorSpec(wanted, tf.as_dtype(QUANTIZED.get(dtype, dtype))))
                values.append(("input", len(specs) - 1, dtype))
            else:
                values.append(("constant", np.asarray(wanted), dtype))
        plan[argument.name] = values if argument.number_attr or argument.type_list_attr else values[0]

    def call(*inputs: Any) -> Any:
        def value(item: Any) -> Any:
            if isinstance(item, list):
                return [value(one) for one in item]
            if item[0] == "variable":
                return variables[item[1]].handle
            if item[0] == "constant":
                return tf.constant(item[1] if item[2] == 7 else item[1].astype(tf.as_dtype(item[2]).as_numpy_dtype))
            return tf.bitcast(inputs[item[1]], tf.as_dtype(item[2])) if item[2] in QUANTIZED else inputs[item[1]]

        operands = {name: value(item) for name, item in plan.items()}
        extra = {
            a.name: attributes[a.name]
            for a in definition.attr
            if a.name in attributes and not _inferred(definition, a.name)
        }
        result = op_def_library.apply_op(definition.name, **operands, **extra)
        tensors = [t for t in tf.nest.flatten(result) if isinstance(t, tf.Tensor)]
        return [t for t in tensors if t.dtype not in (tf.resource, tf.variant, tf.string) and not t.dtype.is_quantized]

    concrete = tf.function(call, autograph=False).get_concrete_function(*specs)
    return _of(concrete, {f"v{i}": v for i, v in enumerate(variables)})


def _inferred(definition: op_def_pb2.OpDef, name: str) -> bool:
    """Whether inputs tell an attribute's value."""
    return any(name in (a.type_attr, a.number_attr, a.type_list_attr) for a in definition.input_arg) and not any(
        a.number_attr == name and not a.type_attr and not a.type for a in definition.input_arg
    )


def _dtypes(argument: op_def_pb2.OpDef.ArgDef, attributes: Mapping[str, Any]) -> list[int]:
    if argument.type_list_attr:
        return list(attributes.get(argument.type_list_attr, [1, 1]))
    dtype = argument.type or attributes.get(argument.type_attr, 1)
    count = int(attributes.get(argument.number_attr, 2)) if argument.number_attr else 1
    return [dtype] * count


def _of(concrete: Any, kept: Mapping[str, tf.Variable]) -> Program:
    """The program of a concrete function, without a SavedModel."""
    graph = concrete.graph.as_graph_def()
    library = {f.signature.name: f for f in graph.library.function}
    library[concrete.function_def.signature.name] = concrete.function_def
    captures = []
    for capture in concrete.captured_inputs:
        name = next((n for n, v in kept.items() if v.handle is capture), None)
        captures.append(Capture("variable", name) if name else Capture("other", str(capture.dtype)))
    inputs = [Leaf(t.name, t.dtype.as_datatype_enum, tuple(t.shape)) for t in concrete.inputs[: -len(captures) or None]]
    outputs = [Leaf(f"o{i}", t.dtype.as_datatype_enum, ()) for i, t in enumerate(concrete.outputs)]
    leaves = [api.TensorSpec(i, "f32", ()) for i in range(len(outputs))]
    args = [api.TensorSpec(i, _name(leaf), leaf.shape or ()) for i, leaf in enumerate(inputs)]
    results = tuple(api.replace(leaf, dtype=_name(out)) for leaf, out in zip(leaves, outputs, strict=True))
    export = Export("f", concrete.function_def.signature.name, inputs, captures, args, {}, results, outputs)
    values = {n: Variable(n, v.dtype.as_datatype_enum, tuple(v.shape), True, v.numpy) for n, v in kept.items()}
    return Program("the op registry", {"f": export}, values, library, graph.versions)


def _name(leaf: Leaf) -> str:
    return str(api.mlir_dtype(leaf.dtype))


def rows(worker: Worker) -> dict[str, str]:
    """The reason for which each op is refused; empty for those that are imported."""
    reasons = {name: reason for reason, names in NOT_CALLED.items() for name in names}
    found: dict[str, str] = {}
    wanted = os.environ.get("OPS", "").split()
    for name, allowed in sorted(bridge().items()):
        if wanted and name not in wanted:
            continue
        if name in reasons:
            found[name] = reasons[name]
            continue
        try:
            trial(name, allowed, worker)
        except ImportFailure as failure:
            found[name] = _reason(str(failure))
        except (NoSample, AttributeError, ValueError, TypeError, tf.errors.OpError) as failure:
            found[name] = f"not tried: {str(failure).splitlines()[0] if str(failure) else type(failure).__name__}"
        else:
            found[name] = ""
        if os.environ.get("VERBOSE"):
            print(name, found[name][:150], file=sys.stderr, flush=True)
    return found


def _reason(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("cut the model")]
    if lines[0].endswith("no lowering for"):
        ops = sorted({line.split(" at ")[0].split(",")[0] for line in lines[1:]})
        return f"no lowering for {', '.join(ops)}"
    return re.sub(r"^f: ", "", lines[0])[:160]


def page(found: Mapping[str, str]) -> str:
    """The page."""
    imported = [name for name, reason in found.items() if not reason]
    share = 100 * len(imported) / len(found)
    refused = "\n".join(f"| `{name}` | {reason.replace('|', '/')} |" for name, reason in found.items() if reason)
    return f"""# TensorFlow ops

Generated by `tests/tensorflow/op_table/generate.py` with TensorFlow {tf.__version__}: each op for which TensorFlow's
XLA bridge has a CPU kernel, called in a function of its own and imported.
Of {len(found)} ops {len(imported)} are imported ({share:.0f} %).

## Imported

{", ".join(f"`{name}`" for name in imported)}

## Refused

| op | reason |
|---|---|
{refused}
"""


if __name__ == "__main__":
    with Worker() as process:
        Path(sys.argv[1]).write_text(page(rows(process)), encoding="utf-8")
