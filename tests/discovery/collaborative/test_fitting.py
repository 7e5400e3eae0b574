"""Learning: two circles of friends, the same model twice and under other numbers, small and odd houses, steps kept."""

import numpy as np
import pytest
from scipy import sparse

from services.discovery.collaborative import recipe as recipes
from services.discovery.collaborative.fitting import fit, learn
from services.discovery.collaborative.interactions import Interactions, interactions
from services.discovery.collaborative.recipe import PLAIN, Recipe, held_back, sought, weighed
from services.discovery.collaborative.steps import StepStore, content_of


def circles(people: int = 60, things: int = 40, seed: int = 2) -> Interactions:
    """Two halves of people, each with things of its own half, by some more often."""
    dice = np.random.default_rng(seed)
    same = (np.arange(people)[:, None] % 2) == (np.arange(things)[None] % 2)
    there = dice.random((people, things)) < np.where(same, 0.4, 0.03)
    return Interactions(sparse.csr_array(np.where(there, dice.integers(1, 30, there.shape), 0).astype(np.float32)))


def test_who_is_in_a_circle_is_shown_what_the_circle_has():
    plays = circles()
    model, recipe = fit(plays)
    assert recipe.walk + recipe.ridge + recipe.spectrum == pytest.approx(1)
    items, scores = model.best(weighed(plays, counted=recipe.counted), 5)
    assert (items % 2 == np.arange(60)[:, None] % 2).mean() > 0.97
    assert np.all(np.diff(scores, axis=1) <= 1e-5)
    assert model.popularity.tolist() == (plays.counts.toarray() > 0).sum(axis=0).tolist()


def test_the_same_plays_give_the_same_model():
    one, recipe = fit(circles(people=24))
    other, again = fit(circles(people=24))
    assert recipe == again
    assert one.to_bytes() == other.to_bytes()


def test_under_other_numbers_it_is_the_same_model():
    plays = circles()
    dice = np.random.default_rng(9)
    rows, columns = dice.permutation(60), dice.permutation(40)
    moved = Interactions(sparse.csr_array(plays.counts[rows][:, columns]))
    recipe = Recipe(0.4, 0.6, 0.0, 3.0, True)
    one, other = learn(plays, recipe).near.toarray(), learn(moved, recipe).near.toarray()
    assert np.allclose(one[columns][:, columns], other, atol=2e-5 * one.max())


def test_how_often_counts_by_doublings_or_not_at_all():
    plays = circles()
    many = Interactions(sparse.csr_array(plays.counts * np.float32(64)))
    recipe = Recipe(0.3, 0.4, 0.3, 3.0, False)
    assert learn(plays, recipe).to_bytes() == learn(many, recipe).to_bytes()
    assert np.allclose(weighed(many, counted=True).data, weighed(plays, counted=True).data + 6)
    assert set(weighed(many, counted=False).data.tolist()) == {1.0}


@pytest.mark.parametrize(
    "rows",
    [
        np.zeros((0, 0)),
        np.zeros((3, 0)),
        np.zeros((0, 4)),
        np.zeros((3, 4)),
        np.ones((1, 1)),
        np.ones((1, 6)),
        np.ones((50, 1)),
        np.tile([1, 0, 0], (30, 1)),
        np.ones((40, 8)),
    ],
    ids=["nothing", "no-items", "nobody", "no-plays", "one-pair", "one-user", "one-item", "all-the-same", "everything"],
)
def test_any_house_however_odd_has_a_model(rows):
    plays = Interactions(sparse.csr_array(rows.astype(np.float32)))
    model, _ = fit(plays)
    assert model.items == rows.shape[1]
    items, scores = model.best(weighed(plays, counted=False), 3)
    assert items.shape == (rows.shape[0], 3)
    assert not np.isnan(scores).any()
    for row, shown in enumerate(items):
        assert not rows[row, shown[shown >= 0]].any(), "nobody is shown what they have"


def test_one_with_fifty_thousand_things_is_learned_from_too():
    users = np.concatenate([np.zeros(50_000, int), np.ones(3, int)])
    things = np.concatenate([np.arange(50_000), [1, 2, 3]])
    plays = interactions(users, things, np.ones(len(users)), (2, 50_000))
    model = learn(plays, Recipe(1.0, 0.0, 0.0, 3.0, False))
    assert model.left.shape == (50_000, 0)
    assert model.best(weighed(plays, counted=False)[[1]], 1)[0].tolist() not in ([[1]], [[2]], [[3]])


def test_about_a_tenth_is_held_back_and_only_of_those_who_have_five():
    plays = circles()
    kept, wanted, people = held_back(plays)
    assert kept.counts.nnz + sum(map(len, wanted)) == plays.counts.nnz
    assert 0.05 < 1 - kept.counts.nnz / plays.counts.nnz < 0.15
    for row, theirs in zip(people, wanted, strict=True):
        assert plays.counts[[row]].nnz >= 5
        assert not kept.counts[[row]].toarray()[0, theirs].any()
        assert plays.counts[[row]].toarray()[0, theirs].all()


def test_where_there_is_too_little_to_hold_back_the_recipe_is_plain():
    assert sought(circles(people=12)) == PLAIN


def test_of_many_plays_so_many_people_as_bounded_are_learned_from_and_asked(monkeypatch):
    plays = circles(people=400)
    monkeypatch.setattr(recipes, "LEARNED_FROM", plays.counts.nnz // 4)
    monkeypatch.setattr(recipes, "TRIED_ON", 30)
    kept, wanted, people = held_back(plays)
    assert kept.users < 160
    assert len(wanted) == len(people) == 30


class _Broken(Exception):
    pass


def test_a_learning_that_was_broken_off_goes_on_where_it_was(tmp_path, monkeypatch):
    plays = circles(people=30)
    whole, recipe = fit(plays)

    def breaks(share: float) -> None:
        if share > 0.5:
            raise _Broken

    keep = StepStore(tmp_path, content_of(plays))
    with pytest.raises(_Broken):
        fit(plays, told=breaks, keep=keep)
    assert {file.stem for file in tmp_path.glob("steps-*/*")} == {"tried-plain", "tried-counted"}
    # What was tried is not tried again.
    monkeypatch.setattr(recipes, "marked", None)
    told: list[float] = []
    model, again = fit(plays, told=told.append, keep=StepStore(tmp_path, content_of(plays)))
    assert again == recipe
    assert model.to_bytes() == whole.to_bytes()
    assert told == sorted(told)
    assert told[-1] == 1
    keep.forget()
    assert not list(tmp_path.iterdir())


def test_steps_of_other_plays_and_damaged_ones_are_of_no_use(tmp_path):
    keep = StepStore(tmp_path, content_of(circles()))
    one = {"x": np.arange(3)}
    assert keep.kept("a", lambda: one)["x"].tolist() == [0, 1, 2]
    assert keep.kept("a", dict)["x"].tolist() == [0, 1, 2]
    next(tmp_path.glob("*/a.npz")).write_bytes(b"half a file")
    assert keep.kept("a", lambda: {"x": np.arange(2)})["x"].tolist() == [0, 1]
    other = circles(seed=3)
    assert StepStore(tmp_path, content_of(other)).kept("a", lambda: {"x": np.arange(1)})["x"].tolist() == [0]
    assert len(list(tmp_path.iterdir())) == 1
    assert content_of(other) != content_of(circles()) == content_of(circles())
