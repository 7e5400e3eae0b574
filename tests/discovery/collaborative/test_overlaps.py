"""What things have in common, in blocks: the same as the whole product, however small the blocks are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from services.discovery.collaborative import overlaps as room
from services.discovery.collaborative.overlaps import overlaps, walked

THREE = sparse.csr_array(np.array([[1, 1, 0], [1, 1, 1], [1, 0, 0]], np.float32))


def test_overlaps_are_the_people_in_common():
    assert overlaps(THREE, 2).toarray().tolist() == [[0, 2, 1], [2, 0, 1], [1, 1, 0]]


def test_only_the_largest_are_kept():
    assert overlaps(THREE, 1).toarray()[:2].tolist() == [[0, 2, 0], [2, 0, 0]]
    assert overlaps(THREE, 1).nnz == 3


def test_a_walk_is_worth_what_it_is_by_hand():
    # From 0 to 1: by the first person 1/2, by the second 1/3, over the roots of 3 and 2 people; damped.
    assert walked(THREE, 2).toarray()[0, 1] == pytest.approx(((1 / 2 + 1 / 3) / 6**0.5) ** 0.7)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 12), st.sampled_from([1, 7, 10_000]))
def test_blocks_of_any_size_say_what_one_product_says(seed, people, things, entries):
    dice = np.random.default_rng(seed)
    made = sparse.csr_array((dice.random((people, things)) < 0.4) * dice.random((people, things)).astype(np.float32))
    whole = (made.T @ made).toarray()
    np.fill_diagonal(whole, 0)
    told = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "BLOCK_ENTRIES", entries)
        found = overlaps(made, things, told=told.append)
    assert np.allclose(found.toarray(), whole)
    assert found.has_sorted_indices or found.nnz == 0
    assert told == sorted(told)
    assert told[-1] == 1


def test_there_may_be_nobody_or_nothing():
    for shape in ((0, 0), (0, 3), (3, 0), (2, 1)):
        assert overlaps(sparse.csr_array(shape, dtype=np.float32), 5).shape == (shape[1], shape[1])


def test_a_raise_from_whoever_is_told_stops_the_work():
    def told(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        overlaps(THREE, 2, told=told)
