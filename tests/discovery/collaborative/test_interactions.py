"""What people played, as numbers: sums, bounds and weights."""

import numpy as np
from scipy import sparse

from services.discovery.collaborative.interactions import MOST_EACH, interactions, leveled


def test_a_pair_that_comes_twice_is_added_up_and_nonsense_counts_as_nothing():
    made = interactions([0, 0, 1, 1, 1], [1, 1, 0, 1, 2], [2, 3, -1, np.nan, np.inf], (2, 3))
    assert made.counts.toarray().tolist() == [[0, 5, 0], [0, 0, 0]]
    assert (made.users, made.items, made.counts.nnz) == (2, 3, 1)


def test_each_doubling_of_plays_weighs_one_more():
    made = interactions([0] * 5, range(5), [0.5, 1, 2, 8, 1024], (1, 5))
    assert made.weights().toarray().tolist() == [[1, 1, 2, 4, 11]]


def test_who_played_fifty_thousand_things_counts_with_the_two_thousand_played_most():
    plays = np.arange(50_000) % 7 + 1
    made = interactions(np.zeros(50_000, int), np.arange(50_000), plays, (2, 50_000))
    assert made.counts.nnz == MOST_EACH
    assert set(made.counts.data.tolist()) == {7.0}
    # Of those played as often the first.
    assert made.counts.indices.max() == 7 * MOST_EACH - 1


def test_leveling_divides_by_the_powers_of_both_sums():
    weights = sparse.csr_array(np.array([[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]], np.float32))
    made, factors = leveled(weights, 0.5, 1.0)
    assert factors.tolist() == [0.5, 0.5, 1, 1]
    half = 2**-0.5
    assert np.allclose(made.toarray(), [[half / 2, half / 2, 0, 0], [0.25, 0.25, 0.5, 0.5], [0, 0, 0, 0]])
    assert weights.toarray().max() == 1, "what was given stays as it was"


def test_nobody_and_nothing_is_levelled_too():
    for shape in ((0, 0), (0, 3), (3, 0)):
        made, factors = leveled(sparse.csr_array(shape, dtype=np.float32), 0.5, 0.5)
        assert made.shape == shape
        assert factors.tolist() == [1.0] * shape[1]
