"""Recall, NDCG, coverage and novelty: worked out by hand, and against a plain loop."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.discovery.collaborative.measures import marks


def _marks(lists, wanted, popularity, people=4):
    return marks(np.array(lists), [np.array(each) for each in wanted], np.array(popularity, np.float32), people)


def test_a_list_is_marked_as_by_hand():
    # The second and fourth of four are right, of three that were wanted.
    found = _marks([[7, 3, 9, 1]], [[1, 3, 5]], [1] * 10)
    assert found.recall == pytest.approx(2 / 3)
    gain = 1 / math.log2(3) + 1 / math.log2(5)
    assert found.ndcg == pytest.approx(gain / (1 + 1 / math.log2(3) + 1 / math.log2(4)))


def test_who_wanted_more_than_fits_can_still_have_a_perfect_order():
    found = _marks([[0, 1]], [[0, 1, 2, 3, 4]], [1] * 5)
    assert (found.recall, found.ndcg) == (pytest.approx(2 / 5), pytest.approx(1.0))


def test_means_are_over_people_and_not_over_things():
    found = _marks([[0], [0]], [[0], [1, 2, 3, 4]], [1] * 5)
    assert (found.recall, found.ndcg, found.people) == (0.5, 0.5, 2)


def test_coverage_and_novelty_are_by_hand():
    found = _marks([[0, 1], [0, -1]], [[3], [3]], [4, 1, 2, 1])
    assert found.coverage == 0.5
    # Everybody has the first, a quarter has the second: 0, 2 and 0 bits.
    assert found.novelty == pytest.approx(2 / 3)


def test_a_place_left_empty_is_no_hit_and_nobody_is_nothing():
    assert _marks([[-1, -1]], [[9]], [1, 1]).recall == 0
    nobody = marks(np.empty((0, 5), np.int64), [], np.ones(3, np.float32), 3)
    assert (nobody.recall, nobody.ndcg, nobody.coverage, nobody.novelty, nobody.people) == (0, 0, 0, 0, 0)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_plain_loop_says_the_same(data):
    top = data.draw(st.integers(1, 6))
    people = data.draw(st.integers(1, 4))
    lists = [data.draw(st.permutations(range(12)))[:top] for _ in range(people)]
    wanted = [sorted(data.draw(st.sets(st.integers(0, 14), min_size=1, max_size=9))) for _ in range(people)]
    recalls, ndcgs = [], []
    for shown, theirs in zip(lists, wanted, strict=True):
        hits = [item in theirs for item in shown]
        recalls.append(sum(hits) / len(theirs))
        gain = sum(1 / math.log2(place + 2) for place, hit in enumerate(hits) if hit)
        ndcgs.append(gain / sum(1 / math.log2(place + 2) for place in range(min(top, len(theirs)))))
    found = _marks(lists, wanted, [1] * 12)
    assert found.recall == pytest.approx(sum(recalls) / people)
    assert found.ndcg == pytest.approx(sum(ndcgs) / people)
