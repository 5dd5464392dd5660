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
    """The model with seeded weights and the statistics of seeded images, so that rounding stays rounding.

    With weights as they are made, activations fade away or grow with depth. Branches with small scales keep
    the deepest members from multiplying an input's last bit by more than some hundreds.
    """
    tf.keras.utils.set_random_seed(1)
    model = getattr(tf.keras.applications, name)(
        weights=None, include_top=False, pooling="avg", input_shape=(size, size, 3)
    )
    random = np.random.default_rng(2)
    norms = [layer for layer in model.layers if isinstance(layer, tf.keras.layers.BatchNormalization)]
    for layer in norms:
        layer.momentum = 0.0  # the next training step's statistics are kept as they are
        layer.beta.assign(random.uniform(-0.5, 0.5, layer.beta.shape))
        if layer.gamma is not None:
            layer.gamma.assign(random.uniform(0.1, 0.5, layer.gamma.shape))
    if norms:
        model(random.uniform(0, 255, (8, size, size, 3)).astype(np.float32), training=True)
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
    assert 0.01 < expected.std() < 100, "weights that say something"
    assert np.abs(actual - expected).max() <= 2e-4 * largest
