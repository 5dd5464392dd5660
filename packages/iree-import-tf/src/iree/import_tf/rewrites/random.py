"""Random numbers from a seed, bit for bit TensorFlow's: Philox4x32-10 (Salmon et al., Parallel random numbers: as easy
as 1, 2, 3, SC 2011) as TensorFlow's CPU kernels use it.

tensorflow/core/lib/random/philox_random.h, random_distributions.h and kernels/stateless_random_ops.cc say how bits
become numbers. What `auto_select` chooses depends on the device in TensorFlow; here it is what its CPU takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from iree.dialects.mlir import ir
from iree.import_tf import dims, hlo, loops
from iree.import_tf.rewrites.kept import Kept

_PHILOX, _AUTO = 1, 3
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10
_SCRAMBLE = (0x3EC8F720, 0x02461E29)
_SPARE = 64
"""Counters that each truncated normal may use."""
_CANDIDATES = 24
"""Normals drawn for a group of four truncated ones: fewer would do but once in 1e17 groups."""

Words = list[Any]


def _unsigned(width: int) -> Any:
    return ir.IntegerType.get_unsigned(width)


def _binary(kind: str, left: Any, right: Any) -> Any:
    return hlo.op(kind, [left, right], left.type)


def _same(value: int | float, like: Any) -> Any:
    """A number in the place of each element of `like`."""
    kind = hlo.element(like)
    if isinstance(kind, ir.IntegerType):
        storage = {32: np.uint32, 64: np.uint64}[kind.width]
        scalar = hlo.constant(np.asarray(value, storage if kind.is_unsigned else f"int{kind.width}"), kind)
    else:
        scalar = hlo.filled(value, hlo.tensor([], kind))
    return hlo.spread(scalar, loops.sizes_of(like))


def _to(value: Any, kind: Any) -> Any:
    return hlo.convert(value, hlo.tensor(hlo.shape(value), kind))


def _shift(value: Any, bits: int) -> Any:
    return _binary("shift_right_logical", value, _same(bits, value))


def _halves(value: Any) -> Words:
    """The low and the high word of 64-bit numbers."""
    return [_to(value, _unsigned(32)), _to(_shift(value, 32), _unsigned(32))]


def _wide(low: Any, high: Any) -> Any:
    """64-bit numbers from their low and high words."""
    upper = _to(high, _unsigned(64))
    return _binary("or", _to(low, _unsigned(64)), _binary("shift_left", upper, _same(32, upper)))


def _philox(counter: Words, key: Words) -> Words:
    """Four random words for each counter of four words; the two words of the key have the counter's shape."""
    for _ in range(_ROUNDS):
        products = [
            _binary("multiply", wide := _to(counter[2 * i], _unsigned(64)), _same(factor, wide))
            for i, factor in enumerate(_MULTIPLIERS)
        ]
        (low_a, high_a), (low_b, high_b) = map(_halves, products)
        counter = [
            _binary("xor", _binary("xor", high_b, counter[1]), key[0]),
            low_b,
            _binary("xor", _binary("xor", high_a, counter[3]), key[1]),
            low_a,
        ]
        key = [_binary("add", word, _same(weyl, word)) for word, weyl in zip(key, _WEYL, strict=True)]
    return counter


def _scrambled(seed: Any) -> tuple[Any, Any, Any]:
    """Key and the two halves of the counter, scalars of ui64, from a seed of two integers."""
    values = hlo.op("convert", [seed], hlo.tensor([2], ir.IntegerType.get_signless(64)))
    words: Words = []
    for i in range(2):
        words += _halves(_to(hlo.part(values, 0, i), _unsigned(64)))
    mixed = _philox(words, [_same(word, words[0]) for word in _SCRAMBLE])
    return _wide(mixed[0], mixed[1]), _same(0, _to(words[0], _unsigned(64))), _wide(mixed[2], mixed[3])


def key_counter(op: Any) -> list[Any]:
    """``tf.StatelessRandomGetKeyCounter``."""
    key, low, high = _scrambled(op.operands[0])
    halves = [hlo.reshape(half, [1]) for half in (low, high)]
    counter = hlo.op("concatenate", halves, hlo.tensor([2], _unsigned(64)), dimension="0 : i64")
    return [hlo.convert(hlo.reshape(key, [1]), op.results[0].type), hlo.convert(counter, op.results[1].type)]


def algorithm(op: Any) -> list[Any]:
    """``tf.StatelessRandomGetAlg``."""
    return [hlo.constant(np.asarray(_PHILOX, np.int32))]


class _Source:
    """Words for groups of results: group i takes them from counter `start` + i * `stride` on."""

    def __init__(self, key: Any, low: Any, high: Any, groups: hlo.Size, stride: int = 1) -> None:
        numbers = loops.iota([groups], 0, _unsigned(64))
        numbers = _binary("multiply", numbers, _same(stride, numbers)) if stride > 1 else numbers
        self._key = [hlo.spread(word, [groups]) for word in _halves(key)]
        self._low = hlo.spread(low, [groups])
        self._high = hlo.spread(high, [groups])
        self._numbers = numbers

    def words(self, index: int = 0) -> Words:
        """The four words of each group's counter number `index`."""
        offset = _binary("add", self._numbers, _same(index, self._numbers)) if index else self._numbers
        low = _binary("add", self._low, offset)
        carry = _to(hlo.compare("LT", low, offset), _unsigned(64))
        return _philox([*_halves(low), *_halves(_binary("add", self._high, carry))], self._key)


def _fraction(words: Words, kind: Any) -> Words:
    """Numbers in [0, 1): random bits become the mantissa of a number in [1, 2)."""
    if isinstance(kind, ir.F64Type):
        return [_from_bits(_wide(words[i + 1], words[i]), 52, 1023, kind) for i in range(0, len(words), 2)]
    mantissa, exponent = {"f32": (23, 127), "f16": (10, 15), "bf16": (7, 127)}[str(kind)]
    return [_from_bits(word, mantissa, exponent, kind) for word in words]


def _from_bits(word: Any, mantissa: int, exponent: int, kind: Any) -> Any:
    bits = _binary("and", word, _same((1 << mantissa) - 1, word))
    bits = _binary("or", bits, _same(exponent << mantissa, bits))
    width = {"f64": 64, "f32": 32}.get(str(kind), 16)
    if width == 16:
        bits = _to(bits, _unsigned(16))
    number = hlo.op("bitcast_convert", [bits], hlo.tensor(hlo.shape(bits), kind))
    return _binary("subtract", number, _same(1.0, number))


def _normal(words: Words, kind: Any) -> Words:
    """Normals by Box and Muller's method; narrow ones are rounded from single precision."""
    double = isinstance(kind, ir.F64Type)
    wide = kind if double else ir.F32Type.get()
    uniform = _fraction(words, wide)
    results: Words = []
    for first, second in zip(uniform[::2], uniform[1::2], strict=True):
        first = _binary("maximum", first, _same(1.0e-7, first))  # noqa: PLW2901  (Box and Muller take its logarithm)
        angle = _binary("multiply", second, _same(2.0 * math.pi, second))
        length = hlo.op("log", [first], first.type)
        length = hlo.op("sqrt", [_binary("multiply", length, _same(-2.0, length))], length.type)
        results += [_binary("multiply", hlo.op(part, [angle], angle.type), length) for part in ("sine", "cosine")]
    return [_to(result, kind) for result in results]


def _truncated(source: _Source, kind: Any) -> Words:
    """The first normals of each group that lie within two standard deviations."""
    double = isinstance(kind, ir.F64Type)
    wanted = 2 if double else 4
    normals: Words = []
    index = 0
    while len(normals) < _CANDIDATES // (2 if double else 1):
        normals += _normal(source.words(index), kind if double else ir.F32Type.get())
        index += 1
    counted = hlo.op("convert", [_same(0, _to(normals[0], hlo.i32()))], hlo.tensor(hlo.shape(normals[0]), hlo.i32()))
    results = [_same(0.0, normals[0]) for _ in range(wanted)]
    for normal in normals:
        accepted = hlo.compare("LT", hlo.op("abs", [normal], normal.type), _same(2.0, normal))
        for place in range(wanted):
            here = _binary("and", accepted, hlo.compare("EQ", counted, _same(place, counted)))
            results[place] = hlo.op("select", [here, normal, results[place]], normal.type)
        counted = _binary("add", counted, _to(accepted, hlo.i32()))
    return [_to(result, kind) for result in results]


def _integers(words: Words, kind: Any) -> Words:
    """Whole words as integers of any value."""
    wide = kind.width == 64
    values = [_wide(words[0], words[1]), _wide(words[2], words[3])] if wide else words
    return [_to(value, kind) for value in values]


def _between(words: Words, kind: Any, low: Any, high: Any) -> Words:
    """Integers from `low` to `high` (exclusive): the remainder of whole words."""
    unsigned = _unsigned(kind.width)
    span = _binary("subtract", _to(high, unsigned), _to(low, unsigned))
    results: Words = []
    for value in _integers(words, unsigned):
        sizes = loops.sizes_of(value)
        rest = _binary("remainder", value, hlo.spread(span, sizes))
        results.append(_binary("add", hlo.spread(low, sizes), _to(rest, kind)))
    return results


def _filled(
    op: Any, make: Callable[[_Source], Words], start: tuple[Any, Any, Any], per_group: int, stride: int
) -> list[Any]:
    """The result of `op`: words of all groups in turn, the surplus cut off."""
    sizes = _sizes(op)
    count: hlo.Size = 1
    for size in sizes:
        count = hlo.arithmetic("multiply", count, size)
    groups = hlo.arithmetic("divide", hlo.arithmetic("add", count, per_group - 1), per_group)
    parts = make(_Source(*start, groups, stride))
    columns = [hlo.reshape(part, [groups, 1]) for part in parts]
    known = groups if isinstance(groups, int) else None
    joined = hlo.op("concatenate", columns, hlo.tensor([known, per_group], hlo.element(parts[0])), dimension="1 : i64")
    flat = hlo.reshape(joined, [hlo.arithmetic("multiply", groups, per_group)])
    return [hlo.cast(hlo.reshape(hlo.slice_between(flat, [0], [count]), sizes), op.result.type)]


def _sizes(op: Any) -> list[hlo.Size]:
    vector = op.operands[0]
    known = dims.elements(vector)
    declared = hlo.shape(op.result)
    found = [hlo.at(vector, i) for i in range(len(declared))] if known is None else list(map(dims.materialize, known))
    return [found[i] if size is None else size for i, size in enumerate(declared)]


def _start(op: Any) -> tuple[Any, Any, Any]:
    """Key and counter of the operations that take them, and of those that take a seed."""
    if "V2" not in op.name:
        return _scrambled(op.operands[1])
    key, counter = (_to(operand, _unsigned(64)) for operand in op.operands[1:3])
    return hlo.part(key, 0, 0), hlo.part(counter, 0, 0), hlo.part(counter, 0, 1)


def _numbers(make: Callable[[_Source, Any, Any], Words], stride: int = 1) -> Callable[[Any], list[Any]]:
    def rewrite(op: Any) -> list[Any]:
        kind = hlo.element(op.result)
        wide = str(kind) == "f64" or (isinstance(kind, ir.IntegerType) and kind.width == 64)
        count = 2 if wide else 4
        step = stride * count if stride > 1 else 1
        return _filled(op, lambda source: make(source, kind, op), _start(op), count, step)

    return rewrite


def _is_lowered(op: Any) -> bool:
    """Whether the operation names Philox or leaves the choice of the algorithm."""
    if "V2" not in op.name:
        return True
    owner = op.operands[3].owner
    known = hlo.known_elements(op.operands[3])
    if known is None:
        return not isinstance(owner, ir.Block) and owner.name == "tf.StatelessRandomGetAlg"
    return int(known[0]) in (_PHILOX, _AUTO)


def _bounds(op: Any) -> Sequence[Any]:
    return list(op.operands)[-2:]


_MAKERS: dict[str, tuple[Callable[[_Source, Any, Any], Words], int]] = {
    "Uniform": (lambda source, kind, op: _fraction(source.words(), kind), 1),
    "Normal": (lambda source, kind, op: _normal(source.words(), kind), 1),
    "UniformFullInt": (lambda source, kind, op: _integers(source.words(), kind), 1),
    "UniformInt": (lambda source, kind, op: _between(source.words(), kind, *_bounds(op)), 1),
}
KEPT = {
    "tf.StatelessRandomGetKeyCounter": Kept(key_counter),
    "tf.StatelessRandomGetAlg": Kept(algorithm),
    "tf.StatelessTruncatedNormal": Kept(
        _numbers(lambda source, kind, op: _truncated(source, kind), _SPARE), (), _is_lowered
    ),
    "tf.StatelessTruncatedNormalV2": Kept(
        _numbers(lambda source, kind, op: _truncated(source, kind), _SPARE), (), _is_lowered
    ),
    **{
        f"tf.StatelessRandom{name}{version}": Kept(_numbers(make, stride), (), _is_lowered)
        for name, (make, stride) in _MAKERS.items()
        for version in ("", "V2")
    },
}
