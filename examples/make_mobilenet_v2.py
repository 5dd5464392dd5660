"""Makes a Keras MobileNetV2 with seeded weights and saves it as a SavedModel, with an input and TensorFlow's answer.

Keras's own initial weights are of little use for a comparison: batch normalization with fresh statistics lets the
signal fade until every class gets 1/1000 whatever the input. Here each batch normalization gets the statistics that
its input has over a few images, with scales and offsets drawn at random, and the classifier is centred on these
images, so that activations keep their size and the output depends on the input.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

SEED = 20261123
CALIBRATION_IMAGES = 8
RELU6_MEAN = 1.5
"""Mean of the offsets in front of a ReLU6: well inside of what it lets pass, so that few values are cut off."""


def make_model(size: int) -> tf.keras.Model:
    """MobileNetV2 for a batch of one `size` x `size` RGB image, seeded."""
    tf.keras.utils.set_random_seed(SEED)
    image = tf.keras.Input((size, size, 3), batch_size=1, name="image")
    model = tf.keras.applications.MobileNetV2(input_tensor=image, weights=None)
    images = np.concatenate([make_input(size, SEED + 10 + i) for i in range(CALIBRATION_IMAGES)])
    calibrate(model, tf.constant(images))
    return model


def calibrate(model: tf.keras.Model, images: tf.Tensor) -> None:
    """Sets every batch normalization and the classifier, layer by layer, from what `images` (n, h, w, 3) become."""
    random = np.random.default_rng(SEED)
    values = {model.inputs[0].name: images}
    for layer in model.layers[1:]:
        inputs = [values[tensor.name] for tensor in tf.nest.flatten(layer.input)]
        if isinstance(layer, tf.keras.layers.BatchNormalization):
            mean, variance = tf.nn.moments(inputs[0], [0, 1, 2])
            centre, spread = (0.0, 0.2) if "project" in layer.name else (RELU6_MEAN, 0.5)
            layer.gamma.assign(random.uniform(0.8, 1.2, mean.shape))
            layer.beta.assign(random.normal(centre, spread, mean.shape))
            layer.moving_mean.assign(mean)
            layer.moving_variance.assign(variance + 1e-3)
        elif isinstance(layer, tf.keras.layers.Dense):
            logits = tf.matmul(inputs[0], layer.kernel)
            scale = 1.0 / tf.math.reduce_std(logits - tf.reduce_mean(logits, 0))
            layer.kernel.assign(layer.kernel * scale)
            layer.bias.assign(-tf.reduce_mean(logits, 0) * scale)
        values[layer.output.name] = layer(inputs if len(inputs) > 1 else inputs[0], training=False)


def make_input(size: int, seed: int) -> NDArray[np.float32]:
    """A batch of one image with smooth structure and some noise; shape (1, size, size, 3), values in [-1, 1]."""
    random = np.random.default_rng(seed)
    axis = np.linspace(0, 2 * np.pi, size)
    frequencies, phases = random.uniform(0.5, 4, (3, 2)), random.uniform(0, 2 * np.pi, (3, 2))
    parameters = np.concatenate([frequencies, phases], 1)
    waves = [np.sin(f * axis[:, None] + p) * np.cos(g * axis + q) for f, g, p, q in parameters]
    image = 0.8 * np.stack(waves, -1) + random.normal(0, 0.1, (size, size, 3))
    return np.clip(image, -1, 1).astype(np.float32)[None]


def main() -> None:
    """Saves the model, `input.npy` and `expected.npy`; exits with status 1 if the output barely varies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, help="the SavedModel's directory")
    parser.add_argument("--size", type=int, default=224, help="height and width of the image (default: %(default)s)")
    options = parser.parse_args()
    model = make_model(options.size)
    image, other = make_input(options.size, SEED + 2), make_input(options.size, SEED + 3)
    expected, different = (model(tf.constant(x), training=False).numpy() for x in (image, other))
    change = float(np.abs(expected - different).max() / expected.max())
    if not (np.isfinite(expected).all() and change > 0.5):
        parser.exit(1, f"error: the output hardly depends on the input: another image changes it by {change:.1e}\n")
    signature = tf.TensorSpec(image.shape, tf.float32, name="image")  # Keras would leave the batch's size open
    model.export(options.output, verbose=False, input_signature=[signature])
    np.save(options.output / "input.npy", image)
    np.save(options.output / "expected.npy", expected)
    print(f"{options.output}: MobileNetV2, {model.count_params() / 1e6:.2f} M parameters, input {list(image.shape)}")
    print(f"with another image the output changes by {change:.0%} of its largest value")


if __name__ == "__main__":
    main()
