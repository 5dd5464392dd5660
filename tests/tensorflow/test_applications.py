"""Models of `keras.applications` with seeded weights: imported, compiled and run, numbers as TensorFlow's.

Images are small, so that each takes seconds; the large members of a family are marked slow.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from harness import Array
from iree import codegen, vm
from iree.import_tf import import_keras
from not_yet import APPLICATIONS

QUICK = {"MobileNetV2": 64, "EfficientNetB0": 64, "MobileNetV3Small": 64}
SLOW = {
    **dict.fromkeys(("VGG16", "VGG19", "ResNet50", "ResNet101", "ResNet152", "MobileNet", "MobileNetV3Large"), 64),
    **dict.fromkeys(("ResNet50V2", "ResNet101V2", "ResNet152V2", "DenseNet121", "DenseNet169", "DenseNet201"), 64),
    **dict.fromkeys((f"EfficientNetB{i}" for i in range(1, 8)), 64),
    **dict.fromkeys((f"EfficientNetV2{size}" for size in ("B0", "B1", "B2", "B3", "S", "M", "L")), 64),
    **dict.fromkeys((f"ConvNeXt{size}" for size in ("Tiny", "Small", "Base", "Large")), 64),
    **dict.fromkeys(("Xception", "InceptionV3", "InceptionResNetV2"), 96),
    **dict.fromkeys(("NASNetMobile", "NASNetLarge"), 96),
}


def _seeded(name: str, size: int) -> tf.keras.Model:
    """The model with weights that keep activations of the order of one: those of a fresh model fade away or grow."""
    tf.keras.utils.set_random_seed(1)
    model = getattr(tf.keras.applications, name)(
        weights=None, include_top=False, pooling="avg", input_shape=(size, size, 3)
    )
    random = np.random.default_rng(2)
    for variable in model.variables:
        if "moving_variance" in variable.path or "/variance" in variable.path:
            variable.assign(random.uniform(0.5, 1.5, variable.shape))
        elif "gamma" in variable.path and len(variable.shape) == 1:
            variable.assign(random.uniform(0.5, 1.5, variable.shape))
    for layer in model.layers:
        if isinstance(layer, tf.keras.layers.DepthwiseConv2D):  # of Keras' own weights, all channels count as inputs
            height, width, *_ = layer.kernel.shape
            layer.kernel.assign(random.normal(0.0, np.sqrt(2.0 / (height * width)), layer.kernel.shape))
    return model


@pytest.mark.parametrize(
    ("name", "size"), [*QUICK.items(), *(pytest.param(*item, marks=pytest.mark.slow) for item in SLOW.items())]
)
def test_application(name: str, size: int, tmp_path: Path) -> None:
    if name in APPLICATIONS:
        pytest.skip(APPLICATIONS[name])
    model = _seeded(name, size)
    image = np.random.default_rng(3).uniform(0, 255, (1, size, size, 3)).astype(np.float32)
    expected: Array = np.asarray(model(image, training=False))
    import_keras(model, tmp_path / "model")
    codegen.compile_file(tmp_path / "model", target="cpu", output=tmp_path / "model.vmfb")
    actual = np.asarray(vm.load(tmp_path / "model.vmfb", device="cpu").serve(image))
    largest = float(np.abs(expected).max())
    assert 1e-12 < largest < 1e12, "weights that say something"
    assert np.abs(actual - expected).max() <= 2e-4 * largest
