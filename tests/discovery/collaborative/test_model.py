"""The model: what it names first, and what becomes of a damaged file."""

import numpy as np
import pytest
from scipy import sparse

from services.discovery.collaborative.model import Model, ModelUnreadable, largest, read_model


def _model(near, popularity, left=None, right=None) -> Model:
    nothing = np.zeros((len(near), 0), np.float32)
    near = sparse.csr_array(np.array(near, np.float32))
    return Model(near, nothing if left is None else left, nothing if right is None else right,
                 np.array(popularity, np.float32))  # fmt: skip


def _asked(rows) -> sparse.csr_array:
    return sparse.csr_array(np.array(rows, np.float32))


def test_what_somebody_has_is_never_named_and_missing_places_are_empty():
    model = _model([[9, 1, 2], [0, 0, 0], [0, 5, 0]], [1, 1, 1])
    items, scores = model.best(_asked([[1, 0, 0], [1, 0, 1]]), 4)
    assert items.tolist() == [[2, 1, -1, -1], [1, -1, -1, -1]]
    assert scores.tolist() == [[2, 1, -np.inf, -np.inf], [6, -np.inf, -np.inf, -np.inf]]


def test_what_the_model_says_nothing_of_comes_by_how_many_have_it_then_by_number():
    model = _model(np.zeros((4, 4)), [2, 7, 2, 9])
    items, scores = model.best(_asked([[0, 0, 0, 1], [0, 0, 0, 0]]), 3)
    assert items.tolist() == [[1, 0, 2], [3, 1, 0]]
    assert not scores.any(), "being known is no score"


def test_the_thin_matrices_add_to_the_neighbours():
    left, right = np.array([[1], [0]], np.float32), np.array([[0], [3]], np.float32)
    model = _model([[0, 1], [0, 0]], [1, 1], left, right)
    assert model.scores(_asked([[2, 0]])).tolist() == [[0, 8]]


def test_a_model_comes_back_from_its_bytes_and_nothing_else_does():
    made = _model([[0, 1.5], [0.5, 0]], [3, 4], np.ones((2, 1), np.float32), np.ones((2, 1), np.float32))
    content = made.to_bytes()
    back = read_model(content)
    assert back.scores(_asked([[1, 2]])).tolist() == made.scores(_asked([[1, 2]])).tolist()
    assert back.popularity.tolist() == [3, 4]
    for damaged in (b"", b"PK\x03\x04", content[:-40], b"\x00" * 500, content[:60] + b"xyz" + content[63:]):
        with pytest.raises(ModelUnreadable):
            read_model(damaged)


def test_the_largest_come_in_order_and_equals_by_number():
    chosen, found = largest(np.array([[1, 3, 3, 0, 2]], np.float32), 3)
    assert (chosen.tolist(), found.tolist()) == ([[1, 2, 4]], [[3, 3, 2]])
    assert largest(np.array([[1, 3]], np.float32), 5)[0].tolist() == [[1, 0]]
