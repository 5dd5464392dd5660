"""The models that are measured: seeded Keras and TensorFlow programs with calls and TensorFlow's answers.

usage: python benchmarks/zoo.py NAME… --to DIRECTORY      (all of them without a name)

Writes `DIRECTORY/NAME/saved` (a SavedModel with the functions of `Model.functions`), `calls.npz` (inputs `CALL.INPUT`
and TensorFlow's results `CALL=RESULT`, the calls made one after the other from the saved state), `calls.json` (the
function of each call) and, where TensorFlow can convert it, `model.tflite`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tensorflow.compiler.tf2xla.python import xla

SEED = 20261123
HIDDEN, HEADS, FEED_FORWARD = 768, 12, 3072

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))


@dataclass(frozen=True)
class Model:
    """A model to measure.

    Attributes:
        module: Has the function `serve`.
        calls: Inputs of the calls of `serve` that are compared with TensorFlow.
        stateful: Does a call change variables? Other runtimes' conversions then may not be able to.
    """

    module: tf.Module
    calls: list[list[Any]]
    stateful: bool = False


class Served(tf.Module):
    """A Keras model's inference as a function `serve`."""

    def __init__(self, model: Any, *specs: tf.TensorSpec) -> None:
        super().__init__()
        self.model = model
        self.serve = tf.function(lambda *inputs: model(list(inputs) if len(inputs) > 1 else inputs[0], training=False),
                                 input_signature=list(specs))  # fmt: skip


def _random() -> np.random.Generator:
    return np.random.default_rng(SEED)


def _normal(*shape: int, scale: float = 1.0) -> Any:
    return (_random().standard_normal(shape) * scale).astype(np.float32)


def _image_model(make: Callable[..., Any]) -> Model:
    from make_mobilenet_v2 import calibrate, make_input  # noqa: PLC0415

    tf.keras.utils.set_random_seed(SEED)
    model = make(input_tensor=tf.keras.Input((224, 224, 3), batch_size=1), weights=None)
    calibrate(model, tf.constant(np.concatenate([make_input(224, SEED + i) for i in range(2)])))
    inputs = [[make_input(224, SEED + 5 + i)] for i in range(2)]
    return Model(Served(model, tf.TensorSpec((1, 224, 224, 3))), inputs)


def mobilenet_v2() -> Model:
    """Keras's MobileNetV2, one image."""
    return _image_model(tf.keras.applications.MobileNetV2)


def resnet50() -> Model:
    """Keras's ResNet50, one image."""
    return _image_model(tf.keras.applications.ResNet50)


def _gelu(x: Any) -> Any:
    return tf.nn.gelu(x, approximate=False)


def bert() -> Model:
    """An encoder of BERT-base's sizes: 12 layers, hidden 768, 12 heads, sequences of 128 tokens."""
    tf.keras.utils.set_random_seed(SEED)
    layers = tf.keras.layers
    length, vocabulary = 128, 8192
    tokens = tf.keras.Input((length,), batch_size=1, dtype=tf.int32)
    x = layers.Embedding(vocabulary, HIDDEN)(tokens) + layers.Embedding(length, HIDDEN)(tf.range(length)[None])
    x = layers.LayerNormalization(epsilon=1e-12)(x)
    for _ in range(12):
        attention = layers.MultiHeadAttention(HEADS, HIDDEN // HEADS, flash_attention=False)(x, x)
        x = layers.LayerNormalization(epsilon=1e-12)(x + attention)
        hidden = layers.Dense(HIDDEN)(layers.Dense(FEED_FORWARD, activation=_gelu)(x))
        x = layers.LayerNormalization(epsilon=1e-12)(x + hidden)
    model = tf.keras.Model(tokens, layers.Dense(2)(x))
    calls = [[_random().integers(0, vocabulary, (1, length)).astype(np.int32)] for _ in range(2)]
    return Model(Served(model, tf.TensorSpec((1, length), tf.int32)), calls)


def lstm() -> Model:
    """One LSTM of 128 units over 64 steps."""
    tf.keras.utils.set_random_seed(SEED)
    inputs = tf.keras.Input((64, 128), batch_size=1)
    model = tf.keras.Model(inputs, tf.keras.layers.LSTM(128)(inputs))
    return Model(Served(model, tf.TensorSpec((1, 64, 128))), [[_normal(1, 64, 128)], [_normal(1, 64, 128, scale=0.1)]])


class Decoder(tf.Module):
    """One step of a decoder with 4 layers that keeps the keys and values of 256 positions in variables."""

    LAYERS, LENGTH = 4, 256

    def __init__(self) -> None:
        super().__init__()
        random = _random()

        def weight(*shape: int) -> Any:
            return tf.Variable((random.standard_normal(shape) / shape[0] ** 0.5).astype(np.float32), trainable=False)

        self.weights = [
            {
                name: weight(*shape)
                for name, shape in {
                    "qkv": (HIDDEN, 3 * HIDDEN), "out": (HIDDEN, HIDDEN), "up": (HIDDEN, FEED_FORWARD),
                    "down": (FEED_FORWARD, HIDDEN), "scale1": (HIDDEN,), "scale2": (HIDDEN,),
                }.items()
            }
            for _ in range(self.LAYERS)
        ]  # fmt: skip
        cache = (1, HEADS, self.LENGTH, HIDDEN // HEADS)
        self.keys = [tf.Variable(tf.zeros(cache)) for _ in range(self.LAYERS)]
        self.values = [tf.Variable(tf.zeros(cache)) for _ in range(self.LAYERS)]
        self.position = tf.Variable(0)

    @tf.function(input_signature=[tf.TensorSpec((1, HIDDEN))], jit_compile=True, autograph=False)
    def serve(self, x: tf.Tensor) -> tf.Tensor:
        """From the embedding of a token to the last layer's output."""
        position = self.position.read_value()
        seen = tf.where(tf.range(self.LENGTH) <= position, 0.0, -1e9)
        for layer, weights in enumerate(self.weights):
            heads = tf.reshape(_normalize(x, weights["scale1"]) @ weights["qkv"], (3, 1, HEADS, 1, HIDDEN // HEADS))
            keys, values = (
                _update(variable, new, position)
                for variable, new in ((self.keys[layer], heads[1]), (self.values[layer], heads[2]))
            )
            scores = tf.matmul(heads[0], keys, transpose_b=True) * (HIDDEN // HEADS) ** -0.5 + seen
            attended = tf.reshape(tf.matmul(tf.nn.softmax(scores), values), (1, HIDDEN))
            x = x + attended @ weights["out"]
            x = x + tf.nn.gelu(_normalize(x, weights["scale2"]) @ weights["up"], approximate=True) @ weights["down"]
        self.position.assign_add(1)
        return x


def _normalize(x: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
    return x * tf.math.rsqrt(tf.reduce_mean(x * x, -1, keepdims=True) + 1e-6) * scale


def _update(cache: tf.Variable, new: tf.Tensor, position: tf.Tensor) -> tf.Tensor:
    updated = xla.dynamic_update_slice(cache.read_value(), new, tf.stack([0, 0, position, 0]))
    cache.assign(updated)
    return updated


def decoder() -> Model:
    """See `Decoder`; three steps."""
    return Model(Decoder(), [[_normal(1, HIDDEN, scale=scale)] for scale in (1.0, 0.5, 2.0)], stateful=True)


def _mlp(batch: int | None) -> Any:
    tf.keras.utils.set_random_seed(SEED)
    inputs = tf.keras.Input((784,), batch_size=batch)
    x = tf.keras.layers.Dense(512, activation="relu")(inputs)
    x = tf.keras.layers.Dense(512, activation="relu")(x)
    return Served(tf.keras.Model(inputs, tf.keras.layers.Dense(10)(x)), tf.TensorSpec((batch, 784)))


def mlp() -> Model:
    """784-512-512-10, one row."""
    return Model(_mlp(1), [[_normal(1, 784)], [_normal(1, 784, scale=2)]])


def mlp_dynamic() -> Model:
    """784-512-512-10 of any number of rows: 1, 7 and 64."""
    return Model(_mlp(None), [[_normal(rows, 784)] for rows in (1, 7, 64)])


class Training(tf.Module):
    """A step of gradient descent with momentum on a small convolutional network, 32 images of 28x28."""

    def __init__(self) -> None:
        super().__init__()
        tf.keras.utils.set_random_seed(SEED)
        layers = tf.keras.layers
        self.model = tf.keras.Sequential(
            [
                tf.keras.Input((28, 28, 1), batch_size=32),
                layers.Conv2D(16, 3, padding="same", activation="relu"),
                layers.MaxPool2D(),
                layers.Conv2D(32, 3, padding="same", activation="relu"),
                layers.MaxPool2D(),
                layers.Flatten(),
                layers.Dense(10),
            ]
        )
        self.momenta = [tf.Variable(tf.zeros_like(v)) for v in self.model.trainable_variables]

    @tf.function(input_signature=[tf.TensorSpec((32, 28, 28, 1)), tf.TensorSpec((32,), tf.int32)])
    def serve(self, images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """The loss before the step."""
        with tf.GradientTape() as tape:
            logits = self.model(images, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(losses)
        variables = self.model.trainable_variables
        for variable, momentum, gradient in zip(variables, self.momenta, tape.gradient(loss, variables), strict=True):
            momentum.assign(0.9 * momentum + gradient)
            variable.assign_sub(0.05 * momentum)
        return loss


def training() -> Model:
    """See `Training`; four steps on two batches."""
    random = _random()
    batches = [
        [random.standard_normal((32, 28, 28, 1)).astype(np.float32), random.integers(0, 10, 32).astype(np.int32)]
        for _ in range(2)
    ]
    return Model(Training(), batches * 2, stateful=True)


MODELS: dict[str, Callable[[], Model]] = {
    make.__name__: make for make in (mlp, mlp_dynamic, lstm, mobilenet_v2, decoder, training, resnet50, bert)
}
"""All models, the quick ones first."""


def save(name: str, directory: Path) -> None:
    """Writes a model's files, see the module."""
    model = MODELS[name]()
    directory.mkdir(parents=True, exist_ok=True)
    serve = model.module.serve
    tf.saved_model.save(model.module, str(directory / "saved"), signatures=serve.get_concrete_function())
    try:
        if isinstance(model.module, Served):
            converter = tf.lite.TFLiteConverter.from_keras_model(model.module.model)
        else:
            converter = tf.lite.TFLiteConverter.from_concrete_functions([serve.get_concrete_function()], model.module)
        converter.experimental_enable_resource_variables = model.stateful
        (directory / "model.tflite").write_bytes(converter.convert())
    except Exception as error:  # a conversion that a peer cannot do is no failure of ours
        print(f"{name}: no LiteRT model: {str(error).splitlines()[0]}", file=sys.stderr)
    arrays = {}
    for number, inputs in enumerate(model.calls):
        arrays.update({f"{number}.{i}": value for i, value in enumerate(inputs)})
        results = tf.nest.flatten(serve(*map(tf.constant, inputs)))
        arrays.update({f"{number}={i}": value.numpy() for i, value in enumerate(results)})
    np.savez(directory / "calls.npz", **arrays)
    (directory / "model.json").write_text(json.dumps({"calls": len(model.calls), "stateful": model.stateful}))


def main() -> None:
    """Saves the models asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*MODELS, []], default=[])
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    for name in options.names or MODELS:
        save(name, options.to / name)


if __name__ == "__main__":
    main()
