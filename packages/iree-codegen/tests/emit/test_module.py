"""The vm phase to a module file that the runtime loads and runs."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from iree import vm
from iree.codegen.emit import emit_module
from iree.codegen.emit.constants import constant_bytes
from iree.dialects.mlir import CompileError, ir, make_context, parse_module
from iree.vm.module_writer import ModuleBuilder

SIGNATURE = "(!hal.view, !hal.fence, !hal.fence) -> !hal.view"
PROLOGUE = """
  "vm.import"() {sym_name = "hal.fence.signal", signature = "r:"} : () -> ()
  "vm.import"() {sym_name = "hal.device", signature = "i:r"} : () -> ()
  "vm.import"() {sym_name = "hal.buffer.constant", signature = "rrII:r"} : () -> ()
  "vm.import"() {sym_name = "hal.view.create", signature = "rIi[I]:r"} : () -> ()
  "vm.global"() {sym_name = "calls", type = i64, mutable = true} : () -> ()
  "vm.global"() {sym_name = "limit", type = i64, mutable = false} : () -> ()
  "vm.global"() {sym_name = "device", type = !hal.device, mutable = false} : () -> ()
  "vm.func"() ({
    %n = "vm.const_i64"() {value = 10 : i64} : () -> i64
    "vm.global_store_i64"(%n) {global = @limit} : (i64) -> ()
    %z = "vm.const_i32"() {value = 0 : i32} : () -> i32
    %d = "vm.call_import"(%z) {callee = @hal.device, groups = array<i32>} : (i32) -> !hal.device
    "vm.global_store_ref"(%d) {global = @device} : (!hal.device) -> ()
    "vm.return"() : () -> ()
  }) {sym_name = "__init", function_type = () -> ()} : () -> ()
  "vm.export"() {export_name = "__init", callee = @__init, signature = () -> (), names = []} : () -> ()
"""
SEGMENT = """
  "vm.rodata_segment"() {sym_name = "data", size = 192 : i64, alignment = 64 : i64, pieces = [
    {offset = 128 : i64, text = "é"}, {offset = 0 : i64, value = dense<[1.0, 2.0]> : tensor<2xf32>},
    {offset = 64 : i64, parameter = "w", length = 16 : i64}]} : () -> ()
"""


def build(text: str, parameters: dict[str, Any] | None = None) -> ModuleBuilder:
    """Encodes a vm.module given by its body."""
    module = parse_module(f'"vm.module"() ({{{text}}}) {{sym_name = "module"}} : () -> ()', make_context())
    with module.context:
        return emit_module(module, parameters or {}, None, "test")


def test_a_loop_globals_and_rodata_run() -> None:
    text = f"""{PROLOGUE}{SEGMENT}
  "vm.func"() ({{
  ^bb0(%wait: !hal.fence, %signal: !hal.fence):
    %zero = "vm.const_i64"() {{value = 0 : i64}} : () -> i64
    "vm.br"(%zero, %zero)[^loop] : (i64, i64) -> ()
  ^loop(%i: i64, %sum: i64):
    %one = "vm.const_i64"() {{value = 1 : i64}} : () -> i64
    %next = "vm.add_i64"(%i, %one) : (i64, i64) -> i64
    %more = "vm.add_i64"(%sum, %next) : (i64, i64) -> i64
    %limit = "vm.global_load_i64"() {{global = @limit}} : () -> i64
    %again = "vm.cmp_lt_s_i64"(%next, %limit) : (i64, i64) -> i32
    "vm.cond_br"(%again, %next, %more, %more)[^loop, ^done] {{target_operands = array<i32: 2, 1>}}
      : (i32, i64, i64, i64) -> ()
  ^done(%total: i64):
    %right = "vm.const_i64"() {{value = 55 : i64}} : () -> i64
    %ok = "vm.cmp_eq_i64"(%total, %right) : (i64, i64) -> i32
    "vm.assert"(%ok) {{message = "the sum is 55"}} : (i32) -> ()
    %device = "vm.global_load_ref"() {{global = @device}} : () -> !hal.device
    %data = "vm.rodata"() {{segment = @data}} : () -> !vm.buffer
    %size = "vm.const_i64"() {{value = 192 : i64}} : () -> i64
    %offset = "vm.const_i64"() {{value = 64 : i64}} : () -> i64
    %count = "vm.const_i64"() {{value = 4 : i64}} : () -> i64
    %f32 = "vm.const_i32"() {{value = 0x04000020 : i32}} : () -> i32
    %buffer = "vm.call_import"(%device, %data, %zero, %size) {{callee = @hal.buffer.constant, groups = array<i32>}}
      : (!hal.device, !vm.buffer, i64, i64) -> !hal.buffer
    %view = "vm.call_import"(%buffer, %offset, %f32, %count) {{callee = @hal.view.create, groups = array<i32: 1>}}
      : (!hal.buffer, i64, i32, i64) -> !hal.view
    "vm.call_import"(%signal) {{callee = @hal.fence.signal, groups = array<i32>}} : (!hal.fence) -> ()
    "vm.return"(%view) : (!hal.view) -> ()
  }}) {{sym_name = "main", function_type = (!hal.fence, !hal.fence) -> !hal.view}} : () -> ()
  "vm.export"() {{export_name = "main", callee = @main, signature = () -> tensor<4xf32>, names = []}} : () -> ()
"""
    weights = np.arange(4, dtype=np.float32) + 0.5
    data = build(text, {"w": weights}).tobytes()
    module = vm.load(data, device="cpu")
    for _ in range(2):
        np.testing.assert_array_equal(np.asarray(module.main()), weights)
    assert module.manifest["functions"] == [
        {
            "name": "main",
            "inputs": {"args": [], "kwargs": {}},
            "outputs": {"tensor": 0, "name": None, "dtype": "f32", "shape": [4]},
        }
    ]
    assert "é".encode() in data


IDENTITY = """
  "vm.func"() ({
  ^bb0(%x: !hal.view, %wait: !hal.fence, %signal: !hal.fence):
    BODY
  }) {sym_name = "main", function_type = (!hal.view, !hal.fence, !hal.fence) -> !hal.view} : () -> ()
"""
BAD = {
    "no such global": (
        '%0 = "vm.global_load_i64"() {global = @nope} : () -> i64\n"vm.return"(%x) : (!hal.view) -> ()',
        "@nope",
    ),
    "no instruction": (
        '"flow.dispatch"() : () -> ()\n"vm.return"(%x) : (!hal.view) -> ()',
        "flow.dispatch.* is not an instr",
    ),
}


@pytest.mark.parametrize(("body", "message"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_encoded_is_named(body: str, message: str) -> None:
    with pytest.raises(CompileError, match=message):
        build(IDENTITY.replace("BODY", body))


def piece(text: str) -> str:
    """A segment of 64 bytes."""
    return f"""
  "vm.rodata_segment"() {{sym_name = "data", size = 64 : i64, alignment = 64 : i64, pieces = [{text}]}} : () -> ()"""


BAD_SEGMENTS = {
    "no such parameter": ('{offset = 0 : i64, parameter = "none", length = 4 : i64}', "'none'"),
    "wrong length": ('{offset = 0 : i64, parameter = "w", length = 4 : i64}', "4 bytes .*'w', which has 16"),
    "overlap": ('{offset = 0 : i64, text = "abcdef"}, {offset = 4 : i64, text = "x"}', "overlaps"),
    "too long": ('{offset = 62 : i64, text = "abcdef"}', "end at 68"),
}


@pytest.mark.parametrize(("pieces", "message"), BAD_SEGMENTS.values(), ids=BAD_SEGMENTS.keys())
def test_segments_that_do_not_fit(pieces: str, message: str) -> None:
    with pytest.raises(CompileError, match=message):
        build(piece(pieces), {"w": np.zeros(4, np.float32)})


CONSTANTS: dict[str, Any] = {
    "dense<[1, -2]> : tensor<2xi32>": np.int32([1, -2]),
    "dense<7> : tensor<3xi64>": np.int64([7, 7, 7]),
    "dense<[true, false]> : tensor<2xi1>": np.uint8([1, 0]),
    "dense<true> : tensor<3xi1>": np.uint8([1, 1, 1]),
    "dense<[1, -2]> : tensor<2xi4>": np.int8([1, -2]),
    "dense<[200, 3]> : tensor<2xui8>": np.uint8([200, 3]),
    "dense<[1.5, -2.0]> : tensor<2xf16>": np.float16([1.5, -2]),
    "dense<[1.5, -2.0]> : tensor<2xbf16>": np.array([1.5, -2], ml_dtypes.bfloat16),
    "dense<1.5> : tensor<2xbf16>": np.array([1.5, 1.5], ml_dtypes.bfloat16),
    "dense<[[1.5], [0x7FC00000]]> : tensor<2x1xf32>": np.float32([1.5, np.nan]),
    "dense<2.5> : tensor<f64>": np.float64(2.5),
    "dense<> : tensor<0x4xf32>": np.float32([]),
    "dense<[1.0, 2.0]> : tensor<2xf8E4M3FN>": np.array([1, 2], ml_dtypes.float8_e4m3fn),
}


@pytest.mark.parametrize("text", CONSTANTS)
def test_bytes_of_constants(text: str) -> None:
    with make_context(ours=False):
        assert constant_bytes(ir.Attribute.parse(text)).tobytes() == CONSTANTS[text].tobytes()
