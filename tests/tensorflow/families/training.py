"""Training steps as people write them: a Keras model, its optimizer, clipped gradients, batches of any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from harness import Calls, Family

FAMILY = Family()
Spec = tf.TensorSpec
layers, optimizers = tf.keras.layers, tf.keras.optimizers


class Trainer(tf.Module):
    """A model with an optimizer; `train_step` returns the loss."""

    def __init__(self, model: Any, optimizer: Any, x: Any) -> None:
        self.model, self.optimizer = model, optimizer
        self.loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        optimizer.build(model.trainable_variables)
        self.train_step = tf.function(self._step, input_signature=[x, Spec([None], tf.int32)])

    def _step(self, x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = self.loss(y, self.model(x, training=True))
        variables = self.model.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss


def _case(
    name: str, optimizer: Callable[[], Any], model: Callable[[], Any], x: tf.TensorSpec, sizes: tuple[int, ...]
) -> None:
    def make() -> tuple[tf.Module, Calls]:
        tf.keras.utils.set_random_seed(1)
        random = np.random.default_rng(2)
        trainer = Trainer(model(), optimizer(), x)
        batches = [[n, *(5 if size is None else size for size in x.shape[1:])] for n in sizes]
        calls = [
            ("train_step", [random.normal(size=b).astype(np.float32), random.integers(0, 3, b[0]).astype(np.int32)])
            for b in batches
        ]
        return trainer, calls

    make.__name__ = name
    FAMILY.module(make)


def _dense() -> Any:
    return tf.keras.Sequential([layers.Input((5,)), layers.Dense(7, "relu"), layers.Dense(3)])


def _convolutions() -> Any:
    parts = [
        layers.Conv2D(4, 3, padding="same", strides=2),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPool2D(2),
        layers.DepthwiseConv2D(3, padding="same"),
        layers.Conv2DTranspose(4, 3, strides=2, padding="same"),
        layers.AveragePooling2D(2, padding="same"),
        layers.Conv2D(4, 1, groups=2),
    ]
    return tf.keras.Sequential([layers.Input((9, 12, 2)), *parts, layers.Flatten(), layers.Dense(3)])


def _attention() -> Any:
    x = tf.keras.Input((5, 8))
    y = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True))
    return tf.keras.Model(x, layers.Dense(3)(layers.GlobalAveragePooling1D()(y)))


def _recurrent() -> Any:
    both = layers.Bidirectional(layers.GRU(4, return_sequences=True))
    return tf.keras.Sequential([layers.Input((None, 3)), both, layers.LSTM(4), layers.Dense(3)])


def _volumes() -> Any:
    parts = [
        layers.Conv3D(2, 2),
        layers.Conv3D(3, (2, 1, 2), strides=(1, 2, 1), padding="same"),
        layers.MaxPooling3D(2),
        layers.Conv3DTranspose(2, 2, strides=2),
        layers.AveragePooling3D(2),
    ]
    return tf.keras.Sequential([layers.Input((6, 5, 6, 1)), *parts, layers.Flatten(), layers.Dense(3)])


def _upsampled() -> Any:
    kinds = ("bilinear", "bicubic", "nearest")
    parts = [layers.GroupNormalization(2), *(layers.UpSampling2D(2, interpolation=kind) for kind in kinds)]
    return tf.keras.Sequential(
        [layers.Input((3, 2, 4)), *parts, layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(3)]
    )


_X = Spec([None, 5])
_CASES = {
    "sgd": lambda: optimizers.SGD(0.1, clipnorm=0.5),
    "momentum": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: optimizers.Adam(optimizers.schedules.CosineDecay(0.1, 10), global_clipnorm=1.0),
    "adamw": lambda: optimizers.AdamW(0.01, weight_decay=0.02, clipvalue=0.1),
    "rmsprop": lambda: optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    "adadelta": lambda: optimizers.Adadelta(0.5),
    "adamax": lambda: optimizers.Adamax(0.01),
}
for _name, _optimizer in _CASES.items():
    _case(_name, _optimizer, _dense, _X, (4, 6, 4))
_case("convolutions", lambda: optimizers.SGD(0.1), _convolutions, Spec([None, 9, 12, 2]), (3, 5))
_case("attention", lambda: optimizers.SGD(0.1), _attention, Spec([None, 5, 8]), (2, 3))
_case("volumes", lambda: optimizers.SGD(0.1), _volumes, Spec([None, 6, 5, 6, 1]), (2, 3))
_case("upsampled", lambda: optimizers.SGD(0.01), _upsampled, Spec([None, 3, 2, 4]), (2, 3))
_case("recurrent", lambda: optimizers.Adam(0.1), _recurrent, Spec([None, 4, 3]), (2, 3))
_case("recurrent_open", lambda: optimizers.SGD(0.1), _recurrent, Spec([None, None, 3]), (1, 3))
