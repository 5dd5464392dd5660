"""Runs import artefacts without our compiler: through XLA, or through StableHLO's reference interpreter where shapes
depend on data.

TensorFlow must be imported before this module's functions are called. Neither way shares code with the importer or
the compiler.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from iree.dialects import artifact
from iree.dialects.manifest import Function, Manifest
from iree.dialects.mlir import ir, make_context, run_upstream, stablehlo
from iree.dialects.weights import STORAGE, WeightsFile
from numpy.typing import NDArray
from tensorflow.compiler.tf2xla.ops import gen_xla_ops

Array = NDArray[Any]

_XLA_VERSION = {"2.16": "0.17.0", "2.17": "1.0.0", "2.18": "1.4.0", "2.19": "1.8.0"}.get(tf.__version__[:4], "1.10.0")
"""A version of StableHLO that the installed TensorFlow reads."""
_NO_TANGENT = tf.__version__[:4] in ("2.16", "2.17")
"""Whether that version is too old for `stablehlo.tan`."""
_EXCESS = tf.__version__[:4] in ("2.16", "2.17")
"""Whether the installed XLA takes conversions to narrow floats and back out: the interpreter does not."""
_SMALL = 16
"""Integer arguments of at most this many elements become constants: shapes may depend on them."""


class ArtefactRunner:
    """An artefact with its state, as `m = iree.vm.load(…)` would have it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest: Manifest = artifact._read_manifest(path / artifact.MANIFEST)
        stored = WeightsFile(path / artifact.WEIGHTS)
        self.variables = {v.name: np.array(stored.array(v.key, v.dtype)) for v in self.manifest.variables}
        self._functions = {f.name: f for f in self.manifest.functions}

    def call(self, name: str, inputs: Sequence[Array]) -> list[Array]:
        """Calls a function with its input tensors in order; returns its output tensors and updates the state."""
        function = self._functions[name]
        args = [
            self.variables[s.name] if s.name is not None else np.asarray(inputs[s.index or 0]) for s in function.args
        ]
        results = self._run(function, args)
        outputs: list[Array] = [np.empty(0)] * sum(slot.kind == "output" for slot in function.results)
        for slot, value in zip(function.results, results, strict=True):
            if slot.name is not None:
                self.variables[slot.name] = value
            else:
                outputs[slot.index or 0] = value
        return outputs

    def _run(self, function: Function, args: list[Array]) -> list[Array]:
        if not function.results:
            return []
        context = make_context(ours=False)
        with context, ir.Location.unknown():
            module, kept = _specialize(self._load(function, context), args)
            types = _main(module).type.results
            if (_EXCESS and "f16" in str(module)) or (_NO_TANGENT and "stablehlo.tan " in str(module)):
                return _in_child(lambda: _with_interpreter(self._load(function, context), args))
            try:
                portable = stablehlo.serialize_portable_artifact(module, _XLA_VERSION, True)
                return _with_xla(portable, kept, [STORAGE[str(t.element_type)].numpy for t in types])
            except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError, tf.errors.InternalError) as error:
                if "dynamic" not in str(error):
                    raise
            return _in_child(lambda: _with_interpreter(self._load(function, context), args))

    def _load(self, function: Function, context: Any) -> Any:
        """The program with this function alone, as @main."""
        module = artifact._parse_program(self.path / artifact.PROGRAM, context)
        for op in list(module.body.operations):
            name = op.sym_name.value
            if name == function.symbol:
                op.attributes["sym_name"] = ir.StringAttr.get("main")
            elif not name.startswith(function.symbol + "."):
                op.operation.erase()
            else:
                op.attributes["sym_visibility"] = ir.StringAttr.get("private")
        run_upstream(module, "func.func(chlo-legalize-to-stablehlo)")
        return module


def _main(module: Any) -> Any:
    return next(op for op in module.body.operations if op.sym_name.value == "main")


def _specialize(module: Any, args: list[Array]) -> tuple[Any, list[Array]]:
    """The module for arguments of these shapes, with small integer arguments as constants, and the arguments that are
    left.
    """
    main = _main(module)
    block = main.body.blocks[0]
    kept: list[Array] = []
    for position in reversed(range(len(args))):
        value, argument = args[position], block.arguments[position]
        if value.dtype.kind in "iub" and value.size <= _SMALL:
            with ir.InsertionPoint.at_block_begin(block), ir.Location.unknown():
                known = ir.Operation.create(
                    "stablehlo.constant",
                    results=[ir.RankedTensorType.get(value.shape, argument.type.element_type)],
                    attributes={"value": _attribute(value, argument.type.element_type)},
                ).result
                open_ = ir.Operation.create("stablehlo.convert", results=[argument.type], operands=[known]).result
            argument.replace_all_uses_with(open_ if argument.type != known.type else known)
            block.erase_argument(position)
        else:
            kept.insert(0, value)
    signature = ir.FunctionType.get([argument.type for argument in block.arguments], list(main.type.results))
    main.attributes["function_type"] = ir.TypeAttr.get(signature)
    types = ",".join(
        str(ir.RankedTensorType.get(value.shape, argument.type.element_type))
        for value, argument in zip(kept, block.arguments, strict=True)
    )
    if types:
        run_upstream(module, "inline,stablehlo-refine-arguments{types=" + types + "}")
    run_upstream(module, "stablehlo-refine-shapes,func.func(stablehlo-canonicalize-dynamism),stablehlo-refine-shapes")
    return module, kept


def _with_xla(portable: bytes, args: list[Array], dtypes: list[Any]) -> list[Array]:
    types = [tf.dtypes.as_dtype(dtype) for dtype in dtypes]

    @tf.function(jit_compile=True, autograph=False)
    def run(values: list[Any]) -> Any:
        return gen_xla_ops.xla_call_module(
            args=values, version=9, module=portable, Sout=[tf.TensorShape(None)] * len(types), Tout=types,
            platforms=["CPU"],
            dim_args_spec=[], function_list=[], has_token_input_output=False, disabled_checks=[],
        )  # fmt: skip

    return [result.numpy() for result in run([tf.constant(a) for a in args])]


def _with_interpreter(module: Any, args: list[Array]) -> list[Array]:
    attributes = [
        _attribute(value, argument.type.element_type)
        for value, argument in zip(args, _main(module).body.blocks[0].arguments, strict=True)
    ]
    return [np.array(result) for result in stablehlo.eval_module(module, attributes)]


def _attribute(array: Array, element: Any) -> Any:
    values = np.ascontiguousarray(array).astype(np.uint8) if array.dtype == np.bool_ else np.ascontiguousarray(array)
    type_ = ir.RankedTensorType.get(array.shape, element)
    if array.size == 0:
        return ir.Attribute.parse(f"dense<> : {type_}")
    return ir.DenseElementsAttr.get(values.reshape(array.shape), type=element, shape=list(array.shape))


def _in_child(compute: Any) -> Any:
    """The interpreter aborts the process on what it does not support."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = (True, compute())
        except BaseException as error:  # reported by the parent
            answer = (False, repr(error))
        with os.fdopen(write, "wb") as pipe:
            pickle.dump(answer, pipe)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    if not data:
        raise RuntimeError("the interpreter aborted")
    ok, value = pickle.loads(data)
    if not ok:
        raise RuntimeError(value)
    return value
