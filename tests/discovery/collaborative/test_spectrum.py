"""The common directions: the same as a whole decomposition says, damped."""

import numpy as np
import pytest
from scipy import sparse

from services.discovery.collaborative.interactions import leveled
from services.discovery.collaborative.spectrum import spectrum


def test_it_is_the_damped_low_rank_view_of_the_weights():
    dice = np.random.default_rng(1)
    weights = sparse.csr_array((dice.random((70, 30)) < 0.3).astype(np.float32))
    made, factors = leveled(weights, 0.25, 0.25)
    _, lengths, turned = np.linalg.svd(made.toarray().astype(np.float64), full_matrices=False)
    penalty = 2.0 * (made.toarray() ** 2).sum() / 30
    trust = lengths[:4] ** 2 / (lengths[:4] ** 2 + penalty)
    whole = factors[:, None] * (turned[:4].T * trust) @ turned[:4] / factors
    left, right = spectrum(weights, 4, 2.0)
    assert left.shape == right.shape == (30, 4)
    assert np.allclose(left @ right.T, whole, atol=1e-3)


def test_two_tastes_are_two_directions():
    weights = sparse.csr_array(np.kron(np.eye(2), np.ones((5, 3))).astype(np.float32))
    left, right = spectrum(weights, 2, 0.0)
    assert left @ right.T == pytest.approx(np.kron(np.eye(2), np.full((3, 3), 1 / 3)), abs=1e-5)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (2, 3)])
def test_of_nothing_there_is_no_direction(shape):
    left, right = spectrum(sparse.csr_array(shape, dtype=np.float32), 128, 10.0)
    assert left.shape == right.shape == (shape[1], 0)


def test_the_rank_is_at_most_what_there_is_and_the_same_twice():
    weights = sparse.csr_array(np.ones((1, 4), np.float32))
    left, right = spectrum(weights, 128, 1.0)
    assert left.shape == (4, 1)
    again, _ = spectrum(weights, 128, 1.0)
    assert again.tobytes() == left.tobytes()
    assert np.isfinite(left @ right.T).all()
