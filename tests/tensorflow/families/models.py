"""Models as people write them, with inputs of any size: masked attention, preprocessing layers, ragged sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from harness import Calls, Family

FAMILY = Family()
I32, I64 = tf.int32, tf.int64
Spec = tf.TensorSpec
layers = tf.keras.layers


def _values(*shape: int) -> Any:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def _served(model: Any, specs: Sequence[Any], calls: Sequence[Sequence[Any]]) -> tuple[tf.Module, Calls]:
    module = tf.Module()
    module.model = model

    def call(*inputs: Any) -> Any:
        return model(inputs[0] if len(inputs) == 1 else list(inputs))

    module.f = tf.function(call, input_signature=specs)
    return module, [("f", inputs) for inputs in calls]


@FAMILY.module
def attention_with_masks() -> tuple[tf.Module, Calls]:
    tf.keras.utils.set_random_seed(1)
    tokens = layers.Input((None,), dtype="int32")
    embedded = layers.Embedding(20, 8, mask_zero=True)(tokens)
    seen = layers.MultiHeadAttention(2, 4)(embedded, embedded, use_causal_mask=True)
    joined = layers.Dense(8, "gelu")(layers.LayerNormalization()(embedded + seen))
    scores = layers.Dense(3, "softmax")(layers.GlobalAveragePooling1D()(joined))
    calls = [[np.int32([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0]])], [np.int32([[1, 2]])]]
    return _served(tf.keras.Model(tokens, scores), [Spec([None, None], I32)], calls)


@FAMILY.module
def preprocessed_features() -> tuple[tf.Module, Calls]:
    tf.keras.utils.set_random_seed(1)
    normal = layers.Normalization()
    normal.adapt(_values(50, 4))
    inputs = [layers.Input((4,)), layers.Input((3,), dtype="int32"), layers.Input((1,))]
    parts = [
        normal(inputs[0]),
        layers.CategoryEncoding(5, "multi_hot")(inputs[1]),
        layers.CategoryEncoding(5, "count")(inputs[1]),
        layers.Discretization([0.0, 1.0], output_mode="one_hot")(inputs[2]),
    ]
    model = tf.keras.Model(inputs, layers.Dense(2)(layers.Concatenate()(parts)))
    numbers = np.int32([[1, 2, 2], [0, 4, 1], [3, 3, 3]])
    return _served(
        model,
        [Spec([None, 4]), Spec([None, 3], I32), Spec([None, 1])],
        [[_values(3, 4), numbers, _values(3, 1)], [_values(1, 4), numbers[:1], _values(1, 1)]],
    )


@FAMILY.module
def preprocessed_images() -> tuple[tf.Module, Calls]:
    image = layers.Input((None, None, 3))
    small = layers.Rescaling(1 / 255.0)(layers.Resizing(8, 8)(image))
    result = layers.Conv2D(4, 3, kernel_initializer="ones")(layers.ZeroPadding2D(1)(layers.CenterCrop(6, 6)(small)))
    calls = [[np.abs(_values(2, 10, 12, 3)) * 99], [np.abs(_values(1, 8, 8, 3)) * 99]]
    return _served(tf.keras.Model(image, result), [Spec([None, None, None, 3])], calls)


@FAMILY.module
def temporal_convolutions() -> tuple[tf.Module, Calls]:
    tf.keras.utils.set_random_seed(1)
    value = source = layers.Input((None, 3))
    for dilation in (1, 2, 4):
        value = layers.Conv1D(6, 3, padding="causal", dilation_rate=dilation, activation="relu")(value)
    value = layers.UpSampling1D(2)(layers.AveragePooling1D(2)(layers.Conv1DTranspose(4, 3, 2, padding="same")(value)))
    value = layers.PReLU(shared_axes=[1])(layers.TimeDistributed(layers.Dense(2))(value))
    return _served(tf.keras.Model(source, value), [Spec([None, None, 3])], [[_values(2, 9, 3)], [_values(1, 4, 3)]])


@FAMILY.module
def masked_ragged_sequences() -> tuple[tf.Module, Calls]:
    tf.keras.utils.set_random_seed(1)

    class Model(tf.Module):
        def __init__(self) -> None:
            self.masking = layers.Masking(0.0)
            self.recurrent = layers.Bidirectional(layers.GRU(4, return_sequences=True))
            self.recurrent(self.masking(_values(1, 2, 3)))

        @tf.function(input_signature=[Spec([None, 3]), Spec([None], I64)])
        def f(self, values: Any, splits: Any) -> Any:
            sequences = tf.RaggedTensor.from_row_splits(values, splits).to_tensor()
            return self.recurrent(self.masking(sequences))

    return Model(), [("f", [_values(6, 3), np.array([0, 2, 5, 6])]), ("f", [_values(1, 3), np.array([0, 1])])]


@FAMILY.module
def embedding_bags() -> tuple[tf.Module, Calls]:
    class Model(tf.Module):
        def __init__(self) -> None:
            self.table = tf.Variable(_values(10, 4))

        @tf.function(input_signature=[Spec([None], I32), Spec([None], I64), Spec([None])])
        def f(self, ids: Any, splits: Any, weights: Any) -> Any:
            ragged = tf.RaggedTensor.from_row_splits(ids, splits)
            found = tf.nn.embedding_lookup(self.table, ragged)
            weighted = tf.gather(self.table, ids) * weights[:, None]
            sums = tf.math.unsorted_segment_sum(weighted, ragged.value_rowids(), ragged.nrows())
            return tf.reduce_mean(found, 1), tf.reduce_max(found, 1), sums

    return Model(), [("f", [np.int32([1, 2, 3, 9]), np.array([0, 1, 1, 4]), _values(4)])]


@FAMILY.module
def augmented_images() -> tuple[tf.Module, Calls]:
    class Model(tf.Module):
        @tf.function(input_signature=[Spec([None, 12, 12, 3]), Spec([2], I32)])
        def f(self, x: Any, seed: Any) -> Any:
            x = tf.image.stateless_random_crop(x, [tf.shape(x)[0], 8, 8, 3], seed)
            x = tf.image.stateless_random_hue(tf.sigmoid(tf.image.stateless_random_flip_left_right(x, seed)), 0.1, seed)
            x = tf.image.stateless_random_saturation(x, 0.5, 1.5, seed)
            return (
                tf.image.rot90(x),
                tf.image.per_image_standardization(x),
                tf.image.central_crop(x, 0.5),
                tf.image.resize_with_crop_or_pad(x, 10, 6),
                tf.image.pad_to_bounding_box(x, 1, 2, 12, 12),
            )

    return Model(), [("f", [_values(2, 12, 12, 3), np.int32([1, 2])])]
