"""Cross entropy of logits, with its gradient, where shapes are open: TensorFlow's lowering wants static ones.

tensorflow/compiler/tf2xla/kernels/softmax_op.cc says what labels out of range do: they make NaN.
"""

from __future__ import annotations

from typing import Any

from iree.import_tf import hlo, loops
from iree.import_tf.rewrites.kept import Kept


def _binary(kind: str, left: Any, right: Any) -> Any:
    return hlo.op(kind, [left, right], left.type)


def _scalar(value: float, like: Any) -> Any:
    return hlo.filled(value, hlo.tensor([], hlo.element(like)))


def _entropy(op: Any, logits: Any, labels: Any) -> list[Any]:
    """The loss of each row, and what each logit adds to it, from the rows' probabilities."""
    sizes = loops.sizes_of(logits)

    def over_row(vector: Any) -> Any:
        return hlo.cast(hlo.broadcast(vector, sizes, [0]), logits.type)

    largest = hlo.reduce("maximum", logits, _scalar(float("-inf"), logits), [1])
    shifted = _binary("subtract", logits, over_row(largest))
    powers = hlo.op("exponential", [shifted], shifted.type)
    total = hlo.reduce("add", powers, _scalar(0, logits), [1])
    distance = _binary("subtract", over_row(hlo.op("log", [total], total.type)), shifted)
    zero = hlo.cast(hlo.spread(_scalar(0, logits), sizes), logits.type)
    share = hlo.op("select", [hlo.compare("EQ", labels, zero), zero, _binary("multiply", labels, distance)], zero.type)
    loss = hlo.reduce("add", share, _scalar(0, logits), [1])
    gradient = _binary("subtract", _binary("divide", powers, over_row(total)), labels)
    return [hlo.cast(loss, op.results[0].type), hlo.cast(gradient, op.results[1].type)]


def cross_entropy(op: Any) -> list[Any] | None:
    """``tf.SoftmaxCrossEntropyWithLogits``: labels are probabilities in the logits' shape."""
    logits, labels = op.operands
    if 1 in (*hlo.shape(logits), *hlo.shape(labels)) and hlo.shape(logits) != hlo.shape(labels):
        return None  # one is broadcast
    return _entropy(op, logits, hlo.cast(labels, logits.type))


def sparse_cross_entropy(op: Any) -> list[Any]:
    """``tf.SparseSoftmaxCrossEntropyWithLogits``: a label is the number of a class."""
    logits, labels = op.operands
    sizes = loops.sizes_of(logits)
    rows, classes = sizes
    numbers = loops.iota(sizes, 1, hlo.element(labels))
    chosen = hlo.compare("EQ", hlo.cast(hlo.broadcast(labels, sizes, [0]), numbers.type), numbers)
    one, zero, nan = (hlo.spread(_scalar(value, logits), sizes) for value in (1, 0, float("nan")))
    one_hot = hlo.op("select", [chosen, one, zero], one.type)
    none = hlo.filled(0, hlo.tensor([], hlo.element(labels)))
    count = hlo.convert(hlo.size_value(classes), hlo.tensor([], hlo.element(labels)))
    negative = hlo.compare("LT", labels, hlo.cast(hlo.spread(none, [rows]), labels.type))
    beyond = hlo.compare("GE", labels, hlo.cast(hlo.spread(count, [rows]), labels.type))
    wrong = hlo.op("or", [negative, beyond], negative.type)
    wrong = hlo.cast(hlo.broadcast(wrong, sizes, [0]), chosen.type)
    given = hlo.op("select", [wrong, nan, one_hot], one.type)
    return _entropy(op, logits, hlo.cast(given, logits.type))


def _is_open(op: Any) -> bool:
    return any(None in hlo.shape(operand) for operand in op.operands)


KEPT = {
    "tf.SoftmaxCrossEntropyWithLogits": Kept(cross_entropy, (), _is_open),
    "tf.SparseSoftmaxCrossEntropyWithLogits": Kept(sparse_cross_entropy, (), _is_open),
}
