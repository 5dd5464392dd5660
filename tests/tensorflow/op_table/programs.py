"""Small functions for ops that take functions, lists, protocol buffers or state of a certain form."""

# Tables: a row is a line.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf
from tensorflow.compiler.tf2xla.ops import gen_xla_ops
from tensorflow.compiler.tf2xla.python import xla

R = tf.raw_ops
X = tf.TensorSpec([4, 4])
V = tf.TensorSpec([4])
S = tf.TensorSpec([])
Program = tuple[Callable[..., Any], Sequence[tf.TensorSpec]]


def _list(x: Any) -> Any:
    return R.TensorListFromTensor(tensor=x, element_shape=[4])


def _over_list(op: Callable[[Any, Any], Any]) -> Program:
    return (lambda x: op(_list(x), x)), [X]


def _stack(handle: Any) -> Any:
    return R.TensorListStack(input_handle=handle, element_shape=[4], element_dtype=tf.float32)


_K = {"element_shape": [4], "element_dtype": tf.float32}
_STATE = tf.Variable([1, 2, 3], dtype=tf.int64)
_HANDLE = _STATE.handle


def _if(op: Any) -> Program:
    def call(x: Any) -> Any:
        then, other = (
            tf.function(f, autograph=False).get_concrete_function(X) for f in (lambda y: [y * 2.0], lambda y: [y - 1.0])
        )
        return op(cond=tf.reduce_sum(x) > 0.0, input=[x], Tout=[tf.float32], then_branch=then, else_branch=other)

    return call, [X]


def _case(op: Any) -> Program:
    def call(x: Any) -> Any:
        branches = [
            tf.function(f, autograph=False).get_concrete_function(X) for f in (lambda y: [y * 2.0], lambda y: [y - 1.0])
        ]
        return op(branch_index=tf.cast(x[0, 0], tf.int32), input=[x], Tout=[tf.float32], branches=branches)

    return call, [X]


def _while(op: Any) -> Program:
    def call(x: Any) -> Any:
        holds = tf.function(lambda y: tf.reduce_sum(y) < 10.0).get_concrete_function(X)
        body = tf.function(lambda y: [y + 1.0]).get_concrete_function(X)
        return op(input=[x], cond=holds, body=body)

    return call, [X]


def _call(op: Any) -> Program:
    def call(x: Any) -> Any:
        return op(args=[x], Tout=[tf.float32], f=tf.function(lambda y: [y * 2.0]).get_concrete_function(X))

    return call, [X]


def _dot() -> Any:
    numbers = xla.xla_data_pb2.DotDimensionNumbers()
    numbers.lhs_contracting_dimensions.append(1)
    numbers.rhs_contracting_dimensions.append(0)
    return numbers


def _add(x: Any, y: Any) -> Any:
    return x + y


def _function(function: Callable[..., Any], *specs: Any) -> Any:
    return tf.function(function).get_concrete_function(*specs)


def _conv(x: Any, k: Any) -> Any:
    numbers = xla.xla_data_pb2.ConvolutionDimensionNumbers(
        input_batch_dimension=0, input_feature_dimension=3, kernel_input_feature_dimension=2,
        kernel_output_feature_dimension=3, output_batch_dimension=0, output_feature_dimension=3,
        input_spatial_dimensions=[1, 2], kernel_spatial_dimensions=[0, 1], output_spatial_dimensions=[1, 2],
    )  # fmt: skip
    return xla.conv(x, k, [1, 1], [[1, 1], [1, 1]], [1, 1], [1, 1], numbers)


def _gather(x: Any) -> Any:
    numbers = xla.xla_data_pb2.GatherDimensionNumbers(
        offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], index_vector_dim=1
    )
    return xla.gather(x, tf.constant([2, 0]), numbers, [1, 4])


def _scatter(x: Any) -> Any:
    numbers = xla.xla_data_pb2.ScatterDimensionNumbers(
        update_window_dims=[1], inserted_window_dims=[0], scatter_dims_to_operand_dims=[0], index_vector_dim=1
    )
    return xla.scatter(x, tf.constant([2, 0]), x[:2], _function(_add, S, S), numbers)


PROGRAMS: Mapping[str, Program] = {
    "If": _if(R.If), "StatelessIf": _if(R.StatelessIf), "Case": _case(R.Case), "StatelessCase": _case(R.StatelessCase),
    "While": _while(R.While), "StatelessWhile": _while(R.StatelessWhile),
    "PartitionedCall": _call(R.PartitionedCall), "StatefulPartitionedCall": _call(R.StatefulPartitionedCall),
    "Assert": (lambda x: (tf.raw_ops.Assert(condition=x[0, 0] > -9.0, data=[x]), x + 1.0)[1], [X]),
    "CheckNumerics": (lambda x: R.CheckNumerics(tensor=x, message="numbers"), [X]),
    "Const": (lambda x: x + tf.constant([1.0, 2.0, 3.0, 4.0]), [X]),
    "NoOp": (lambda x: (R.NoOp(), x + 1.0)[1], [X]),
    "ConjugateTranspose": (lambda x: R.ConjugateTranspose(x=tf.complex(x, x), perm=[1, 0]), [X]),
    "MatrixDiagV2": (lambda x: R.MatrixDiagV2(diagonal=x, k=0, num_rows=-1, num_cols=-1, padding_value=0.0), [V]),
    "Dequantize": (lambda x: R.Dequantize(input=tf.quantization.quantize(x, -1.0, 1.0, tf.qint8)[0], min_range=-1.0, max_range=1.0), [X]),
    "TensorListLength": _over_list(lambda h, x: R.TensorListLength(input_handle=h)),
    "TensorListElementShape": _over_list(lambda h, x: R.TensorListElementShape(input_handle=h, shape_type=tf.int32)),
    "TensorListGetItem": _over_list(lambda h, x: R.TensorListGetItem(input_handle=h, index=1, **_K)),
    "TensorListSetItem": _over_list(lambda h, x: _stack(R.TensorListSetItem(input_handle=h, index=1, item=x[0]))),
    "TensorListStack": _over_list(lambda h, x: _stack(h)),
    "TensorListGather": _over_list(lambda h, x: R.TensorListGather(input_handle=h, indices=[2, 0], **_K)),
    "TensorListConcatV2": _over_list(lambda h, x: R.TensorListConcatV2(input_handle=h, leading_dims=[], **_K)[0]),
    "TensorListPushBack": _over_list(lambda h, x: _stack(R.TensorListPushBack(input_handle=h, tensor=x[0]))),
    "TensorListPopBack": _over_list(lambda h, x: R.TensorListPopBack(input_handle=h, **_K)[1]),
    "RngReadAndSkip": (lambda: R.RngReadAndSkip(resource=_HANDLE, alg=1, delta=tf.constant(9, tf.uint64)), []),
    "RngSkip": (lambda: (R.RngSkip(resource=_HANDLE, algorithm=1, delta=9), tf.constant(1.0))[1], []),
    "StatefulUniform": (lambda: R.StatefulUniform(resource=_HANDLE, algorithm=1, shape=[5]), []),
    "StatefulStandardNormalV2": (lambda: R.StatefulStandardNormalV2(resource=_HANDLE, algorithm=1, shape=[5]), []),
    "StatefulTruncatedNormal": (lambda: R.StatefulTruncatedNormal(resource=_HANDLE, algorithm=1, shape=[5]), []),
    "StatefulUniformFullInt": (lambda: R.StatefulUniformFullInt(resource=_HANDLE, algorithm=1, shape=[5]), []),
    "StatefulUniformInt": (lambda: R.StatefulUniformInt(resource=_HANDLE, algorithm=1, shape=[5], minval=0, maxval=9), []),
    "XlaDot": (lambda x: gen_xla_ops.xla_dot(x, x, _dot().SerializeToString(), ""), [X]),
    "XlaDotV2": (lambda x: xla.dot_general(x, x, _dot()), [X]),
    "XlaConvV2": (_conv, [tf.TensorSpec([1, 4, 4, 2]), tf.TensorSpec([3, 3, 2, 4])]),
    "XlaGather": (_gather, [X]),
    "XlaScatter": (_scatter, [X]),
    "XlaReduce": (lambda x: gen_xla_ops.xla_reduce(x, 0.0, [0], _function(_add, S, S)), [X]),
    "XlaVariadicReduceV2": (lambda x: xla.variadic_reduce([x], [0.0], [0], _function(lambda a, b: [a + b], S, S)), [X]),
    "XlaReduceWindow": (lambda x: xla.reduce_window(x, 0.0, _function(_add, S, S), [2, 2], [2, 2]), [X]),
    "XlaSelectAndScatter": (lambda x: xla.select_and_scatter(x, [2, 2], [2, 2], [[0, 0], [0, 0]], x[:2, :2], 0.0, _function(lambda a, b: a >= b, S, S), _function(_add, S, S)), [X]),
    "XlaVariadicSort": (lambda x: gen_xla_ops.xla_variadic_sort([x], 0, _function(lambda a, b: a < b, S, S), False), [X]),
    "XlaSharding": (gen_xla_ops.xla_sharding, [X]),
}  # fmt: skip
"""By op: a function whose graph has it, and its inputs."""
VARIABLES = {"state": _STATE}
