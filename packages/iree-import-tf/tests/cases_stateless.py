"""Functions without state: name -> specs of the inputs and the function. Inputs are drawn by `conftest.draw` unless given."""

# A table: a row is a line, lambdas are what is tested, and I is TensorFlow's int32.
# ruff: noqa: B008, E501, E741, PLW0108

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

F, I, L, B = tf.float32, tf.int32, tf.int64, tf.bool
Spec = tf.TensorSpec
CASES: dict[str, tuple[Sequence[Any], Callable[..., Any]]] = {}


def case(name: str, function: Callable[..., Any], *inputs: Any) -> None:
    """Adds a case. An input is a shape (float32), a TensorSpec or an array (its own value)."""
    assert name not in CASES, name
    CASES[name] = ([Spec(i, F) if isinstance(i, tuple) else i for i in inputs], function)


UNARY = """abs acos acosh asin asinh atan atanh ceil cos cosh digamma erf exp expm1 floor is_finite is_inf is_nan lgamma log1p
negative reciprocal rint round sigmoid sign sin sinh softplus square tan tanh bessel_i0e bessel_i1e""".split()
DOMAIN = {"acosh": 1.1, "digamma": 0.6, "lgamma": 0.6, "log1p": 0.1}
for _name in UNARY:
    case(
        _name,
        lambda x, f=getattr(tf.math, _name), a=DOMAIN.get(_name, 0.0): f(x + a) if not a else f(tf.abs(x) + a),
        (3, 5),
    )
for _name in ("log", "sqrt", "rsqrt"):
    case(_name, lambda x, f=getattr(tf.math, _name): f(tf.abs(x) + 0.1), (3, 5))
for _name in "relu relu6 elu selu gelu leaky_relu silu softmax log_softmax softsign l2_normalize".split():
    case(_name, lambda x, f=getattr(tf.nn, _name): f(x), (4, 7))
for _name in "add subtract multiply divide maximum minimum squared_difference atan2 floormod floordiv".split():
    case(_name, lambda x, y, f=getattr(tf.math, _name): f(x, y + 3.0), (2, 1, 3), (4, 1))
for _name in "greater greater_equal less less_equal equal not_equal".split():
    case(_name, lambda x, y, f=getattr(tf.math, _name): f(x, y), (4, 3), (3,))
for (
    _name
) in "reduce_sum reduce_mean reduce_max reduce_min reduce_prod reduce_logsumexp reduce_std reduce_variance".split():
    case(_name, lambda x, f=getattr(tf.math, _name): (f(x), f(x, 1), f(x, [0, 2], keepdims=True)), (2, 3, 4))
for _name in "bitwise_and bitwise_or bitwise_xor left_shift right_shift".split():
    case(_name, lambda x, y, f=getattr(tf.bitwise, _name): f(x, y), np.int32([1, 7, 12, 255]), np.int32([3, 1, 2, 4]))
for _name in ("int8", "uint8", "int16", "int64", "float16", "bfloat16", "float64", "bool", "complex64"):
    case(
        f"cast_{_name}",
        lambda x, d=_name: tf.cast(tf.cast(tf.abs(x) * 20.0, d), F) if d != "complex64" else tf.cast(x, d),
        (3, 4),
    )

case(
    "integer_division",
    lambda x: (x // 3, x % 3, tf.truncatediv(x, 3), tf.truncatemod(x, 3)),
    np.int32([-7, -3, 0, 4, 8]),
)
case("unsigned", lambda x, y: (x // 2, tf.cast(y, F), y // 3), np.uint8([1, 200, 255]), np.uint32([1, 2**32 - 1, 9]))
case(
    "complex",
    lambda x: (tf.abs(x), tf.math.conj(x) * x, tf.math.real(x), tf.math.angle(x)),
    np.complex64([1 + 2j, -3j, 0.5]),
)
case(
    "special", lambda x: (x * 2, tf.maximum(x, 0.0), tf.math.is_nan(x)), np.float32([np.nan, np.inf, -np.inf, 0, -0.0])
)
case("empty", lambda x: (x + 1.0, tf.reduce_sum(x), tf.concat([x, x], 0)), (0, 3))
case("scalar", lambda x: (x + 1.0, tf.reshape(x, [1, 1])), ())
case("where_select", lambda c, x, y: tf.where(c, x, y), Spec((4, 1), B), (4, 3), (3,))
case("clip", lambda x: (tf.clip_by_value(x, -0.5, 0.5), tf.clip_by_norm(x, 1.0)), (4, 4))
case(
    "special_functions",
    lambda x: (tf.math.igamma(x + 1, x), tf.math.betainc(x, x + 1, x / 9), tf.math.erfinv(x / 9)),
    np.float32([0.5, 1, 2]),
)

case("matmul", lambda a, b: (a @ b, tf.matmul(a, b, transpose_a=False)), (3, 4), (4, 5))
case("matmul_transposed", lambda a, b: tf.matmul(a, b, transpose_a=True, transpose_b=True), (4, 3), (5, 4))
case("matmul_batched", lambda a, b: tf.matmul(a, b), (2, 1, 3, 4), (5, 4, 2))
case("einsum", lambda a, b: (tf.einsum("bij,bjk->bik", a, b), tf.einsum("bij,bjk->kb", a, b)), (2, 3, 4), (2, 4, 5))
case("tensordot", lambda a, b: tf.tensordot(a, b, [[1, 2], [1, 0]]), (2, 3, 4), (4, 3))
case(
    "matmul_int8",
    lambda a, b: tf.matmul(a, b, output_type=I),
    np.int8([[1, -2], [127, -128]]),
    np.int8([[3, 4], [5, -6]]),
)
case("matmul_float16", lambda a: tf.cast(a, tf.float16) @ tf.cast(a, tf.float16), (4, 4))

case("reshape", lambda x: (tf.reshape(x, [6, -1]), tf.squeeze(x[:, :1], 1), tf.expand_dims(x, -1)), (2, 3, 4))
case("transpose", lambda x: (tf.transpose(x, [2, 0, 1]), tf.reverse(x, [1])), (2, 3, 4))
case("slices", lambda x: (x[1:, ::2], x[..., -1], x[:, ::-1], x[:, None, 1], tf.slice(x, [1, 0], [2, 2])), (4, 5))
case(
    "concat_split",
    lambda x: (tf.concat([x, x], 1), *tf.split(x, 2, 0), *tf.split(x, [1, 4], 1), *tf.unstack(x)),
    (4, 5),
)
case(
    "stack_tile_pad",
    lambda x: (
        tf.stack([x, x], 1),
        tf.tile(x, [2, 1]),
        tf.pad(x, [[1, 0], [0, 2]]),
        tf.pad(x, [[1, 1], [1, 1]], "REFLECT"),
    ),
    (2, 3),
)
case("pad_symmetric", lambda x: tf.pad(x, [[1, 1], [2, 0]], "SYMMETRIC"), (3, 4))
case(
    "roll_diag",
    lambda x: (tf.roll(x, 1, 0), tf.linalg.diag(x[0]), tf.linalg.diag_part(x), tf.linalg.band_part(x, 1, 0)),
    (4, 4),
)
case(
    "makers",
    lambda x: (
        tf.eye(3) + x[0],
        tf.linspace(x[0], 1.0, 5),
        tf.range(5),
        tf.one_hot([0, 2, 9], 3),
        tf.sequence_mask([1, 3], 4),
    ),
    (1,),
)
case("space_depth", lambda x: (tf.nn.space_to_depth(x, 2), tf.nn.depth_to_space(x, 2)), (1, 4, 4, 4))
case(
    "batch_space",
    lambda x: tf.batch_to_space(tf.space_to_batch(x, [2, 2], [[0, 0], [0, 0]]), [2, 2], [[0, 1], [0, 0]]),
    (1, 4, 4, 2),
)
case(
    "gather",
    lambda x, i: (tf.gather(x, i), tf.gather(x, i, axis=1), tf.gather_nd(x, i[:, None])),
    (5, 6),
    np.int32([4, 0, 2]),
)
case("gather_batch", lambda x, i: tf.gather(x, i, batch_dims=1, axis=1), (2, 5, 3), np.int32([[4, 0], [1, 1]]))
case(
    "scatter",
    lambda u: (
        tf.scatter_nd([[1], [5], [1]], u, [8, 4]),
        tf.tensor_scatter_nd_update(tf.ones([8, 4]), [[0], [3], [7]], u),
    ),
    (3, 4),
)
case(
    "scatter_max",
    lambda u: (
        tf.tensor_scatter_nd_max(tf.zeros([8, 4]), [[1], [5], [1]], u),
        tf.tensor_scatter_nd_sub(tf.zeros([8, 4]), [[1], [5], [1]], u),
    ),
    (3, 4),
)
case(
    "segments",
    lambda u: (tf.math.unsorted_segment_sum(u, [0, 2, 0], 4), tf.math.unsorted_segment_max(u, [0, 2, 0], 4)),
    (3, 4),
)
case("sort", lambda x: (tf.sort(x), tf.sort(x, direction="DESCENDING"), tf.argsort(x), *tf.math.top_k(x, 4)), (3, 9))
case("arg", lambda x: (tf.argmax(x, 1), tf.argmin(x, 0, output_type=I)), (3, 9))
case(
    "cumulate",
    lambda x: (tf.cumsum(x, 1), tf.cumsum(x, 0, exclusive=True, reverse=True), tf.math.cumprod(x, 1)),
    (3, 7),
)
case("reverse_sequence", lambda x: tf.reverse_sequence(x, [3, 5], 1), (2, 5, 3))
case("meshgrid", lambda x, y: tf.meshgrid(x, y), (3,), (4,))
case("searchsorted", lambda x: tf.searchsorted([0.0, 0.5, 1.0], x), (6,))

case(
    "conv2d",
    lambda x, k: (
        tf.nn.conv2d(x, k, 1, "SAME"),
        tf.nn.conv2d(x, k, 2, "VALID"),
        tf.nn.conv2d(x, k, 1, "VALID", dilations=2),
    ),
    (2, 9, 8, 3),
    (3, 3, 3, 4),
)
case("conv2d_groups", lambda x, k: tf.nn.conv2d(x, k, 1, "SAME"), (1, 6, 6, 4), (3, 3, 2, 6))
case(
    "conv1d",
    lambda x, k: (tf.nn.conv1d(x, k, 1, "SAME"), tf.nn.conv1d(x, k, 1, "VALID", dilations=2)),
    (2, 9, 3),
    (3, 3, 4),
)
case("conv3d", lambda x, k: tf.nn.conv3d(x, k, [1, 1, 2, 1, 1], "SAME"), (1, 5, 6, 7, 2), (3, 3, 3, 2, 4))
case("conv_transpose", lambda x, k: tf.nn.conv2d_transpose(x, k, [1, 10, 10, 4], 2, "SAME"), (1, 5, 5, 3), (3, 3, 4, 3))
case(
    "depthwise",
    lambda x, k: (
        tf.nn.depthwise_conv2d(x, k, [1, 2, 2, 1], "SAME"),
        tf.nn.depthwise_conv2d(x, k, [1, 1, 1, 1], "VALID"),
    ),
    (1, 8, 8, 3),
    (3, 3, 3, 2),
)
case(
    "pool",
    lambda x: (
        tf.nn.max_pool2d(x, 3, 2, "SAME"),
        tf.nn.avg_pool2d(x, 3, 2, "SAME"),
        tf.nn.avg_pool2d(x, 2, 2, "VALID"),
    ),
    (1, 9, 9, 3),
)
case("pool3d", lambda x: (tf.nn.max_pool3d(x, 2, 2, "VALID"), tf.nn.avg_pool3d(x, 2, 1, "SAME")), (1, 4, 4, 4, 2))
case(
    "normalize",
    lambda x: (tf.nn.batch_normalization(x, *tf.nn.moments(x, [0, 1, 2]), None, None, 1e-3), tf.nn.lrn(x)),
    (2, 4, 4, 3),
)
case(
    "fused_batch_norm", lambda x, s: tf.compat.v1.nn.fused_batch_norm(x, s, s, is_training=True)[0], (2, 4, 4, 3), (3,)
)
case(
    "losses",
    lambda x: (
        tf.nn.sparse_softmax_cross_entropy_with_logits([0, 2], x),
        tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(x), x),
        tf.nn.sigmoid_cross_entropy_with_logits(x, x),
    ),
    (2, 4),
)
case("embedding", lambda t, i: tf.nn.embedding_lookup(t, i), (10, 4), np.int32([[1, 9], [0, 3]]))
case(
    "fake_quant",
    lambda x: (
        tf.quantization.fake_quant_with_min_max_args(x, -1.0, 1.0),
        tf.quantization.quantize_and_dequantize_v2(x, -1.0, 1.0, range_given=True),
    ),
    (4, 4),
)
case(
    "resize",
    lambda x: (tf.image.resize(x, [12, 14]), tf.image.resize(x, [11, 13], "nearest"), tf.image.resize(x, [3, 4])),
    (1, 6, 7, 3),
)
case(
    "resize_bicubic",
    lambda x: (tf.image.resize(x, [12, 14], "bicubic"), tf.image.resize(x, [4, 3], "bicubic")),
    (1, 6, 7, 3),
)
case(
    "image",
    lambda x: (
        tf.image.flip_left_right(x),
        tf.image.rgb_to_grayscale(x),
        tf.image.adjust_brightness(x, 0.1),
        tf.image.central_crop(x, 0.5),
    ),
    (1, 8, 8, 3),
)
case(
    "image_crop",
    lambda x: (
        tf.image.crop_to_bounding_box(x, 1, 2, 3, 4),
        tf.image.pad_to_bounding_box(x, 1, 2, 12, 12),
        tf.image.adjust_contrast(x, 2.0),
    ),
    (1, 8, 8, 3),
)
case("rgb_hsv", lambda x: tf.image.rgb_to_hsv(tf.abs(x)), (4, 4, 3))
case(
    "fft",
    lambda x: (
        tf.abs(tf.signal.rfft(x)),
        tf.signal.irfft(tf.signal.rfft(x)),
        tf.abs(tf.signal.fft(tf.cast(x, tf.complex64))),
    ),
    (2, 16),
)
case("stft", lambda x: tf.abs(tf.signal.stft(x, 16, 8, 16)), (2, 64))


def _spd(x: Any) -> Any:
    return tf.matmul(x, x, transpose_b=True) + 4 * tf.eye(4)


case("cholesky", lambda x: tf.linalg.cholesky(_spd(x)), (2, 4, 4))
case(
    "solve",
    lambda x, b: (tf.linalg.solve(_spd(x), b), tf.linalg.triangular_solve(_spd(x), b), tf.linalg.inv(_spd(x))),
    (2, 4, 4),
    (2, 4, 3),
)
case("qr_svd", lambda x: (tf.matmul(*tf.linalg.qr(x)), tf.linalg.svd(x, compute_uv=False)), (2, 4, 3))
case("determinant", lambda x: (tf.linalg.det(x), tf.linalg.slogdet(x)), (2, 4, 4))
case("trace_norm", lambda x: (tf.linalg.trace(x), tf.norm(x), tf.linalg.cross(x[:, :3], x[:, 1:])), (4, 4))
case("self_adjoint_eig", lambda x: tf.linalg.eigvalsh(_spd(x)), (4, 4))

case(
    "while",
    lambda x, n: tf.while_loop(
        lambda i, a: i < n, lambda i, a: (i + 1, tf.cond(i % 2 == 0, lambda: a * 2.0, lambda: a - 1.0)), [0, x]
    )[1],
    (4,),
    np.int32(5),
)
case("switch", lambda i, x: tf.switch_case(i, [lambda: x + 1.0, lambda: x * x, lambda: -x]), np.int32(1), (4,))
case("map_fn", lambda x: tf.map_fn(lambda r: tf.reduce_sum(r) * r, x), (3, 4))
case("scan_foldl", lambda x: (tf.scan(lambda a, b: a + b, x), tf.foldl(lambda a, b: a * b, x)), (3, 4))
case("vectorized_map", lambda x: tf.vectorized_map(lambda r: tf.sin(r) + r[0], x), (3, 4))
case("gradient", lambda x: tf.gradients(tf.reduce_sum(tf.tanh(x) ** 2), x), (3, 4))
case("nested_calls", lambda x: tf.function(lambda y: tf.function(tf.sin)(y) + y)(x), (4,))
case("large_constant", lambda x: x @ tf.constant(np.arange(2400, dtype=np.float32).reshape(40, 60) / 999), (2, 40))
case("constant_mask", lambda x: tf.where(tf.constant(np.arange(4200).reshape(60, 70) % 3 == 0), x, 0.0), (60, 70))
