from __future__ import annotations

from iree.dialects.transforms.fuse_elementwise import MAX_OPERATIONS
from iree.dialects.transforms.fusion import MAX_OPERANDS
from iree.dialects.transforms.structure import is_tensor, walk
from programs import flow_module


def test_a_long_chain_of_selections_is_cut() -> None:
    """A loop that is unrolled leaves one: each step selects between the last one's result and its own."""
    steps, masks, type_ = 40, "tensor<10xi1>", "tensor<10xf32>"
    arguments = ", ".join(f"%p{i}: {masks}, %x{i}: {type_}" for i in range(steps))
    chain = [f"%s{i + 1} = stablehlo.select %p{i}, %x{i}, %s{i} : {masks}, {type_}" for i in range(steps)]
    body = "\n".join([*chain, f"return %s{steps} : {type_}"])
    module = flow_module(f"func.func @main(%s0: {type_}, {arguments}) -> {type_} {{\n{body}\n}}")
    dispatches = [op for op in walk(module.operation) if op.name == "flow.dispatch"]
    assert len(dispatches) >= 2 * steps // MAX_OPERANDS
    for op in dispatches:
        assert sum(is_tensor(value.type) for value in op.operands) <= MAX_OPERANDS


def test_no_operation_becomes_too_long() -> None:
    steps, type_ = 3000, "tensor<64xf32>"
    names = ("add", "multiply", "maximum")
    chain = [f"%s{i + 1} = stablehlo.{names[i % 3]} %s{i}, %x : {type_}" for i in range(steps)]
    body = "\n".join([*chain, f"return %s{steps} : {type_}"])
    module = flow_module(f"func.func @main(%s0: {type_}, %x: {type_}) -> {type_} {{\n{body}\n}}")
    bodies = [op.regions[0].blocks[0].operations for op in walk(module.operation) if op.name == "linalg.generic"]
    lengths = [sum(op.name.startswith("arith.") for op in operations) for operations in bodies]
    assert sum(lengths) == steps
    assert max(lengths) <= MAX_OPERATIONS
