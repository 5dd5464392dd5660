# ruff: noqa: E501  (MLIR text)
"""Programs that several tests use, in linalg and StableHLO."""

from __future__ import annotations

from typing import Any

from iree.dialects.input import input_to_linalg
from iree.dialects.mlir import make_context, parse_module
from iree.dialects.phases import check, to_flow

MLP = """
func.func @main(%x: tensor<4x16xf32>, %w: tensor<16x8xf32>, %b: tensor<8xf32>) -> tensor<4x8xf32> {
  %z = stablehlo.constant dense<0.0> : tensor<4x8xf32>
  %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<4x16xf32>, tensor<16x8xf32>) -> tensor<4x8xf32>
  %1 = stablehlo.broadcast_in_dim %b, dims = [1] : (tensor<8xf32>) -> tensor<4x8xf32>
  %2 = stablehlo.add %0, %1 : tensor<4x8xf32>
  %3 = stablehlo.maximum %2, %z : tensor<4x8xf32>
  return %3 : tensor<4x8xf32>
}"""

SOFTMAX = """
func.func @main(%x: tensor<64x128xf32>) -> tensor<64x128xf32> {
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %m = stablehlo.reduce(%x init: %low) applies stablehlo.maximum across dimensions = [1] : (tensor<64x128xf32>, tensor<f32>) -> tensor<64xf32>
  %mb = stablehlo.broadcast_in_dim %m, dims = [0] : (tensor<64xf32>) -> tensor<64x128xf32>
  %d = stablehlo.subtract %x, %mb : tensor<64x128xf32>
  %e = stablehlo.exponential %d : tensor<64x128xf32>
  %s = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [1] : (tensor<64x128xf32>, tensor<f32>) -> tensor<64xf32>
  %sb = stablehlo.broadcast_in_dim %s, dims = [0] : (tensor<64xf32>) -> tensor<64x128xf32>
  %r = stablehlo.divide %e, %sb : tensor<64x128xf32>
  return %r : tensor<64x128xf32>
}"""

LAYER_NORM = """
func.func @main(%x: tensor<128x64xf32>) -> tensor<128x64xf32> {
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %n = stablehlo.constant dense<64.0> : tensor<128xf32>
  %e = stablehlo.constant dense<1.0e-5> : tensor<128xf32>
  %s = stablehlo.reduce(%x init: %z) applies stablehlo.add across dimensions = [1] : (tensor<128x64xf32>, tensor<f32>) -> tensor<128xf32>
  %m = stablehlo.divide %s, %n : tensor<128xf32>
  %mb = stablehlo.broadcast_in_dim %m, dims = [0] : (tensor<128xf32>) -> tensor<128x64xf32>
  %d = stablehlo.subtract %x, %mb : tensor<128x64xf32>
  %q = stablehlo.multiply %d, %d : tensor<128x64xf32>
  %v = stablehlo.reduce(%q init: %z) applies stablehlo.add across dimensions = [1] : (tensor<128x64xf32>, tensor<f32>) -> tensor<128xf32>
  %v2 = stablehlo.divide %v, %n : tensor<128xf32>
  %v3 = stablehlo.add %v2, %e : tensor<128xf32>
  %r = stablehlo.rsqrt %v3 : tensor<128xf32>
  %rb = stablehlo.broadcast_in_dim %r, dims = [0] : (tensor<128xf32>) -> tensor<128x64xf32>
  %y = stablehlo.multiply %d, %rb : tensor<128x64xf32>
  return %y : tensor<128x64xf32>
}"""

CONV_RELU6 = """
func.func @main(%x: tensor<1x8x8x3xf32>, %w: tensor<3x3x3x16xf32>, %scale: tensor<16xf32>, %shift: tensor<16xf32>,
                %skip: tensor<1x6x6x16xf32>) -> tensor<1x6x6x16xf32> {
  %c0 = stablehlo.constant dense<0.0> : tensor<f32>
  %c6 = stablehlo.constant dense<6.0> : tensor<f32>
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<1x8x8x3xf32>, tensor<3x3x3x16xf32>) -> tensor<1x6x6x16xf32>
  %1 = stablehlo.broadcast_in_dim %scale, dims = [3] : (tensor<16xf32>) -> tensor<1x6x6x16xf32>
  %2 = stablehlo.multiply %0, %1 : tensor<1x6x6x16xf32>
  %3 = stablehlo.broadcast_in_dim %shift, dims = [3] : (tensor<16xf32>) -> tensor<1x6x6x16xf32>
  %4 = stablehlo.add %2, %3 : tensor<1x6x6x16xf32>
  %5 = stablehlo.clamp %c0, %4, %c6 : (tensor<f32>, tensor<1x6x6x16xf32>, tensor<f32>) -> tensor<1x6x6x16xf32>
  %6 = stablehlo.add %5, %skip : tensor<1x6x6x16xf32>
  return %6 : tensor<1x6x6x16xf32>
}"""

ATTENTION = """
func.func @main(%x: tensor<16x32xf32>, %wq: tensor<32x32xf32>, %wk: tensor<32x32xf32>, %wv: tensor<32x32xf32>, %bq: tensor<32xf32>) -> tensor<16x32xf32> {
  %q0 = stablehlo.dot_general %x, %wq, contracting_dims = [1] x [0] : (tensor<16x32xf32>, tensor<32x32xf32>) -> tensor<16x32xf32>
  %b = stablehlo.broadcast_in_dim %bq, dims = [1] : (tensor<32xf32>) -> tensor<16x32xf32>
  %q1 = stablehlo.add %q0, %b : tensor<16x32xf32>
  %k0 = stablehlo.dot_general %x, %wk, contracting_dims = [1] x [0] : (tensor<16x32xf32>, tensor<32x32xf32>) -> tensor<16x32xf32>
  %v0 = stablehlo.dot_general %x, %wv, contracting_dims = [1] x [0] : (tensor<16x32xf32>, tensor<32x32xf32>) -> tensor<16x32xf32>
  %q2 = stablehlo.reshape %q1 : (tensor<16x32xf32>) -> tensor<1x16x4x8xf32>
  %k2 = stablehlo.reshape %k0 : (tensor<16x32xf32>) -> tensor<1x16x4x8xf32>
  %v2 = stablehlo.reshape %v0 : (tensor<16x32xf32>) -> tensor<1x16x4x8xf32>
  %q = stablehlo.transpose %q2, dims = [0, 2, 1, 3] : (tensor<1x16x4x8xf32>) -> tensor<1x4x16x8xf32>
  %k = stablehlo.transpose %k2, dims = [0, 2, 1, 3] : (tensor<1x16x4x8xf32>) -> tensor<1x4x16x8xf32>
  %v = stablehlo.transpose %v2, dims = [0, 2, 1, 3] : (tensor<1x16x4x8xf32>) -> tensor<1x4x16x8xf32>
  %s0 = stablehlo.dot_general %q, %k, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [3] : (tensor<1x4x16x8xf32>, tensor<1x4x16x8xf32>) -> tensor<1x4x16x16xf32>
  %c = stablehlo.constant dense<0.125> : tensor<1x4x16x16xf32>
  %s = stablehlo.multiply %s0, %c : tensor<1x4x16x16xf32>
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %m = stablehlo.reduce(%s init: %low) applies stablehlo.maximum across dimensions = [3] : (tensor<1x4x16x16xf32>, tensor<f32>) -> tensor<1x4x16xf32>
  %mb = stablehlo.broadcast_in_dim %m, dims = [0,1,2] : (tensor<1x4x16xf32>) -> tensor<1x4x16x16xf32>
  %d = stablehlo.subtract %s, %mb : tensor<1x4x16x16xf32>
  %e = stablehlo.exponential %d : tensor<1x4x16x16xf32>
  %su = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [3] : (tensor<1x4x16x16xf32>, tensor<f32>) -> tensor<1x4x16xf32>
  %sb = stablehlo.broadcast_in_dim %su, dims = [0,1,2] : (tensor<1x4x16xf32>) -> tensor<1x4x16x16xf32>
  %p = stablehlo.divide %e, %sb : tensor<1x4x16x16xf32>
  %o = stablehlo.dot_general %p, %v, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2] : (tensor<1x4x16x16xf32>, tensor<1x4x16x8xf32>) -> tensor<1x4x16x8xf32>
  %ot = stablehlo.transpose %o, dims = [0, 2, 1, 3] : (tensor<1x4x16x8xf32>) -> tensor<1x16x4x8xf32>
  %or = stablehlo.reshape %ot : (tensor<1x16x4x8xf32>) -> tensor<16x32xf32>
  return %or : tensor<16x32xf32>
}"""

DYNAMIC_MLP = """
func.func @main(%x: tensor<?x16xf32>, %w: tensor<16x8xf32>, %b: tensor<8xf32>) -> tensor<?x8xf32> {
  %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<?x16xf32>, tensor<16x8xf32>) -> tensor<?x8xf32>
  %s = shape.shape_of %0 : tensor<?x8xf32> -> tensor<2xindex>
  %1 = stablehlo.dynamic_broadcast_in_dim %b, %s, dims = [1] : (tensor<8xf32>, tensor<2xindex>) -> tensor<?x8xf32>
  %2 = stablehlo.add %0, %1 : tensor<?x8xf32>
  %3 = stablehlo.tanh %2 : tensor<?x8xf32>
  return %3 : tensor<?x8xf32>
}"""

COUNTED_LOOP = """
func.func @main(%x: tensor<4xf32>, %n: tensor<i32>) -> (tensor<4xf32>, tensor<i32>) {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %c1 = stablehlo.constant dense<1> : tensor<i32>
  %r:2 = stablehlo.while(%i = %c0, %a = %x) : tensor<i32>, tensor<4xf32>
   cond {
     %p = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
     stablehlo.return %p : tensor<i1>
   } do {
     %i2 = stablehlo.add %i, %c1 : tensor<i32>
     %a2 = stablehlo.add %a, %a : tensor<4xf32>
     stablehlo.return %i2, %a2 : tensor<i32>, tensor<4xf32>
   }
  return %r#1, %r#0 : tensor<4xf32>, tensor<i32>
}"""

DATA_LOOP = """
func.func @main(%x: tensor<f32>) -> tensor<f32> {
  %c = stablehlo.constant dense<100.0> : tensor<f32>
  %r = stablehlo.while(%a = %x) : tensor<f32>
   cond {
     %p = stablehlo.compare LT, %a, %c : (tensor<f32>, tensor<f32>) -> tensor<i1>
     stablehlo.return %p : tensor<i1>
   } do {
     %a2 = stablehlo.multiply %a, %a : tensor<f32>
     stablehlo.return %a2 : tensor<f32>
   }
  return %r : tensor<f32>
}"""

BRANCH = """
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %s = stablehlo.reduce(%x init: %z) applies stablehlo.add across dimensions = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  %p = stablehlo.compare GT, %s, %z : (tensor<f32>, tensor<f32>) -> tensor<i1>
  %r = "stablehlo.if"(%p) ({
    %a = stablehlo.add %x, %x : tensor<4xf32>
    stablehlo.return %a : tensor<4xf32>
  }, {
    %a = stablehlo.negate %x : tensor<4xf32>
    stablehlo.return %a : tensor<4xf32>
  }) : (tensor<i1>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}"""

COUNTER = """
ml_program.global private mutable @c(dense<1.0> : tensor<4xf32>) : tensor<4xf32>
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = ml_program.global_load @c : tensor<4xf32>
  %b = stablehlo.add %a, %x : tensor<4xf32>
  ml_program.global_store @c = %b : tensor<4xf32>
  return %b : tensor<4xf32>
}
func.func @get() -> tensor<4xf32> {
  %a = ml_program.global_load @c : tensor<4xf32>
  return %a : tensor<4xf32>
}
func.func @set(%x: tensor<4xf32>) {
  ml_program.global_store @c = %x : tensor<4xf32>
  return
}"""

PASS_ON = """
func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<2x2xf32>, tensor<3xf32>, tensor<2xf32>) {
  %c = stablehlo.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %d = stablehlo.constant dense<5.0> : tensor<2xf32>
  %r = stablehlo.reshape %x : (tensor<4xf32>) -> tensor<2x2xf32>
  return %x, %r, %c, %d : tensor<4xf32>, tensor<2x2xf32>, tensor<3xf32>, tensor<2xf32>
}"""

UPDATE = """
func.func @main(%x: tensor<8x4xf32>, %u: tensor<1x4xf32>, %i: tensor<i32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %y = stablehlo.add %x, %x : tensor<8x4xf32>
  %r = stablehlo.dynamic_update_slice %y, %u, %i, %c0 : (tensor<8x4xf32>, tensor<1x4xf32>, tensor<i32>, tensor<i32>) -> tensor<8x4xf32>
  %s = stablehlo.dynamic_update_slice %x, %u, %i, %c0 : (tensor<8x4xf32>, tensor<1x4xf32>, tensor<i32>, tensor<i32>) -> tensor<8x4xf32>
  return %r, %s : tensor<8x4xf32>, tensor<8x4xf32>
}"""

CACHE = """
ml_program.global private mutable @cache(dense<0.0> : tensor<8x4xf32>) : tensor<8x4xf32>
ml_program.global private mutable @pos(dense<0> : tensor<i32>) : tensor<i32>
func.func @main(%u: tensor<1x4xf32>) -> tensor<4xf32> {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %c1 = stablehlo.constant dense<1> : tensor<i32>
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %x = ml_program.global_load @cache : tensor<8x4xf32>
  %i = ml_program.global_load @pos : tensor<i32>
  %r = stablehlo.dynamic_update_slice %x, %u, %i, %c0 : (tensor<8x4xf32>, tensor<1x4xf32>, tensor<i32>, tensor<i32>) -> tensor<8x4xf32>
  %j = stablehlo.add %i, %c1 : tensor<i32>
  ml_program.global_store @cache = %r : tensor<8x4xf32>
  ml_program.global_store @pos = %j : tensor<i32>
  %s = stablehlo.reduce(%r init: %z) applies stablehlo.add across dimensions = [0] : (tensor<8x4xf32>, tensor<f32>) -> tensor<4xf32>
  return %s : tensor<4xf32>
}"""

RNN = """
func.func @main(%x: tensor<6x4xf32>, %w: tensor<4x4xf32>) -> tensor<6x4xf32> {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %c1 = stablehlo.constant dense<1> : tensor<i32>
  %n = stablehlo.constant dense<6> : tensor<i32>
  %h0 = stablehlo.constant dense<0.0> : tensor<1x4xf32>
  %o0 = stablehlo.constant dense<0.0> : tensor<6x4xf32>
  %r:3 = stablehlo.while(%i = %c0, %h = %h0, %o = %o0) : tensor<i32>, tensor<1x4xf32>, tensor<6x4xf32>
   cond {
     %p = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
     stablehlo.return %p : tensor<i1>
   } do {
     %i2 = stablehlo.add %i, %c1 : tensor<i32>
     %xi = stablehlo.dynamic_slice %x, %i, %c0, sizes = [1, 4] : (tensor<6x4xf32>, tensor<i32>, tensor<i32>) -> tensor<1x4xf32>
     %d = stablehlo.dot_general %h, %w, contracting_dims = [1] x [0] : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
     %s = stablehlo.add %d, %xi : tensor<1x4xf32>
     %h2 = stablehlo.tanh %s : tensor<1x4xf32>
     %o2 = stablehlo.dynamic_update_slice %o, %h2, %i, %c0 : (tensor<6x4xf32>, tensor<1x4xf32>, tensor<i32>, tensor<i32>) -> tensor<6x4xf32>
     stablehlo.return %i2, %h2, %o2 : tensor<i32>, tensor<1x4xf32>, tensor<6x4xf32>
   }
  return %r#2 : tensor<6x4xf32>
}"""

CARRIED = """
func.func @main(%n: tensor<i32>, %x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>) {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %c1 = stablehlo.constant dense<1> : tensor<i32>
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %r:4 = stablehlo.while(%i = %c0, %a = %x, %b = %y, %k = %x) : tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>
   cond {
     %p = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
     stablehlo.return %p : tensor<i1>
   } do {
     %i2 = stablehlo.add %i, %c1 : tensor<i32>
     %sum = stablehlo.reduce(%a init: %z) applies stablehlo.add across dimensions = [1] : (tensor<8x8xf32>, tensor<f32>) -> tensor<8xf32>
     %t = stablehlo.transpose %a, dims = [1, 0] : (tensor<8x8xf32>) -> tensor<8x8xf32>
     %col = stablehlo.reduce(%t init: %z) applies stablehlo.add across dimensions = [1] : (tensor<8x8xf32>, tensor<f32>) -> tensor<8xf32>
     %d = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
     %rs = stablehlo.add %sum, %col : tensor<8xf32>
     %sb = stablehlo.broadcast_in_dim %rs, dims = [0] : (tensor<8xf32>) -> tensor<8x8xf32>
     %e = stablehlo.subtract %d, %sb : tensor<8x8xf32>
     %a2 = stablehlo.tanh %e : tensor<8x8xf32>
     %one = stablehlo.and %i, %c1 : tensor<i32>
     %odd = stablehlo.compare EQ, %one, %c1 : (tensor<i32>, tensor<i32>) -> tensor<i1>
     %k2 = "stablehlo.if"(%odd) ({
       %m = stablehlo.dot_general %k, %a, contracting_dims = [1] x [0] : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
       %m2 = stablehlo.tanh %m : tensor<8x8xf32>
       stablehlo.return %m2 : tensor<8x8xf32>
     }, {
       stablehlo.return %k : tensor<8x8xf32>
     }) : (tensor<i1>) -> tensor<8x8xf32>
     stablehlo.return %i2, %a2, %a, %k2 : tensor<i32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>
   }
  return %r#1, %r#2, %r#3 : tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>
}"""
"""What a loop of unknown length carries: what the last iteration made (%a), what the one before it made (%b), what some
iterations make (%k); its sums are gone within an iteration."""

SLICED_LOOP = """
func.func @main(%x: tensor<?x?x16xf32>, %w: tensor<16x16xf32>) -> (tensor<?x16xf32>, tensor<?x?x16xf32>) {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %c1 = stablehlo.constant dense<1> : tensor<i32>
  %c16 = stablehlo.constant dense<16> : tensor<1xi32>
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %n = stablehlo.get_dimension_size %x, dim = 1 : (tensor<?x?x16xf32>) -> tensor<i32>
  %b = stablehlo.get_dimension_size %x, dim = 0 : (tensor<?x?x16xf32>) -> tensor<i32>
  %b1 = stablehlo.reshape %b : (tensor<i32>) -> tensor<1xi32>
  %n1 = stablehlo.reshape %n : (tensor<i32>) -> tensor<1xi32>
  %one = stablehlo.constant dense<1> : tensor<1xi32>
  %sh = stablehlo.concatenate %b1, %c16, dim = 0 : (tensor<1xi32>, tensor<1xi32>) -> tensor<2xi32>
  %sh3 = stablehlo.concatenate %b1, %one, %c16, dim = 0 : (tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<3xi32>
  %h0 = stablehlo.dynamic_broadcast_in_dim %z, %sh, dims = [] : (tensor<f32>, tensor<2xi32>) -> tensor<?x16xf32>
  %r:3 = stablehlo.while(%i = %c0, %h = %h0, %out = %x) : tensor<i32>, tensor<?x16xf32>, tensor<?x?x16xf32>
    cond {
      %c = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %c : tensor<i1>
    } do {
      %j = stablehlo.add %i, %c1 : tensor<i32>
      %i1 = stablehlo.reshape %i : (tensor<i32>) -> tensor<1xi32>
      %j1 = stablehlo.reshape %j : (tensor<i32>) -> tensor<1xi32>
      %zero = stablehlo.constant dense<0> : tensor<1xi32>
      %st = stablehlo.constant dense<1> : tensor<3xi32>
      %lo = stablehlo.concatenate %zero, %i1, %zero, dim = 0 : (tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<3xi32>
      %hi = stablehlo.concatenate %b1, %j1, %c16, dim = 0 : (tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<3xi32>
      %s = stablehlo.real_dynamic_slice %x, %lo, %hi, %st : (tensor<?x?x16xf32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>) -> tensor<?x?x16xf32>
      %s2 = stablehlo.dynamic_reshape %s, %sh : (tensor<?x?x16xf32>, tensor<2xi32>) -> tensor<?x16xf32>
      %d = stablehlo.dot_general %h, %w, contracting_dims = [1] x [0] : (tensor<?x16xf32>, tensor<16x16xf32>) -> tensor<?x16xf32>
      %e = stablehlo.add %d, %s2 : tensor<?x16xf32>
      %t = stablehlo.tanh %e : tensor<?x16xf32>
      %t3 = stablehlo.dynamic_reshape %t, %sh3 : (tensor<?x16xf32>, tensor<3xi32>) -> tensor<?x?x16xf32>
      %o2 = stablehlo.dynamic_update_slice %out, %t3, %c0, %i, %c0 : (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<?x?x16xf32>
      stablehlo.return %j, %t, %o2 : tensor<i32>, tensor<?x16xf32>, tensor<?x?x16xf32>
    }
  return %r#1, %r#2 : tensor<?x16xf32>, tensor<?x?x16xf32>
}"""
"""A recurrent layer of unknown sizes, whose counter decides what is read and written."""


def linalg_module(text: str) -> Any:
    """A program lowered to linalg."""
    module = parse_module(text, make_context())
    check(module)
    input_to_linalg(module)
    return module


def flow_module(text: str) -> Any:
    """A program in the flow phase."""
    module = linalg_module(text)
    to_flow(module)
    return module
