"""Modules with state and Keras models: name -> a function that makes (module, calls). A call is (function, inputs)."""

# A table: a row is a line, lambdas are what is tested, and I is TensorFlow's int32.
# ruff: noqa: E741

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

F, I = tf.float32, tf.int32
Spec = tf.TensorSpec
Calls = Sequence[tuple[str, Sequence[Any]]]
CASES: dict[str, Callable[[], tuple[tf.Module, Calls]]] = {}


def case(make: Callable[[], tuple[tf.Module, Calls]]) -> Callable[[], tuple[tf.Module, Calls]]:
    """Adds a case under the function's name."""
    CASES[make.__name__] = make
    return make


def _f32(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@case
def counter() -> tuple[tf.Module, Calls]:
    class Counter(tf.Module):
        def __init__(self) -> None:
            self.total = tf.Variable(0.0, name="total")
            self.count = tf.Variable(0, dtype=I)

        @tf.function(input_signature=[Spec([])])
        def add(self, x: Any) -> Any:
            self.count.assign_add(1)
            return self.total.assign_add(x)

        @tf.function(input_signature=[])
        def get(self) -> Any:
            return self.total.read_value(), self.count.read_value()

        @tf.function(input_signature=[])
        def reset(self) -> None:
            self.total.assign(0.0)
            self.count.assign(0)

    one = np.float32(1.5)
    return Counter(), [("add", [one]), ("get", []), ("add", [one]), ("get", []), ("reset", []), ("get", [])]


@case
def ring_buffer() -> tuple[tf.Module, Calls]:
    class Ring(tf.Module):
        def __init__(self) -> None:
            self.buffer = tf.Variable(np.zeros(8, np.float32))
            self.head = tf.Variable(0, dtype=I)

        @tf.function(input_signature=[Spec([3])])
        def write(self, x: Any) -> Any:
            for i in tf.range(3):
                self.buffer.scatter_nd_update([[self.head]], [x[i]])
                self.head.assign((self.head + 1) % 8)
            return self.buffer.read_value()

    return Ring(), [("write", [_f32(3, seed=s)]) for s in range(4)]


@case
def rows_updated() -> tuple[tf.Module, Calls]:
    class Rows(tf.Module):
        def __init__(self) -> None:
            self.table = tf.Variable(_f32(6, 4))

        @tf.function(input_signature=[Spec([2], I), Spec([2, 4])])
        def update(self, i: Any, x: Any) -> Any:
            self.table.scatter_update(tf.IndexedSlices(x, i))
            self.table.scatter_add(tf.IndexedSlices(x * 2.0, i))
            self.table[0, 1:3].assign([7.0, 8.0])
            return tf.gather(self.table, i)

    return Rows(), [("update", [np.int32([1, 4]), _f32(2, 4)]), ("update", [np.int32([0, 2]), _f32(2, 4)])]


@case
def state_in_branches() -> tuple[tf.Module, Calls]:
    class Branches(tf.Module):
        def __init__(self) -> None:
            self.a = tf.Variable(0.0)
            self.b = tf.Variable([1.0, 2.0])

        @tf.function(input_signature=[Spec([])])
        def step(self, x: Any) -> Any:
            if x > 0.0:
                self.a.assign_add(x)
            else:
                self.b.assign(self.b * 2.0)
            i = tf.constant(0)
            while i < 3:
                self.a.assign_add(1.0)
                i += 1
            return self.a + tf.reduce_sum(self.b)

    return Branches(), [("step", [np.float32(x)]) for x in (3, -3, 1)]


@case
def growing_variable() -> tuple[tf.Module, Calls]:
    class Growing(tf.Module):
        def __init__(self) -> None:
            self.values = tf.Variable(np.zeros((0,), np.float32), shape=tf.TensorShape([None]))

        @tf.function(input_signature=[Spec([2])])
        def push(self, x: Any) -> Any:
            self.values.assign(tf.concat([self.values, x], 0))
            return tf.reduce_sum(self.values)

    return Growing(), [("push", [_f32(2)]), ("push", [_f32(2, seed=1)])]


@case
def many_dtypes() -> tuple[tf.Module, Calls]:
    class Many(tf.Module):
        def __init__(self) -> None:
            self.v = [
                tf.Variable(tf.cast([1, 2, 3], d))
                for d in (tf.int8, tf.uint8, tf.int64, tf.float64, tf.float16, tf.bool)
            ]

        @tf.function(input_signature=[])
        def bump(self) -> Any:
            for v in self.v:
                v.assign(tf.cast(tf.cast(v, F) * 2.0 - 1.0, v.dtype))
            return [tf.cast(v, F) for v in self.v]

    return Many(), [("bump", []), ("bump", [])]


@case
def structured() -> tuple[tf.Module, Calls]:
    class Structured(tf.Module):
        @tf.function(input_signature=[{"a": Spec([2]), "b": [Spec([3]), Spec([], I)]}, Spec([2])])
        def f(self, d: Any, z: Any) -> Any:
            return {"out": [d["a"] + z, (d["b"][0] * 2.0,)], "n": d["b"][1] + 1}

    return Structured(), [("f", [{"a": _f32(2), "b": [_f32(3), np.int32(4)]}, _f32(2, seed=1)])]


@case
def sgd() -> tuple[tf.Module, Calls]:
    class Sgd(tf.Module):
        def __init__(self) -> None:
            self.w = tf.Variable(_f32(4, 1))
            self.b = tf.Variable([0.0])

        @tf.function(input_signature=[Spec([8, 4]), Spec([8, 1])])
        def train(self, x: Any, y: Any) -> Any:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((tf.tanh(x @ self.w) + self.b - y) ** 2)
            for variable, gradient in zip([self.w, self.b], tape.gradient(loss, [self.w, self.b]), strict=True):
                variable.assign_sub(0.1 * gradient)
            return loss

    return Sgd(), [("train", [_f32(8, 4, seed=s), _f32(8, 1, seed=s + 9)]) for s in range(3)]


def _trainer(model: Any, optimizer: Any, specs: Any) -> tf.Module:
    class Trainer(tf.Module):
        def __init__(self) -> None:
            self.model, self.optimizer = model, optimizer
            self.optimizer.build(self.model.trainable_variables)

        @tf.function(input_signature=specs)
        def train(self, x: Any, y: Any) -> Any:
            with tf.GradientTape() as tape:
                logits = self.model(x, training=True)
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
            gradients = tape.gradient(loss, self.model.trainable_variables)
            gradients, _ = tf.clip_by_global_norm(gradients, 1.0)
            self.optimizer.apply_gradients(zip(gradients, self.model.trainable_variables, strict=True))
            return loss

    return Trainer()


@case
def adam_batch_norm() -> tuple[tf.Module, Calls]:
    tf.keras.utils.set_random_seed(1)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [tf.keras.Input((6,), batch_size=8), layers.Dense(16, "relu"), layers.BatchNormalization(), layers.Dense(3)]
    )
    module = _trainer(model, tf.keras.optimizers.Adam(0.05), [Spec([8, 6]), Spec([8], I)])
    labels = np.int32([0, 1, 2, 0, 1, 2, 0, 1])
    return module, [("train", [_f32(8, 6, seed=s), labels]) for s in range(3)]


@case
def momentum_cnn() -> tuple[tf.Module, Calls]:
    tf.keras.utils.set_random_seed(1)
    layers = tf.keras.layers
    parts = [
        tf.keras.Input((12, 12, 1), batch_size=4),
        layers.Conv2D(4, 3, activation="relu"),
        layers.MaxPool2D(),
        layers.Flatten(),
        layers.Dense(3),
    ]
    module = _trainer(
        tf.keras.Sequential(parts), tf.keras.optimizers.SGD(0.05, momentum=0.9), [Spec([4, 12, 12, 1]), Spec([4], I)]
    )
    return module, [("train", [_f32(4, 12, 12, 1, seed=s), np.int32([0, 1, 2, 0])]) for s in range(2)]


@case
def rnn_gradient() -> tuple[tf.Module, Calls]:
    tf.keras.utils.set_random_seed(1)
    model = tf.keras.Sequential(
        [tf.keras.Input((5, 3), batch_size=4), tf.keras.layers.LSTM(4), tf.keras.layers.Dense(3)]
    )
    module = _trainer(model, tf.keras.optimizers.SGD(0.05), [Spec([4, 5, 3]), Spec([4], I)])
    return module, [("train", [_f32(4, 5, 3, seed=s), np.int32([0, 1, 2, 0])]) for s in range(2)]


def _model(output: Any, source: Any, specs: Sequence[Any], calls: Sequence[Sequence[Any]]) -> tuple[tf.Module, Calls]:
    model = tf.keras.Model(source, output)
    module = tf.Module()
    module.model = model
    module.predict = tf.function(
        lambda *a: model(a[0] if len(a) == 1 else list(a), training=False), input_signature=specs
    )
    return module, [("predict", list(inputs)) for inputs in calls]


@case
def lstm() -> tuple[tf.Module, Calls]:
    tf.keras.utils.set_random_seed(1)
    x = tf.keras.Input((6, 3), batch_size=2)
    y = tf.keras.layers.Dense(2)(tf.keras.layers.LSTM(4, return_sequences=True)(x))
    return _model(y, x, [Spec([2, 6, 3])], [[_f32(2, 6, 3)]])


@case
def stateful_lstm() -> tuple[tf.Module, Calls]:
    tf.keras.utils.set_random_seed(1)
    x = tf.keras.Input((2, 3), batch_size=1)
    return _model(
        tf.keras.layers.LSTM(4, stateful=True)(x), x, [Spec([1, 2, 3])], [[_f32(1, 2, 3)], [_f32(1, 2, 3, seed=1)]]
    )


@case
def bidirectional_gru() -> tuple[tf.Module, Calls]:
    tf.keras.utils.set_random_seed(1)
    x = tf.keras.Input((6, 3), batch_size=2)
    y = tf.keras.layers.Bidirectional(tf.keras.layers.GRU(4, return_sequences=True))(x)
    return _model(y, x, [Spec([2, 6, 3])], [[_f32(2, 6, 3)]])


@case
def transformer() -> tuple[tf.Module, Calls]:
    tf.keras.utils.set_random_seed(1)
    layers = tf.keras.layers
    ids, mask = tf.keras.Input((8,), batch_size=2, dtype="int32"), tf.keras.Input((8,), batch_size=2, dtype="int32")
    x = layers.LayerNormalization()(layers.Embedding(50, 16)(ids))
    x = layers.LayerNormalization()(
        x + layers.MultiHeadAttention(4, 4)(x, x, attention_mask=tf.keras.ops.cast(mask[:, None, :], "bool"))
    )
    x = layers.LayerNormalization()(x + layers.Dense(16)(layers.Dense(32, activation="gelu")(x)))
    random = np.random.default_rng(0)
    call = [random.integers(0, 50, (2, 8)).astype(np.int32), np.int32([[1] * 8, [1] * 5 + [0] * 3])]
    return _model(x, [ids, mask], [Spec([2, 8], I), Spec([2, 8], I)], [call])


@case
def decoder_with_cache() -> tuple[tf.Module, Calls]:
    class Decoder(tf.Module):
        def __init__(self) -> None:
            self.table = tf.Variable(_f32(20, 8))
            self.wq, self.wk, self.wv = (tf.Variable(_f32(8, 8, seed=s)) for s in (1, 2, 3))
            self.keys, self.values = (
                tf.Variable(np.zeros((6, 8), np.float32)),
                tf.Variable(np.zeros((6, 8), np.float32)),
            )
            self.position = tf.Variable(0, dtype=I)

        @tf.function(input_signature=[Spec([], I)])
        def step(self, token: Any) -> Any:
            x = tf.gather(self.table, token)[None]
            self.keys.scatter_nd_update([[self.position]], x @ self.wk)
            self.values.scatter_nd_update([[self.position]], x @ self.wv)
            scores = tf.matmul(x @ self.wq, self.keys, transpose_b=True)
            scores = tf.where(tf.range(6)[None] <= self.position, scores, -1e9)
            self.position.assign_add(1)
            y = tf.nn.softmax(scores) @ self.values
            return tf.argmax(tf.matmul(y, self.table, transpose_b=True)[0], output_type=I), y

    return Decoder(), [("step", [np.int32(t)]) for t in (3, 7, 1)]


@case
def tensor_arrays() -> tuple[tf.Module, Calls]:
    class Arrays(tf.Module):
        @tf.function(input_signature=[Spec([4])])
        def write(self, x: Any) -> Any:
            array = tf.TensorArray(F, size=5, element_shape=[4])
            for i in tf.range(5):
                array = array.write(i, x * tf.cast(i, F))
            return array.stack(), array.read(2)

        @tf.function(input_signature=[Spec([3, 2, 2])])
        def unstack(self, x: Any) -> Any:
            array = tf.TensorArray(F, size=3, element_shape=[2, 2]).unstack(x)
            return array.concat(), array.gather([2, 0]), array.size()

        @tf.function(input_signature=[Spec([4])])
        def open(self, x: Any) -> Any:
            array = tf.TensorArray(F, size=3)
            return array.write(0, x).write(1, x + 1.0).write(2, x * 3.0).stack()

        @tf.function(input_signature=[Spec([4]), Spec([], I)])
        def sized(self, x: Any, n: Any) -> Any:
            array = tf.TensorArray(F, size=n, element_shape=[4])
            for i in tf.range(n):
                array = array.write(i, x * tf.cast(i, F))
            return array.stack()

    x = _f32(4)
    return Arrays(), [
        ("write", [x]),
        ("unstack", [_f32(3, 2, 2)]),
        ("open", [x]),
        ("sized", [x, np.int32(3)]),
        ("sized", [x, np.int32(5)]),
    ]


@case
def tensor_list_stack() -> tuple[tf.Module, Calls]:
    class Lists(tf.Module):
        @tf.function(input_signature=[Spec([4])])
        def push_pop(self, x: Any) -> Any:
            raw, shape = tf.raw_ops, tf.constant([4])
            handle = raw.EmptyTensorList(element_shape=shape, max_num_elements=tf.constant(-1), element_dtype=F)
            handle = raw.TensorListPushBack(input_handle=handle, tensor=x)
            handle = raw.TensorListPushBack(input_handle=handle, tensor=x * 2.0)
            handle, last = raw.TensorListPopBack(input_handle=handle, element_shape=shape, element_dtype=F)
            stacked = raw.TensorListStack(input_handle=handle, element_shape=shape, element_dtype=F)
            return last, stacked, raw.TensorListLength(input_handle=handle)

    return Lists(), [("push_pop", [_f32(4)])]


@case
def rnn_of_open_length() -> tuple[tf.Module, Calls]:
    class Rnn(tf.Module):
        def __init__(self) -> None:
            self.w, self.u = tf.Variable(_f32(3, 5) * 0.3), tf.Variable(_f32(5, 5) * 0.3)

        @tf.function(input_signature=[Spec([None, 2, 3])])
        def run(self, x: Any) -> Any:
            n = tf.shape(x)[0]
            h, array = tf.zeros([2, 5]), tf.TensorArray(F, size=n, element_shape=[2, 5])
            for t in tf.range(n):
                h = tf.tanh(x[t] @ self.w + h @ self.u)
                array = array.write(t, h)
            return array.stack(), h

    return Rnn(), [("run", [_f32(6, 2, 3)]), ("run", [_f32(3, 2, 3)])]


@case
def unet() -> tuple[tf.Module, Calls]:
    tf.keras.utils.set_random_seed(1)
    layers = tf.keras.layers
    x = tf.keras.Input((8, 8, 2), batch_size=1)
    a = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    b = layers.Conv2D(8, 3, padding="same", activation="relu")(layers.MaxPool2D()(a))
    c = layers.Concatenate()([layers.Conv2DTranspose(4, 2, strides=2)(b), a])
    y = layers.Conv2D(1, 1, activation="sigmoid")(layers.UpSampling2D(2, interpolation="bilinear")(c))
    return _model(y, x, [Spec([1, 8, 8, 2])], [[_f32(1, 8, 8, 2)]])


@case
def wavenet() -> tuple[tf.Module, Calls]:
    tf.keras.utils.set_random_seed(1)
    layers = tf.keras.layers
    x = tf.keras.Input((16, 2), batch_size=1)
    y = layers.Conv1D(4, 1)(x)
    for dilation in (1, 2, 4):
        gate = layers.Conv1D(4, 2, dilation_rate=dilation, padding="causal", activation="sigmoid")(y)
        y = y + layers.Conv1D(4, 2, dilation_rate=dilation, padding="causal", activation="tanh")(y) * gate
    return _model(layers.Dense(1)(y), x, [Spec([1, 16, 2])], [[_f32(1, 16, 2)]])
