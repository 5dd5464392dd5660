"""The programs that every runtime runs, in the form that each takes.

In this project's environment: ``python programs.py DIRECTORY ours litert``; in that of the peers: ``… iree onnx``.
Weights are the same numbers everywhere, so that the answers can be compared.
"""

from __future__ import annotations

# ruff: noqa: PLC0415  # every environment has only some of the packages
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float32]]

CHAIN, WIDTH = 16, 8
LAYERS = (784, 128, 10)
INPUTS = {"noop": None, "add_one": (1,), "chain": (1, WIDTH), "mlp": (1, LAYERS[0])}
"""Program -> shape of its input."""


def weights() -> Iterator[Array]:
    """First those of the chain, then those of the MLP; small, so that products stay finite."""
    random = np.random.default_rng(0)
    for shape in [(WIDTH, WIDTH)] * CHAIN + list(pairwise(LAYERS)):
        yield (random.standard_normal(shape) / np.sqrt(shape[0])).astype(np.float32)


def _stablehlo() -> dict[str, str]:
    values = list(weights())

    def product(index: int, source: str, result: str) -> str:
        (m, n), raw = values[index].shape, values[index].tobytes().hex()
        return (
            f'%w{index} = stablehlo.constant dense<"0x{raw}"> : tensor<{m}x{n}xf32>\n'
            f"%{result} = stablehlo.dot_general %{source}, %w{index}, contracting_dims = [1] x [0] : "
            f"(tensor<1x{m}xf32>, tensor<{m}x{n}xf32>) -> tensor<1x{n}xf32>\n"
        )

    chain = "".join(product(i, f"x{i}", f"x{i + 1}") for i in range(CHAIN))
    return {
        "noop": "func.func @main() { return }",
        "add_one": "func.func @main(%x: tensor<1xf32>) -> tensor<1xf32> {\n"
        "%c = stablehlo.constant dense<1.0> : tensor<1xf32>\n%0 = stablehlo.add %x, %c : tensor<1xf32>\n"
        "return %0 : tensor<1xf32> }",
        "chain": f"func.func @main(%x0: tensor<1x{WIDTH}xf32>) -> tensor<1x{WIDTH}xf32> {{\n{chain}"
        f"return %x{CHAIN} : tensor<1x{WIDTH}xf32> }}",
        "mlp": f"func.func @main(%x: tensor<1x{LAYERS[0]}xf32>) -> tensor<1x{LAYERS[2]}xf32> {{\n"
        + product(CHAIN, "x", "h")
        + f"%z = stablehlo.constant dense<0.0> : tensor<1x{LAYERS[1]}xf32>\n"
        f"%r = stablehlo.maximum %h, %z : tensor<1x{LAYERS[1]}xf32>\n"
        + product(CHAIN + 1, "r", "y")
        + f"return %y : tensor<1x{LAYERS[2]}xf32> }}",
    }


def make_ours(directory: Path) -> None:
    """Modules of this project, and two that hold nothing but weights, of 1 MB and 1 GB."""
    from iree import codegen
    from iree.vm.assembly import parse

    for name, text in _stablehlo().items():
        (directory / f"{name}.ours").write_bytes(codegen.compile_str(text, target="cpu"))
    for name, size in (("weights_1mb", 1 << 20), ("weights_1gb", 1 << 30)):
        builder = parse("func @empty : values() refs 0 {\n  return\n}\nexport @empty = @empty plain\n")
        builder.add_rodata(np.zeros(size, np.uint8), name="weights", align=4096)
        builder.write(directory / f"{name}.ours")


def make_litert(directory: Path) -> None:
    """Through TensorFlow, which has no model without operations."""
    import tensorflow as tf  # type: ignore[import-untyped]

    values = list(weights())

    def chain(x: Any) -> Any:
        for w in values[:CHAIN]:
            x = tf.matmul(x, w)
        return x

    functions: dict[str, Callable[[Any], Any]] = {
        "add_one": lambda x: x + 1.0,
        "chain": chain,
        "mlp": lambda x: tf.matmul(tf.nn.relu(tf.matmul(x, values[CHAIN])), values[CHAIN + 1]),
    }
    for name, function in functions.items():
        concrete = tf.function(function).get_concrete_function(tf.TensorSpec(INPUTS[name], tf.float32))
        converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
        (directory / f"{name}.litert").write_bytes(converter.convert())


def make_iree(directory: Path) -> None:
    """With IREE's compiler, for this machine."""
    from iree import compiler

    for name, text in _stablehlo().items():
        flags = ["--iree-llvmcpu-target-cpu=host"]
        module = compiler.compile_str(text, target_backends=["llvm-cpu"], input_type="stablehlo", extra_args=flags)
        (directory / f"{name}.iree").write_bytes(module)


def make_onnx(directory: Path) -> None:
    """Graphs of the same operations."""
    from onnx import TensorProto, checker, helper, numpy_helper

    values = [numpy_helper.from_array(w, f"w{i}") for i, w in enumerate(weights())]
    products = [helper.make_node("MatMul", [f"x{i}", f"w{i}"], [f"x{i + 1}"]) for i in range(CHAIN)]
    layers = [
        helper.make_node("MatMul", ["x0", f"w{CHAIN}"], ["h"]),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("MatMul", ["r", f"w{CHAIN + 1}"], ["y"]),
    ]
    one = numpy_helper.from_array(np.float32([1]), "one")
    for name, nodes, constants, result, shape in (
        ("add_one", [helper.make_node("Add", ["x0", "one"], ["y"])], [one], "y", (1,)),
        ("chain", products, values[:CHAIN], f"x{CHAIN}", (1, WIDTH)),
        ("mlp", layers, values[CHAIN:], "y", (1, LAYERS[2])),
    ):
        inputs = [helper.make_tensor_value_info("x0", TensorProto.FLOAT, INPUTS[name])]
        outputs = [helper.make_tensor_value_info(result, TensorProto.FLOAT, shape)]
        graph = helper.make_graph(nodes, name, inputs, outputs, constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        checker.check_model(model)
        (directory / f"{name}.onnx").write_bytes(model.SerializeToString())


MAKERS: dict[str, Callable[[Path], None]] = {
    "ours": make_ours,
    "litert": make_litert,
    "iree": make_iree,
    "onnx": make_onnx,
}

if __name__ == "__main__":
    for form in sys.argv[2:]:
        MAKERS[form](Path(sys.argv[1]))
