"""Sequences read off from the scores of their classes."""

from __future__ import annotations

from typing import Any

from iree.import_tf import hlo, loops
from iree.import_tf.rewrites import vectors
from iree.import_tf.rewrites.kept import Kept


def ctc_greedy(op: Any) -> list[Any]:
    """``tf.CTCGreedyDecoder``: the best class at each time, without blanks, as a sparse matrix; and the negative sum of
    the best scores. Scores are (time, batch, classes).
    """
    scores, lengths = op.operands
    steps, batch, classes = loops.sizes_of(scores)
    kind = hlo.element(scores)
    largest = hlo.reduce("maximum", scores, hlo.filled(float("-inf"), hlo.tensor([], kind)), [2])
    space = [steps, batch, classes]
    best = hlo.compare("EQ", scores, hlo.cast(hlo.broadcast(largest, space, [0, 1]), scores.type))
    numbers = loops.iota(space, 2)
    none = hlo.spread(hlo.size_value(classes), space)
    first = hlo.reduce("minimum", vectors.select(best, numbers, none), hlo.size_value(classes), [2])
    turned = hlo.tensor(hlo.shape(first)[::-1], hlo.i32())
    chosen = hlo.op("transpose", [first], turned, permutation=hlo.array([1, 0]))  # (batch, time)
    table = [batch, steps]
    time = loops.iota(table, 1)
    read = vectors.compare("LT", time, hlo.broadcast(hlo.to_i32(lengths), table, [0]))
    blank = op.attributes["blank_index"].value
    empty = hlo.arithmetic("add", classes, blank) if blank < 0 else blank
    said = vectors.compare("NE", chosen, empty)
    said = hlo.op("and", [hlo.cast(said, read.type), read], read.type)
    if op.attributes["merge_repeated"].value:
        rows = loops.iota(table, 0)
        flat, count = vectors.flat(chosen)
        place = vectors.flat(vectors.binary("add", vectors.binary("multiply", rows, _full(steps, table)), time))[0]
        earlier = vectors.binary("maximum", vectors.binary("subtract", place, _full(1, [count])), _full(0, [count]))
        before = hlo.reshape(hlo.take(flat, earlier, 0), table)
        new = vectors.compare("NE", chosen, before)
        new = hlo.op("or", [new, vectors.compare("EQ", time, 0)], new.type)
        said = hlo.op("and", [said, hlo.cast(new, said.type)], said.type)
    ones = hlo.convert(said, hlo.tensor(hlo.shape(said), hlo.i32()))
    column = loops.cumulate("add", ones, 1, 0, exclusive=True, back=False)
    mask, count = vectors.flat(said)
    found = vectors.places(mask, count)
    parts = [hlo.take(vectors.flat(part)[0], found, 0) for part in (loops.iota(table, 0), column)]
    pairs = [hlo.reshape(part, [*loops.sizes_of(part), 1]) for part in parts]
    indices = hlo.op("concatenate", pairs, hlo.tensor([None, 2], hlo.i32()), dimension="1 : i64")
    many = hlo.reduce("add", ones, hlo.size_value(0), [1])
    longest = hlo.reduce("maximum", many, hlo.size_value(0), [0])
    over = [hlo.broadcast(hlo.to_i32(lengths), [steps, batch], [1]), loops.iota([steps, batch], 0)]
    zero = hlo.spread(hlo.filled(0, hlo.tensor([], kind)), [steps, batch])
    counted = vectors.select(vectors.compare("GT", *over), largest, zero)
    total = hlo.reduce("add", counted, hlo.filled(0, hlo.tensor([], kind)), [0])
    total = hlo.reshape(hlo.op("negate", [total], total.type), [batch, 1])
    made = (indices, hlo.take(vectors.flat(chosen)[0], found, 0), hlo.vector([batch, longest]), total)
    return [hlo.convert(part, result.type) for part, result in zip(made, op.results, strict=True)]


def _full(number: hlo.Size, sizes: list[hlo.Size]) -> Any:
    return hlo.spread(hlo.size_value(number), sizes)


KEPT = {"tf.CTCGreedyDecoder": Kept(ctc_greedy, ("merge_repeated", "blank_index"))}
