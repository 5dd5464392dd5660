from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from iree.dialects.host.packing import Interval, pack, share

intervals = st.lists(
    st.builds(
        lambda start, length, size: Interval(start, start + length, size),
        st.integers(0, 20),
        st.integers(0, 10),
        st.integers(0, 5000),
    ),
    max_size=30,
)


@given(intervals, st.sampled_from([1, 64, 256]))
def test_values_that_live_at_once_do_not_overlap(values: list[Interval], alignment: int) -> None:
    offsets, total = pack(values, alignment)
    for i, a in enumerate(values):
        assert offsets[i] % alignment == 0
        assert offsets[i] + a.size <= total
        for j, b in enumerate(values[:i]):
            if a.overlaps(b):
                assert offsets[i] + a.size <= offsets[j] or offsets[j] + b.size <= offsets[i]


@given(intervals)
def test_the_slab_is_not_larger_than_all_values_and_not_smaller_than_those_of_a_step(values: list[Interval]) -> None:
    _, total = pack(values, 1)
    assert total <= sum(v.size for v in values)
    assert all(total >= sum(v.size for v in values if v.start <= step <= v.end) for step in range(31))


def test_a_chain_needs_two_places() -> None:
    chain = [Interval(i, i + 1, 1000) for i in range(20)]
    assert pack(chain, 1)[1] == 2000


@given(intervals)
def test_regions_are_shared_by_equal_sizes_at_different_times(values: list[Interval]) -> None:
    chosen, sizes = share(values)
    for i, a in enumerate(values):
        assert sizes[chosen[i]] == a.size
        assert not any(chosen[i] == chosen[j] and a.overlaps(b) for j, b in enumerate(values[:i]))
