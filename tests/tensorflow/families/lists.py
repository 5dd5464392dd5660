"""TensorArrays and TensorLists: every operation, sizes known and not, carried through control flow, gradients."""

# A table: a row is a line, lambdas are what is tested, and I is TensorFlow's int32.
# ruff: noqa: E741, PLW0108

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from harness import Calls, Family

FAMILY = Family()
F, I = tf.float32, tf.int32
Spec = tf.TensorSpec
N = np.int32(5)


def _array(size: Any, **options: Any) -> Any:
    return tf.TensorArray(F, size, **options)


def _filled(x: Any) -> Any:
    array = _array(tf.shape(x)[0])
    for i in tf.range(tf.shape(x)[0]):
        array = array.write(i, x[i] * tf.cast(i, F))
    return array


FAMILY.function("write_stack", lambda x: _filled(x).stack(), (4, 3))
FAMILY.function("write_stack_open", lambda x: _filled(x).stack(), Spec([None, 3]), shapes=[((4, 3),), ((1, 3),)])
FAMILY.function("write_read", lambda x: _filled(x).read(2), (4, 3))
FAMILY.function("unstack_gather", lambda x: _array(4).unstack(x).gather([3, 0, 0]), (4, 3))
FAMILY.function("scatter", lambda x: _array(6).scatter([5, 1, 0, 3], x).stack(), (4, 3))
FAMILY.function("concat", lambda x: _filled(x[:, None]).concat(), (4, 3))
FAMILY.function("split", lambda x: _array(2).split(x, [2, 2]).stack(), (4, 3))
FAMILY.function("split_uneven", lambda x: _array(2).split(x, [1, 3]).read(1), (4, 3))
FAMILY.function("split_uneven_concat", lambda x: _array(3, infer_shape=False).split(x, [1, 0, 3]).concat(), (4, 3))
FAMILY.function("uneven", lambda x: _uneven(x, 2), (4, 3))
FAMILY.function(
    "uneven_open",
    lambda x, n: _uneven(x, n),
    Spec([None, 3]),
    Spec([], I),
    shapes=[((4, 3), np.array(1, np.int32)), ((5, 3), np.array(5, np.int32))],
)
FAMILY.function("uneven_in_loop", lambda x: _uneven_in_loop(x), (4, 3))
FAMILY.function(
    "uneven_open_loop",
    lambda x, n: _uneven_open_loop(x, n),
    Spec([None, None]),
    Spec([], I),
    shapes=[((4, 3), np.array(4, np.int32)), ((5, 1), np.array(2, np.int32)), ((1, 2), np.array(1, np.int32))],
)
FAMILY.function("uneven_grows", lambda x, n: _uneven_grows(x, n), (7,), N)
FAMILY.function("uneven_written_again", lambda x: _uneven_written_again(x), (6, 2))
FAMILY.function("uneven_in_branch", lambda x: _uneven_in_branch(x), (4, 3))
FAMILY.function("uneven_pushed", lambda x: _uneven_pushed(x), (5, 2))
FAMILY.function("uneven_split", lambda x, n: _uneven_split(x, n), (6, 2), np.array([1, 0, 5], np.int32))
FAMILY.function("gradient_of_uneven", lambda x: tf.gradients(_uneven_in_loop(x) ** 2.0, x), (4, 3))
FAMILY.function("gradient_of_growing_state", lambda x: tf.gradients(_growing_state(x) ** 2.0, x), (2, 3))
FAMILY.function("size", lambda x: _filled(x).size(), (4, 3))
FAMILY.function("empty_stack", lambda n: _array(n, element_shape=[3]).stack(), np.int32(0))
FAMILY.function("unwritten", lambda x: _array(4, element_shape=[3]).write(1, x).stack(), (3,))
FAMILY.function("of_ints", lambda n: _loop_ints(n), N)
FAMILY.function("of_bools", lambda x: _loop_bools(x), (5,))
FAMILY.function("of_scalars", lambda n: _squares(n), N)
FAMILY.function("grows", lambda n: _growing(n), N)
FAMILY.function("grows_of_rows", lambda x, n: _growing_rows(x, n), (3,), N)
FAMILY.function("until", lambda x: _until(x), (4,))
FAMILY.function("nested_loops", lambda x: _nested(x), (3, 4))
FAMILY.function("two_arrays", lambda x: _two(x), (4, 3))
FAMILY.function("in_branch", lambda x: _in_branch(x), (4, 3))
FAMILY.function("through_function", lambda x: _through_function(x), (4, 3))
FAMILY.function("map_fn", lambda x: tf.map_fn(lambda r: (r * 2.0, tf.reduce_sum(r)), x, (F, F)), (4, 3))
FAMILY.function(
    "map_fn_open", lambda x: tf.map_fn(lambda r: r * r, x), Spec([None, None]), shapes=[((4, 3),), ((1, 2),)]
)
FAMILY.function("scan", lambda x: tf.scan(lambda a, b: a * 0.5 + b, x), (5, 3))
FAMILY.function("scan_reverse", lambda x: tf.scan(lambda a, b: a * 0.5 + b, x, reverse=True), (5, 3))
FAMILY.function("scan_with_start", lambda x: tf.scan(lambda a, b: a + tf.reduce_sum(b), x, 0.0), (5, 3))
FAMILY.function("foldr", lambda x: tf.foldr(lambda a, b: a * b + 1.0, x), (5, 3))
FAMILY.function("scan_open", lambda x: tf.scan(lambda a, b: a + b, x), Spec([None, 3]), shapes=[((5, 3),), ((2, 3),)])
FAMILY.function("gradient_of_scan", lambda x: tf.gradients(tf.scan(lambda a, b: tf.tanh(a + b), x), x), (5, 3))
FAMILY.function("gradient_of_map", lambda x: tf.gradients(tf.map_fn(lambda r: r * r, x), x), (5, 3))
FAMILY.function("gradient_of_array", lambda x: tf.gradients(_filled(x).stack(), x), (4, 3))
FAMILY.function("gradient_of_loop", lambda x: tf.gradients(_power(x, 4), x), (3,))
FAMILY.function("gradient_of_open_loop", lambda x, n: tf.gradients(_power(x, n), x), (3,), N)
FAMILY.function(
    "gradient_of_open_scan",
    lambda x: tf.gradients(tf.scan(lambda a, b: tf.tanh(a + b), x), x),
    Spec([None, 3]),
    shapes=[((5, 3),), ((2, 3),)],
)
FAMILY.function("push_pop", lambda x: _push_pop(x), (3,))
FAMILY.function("push_loop", lambda x: _push_loop(x), (4, 3))
FAMILY.function("push_open_loop", lambda x, n: _push_open_loop(x, n), (3,), N)
FAMILY.function("python_list", lambda x: _python_list(x), (4, 3))
FAMILY.function("beam", lambda x: _beam(x), (6,))
FAMILY.function("greedy_decode", lambda x: _greedy(x), (8, 8))


def _uneven(x: Any, n: Any) -> Any:
    array = _array(3, infer_shape=False).write(0, x).write(1, x[n:]).write(2, x[:n])
    return array.concat(), array.read(1), array.size()


def _uneven_in_loop(x: Any) -> Any:
    array = _array(4, infer_shape=False, element_shape=[None, 3])
    for i in tf.range(4):
        array = array.write(i, x[: i + 1])
    return array.concat()


def _uneven_open_loop(x: Any, n: Any) -> Any:
    array = _array(n, infer_shape=False, element_shape=[None, None])
    for i in tf.range(n):
        array = array.write(n - 1 - i, tf.cast(i, F) + x[i:])
    longest = x[:0]
    for i in tf.range(n):
        item = array.read(i)
        if tf.shape(item)[0] > tf.shape(longest)[0]:
            longest = item
    return array.concat(), longest, array.size()


def _uneven_grows(x: Any, n: Any) -> Any:
    array = tf.TensorArray(F, 0, dynamic_size=True, infer_shape=False, element_shape=[None])
    i = tf.constant(0)
    while i < n:
        array = array.write(i, x[: 1 + i % 3] * tf.cast(i, F))
        i += 1
    return array.concat(), array.read(n - 1), array.size()


def _uneven_written_again(x: Any) -> Any:
    array = _array(3, infer_shape=False, element_shape=[None, 2], clear_after_read=False)
    for i in tf.range(7):
        array = array.write(i % 3, x[i % 4 : i])
    for i in tf.range(2):
        array = array.write(i, tf.concat([array.read(i), array.read(i + 1)], 0))
    return array.concat()


def _uneven_in_branch(x: Any) -> Any:
    array = _array(4, infer_shape=False, element_shape=[None, 3])
    for i in tf.range(4):
        array = array.write(i, x[i:]) if x[i, 0] > 0.0 else array.write(i, -x[:1] * 2.0)
    return array.concat()


def _uneven_pushed(x: Any) -> Any:
    values = tf.raw_ops.EmptyTensorList(element_shape=[-1, 2], max_num_elements=-1, element_dtype=F)
    for i in tf.range(5):
        values = tf.raw_ops.TensorListPushBack(input_handle=values, tensor=x[: i + 1])
    total = tf.zeros([2])
    while tf.raw_ops.TensorListLength(input_handle=values) > 2:
        values, last = tf.raw_ops.TensorListPopBack(input_handle=values, element_shape=[-1, 2], element_dtype=F)
        total += tf.reduce_sum(last, 0) * tf.cast(tf.shape(last)[0], F)
    return total, tf.raw_ops.TensorListLength(input_handle=values)


def _uneven_split(x: Any, lengths: Any) -> Any:
    array = _array(3, infer_shape=False, element_shape=[None, 2]).split(x, lengths)
    total = tf.zeros([2])
    for i in tf.range(3):
        total += tf.reduce_sum(array.read(i), 0) * tf.cast(i + 1, F)
    return total


def _growing_state(x: Any) -> Any:
    state = x
    for i in tf.range(3):
        tf.autograph.experimental.set_loop_options(shape_invariants=[(state, tf.TensorShape([None, 3]))])
        state = tf.concat([tf.tanh(state) * tf.cast(i + 1, F), x], 0)
    return state


def _loop_ints(n: Any) -> Any:
    array = tf.TensorArray(I, n)
    for i in tf.range(n):
        array = array.write(i, i * i)
    return array.stack()


def _loop_bools(x: Any) -> Any:
    array = tf.TensorArray(tf.bool, 5)
    for i in tf.range(5):
        array = array.write(i, x[i] > 0.0)
    return array.stack()


def _squares(n: Any) -> Any:
    array = _array(n)
    for i in tf.range(n):
        array = array.write(i, tf.cast(i * i, F))
    return array.stack()


def _growing(n: Any) -> Any:
    array = tf.TensorArray(I, 0, dynamic_size=True)
    for i in tf.range(n):
        array = array.write(i, i * 3)
    return array.stack(), array.size()


def _growing_rows(x: Any, n: Any) -> Any:
    array = _array(0, dynamic_size=True)
    for i in tf.range(n):
        array = array.write(i, x + tf.cast(i, F))
    return array.stack()


def _until(x: Any) -> Any:
    array = _array(0, dynamic_size=True, element_shape=[4])
    i = tf.constant(0)
    while tf.reduce_sum(tf.abs(x)) > 0.5:
        x = x * 0.5
        array = array.write(i, x)
        i += 1
    return array.stack(), i


def _nested(x: Any) -> Any:
    outer = _array(3)
    for i in tf.range(3):
        inner = _array(4)
        for j in tf.range(4):
            inner = inner.write(j, x[i, j] * tf.cast(i + j, F))
        outer = outer.write(i, inner.stack())
    return outer.stack()


def _two(x: Any) -> Any:
    first, second = _array(4), tf.TensorArray(I, 4)
    for i in tf.range(4):
        first = first.write(i, x[i] * 2.0)
        second = second.write(i, tf.argmax(x[i], output_type=I))
    return first.stack(), second.stack()


def _in_branch(x: Any) -> Any:
    array = _array(4)
    for i in tf.range(4):
        array = array.write(i, x[i]) if x[i, 0] > 0.0 else array.write(i, -x[i] * 2.0)
    return array.stack()


def _through_function(x: Any) -> Any:
    @tf.function
    def put(values: Any, i: Any, item: Any) -> Any:
        return tf.raw_ops.TensorListSetItem(input_handle=values, index=i, item=item)

    handle = tf.raw_ops.TensorListReserve(element_shape=[3], num_elements=4, element_dtype=F)
    for i in range(4):
        handle = put(handle, i, x[i] + 1.0)
    return tf.raw_ops.TensorListStack(input_handle=handle, element_shape=[3], element_dtype=F)


def _power(x: Any, n: Any) -> Any:
    result = tf.ones_like(x)
    for _ in tf.range(n):
        result = result * x
    return result


def _push_pop(x: Any) -> Any:
    values = tf.raw_ops.EmptyTensorList(element_shape=[3], max_num_elements=-1, element_dtype=F)
    for i in range(3):
        values = tf.raw_ops.TensorListPushBack(input_handle=values, tensor=x * float(i + 1))
    values, last = tf.raw_ops.TensorListPopBack(input_handle=values, element_shape=[3], element_dtype=F)
    rest = tf.raw_ops.TensorListStack(input_handle=values, element_shape=[3], element_dtype=F)
    return last, rest, tf.raw_ops.TensorListLength(input_handle=values)


def _push_loop(x: Any) -> Any:
    values = tf.raw_ops.EmptyTensorList(element_shape=[3], max_num_elements=-1, element_dtype=F)
    for i in tf.range(4):
        values = tf.raw_ops.TensorListPushBack(input_handle=values, tensor=x[i] * 2.0)
    return tf.raw_ops.TensorListStack(input_handle=values, element_shape=[3], element_dtype=F)


def _push_open_loop(x: Any, n: Any) -> Any:
    values = tf.raw_ops.EmptyTensorList(element_shape=[3], max_num_elements=-1, element_dtype=F)
    for i in tf.range(n):
        values = tf.raw_ops.TensorListPushBack(input_handle=values, tensor=x * tf.cast(i, F))
    total = tf.zeros([3])
    while tf.raw_ops.TensorListLength(input_handle=values) > 2:
        values, last = tf.raw_ops.TensorListPopBack(input_handle=values, element_shape=[3], element_dtype=F)
        total += last
    return total, tf.raw_ops.TensorListLength(input_handle=values)


def _python_list(x: Any) -> Any:
    rows = []
    for i in range(4):
        rows.append(x[i] * float(i))
    return tf.stack(rows), tf.concat(rows, 0)


def _beam(x: Any) -> Any:
    scores, tokens = tf.TensorArray(F, 3), tf.TensorArray(I, 3)
    state = x
    for i in tf.range(3):
        best, where = tf.math.top_k(state, 2)
        scores, tokens = scores.write(i, best), tokens.write(i, where)
        state = state * 0.5 + tf.roll(state, 1, 0)
    return scores.stack(), tokens.stack()


def _greedy(x: Any) -> Any:
    tokens = tf.TensorArray(I, 0, dynamic_size=True, element_shape=[])
    token, step = tf.constant(0), tf.constant(0)
    while step < 10 and token != 5:
        token = tf.argmax(x[token] + tf.cast(step, F) * 0.1 * x[(token + 1) % 8], output_type=I)
        tokens = tokens.write(step, token)
        step += 1
    return tokens.stack(), step


@FAMILY.module
def list_over_variable() -> tuple[tf.Module, Calls]:
    class Model(tf.Module):
        def __init__(self) -> None:
            self.count = tf.Variable(0)

        @tf.function(input_signature=[Spec([3])])
        def f(self, x: Any) -> Any:
            array = _array(0, dynamic_size=True, element_shape=[3])
            self.count.assign_add(1)
            for i in tf.range(self.count):
                array = array.write(i, x * tf.cast(i + self.count, F))
            return array.stack()

    return Model(), [("f", [np.float32([1, 2, 3])]) for _ in range(3)]
