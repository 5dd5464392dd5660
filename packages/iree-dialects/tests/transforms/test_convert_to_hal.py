# ruff: noqa: E501  (MLIR text)
from __future__ import annotations

from typing import Any

import programs
import pytest
from flow_target import compile_executables
from iree.dialects.mlir import CompileError, ir
from iree.dialects.phases import to_hal, to_vm
from iree.dialects.transforms.structure import body, walk

ALL = [name for name, value in vars(programs).items() if name.isupper() and isinstance(value, str)]


def hal_module(text: str) -> Any:
    module = programs.flow_module(text)
    compile_executables(module)
    to_hal(module)
    return module


def names(module: Any, function: str) -> list[str]:
    """Names of the operations of a function."""
    for op in body(module.body):
        if op.name == "func.func" and ir.StringAttr(op.attributes["sym_name"]).value == function:
            return [inner.name for inner in walk(op)]
    raise AssertionError(function)


@pytest.mark.parametrize("name", ALL)
def test_every_program_reaches_the_vm_phase(name: str) -> None:
    module = hal_module(getattr(programs, name))
    to_vm(module)
    assert [op.name for op in body(module.body)] == ["vm.module"]


@pytest.mark.parametrize("name", ["MLP", "SOFTMAX", "CONV_RELU6", "LAYER_NORM", "BRANCH", "COUNTER"])
def test_what_is_static_is_recorded_once(name: str) -> None:
    module = hal_module(getattr(programs, name))
    assert "hal.command_create" not in names(module, "main")
    assert "hal.command_create" in names(module, "__init")


def test_what_is_dynamic_is_recorded_in_each_call() -> None:
    assert "hal.command_create" in names(hal_module(programs.DYNAMIC_MLP), "main")


def test_counters_need_no_read_back() -> None:
    # n is read once; the loop itself waits for nothing.
    module = hal_module(programs.COUNTED_LOOP)
    main = next(op for op in body(module.body) if op.name == "func.func" and "main" in str(op.attributes["sym_name"]))
    blocks = list(main.regions[0].blocks)
    awaits = [[op.name for op in body(block)].count("hal.fence_await") for block in blocks]
    assert sum(awaits) == awaits[0] == 1


def test_counters_that_are_operands_need_no_read_back() -> None:
    assert "hal.buffer_load" not in names(hal_module(programs.SLICED_LOOP), "main")


def test_a_loop_takes_its_memory_once() -> None:
    # What lives for two iterations has three places, the sums share a slab; what only some iterations make, and keep,
    # has memory of its own.
    module = hal_module(programs.CARRIED)
    main = next(op for op in body(module.body) if op.name == "func.func" and "main" in str(op.attributes["sym_name"]))
    allocations = [[op.name for op in body(block)].count("hal.buffer_allocate") for block in main.regions[0].blocks]
    assert allocations[0] == 3 + 1
    assert sum(allocations[1:]) == 1
    assert "hal.queue_alloca" not in names(module, "main")


def test_a_loop_takes_memory_of_sizes_that_it_keeps_once() -> None:
    # A product needs memory within an iteration, its tanh until the next.
    text = """
func.func @main(%n: tensor<i32>, %x: tensor<?x16xf32>, %w: tensor<16x16xf32>) -> tensor<?x16xf32> {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %c1 = stablehlo.constant dense<1> : tensor<i32>
  %r:2 = stablehlo.while(%i = %c0, %h = %x) : tensor<i32>, tensor<?x16xf32>
   cond {
     %p = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
     stablehlo.return %p : tensor<i1>
   } do {
     %i2 = stablehlo.add %i, %c1 : tensor<i32>
     %d = stablehlo.dot_general %h, %w, contracting_dims = [1] x [0] : (tensor<?x16xf32>, tensor<16x16xf32>) -> tensor<?x16xf32>
     %e = stablehlo.dot_general %d, %w, contracting_dims = [1] x [0] : (tensor<?x16xf32>, tensor<16x16xf32>) -> tensor<?x16xf32>
     %t = stablehlo.tanh %e : tensor<?x16xf32>
     stablehlo.return %i2, %t : tensor<i32>, tensor<?x16xf32>
   }
  return %r#1 : tensor<?x16xf32>
}"""
    module = hal_module(text)
    main = next(op for op in body(module.body) if op.name == "func.func" and "main" in str(op.attributes["sym_name"]))
    allocations = [[op.name for op in body(block)].count("hal.buffer_allocate") for block in main.regions[0].blocks]
    assert allocations == [2 + 1, 0, 0, 0]
    assert "hal.queue_alloca" not in names(module, "main")


def test_a_condition_on_data_is_awaited() -> None:
    ops = names(hal_module(programs.DATA_LOOP), "main")
    assert ops.count("hal.fence_await") == ops.count("hal.buffer_load") == 1


def test_independent_dispatches_share_a_step() -> None:
    text = """
func.func @main(%x: tensor<64x64xf32>) -> (tensor<64x64xf32>, tensor<64x64xf32>) {
  %a = stablehlo.dot_general %x, %x, contracting_dims = [1] x [0] : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %b = stablehlo.dot_general %x, %x, contracting_dims = [0] x [0] : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  return %a, %b : tensor<64x64xf32>, tensor<64x64xf32>
}"""
    ops = names(hal_module(text), "__init")
    assert ops.count("hal.command_dispatch") == 2
    assert "hal.command_barrier" not in ops


def test_a_chain_takes_two_places_in_the_slab() -> None:
    lines = ["func.func @main(%v0: tensor<64x64xf32>) -> tensor<64x64xf32> {"]
    type_ = "tensor<64x64xf32>"
    for i in range(10):
        dims = "contracting_dims = [1] x [0]"
        lines.append(f"  %v{i + 1} = stablehlo.dot_general %v{i}, %v0, {dims} : ({type_}, {type_}) -> {type_}")
    lines.append(f"  return %v10 : {type_}\n}}")
    module = hal_module("\n".join(lines))
    alloca = next(op for op in walk(module.operation) if op.name == "hal.queue_alloca")
    size = alloca.operands[5].owner.operation.attributes["value"]
    assert ir.IntegerAttr(size).value == 2 * 64 * 64 * 4


def test_variables_are_ordered_by_the_last_signal() -> None:
    module = hal_module(programs.COUNTER)
    for function in ("main", "get", "set"):
        ops = names(module, function)
        assert "hal.fence_join" in ops
    assert "hal.fence_join" not in names(hal_module(programs.MLP), "main")


def test_a_cache_is_not_copied() -> None:
    module = hal_module(programs.CACHE)
    assert "hal.command_copy" not in names(module, "main")


def test_uncompiled_executables_are_named() -> None:
    module = programs.flow_module(programs.MLP)
    with pytest.raises(CompileError, match="run the executables phase first"):
        to_hal(module)


def test_element_types_without_a_form_outside_are_refused() -> None:
    module = programs.flow_module("func.func @main(%x: tensor<4xi7>) -> tensor<4xi7> { return %x : tensor<4xi7> }")
    with pytest.raises(CompileError, match="i7"):
        to_hal(module)
