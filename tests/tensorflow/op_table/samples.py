"""What the ops of TensorFlow's registry are called with, where it cannot be guessed from the names of their arguments."""

# Tables: a row is a line.
# ruff: noqa: E501, RUF024

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

IMAGE, VOLUME = (1, 4, 4, 2), (1, 4, 4, 4, 2)
I32, I64, F32 = np.int32, np.int64, np.float32

_SCALARS = ("alpha", "lr", "l1", "l2", "rho", "momentum", "beta1", "beta2", "beta1_power", "beta2_power", "epsilon")
CONSTANTS: Mapping[str, Any] = {
    **dict.fromkeys(_SCALARS, 0.5),
    "axis": 0, "concat_dim": 0, "split_dim": 0, "dim": 0, "dimension": 0, "reduction_indices": [0], "shape": [4, 4],
    "perm": [1, 0], "multiples": [1, 2], "paddings": [[1, 1], [0, 2]], "block_shape": [2, 2], "crops": [[0, 0], [0, 0]],
    "begin": [0, 1], "end": [2, 3], "strides": [1, 1], "size": [2, 2], "dims": [4, 4], "k": 2, "depth": 3,
    "num_segments": 4, "segment_ids": [0, 1, 1, 3], "seed": [1, 2], "seq_lengths": [2, 3, 1, 4],
    "start": 0, "limit": 5, "delta": 1, "stop": 3.0, "num": 3, "num_lower": 1, "num_upper": 0, "fft_length": [4],
    "shift": [1], "alg": 1, "element_shape": [4], "num_elements": 4, "minval": 0, "maxval": 9,
    "counter": [1, 2], "key": [3], "num_samples": 3, "max_output_size": 2, "iou_threshold": 0.5,
    "score_threshold": 0.0, "size_splits": [1, 3], "indices": [0, 2], "leading_dims": 0, "lengths": [2, 2],
    "input_sizes": [1, 4, 4, 2], "orig_input_shape": [1, 4, 4, 2], "on_value": 1.0, "off_value": 0.0,
    "clip_value_min": -1.0, "clip_value_max": 1.0, "slice_sizes": [2, 2],
}  # fmt: skip
"""Constants by the name of the argument, cast to its type."""

_COLOURS = {"AdjustContrastv2", "AdjustHue", "AdjustSaturation", "RGBToHSV", "HSVToRGB"}

_CONV = {"strides": [1, 1, 1, 1], "padding": "SAME"}
_CONV3 = {"strides": [1, 1, 1, 1, 1], "padding": "SAME"}
_POOL = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}
_POOL3 = {"ksize": [1, 2, 2, 2, 1], "strides": [1, 2, 2, 2, 1], "padding": "VALID"}
_HALF, _HALF3 = (1, 2, 2, 2), (1, 2, 2, 2, 2)

INPUTS: dict[str, Mapping[str, Any]] = {
    **{name: {"images": (1, 4, 4, 3)} for name in _COLOURS},
    "AvgPool": {"value": IMAGE}, "MaxPool": {"input": IMAGE}, "LRN": {"input": IMAGE},
    "MaxPoolV2": {"input": IMAGE, "ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1]},
    "AvgPool3D": {"input": VOLUME}, "MaxPool3D": {"input": VOLUME},
    "AvgPoolGrad": {"grad": _HALF}, "AvgPool3DGrad": {"orig_input_shape": [1, 4, 4, 4, 2], "grad": _HALF3},
    "MaxPoolGrad": {"orig_input": IMAGE, "orig_output": _HALF, "grad": _HALF},
    "MaxPoolGradV2": {"orig_input": IMAGE, "orig_output": _HALF, "grad": _HALF, "ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1]},
    "MaxPoolGradGrad": {"orig_input": IMAGE, "orig_output": _HALF, "grad": IMAGE},
    "MaxPoolGradGradV2": {"orig_input": IMAGE, "orig_output": _HALF, "grad": IMAGE, "ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1]},
    "MaxPool3DGrad": {"orig_input": VOLUME, "orig_output": _HALF3, "grad": _HALF3},
    "MaxPool3DGradGrad": {"orig_input": VOLUME, "orig_output": _HALF3, "grad": VOLUME},
    "LRNGrad": {"input_grads": IMAGE, "input_image": IMAGE, "output_image": IMAGE},
    "BiasAdd": {"value": IMAGE, "bias": (2,)}, "BiasAddV1": {"value": (4, 2), "bias": (2,)},
    "BiasAddGrad": {"out_backprop": IMAGE},
    "Conv": {"input": IMAGE, "filter": (3, 3, 2, 4)},
    "Conv2D": {"input": IMAGE, "filter": (3, 3, 2, 4)},
    "Conv2DBackpropFilter": {"input": IMAGE, "filter_sizes": [3, 3, 2, 4], "out_backprop": (1, 4, 4, 4)},
    "Conv2DBackpropInput": {"filter": (3, 3, 2, 4), "out_backprop": (1, 4, 4, 4)},
    "Conv3D": {"input": VOLUME, "filter": (2, 2, 2, 2, 3)},
    "Conv3DBackpropFilterV2": {"input": VOLUME, "filter_sizes": [2, 2, 2, 2, 3], "out_backprop": (1, 4, 4, 4, 3)},
    "Conv3DBackpropInputV2": {"input_sizes": [1, 4, 4, 4, 2], "filter": (2, 2, 2, 2, 3), "out_backprop": (1, 4, 4, 4, 3)},
    "DepthwiseConv2dNative": {"input": IMAGE, "filter": (3, 3, 2, 2)},
    "DepthwiseConv2dNativeBackpropFilter": {"input": IMAGE, "filter_sizes": [3, 3, 2, 2], "out_backprop": (1, 4, 4, 4)},
    "DepthwiseConv2dNativeBackpropInput": {"filter": (3, 3, 2, 2), "out_backprop": (1, 4, 4, 4)},
    "_FusedConv2D": {"input": IMAGE, "filter": (3, 3, 2, 4), "args": [(4,)], "host_args": []},
    **{f"FusedBatchNorm{v}": {"x": IMAGE, **dict.fromkeys(("scale", "offset", "mean", "variance"), (2,))} for v in ("", "V2", "V3")},
    "_FusedBatchNormEx": {"x": IMAGE, **dict.fromkeys(("scale", "offset", "mean", "variance"), (2,)), "side_input": []},
    **{f"FusedBatchNormGrad{v}": {"y_backprop": IMAGE, "x": IMAGE, **dict.fromkeys(("scale", "reserve_space_1", "reserve_space_2", "reserve_space_3"), (2,))} for v in ("", "V2", "V3")},
    "SpaceToBatch": {"input": IMAGE, "paddings": [[0, 0], [0, 0]]},
    "BatchToSpace": {"input": (4, 2, 2, 2), "crops": [[0, 0], [0, 0]]},
    "SpaceToBatchND": {"input": IMAGE, "paddings": [[0, 0], [0, 0]]}, "BatchToSpaceND": {"input": (4, 2, 2, 2)},
    "SpaceToDepth": {"input": IMAGE}, "DepthToSpace": {"input": (1, 2, 2, 4)},
    "ExtractImagePatches": {"images": IMAGE},
    "ResizeBilinear": {"images": IMAGE, "size": [6, 6]}, "ResizeNearestNeighbor": {"images": IMAGE, "size": [6, 6]},
    "ResizeBilinearGrad": {"grads": (1, 6, 6, 2), "original_image": IMAGE},
    "FFT2D": {"input": (2, 4, 4)}, "IFFT2D": {"input": (2, 4, 4)}, "FFT3D": {"input": (2, 4, 4, 4)}, "IFFT3D": {"input": (2, 4, 4, 4)},
    "RFFT2D": {"input": (4, 4), "fft_length": [4, 4]}, "IRFFT2D": {"input": (4, 3), "fft_length": [4, 4]},
    "IRFFT": {"input": (4, 3)},
    "RFFT3D": {"input": (4, 4, 4), "fft_length": [4, 4, 4]}, "IRFFT3D": {"input": (4, 4, 3), "fft_length": [4, 4, 4]},
    "Cross": {"a": (4, 3), "b": (4, 3)}, "Diag": {"diagonal": (4,)}, "BroadcastArgs": {"s0": [4, 1], "s1": [4]},
    "BroadcastGradientArgs": {"s0": [4, 1], "s1": [4]}, "BroadcastTo": {"input": (4,)},
    "ConcatOffset": {"shape": [[2, 4], [3, 4]]}, "Fill": {"value": ()}, "GatherNd": {"indices": [[0, 1]]},
    "InTopKV2": {"predictions": (4, 4), "targets": np.array([0, 1, 2, 3], I32)}, "InvertPermutation": {"x": [2, 0, 1]},
    "LinSpace": {"start": 0.0, "stop": 3.0}, "MatrixDiagV2": {"diagonal": (4,), "num_rows": 4, "num_cols": 4, "padding_value": 0.0},
    "MatrixDiagV3": {"diagonal": (4,), "num_rows": 4, "num_cols": 4, "padding_value": 0.0, "k": 0},
    "MatrixDiagPartV2": {"padding_value": 0.0, "k": 0}, "MatrixDiagPartV3": {"padding_value": 0.0, "k": 0},
    "MatrixSetDiag": {"diagonal": (4,)}, "MatrixSetDiagV2": {"diagonal": (4,), "k": 0}, "MatrixSetDiagV3": {"diagonal": (4,), "k": 0},
    "ListDiff": {"x": (4,), "y": (2,)}, "LowerBound": {"sorted_inputs": (2, 4), "values": (2, 3)}, "UpperBound": {"sorted_inputs": (2, 4), "values": (2, 3)},
    "MirrorPadGrad": {"input": (6, 6), "paddings": [[1, 1], [1, 1]]}, "NonMaxSuppressionV3": {"boxes": (4, 4), "scores": (4,)},
    "NonMaxSuppressionV4": {"boxes": (4, 4), "scores": (4,)}, "OneHot": {"indices": np.array([0, 2], I32)},
    "PadV2": {"constant_values": 1.0},
    "Reverse": {"dims": [True, False]}, "ReverseV2": {"axis": [0]}, "Roll": {"axis": [0]},
    "ScatterNd": {"indices": [[0], [2]], "updates": (2, 4)}, "SparseToDense": {"sparse_indices": [[0, 1], [2, 2]], "output_shape": [4, 4], "sparse_values": (2,), "default_value": 0.0},
    "SparseSoftmaxCrossEntropyWithLogits": {"labels": np.array([0, 1, 2, 3], I32)},
    "StridedSliceGrad": {"dy": (2, 2)}, "TensorStridedSliceUpdate": {"value": (2, 2)}, "ResourceStridedSliceAssign": {"value": (2, 2)},
    "Squeeze": {"input": (4, 1)}, "Select": {"condition": (4, 4)},
    **{f"TensorScatter{k}": {"indices": [[0], [2]], "updates": (2, 4)} for k in ("Add", "Sub", "Max", "Min", "Update")},
    **{f"ResourceScatterNd{k}": {"indices": [[0], [2]], "updates": (2, 4)} for k in ("Add", "Sub", "Update")},
    **{f"ResourceScatter{k}": {"updates": (2, 4)} for k in ("Add", "Sub", "Max", "Min", "Mul", "Div", "Update")},
    "TridiagonalMatMul": {"superdiag": (1, 4), "maindiag": (1, 4), "subdiag": (1, 4), "rhs": (4, 2)},
    "TridiagonalSolve": {"diagonals": (3, 4), "rhs": (4, 2)},
    "Unique": {"x": (4,)}, "UniqueV2": {"x": (4,), "axis": [0]}, "Bincount": {"arr": np.array([0, 2, 1], I32), "size": 3, "weights": np.zeros(0, F32)},
    "DenseBincount": {"input": np.array([0, 2, 1], I32), "size": 3, "weights": np.zeros(0, F32)},
    "DynamicPartition": {"partitions": np.array([0, 1, 0, 1], I32)}, "DynamicStitch": {"indices": [[0, 2], [1, 3]], "data": [(2, 4), (2, 4)]},
    "ParallelDynamicStitch": {"indices": [[0, 2], [1, 3]], "data": [(2, 4), (2, 4)]},
    "ParameterizedTruncatedNormal": {"shape": [4], **dict.fromkeys(("means", "stdevs", "minvals", "maxvals"), ())},
    "StatelessParameterizedTruncatedNormal": {"shape": [4], **dict.fromkeys(("means", "stddevs", "minvals", "maxvals"), ())},
    "Dequantize": {"input": (4, 4), "min_range": (), "max_range": ()}, "QuantizeAndDequantizeV2": {"input_min": -1.0, "input_max": 1.0},
    "QuantizeAndDequantizeV3": {"input_min": -1.0, "input_max": 1.0, "num_bits": 8}, "QuantizeAndDequantizeV4": {"input_min": -1.0, "input_max": 1.0},
    "FakeQuantWithMinMaxVars": {"min": -1.0, "max": 1.0}, "FakeQuantWithMinMaxVarsGradient": {"min": -1.0, "max": 1.0},
    "FakeQuantWithMinMaxVarsPerChannel": {"min": (4,), "max": (4,)}, "FakeQuantWithMinMaxVarsPerChannelGradient": {"min": (4,), "max": (4,)},
    "DataFormatDimMap": {"x": np.array([0, 1], I32)}, "DataFormatVecPermute": {"x": np.array([0, 1, 2, 3], I32)}, "StatefulUniform": {"algorithm": 1},
    "TensorListConcatV2": {"element_shape": [4]}, "AdjustContrastv2": {"images": (1, 4, 4, 3), "contrast_factor": 2.0}, "AdjustHue": {"images": (1, 4, 4, 3), "delta": 0.1},
    "AdjustSaturation": {"images": (1, 4, 4, 3), "scale": 2.0},

    "ResourceApplyGradientDescent": {"delta": (4, 4)}, "ResourceApplyProximalGradientDescent": {"delta": (4, 4)},
    "XlaDynamicSlice": {"start_indices": [0, 1], "size_indices": [2, 2]}, "XlaDynamicUpdateSlice": {"update": (2, 2), "indices": [0, 1]}, "XlaBroadcastHelper": {"lhs": (4, 4), "rhs": (4,), "broadcast_dims": [0]},
    "XlaPad": {"padding_value": 0.0, "padding_low": [1, 0], "padding_high": [0, 1], "padding_interior": [0, 0]}, "XlaSetBound": {"input": 3, "bound": 4},
    "XlaSetDynamicDimensionSize": {"dim_index": 0, "size": 2}, "XlaRemoveDynamicDimensionSize": {"dim_index": 0}, "XlaKeyValueSort": {"keys": (4,), "values": (4,)},
    "XlaRngBitGenerator": {"algorithm": 1, "initial_state": np.array([1, 2], np.uint64)}, "XlaConcatND": {}, "XlaSplitND": {"input": (4, 4)},
}  # fmt: skip
"""Shapes (tuples: values at run time) or constants (all else) of arguments, by op and argument."""
for _name in ("RGBToHSV", "HSVToRGB"):
    INPUTS[_name] = {"images": (1, 4, 4, 3)}

ATTRIBUTES: dict[str, Mapping[str, Any]] = {
    **dict.fromkeys(("Conv2D", "Conv2DBackpropFilter", "Conv2DBackpropInput", "Conv", "DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropFilter", "DepthwiseConv2dNativeBackpropInput"), _CONV),
    "_FusedConv2D": {**_CONV, "num_args": 1, "fused_ops": ["BiasAdd"]},
    **dict.fromkeys(("Conv3D", "Conv3DBackpropFilterV2", "Conv3DBackpropInputV2"), _CONV3),
    **dict.fromkeys(("AvgPool", "MaxPool", "MaxPoolGrad", "AvgPoolGrad", "MaxPoolGradGrad"), _POOL),
    **dict.fromkeys(("MaxPoolV2", "MaxPoolGradV2", "MaxPoolGradGradV2"), {"padding": "VALID"}),
    **dict.fromkeys(("AvgPool3D", "MaxPool3D", "AvgPool3DGrad", "MaxPool3DGrad", "MaxPool3DGradGrad"), _POOL3),
    "SpaceToBatch": {"block_size": 2}, "BatchToSpace": {"block_size": 2}, "SpaceToDepth": {"block_size": 2}, "DepthToSpace": {"block_size": 2},
    "ExtractImagePatches": {"ksizes": [1, 2, 2, 1], "strides": [1, 1, 1, 1], "rates": [1, 1, 1, 1], "padding": "VALID"},
    "Einsum": {"equation": "ab,bc->ac", "N": 2}, "XlaEinsum": {"equation": "ab,bc->ac"}, "EnsureShape": {"shape": [4, 4]}, "Bucketize": {"boundaries": [-1.0, 0.0, 1.0]},
    "MirrorPad": {"mode": "REFLECT"}, "MirrorPadGrad": {"mode": "REFLECT"}, "ReverseSequence": {"seq_dim": 1}, "DynamicPartition": {"num_partitions": 2}, "Split": {"num_split": 2}, "SplitV": {"num_split": 2}, "Unpack": {"num": 4},
    "Bitcast": {"type": 3}, "ApproxTopK": {"k": 2}, "FakeParam": {"shape": [4, 4], "dtype": 1}, "TensorListFromTensor": {}, "XlaReducePrecision": {"exponent_bits": 5, "mantissa_bits": 10},
    "_FusedBatchNormEx": {"num_side_inputs": 0, "is_training": True}, "XlaConcatND": {"N": 4, "num_concats": [2, 2]}, "XlaSplitND": {"N": 4, "num_splits": [2, 2]}, "Assert": {"T": []},
    "XlaSelfAdjointEig": {"lower": True, "max_iter": 20, "epsilon": 1e-6}, "XlaSvd": {"max_iter": 20, "epsilon": 1e-6, "precision_config": ""}, "XlaRngBitGenerator": {"dtype": 22}, "Concat": {"N": 2},
}  # fmt: skip
"""Attributes that have no default or whose default is not what is wanted."""

NOT_CALLED: Mapping[str, Sequence[str]] = {
    "a node that TensorFlow puts in itself": ("_Arg", "_ArrayToList", "_EagerConst", "_ListToArray", "_Retval", "_XlaAotOnlyVarHandleOp", "_UnaryOpsComposition", "_FusedConv2D", "_FusedBatchNormEx", "ControlTrigger", "DeviceIndex"),
    "communicates between devices": ("CollectiveAssignGroupV2", "CollectiveReduceV2", "XlaAllReduce", "XlaRecv", "XlaSend", "XlaReduceScatter", "XlaReplicaId", "AssignVariableXlaConcatND", "ReadVariableXlaSplitND"),
    "keeps data in an object that only TensorFlow has": ("StackCloseV2", "StackPopV2", "StackPushV2", "StackV2"),
    "a TensorArray of TensorFlow 1: tf.compat.v1.enable_control_flow_v2, or TensorFlow 2, makes lists instead": tuple(f"TensorArray{n}V3" for n in ("", "Close", "Concat", "Gather", "Grad", "Read", "Scatter", "Size", "Split", "Write")),
    "calls a program inside of XLA": ("XlaCallModule", "XlaCustomCall", "XlaCustomCallV2"),
}  # fmt: skip
"""Ops that are refused without a trial, by reason."""
