"""The exam as a whole: what is masked, who is counted, the baselines by hand, and the same marks as a plain loop."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from scipy import sparse

from services.clock import SetClock
from services.discovery.collaborative.baselines import chance, nearest, popular
from services.discovery.collaborative.exam import sit
from services.discovery.collaborative.fitting import fit
from services.discovery.collaborative.interactions import Interactions
from services.discovery.collaborative.paper import Paper, read_paper
from services.discovery.collaborative.recipe import weighed
from tests.discovery.collaborative.test_fitting import circles

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _halved() -> Paper:
    """A fifth of the circles held back; one stranger, and one thing that nobody had."""
    whole = circles(people=50).counts.toarray()
    away = (np.random.default_rng(4).random(whole.shape) < 0.2) & (whole > 0)
    train = Interactions(sparse.csr_array(np.where(away, 0, whole).astype(np.float32)))
    people = np.flatnonzero(away.any(axis=1))
    wanted = [np.flatnonzero(away[row]) for row in people]
    wanted[0] = np.append(wanted[0], 40)
    return Paper(None, train, np.append(people, -1), [*wanted, np.array([3])], 1, 1, 0)


@pytest.fixture(scope="module")
def sat():
    paper = _halved()
    told: list[tuple[str, float]] = []
    results = list(sit(paper, 7, SetClock(NOON), lambda title, share: told.append((title, share))))
    return paper, results, told


def test_every_model_is_examined_and_the_learned_one_is_best(sat):
    paper, results, told = sat
    assert [result.name for result in results] == ["tutti", "item-kNN", "popularity", "random"]
    assert {result.marks.people for result in results} == {len(paper.people)}
    recalls = [result.marks.recall for result in results]
    assert recalls[0] > recalls[2] > recalls[3]
    assert results[0].recipe is not None
    assert {title for title, _ in told} == {
        "Learning", "Asking", "Item-kNN", "Asking item-kNN", "Asking what is popular"
    }  # fmt: skip


def test_the_shipped_model_is_marked_as_a_plain_loop_marks_it(sat):
    paper, results, _ = sat
    model, recipe = fit(paper.train)
    weights = weighed(paper.train, counted=recipe.counted)
    popularity = (paper.train.counts.toarray() > 0).sum(axis=0)
    recalls, ndcgs = [], []
    for row, wanted in zip(paper.people, paper.wanted, strict=True):
        if row < 0:
            order = sorted(range(40), key=lambda item: (-popularity[item], item))
        else:
            scores = model.scores(weights[[row]])[0]
            had = set(paper.train.counts[[row]].indices.tolist())
            order = sorted(set(range(40)) - had, key=lambda item: -scores[item])
        hits = [item in wanted for item in order[:7]]
        recalls.append(sum(hits) / len(wanted))
        gain = sum(hit / math.log2(place + 2) for place, hit in enumerate(hits))
        ndcgs.append(gain / sum(1 / math.log2(place + 2) for place in range(min(7, len(wanted)))))
    assert results[0].marks.recall == pytest.approx(np.mean(recalls))
    assert results[0].marks.ndcg == pytest.approx(np.mean(ndcgs), abs=1e-3)


def test_it_comes_out_the_same_twice(sat):
    _, results, _ = sat
    again = sit(_halved(), 7, SetClock(NOON), lambda title, share: None)
    assert [result.as_json() for result in again] == [result.as_json() for result in results]


def test_what_is_popular_is_shown_in_order_without_what_one_has():
    plays = Interactions(sparse.csr_array(np.array([[1, 1, 1], [0, 9, 1], [0, 0, 1]], np.float32)))
    found, _ = popular(plays).best(weighed(plays, counted=False), 2)
    assert found.tolist() == [[-1, -1], [0, -1], [1, 0]]


def test_item_knn_is_the_shrunk_cosine():
    plays = Interactions(sparse.csr_array(np.array([[1, 1, 0], [5, 1, 1], [1, 0, 0]], np.float32)))
    near = nearest(plays).near.toarray()
    assert near[0, 1] == pytest.approx(2 / (6**0.5 + 10))
    assert near[1, 2] == near[2, 1] == pytest.approx(1 / (2**0.5 + 10))
    assert not np.diag(near).any()


def test_chance_draws_what_one_does_not_have_the_same_each_time():
    weights = sparse.csr_array(np.array([[1, 1, 1, 0, 0], [0, 0, 0, 0, 0]], np.float32))
    found = chance(weights, 4)
    assert sorted(found[0].tolist()) == [-1, -1, 3, 4]
    assert len(set(found[1].tolist())) == 4
    assert chance(weights, 4).tolist() == found.tolist()
    many = chance(sparse.csr_array((2_000, 5), dtype=np.float32), 1)
    assert all(300 < count < 500 for count in np.bincount(many.ravel()))


def test_the_smallest_exam_there_is_can_be_sat(tmp_path):
    (tmp_path / "train").write_text("1 2\n")
    (tmp_path / "test").write_text("1 2\n")
    results = list(
        sit(read_paper(tmp_path / "train", tmp_path / "test"), 20, SetClock(NOON), lambda title, share: None)
    )
    assert [result.marks.recall for result in results] == [0, 0, 0, 0]
    assert [result.marks.coverage for result in results] == [0, 0, 0, 0]


def test_a_raise_from_whoever_is_told_stops_it():
    def told(title: str, share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        next(sit(_halved(), 20, SetClock(NOON), told))
