"""The ridge: by hand for two things, as the whole closed form where everybody is a neighbour."""

import numpy as np
import pytest
from scipy import sparse

from services.discovery.collaborative import ridge as room
from services.discovery.collaborative.interactions import leveled
from services.discovery.collaborative.ridge import ridges


def _plays(people: int, things: int, share: float, seed: int = 3) -> sparse.csr_array:
    dice = np.random.default_rng(seed)
    return sparse.csr_array((dice.random((people, things)) < share).astype(np.float32))


def test_two_things_are_worth_what_they_are_by_hand():
    # Three people have both, one has only the first: row sums 2 2 2 1, column sums 4 and 3.
    weights = sparse.csr_array(np.array([[1, 1], [1, 1], [1, 1], [1, 0]], np.float32))
    shared, first, second = 3 / 2**0.5 / 12**0.25, (3 / 2**0.5 + 1) / 2, 3 / 2**0.5 / 3**0.5
    penalty = 10 * (first + second) / 2
    found = ridges(weights, 5, [10.0])[10.0].toarray()
    assert found[0, 1] == pytest.approx(shared / (first + penalty) * (3 / 4) ** 0.25)
    assert found[1, 0] == pytest.approx(shared / (second + penalty) * (4 / 3) ** 0.25)
    assert found[0, 0] == found[1, 1] == 0


@pytest.mark.parametrize("dense", [0, 6_000])
def test_with_all_for_neighbours_it_is_the_closed_form(dense, monkeypatch):
    monkeypatch.setattr(room, "DENSE", dense)
    weights = _plays(60, 12, 0.4)
    made, factors = leveled(weights, 0.25, 0.25)
    gram = (made.T @ made).toarray().astype(np.float64)
    for strength, found in ridges(weights, 12, [0.5, 3.0]).items():
        inverse = np.linalg.inv(gram + strength * np.trace(gram) / 12 * np.eye(12))
        steck = inverse / -np.diag(inverse)
        np.fill_diagonal(steck, 0)
        assert np.allclose(found.toarray(), factors[:, None] * steck / factors, atol=1e-6)


def test_both_ways_of_looking_overlaps_up_agree(monkeypatch):
    weights = _plays(80, 50, 0.1)
    by_table = ridges(weights, 4, [1.0])[1.0].toarray()
    monkeypatch.setattr(room, "DENSE", 0)
    assert np.allclose(ridges(weights, 4, [1.0])[1.0].toarray(), by_table, atol=1e-7)
    assert (by_table != 0).sum(axis=0).max() == 4, "a thing hears of four others at most"


def test_things_that_nobody_has_say_nothing_and_hear_nothing():
    weights = sparse.csr_array(np.array([[1, 0, 1], [1, 0, 1]], np.float32))
    found = ridges(weights, 3, [1.0])[1.0].toarray()
    assert np.isfinite(found).all()
    assert not found[1].any()
    assert not found[:, 1].any()


def test_there_may_be_nobody_or_nothing():
    for shape in ((0, 0), (0, 3), (3, 0), (2, 1)):
        assert ridges(sparse.csr_array(shape, dtype=np.float32), 5, [1.0])[1.0].shape == (shape[1], shape[1])
