# ruff: noqa: E501 - one program per line reads best
"""What cannot be compiled is refused by an error that names it and says how to get on."""

import pytest
from iree import codegen

_ONE = "func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> {{\n{body}\nreturn %r : tensor<4xf32> }}"
_GROUPS = "replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>"
_ADD = """({ ^bb0(%x: tensor<f32>, %y: tensor<f32>): %s = stablehlo.add %x, %y : tensor<f32>
 stablehlo.return %s : tensor<f32> })"""
_REFUSED = {
    "all_reduce": (f'%r = "stablehlo.all_reduce"(%a) <{{{_GROUPS}}}> {_ADD} : (tensor<4xf32>) -> tensor<4xf32>', "several replicas"),
    "all_gather": (f'%r = "stablehlo.all_gather"(%a) <{{all_gather_dim = 0 : i64, {_GROUPS}}}> : (tensor<4xf32>) -> tensor<4xf32>', ""),
    "collective_permute": ('%r = "stablehlo.collective_permute"(%a) <{source_target_pairs = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<4xf32>) -> tensor<4xf32>', "one replica"),
    "infeed": ('%t = stablehlo.create_token : !stablehlo.token\n%r, %u = "stablehlo.infeed"(%t) <{infeed_config = "", layout = [[0]]}> : (!stablehlo.token) -> (tensor<4xf32>, !stablehlo.token)', "no channels to the host"),
    "outfeed": ('%t = stablehlo.create_token : !stablehlo.token\n%u = "stablehlo.outfeed"(%a, %t) <{outfeed_config = ""}> : (tensor<4xf32>, !stablehlo.token) -> !stablehlo.token\n%r = stablehlo.add %a, %a : tensor<4xf32>', "no channels to the host"),
    "send": ('%t = stablehlo.create_token : !stablehlo.token\n%u = "stablehlo.send"(%a, %t) <{channel_handle = #stablehlo.channel_handle<handle = 1, type = 2>, is_host_transfer = true}> : (tensor<4xf32>, !stablehlo.token) -> !stablehlo.token\n%r = stablehlo.add %a, %a : tensor<4xf32>', "no channels to the host"),
    "recv": ('%t = stablehlo.create_token : !stablehlo.token\n%r, %u = "stablehlo.recv"(%t) <{channel_handle = #stablehlo.channel_handle<handle = 1, type = 3>, is_host_transfer = true}> : (!stablehlo.token) -> (tensor<4xf32>, !stablehlo.token)', "no channels to the host"),
    "while": ("""%z = stablehlo.constant dense<0.0> : tensor<f32>
%s = "stablehlo.reduce"(%a, %z) <{dimensions = array<i64: 0>}> ({ ^bb0(%x: tensor<f32>, %y: tensor<f32>):
 %w = stablehlo.while(%v = %x) : tensor<f32>
  cond { %c = stablehlo.compare LT, %v, %y : (tensor<f32>, tensor<f32>) -> tensor<i1>
   stablehlo.return %c : tensor<i1> }
  do { %u = stablehlo.add %v, %v : tensor<f32>
   stablehlo.return %u : tensor<f32> }
 stablehlo.return %w : tensor<f32> }) : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
%r = stablehlo.broadcast_in_dim %s, dims = [] : (tensor<f32>) -> tensor<4xf32>""", "for each element"),
    "bitcast_convert": ("""%c = stablehlo.complex %a, %a : tensor<4xcomplex<f32>>
%d = stablehlo.convert %c : (tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f64>>
%e = stablehlo.bitcast_convert %d : (tensor<4xcomplex<f64>>) -> tensor<4x2xcomplex<f32>>
%f = stablehlo.real %e : (tensor<4x2xcomplex<f32>>) -> tensor<4x2xf32>
%g = stablehlo.slice %f [0:4, 0:1] : (tensor<4x2xf32>) -> tensor<4x1xf32>
%r = stablehlo.reshape %g : (tensor<4x1xf32>) -> tensor<4xf32>""", "take its parts"),
    "custom_call": ('%r = stablehlo.custom_call @nobody_knows(%a) : (tensor<4xf32>) -> tensor<4xf32>', "@nobody_knows is not supported; known targets are"),
}  # fmt: skip


@pytest.mark.parametrize("op", _REFUSED)
def test_refusal(op: str) -> None:
    body, reason = _REFUSED[op]
    with pytest.raises(codegen.CompileError, match=f"-:\\d+:\\d+: error: (stablehlo\\.)?{op}.*{reason}"):
        codegen.compile_str(_ONE.format(body=body))


_WHOLE = {
    "replicas": ('module attributes {mhlo.num_replicas = 4 : i32} { func.func @main() -> tensor<ui32> { %r = stablehlo.replica_id : tensor<ui32>\n return %r : tensor<ui32> } }', "stablehlo.replica_id runs over several replicas"),
    "groups": ("module attributes {mhlo.num_partitions = 2 : i32} { " + _ONE.format(body=f'%r = "stablehlo.all_reduce"(%a) <{{replica_groups = dense<> : tensor<0x0xi64>}}> {_ADD} : (tensor<4xf32>) -> tensor<4xf32>') + " }", "stablehlo.all_reduce runs over several"),
    "recursion": ('func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> { %r = func.call @main(%a) : (tensor<4xf32>) -> tensor<4xf32>\n return %r : tensor<4xf32> }', "@main, which calls itself"),
    "external": ('func.func private @g(tensor<4xf32>) -> tensor<4xf32>\n' + _ONE.format(body="%r = func.call @g(%a) : (tensor<4xf32>) -> tensor<4xf32>"), "@g, which has no body"),
    "size": ('func.func @main(%a: tensor<f32>) -> tensor<9999999999x9999999999xf32> { %r = stablehlo.broadcast_in_dim %a, dims = [] : (tensor<f32>) -> tensor<9999999999x9999999999xf32>\n return %r : tensor<9999999999x9999999999xf32> }', "more than there can be"),
    "tuple": ('func.func @main(%a: tuple<tensor<4xf32>>) -> tensor<4xf32> { %r = stablehlo.get_tuple_element %a[0] : (tuple<tensor<4xf32>>) -> tensor<4xf32>\n return %r : tensor<4xf32> }', "argument 0 of the exported function @main is tuple"),
}  # fmt: skip


@pytest.mark.parametrize("program", _WHOLE)
def test_programs_are_refused(program: str) -> None:
    text, reason = _WHOLE[program]
    with pytest.raises(codegen.CompileError, match=f"-:\\d+:\\d+: error: .*{reason}"):
        codegen.compile_str(text)


@pytest.mark.parametrize("element", ["f4E2M1FN", "f6E2M3FN", "f8E8M0FNU"])
def test_types_are_refused_by_name(element: str) -> None:
    inside = f"%s = stablehlo.convert %a : (tensor<4xf32>) -> tensor<4x{element}>\n%r = stablehlo.convert %s : (tensor<4x{element}>) -> tensor<4xf32>"
    with pytest.raises(codegen.CompileError, match=f"-:\\d+:\\d+: error: .*{element} is not supported"):
        codegen.compile_str(_ONE.format(body=inside))
