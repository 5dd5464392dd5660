"""Programs of which no size is known: what their kernels keep to themselves has a size that calls decide."""

from __future__ import annotations

import numpy as np

from tests.end_to_end.programs import F32, Array, Case, conv, conv_text, rand, softmax

SOFTMAX = """
func.func @main(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %s0 = stablehlo.get_dimension_size %x, dim = 0 : (tensor<?x?xf32>) -> tensor<i32>
  %s1 = stablehlo.get_dimension_size %x, dim = 1 : (tensor<?x?xf32>) -> tensor<i32>
  %a = stablehlo.reshape %s0 : (tensor<i32>) -> tensor<1xi32>
  %b = stablehlo.reshape %s1 : (tensor<i32>) -> tensor<1xi32>
  %sh = stablehlo.concatenate %a, %b, dim = 0 : (tensor<1xi32>, tensor<1xi32>) -> tensor<2xi32>
  %m = stablehlo.reduce(%x init: %low) applies stablehlo.maximum across dimensions = [1]
      : (tensor<?x?xf32>, tensor<f32>) -> tensor<?xf32>
  %mb = stablehlo.dynamic_broadcast_in_dim %m, %sh, dims = [0] : (tensor<?xf32>, tensor<2xi32>) -> tensor<?x?xf32>
  %d = stablehlo.subtract %x, %mb : tensor<?x?xf32>
  %e = stablehlo.exponential %d : tensor<?x?xf32>
  %s = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [1]
      : (tensor<?x?xf32>, tensor<f32>) -> tensor<?xf32>
  %sb = stablehlo.dynamic_broadcast_in_dim %s, %sh, dims = [0] : (tensor<?xf32>, tensor<2xi32>) -> tensor<?x?xf32>
  %r = stablehlo.divide %e, %sb : tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}"""

LAYER_NORM = """
func.func @main(%x: tensor<?x?xf32>, %g: tensor<?xf32>) -> tensor<?x?xf32> {
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %eps = stablehlo.constant dense<1.0e-5> : tensor<f32>
  %s0 = stablehlo.get_dimension_size %x, dim = 0 : (tensor<?x?xf32>) -> tensor<i32>
  %s1 = stablehlo.get_dimension_size %x, dim = 1 : (tensor<?x?xf32>) -> tensor<i32>
  %a = stablehlo.reshape %s0 : (tensor<i32>) -> tensor<1xi32>
  %b = stablehlo.reshape %s1 : (tensor<i32>) -> tensor<1xi32>
  %n = stablehlo.convert %s1 : (tensor<i32>) -> tensor<f32>
  %sh = stablehlo.concatenate %a, %b, dim = 0 : (tensor<1xi32>, tensor<1xi32>) -> tensor<2xi32>
  %nb = stablehlo.dynamic_broadcast_in_dim %n, %a, dims = [] : (tensor<f32>, tensor<1xi32>) -> tensor<?xf32>
  %eb = stablehlo.dynamic_broadcast_in_dim %eps, %a, dims = [] : (tensor<f32>, tensor<1xi32>) -> tensor<?xf32>
  %m0 = stablehlo.reduce(%x init: %zero) applies stablehlo.add across dimensions = [1]
      : (tensor<?x?xf32>, tensor<f32>) -> tensor<?xf32>
  %m = stablehlo.divide %m0, %nb : tensor<?xf32>
  %mb = stablehlo.dynamic_broadcast_in_dim %m, %sh, dims = [0] : (tensor<?xf32>, tensor<2xi32>) -> tensor<?x?xf32>
  %d = stablehlo.subtract %x, %mb : tensor<?x?xf32>
  %d2 = stablehlo.multiply %d, %d : tensor<?x?xf32>
  %v0 = stablehlo.reduce(%d2 init: %zero) applies stablehlo.add across dimensions = [1]
      : (tensor<?x?xf32>, tensor<f32>) -> tensor<?xf32>
  %v1 = stablehlo.divide %v0, %nb : tensor<?xf32>
  %v2 = stablehlo.add %v1, %eb : tensor<?xf32>
  %v = stablehlo.rsqrt %v2 : tensor<?xf32>
  %vb = stablehlo.dynamic_broadcast_in_dim %v, %sh, dims = [0] : (tensor<?xf32>, tensor<2xi32>) -> tensor<?x?xf32>
  %gb = stablehlo.dynamic_broadcast_in_dim %g, %sh, dims = [1] : (tensor<?xf32>, tensor<2xi32>) -> tensor<?x?xf32>
  %q = stablehlo.multiply %d, %vb : tensor<?x?xf32>
  %r = stablehlo.multiply %q, %gb : tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}"""

BATCH_NORM = """
func.func @main(%x: tensor<?x?xf32>, %s: tensor<?xf32>, %o: tensor<?xf32>)
    -> (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) {
  %0:3 = "stablehlo.batch_norm_training"(%x, %s, %o) <{epsilon = 1.0e-3 : f32, feature_index = 1 : i64}>
      : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>)
  return %0#0, %0#1, %0#2 : tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>
}"""

UPDATE = """
func.func @main(%x: tensor<?x?xf32>, %u: tensor<2x?xf32>, %i: tensor<i32>) -> (tensor<?x?xf32>, tensor<?x?xf32>) {
  %zero = stablehlo.constant dense<0> : tensor<i32>
  %x1 = stablehlo.add %x, %x : tensor<?x?xf32>
  %0 = stablehlo.dynamic_update_slice %x1, %u, %i, %zero
    : (tensor<?x?xf32>, tensor<2x?xf32>, tensor<i32>, tensor<i32>) -> tensor<?x?xf32>
  %1 = stablehlo.add %0, %x1 : tensor<?x?xf32>
  return %0, %1 : tensor<?x?xf32>, tensor<?x?xf32>
}"""

PAD = """
func.func @main(%x: tensor<?x?xf32>, %v: tensor<f32>, %l: tensor<2xi32>, %h: tensor<2xi32>, %n: tensor<2xi32>)
    -> tensor<?x?xf32> {
  %0 = stablehlo.dynamic_pad %x, %v, %l, %h, %n
    : (tensor<?x?xf32>, tensor<f32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}"""


def layer_norm(x: Array, scale: Array) -> Array:
    """Along the last axis, in float64."""
    x = x.astype(np.float64)
    return np.asarray((x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) * scale, F32)


def batch_norm(x: Array, scale: Array, offset: Array) -> list[Array]:
    """What `BATCH_NORM` computes, in float64."""
    mean, variance = x.astype(np.float64).mean(0), x.astype(np.float64).var(0)
    return [a.astype(F32) for a in ((x - mean) / np.sqrt(variance + 1e-3) * scale + offset, mean, variance)]


def update(x: Array, u: Array, i: Array) -> list[Array]:
    """What `UPDATE` computes."""
    new, start = 2 * x, min(max(int(i), 0), len(x) - 2)
    new[start : start + 2] = u
    return [new, new + 2 * x]


def pad(x: Array, v: Array, low: Array, high: Array, inner: Array) -> list[Array]:
    """What `PAD` computes."""
    starts, steps = list(map(int, low)), [int(n) + 1 for n in inner]
    result = np.full([low[d] + high[d] + (x.shape[d] - 1) * steps[d] + 1 for d in (0, 1)], v, F32)
    result[tuple(slice(s, s + (x.shape[d] - 1) * steps[d] + 1, steps[d]) for d, s in enumerate(starts))] = x
    return [result]


I32 = np.int32
CASES: list[Case] = [
    Case("softmax", SOFTMAX, [[rand(*s)] for s in ((7, 33), (1, 1), (300, 1001), (2, 70000))], lambda x: [softmax(x)]),
    Case("softmax-none", SOFTMAX, [[rand(0, 3)]], lambda x: [x]),
    Case("layer-norm", LAYER_NORM, [[rand(m, n), rand(n)] for m, n in ((7, 33), (1, 2), (300, 1001))],
         lambda x, g: [layer_norm(x, g)]),
    Case("batch-norm", BATCH_NORM, [[rand(m, n), rand(n), rand(n)] for m, n in ((9, 5), (1, 1), (50, 1000))],
         batch_norm),
    Case("update", UPDATE, [[rand(7, 33), rand(2, 33), I32(3)], [rand(2, 5), rand(2, 5), I32(9)]], update),
    Case("pad", PAD, [[rand(3, 5), F32(7), I32([1, 2]), I32([0, 1]), I32([0, 0])],
                      [rand(3, 5), F32(7), I32([1, 0]), I32([0, 1]), I32([1, 2])]], pad),
    *(
        Case(f"conv-stride-{s}", conv_text("???3", (3, 3, 3, 8), "???8", stride=s, pad=1),
             [[rand(*x), rand(3, 3, 3, 8)] for x in ((2, 9, 11, 3), (1, 1, 1, 3), (1, 200, 31, 3))],
             lambda x, w, s=s: [conv(x, w, s, 1)])
        for s in (1, 2)
    ),
]  # fmt: skip
