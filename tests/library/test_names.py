from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.library.names import fold, free_slug, slug, sort_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sigur Rós", "SIGUR ROS"),
        ("Mø", "mo"),
        ("Łona", "lona"),
        ("Straße", "STRASSE"),
        ("Æther", "aether"),
        ("Simon & Garfunkel", "simon and garfunkel"),
        ("AC/DC", "ac-dc"),
        ("R.E.M.", "REM"),
        ("Guns N’ Roses", "Guns N' Roses"),
        ("Ｆｕｌｌ", "full"),
        ("Wham!", "wham"),
        ("Артём", "артем"),
        ("a  b\u200b", "A B"),
        ("e\u0301", "é"),
    ],
)
def test_spellings_of_one_name_meet(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("が", "か"),
        ("मी", "म"),
        ("май", "маи"),
        ("P!nk", "Pnk"),
        ("!!!", "???"),
        ("The The", "The"),
        ("The Band", "Band"),
    ],
)
def test_names_that_differ_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(max_size=60))
def test_folding_a_key_again_changes_nothing_and_names_keep_a_key(name: str) -> None:
    key = fold(name)
    assert fold(key) == key
    assert key == key.strip()
    if any(character.isalnum() for character in name):
        assert key


@given(st.text(max_size=60))
def test_case_does_not_count(name: str) -> None:
    assert fold(name.casefold()) == fold(name)


@given(st.text(max_size=200))
def test_a_slug_is_one_safe_piece_of_a_url(name: str) -> None:
    made = slug(name, "song")
    assert 1 <= len(made) <= 80
    assert not re.search(r"[\s/?#%&.]|--|^-|-$", made)


def test_slugs_that_collide_are_numbered_from_two() -> None:
    taken = {"blue", "blue-2"}
    assert [free_slug("blue", taken), free_slug("blue", taken), free_slug("red", taken)] == ["blue-3", "blue-4", "red"]


@pytest.mark.parametrize(
    ("name", "sorts_as"),
    [("The Beatles", "Beatles, The"), ("A Perfect Circle", "Perfect Circle, A"), ("A-ha", "A-ha"), ("The", "The"),
     ("Therapy?", "Therapy?"), ("  An   Horse ", "Horse, An"), ("Die Antwoord", "Die Antwoord")],
)  # fmt: skip
def test_a_leading_english_article_sorts_last(name: str, sorts_as: str) -> None:
    assert sort_name(name) == sorts_as
