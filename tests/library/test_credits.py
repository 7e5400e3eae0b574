from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.library.credits import split_credit
from services.library.path_tags import album_folder, read_path

A, B, C = (f"{n * 8}-1111-1111-1111-111111111111" for n in "abc")


def parts(printed: str | None, apart: list[str] | None = None, ids: list[str] | None = None) -> list[tuple[str, ...]]:
    _, credits = split_credit(printed, apart or [], ids or [])
    return [(credit.name, credit.role, credit.join) for credit in credits]


@pytest.mark.parametrize(
    "name",
    ["AC/DC", "Simon & Garfunkel", "Earth, Wind & Fire", "Tyler, The Creator", "Florence + the Machine", "Little Feat",
     "Crosby, Stills, Nash and Young", "Hall; Oates", "Ft. Lauderdale", "feat.", "Portugal. The Man", "X feat. "],
)  # fmt: skip
def test_without_evidence_a_credit_is_one_artist(name: str) -> None:
    assert [part[0] for part in parts(name)] == [name.strip()]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("Ann feat. Bob", [("Ann", "main", " feat. "), ("Bob", "featured", "")]),
        ("Ann ft Bob", [("Ann", "main", " ft "), ("Bob", "featured", "")]),
        ("Ann Featuring Bob & Cy", [("Ann", "main", " Featuring "), ("Bob & Cy", "featured", "")]),
        ("Ann (feat. Bob)", [("Ann", "main", " (feat. "), ("Bob", "featured", ")")]),
        ("Little Feat feat. Bob", [("Little Feat", "main", " feat. "), ("Bob", "featured", "")]),
    ],
)
def test_featuring_splits(printed: str, expected: list[tuple[str, ...]]) -> None:
    assert parts(printed) == expected


def test_names_kept_apart_take_their_joins_from_the_printed_credit() -> None:
    assert parts("Ann & Bob feat. Cy", ["Ann", "Bob", "Cy"]) == [
        ("Ann", "main", " & "), ("Bob", "main", " feat. "), ("Cy", "featured", ""),
    ]  # fmt: skip
    assert parts(None, ["Ann", "Bob"]) == [("Ann", "main", " & "), ("Bob", "main", "")]
    assert split_credit(None, ["A", "B", "C"], [])[0] == "A, B & C"


def test_as_many_musicbrainz_ids_as_parts_split_a_credit() -> None:
    _, credits = split_credit("Ann, Bob & Cy", [], [A, B, C])
    assert [(credit.name, credit.join, credit.musicbrainz_id) for credit in credits] == [
        ("Ann", ", ", A), ("Bob", " & ", B), ("Cy", "", C),
    ]  # fmt: skip
    _, credits = split_credit("Simon & Garfunkel", [], [A])
    assert [(credit.name, credit.musicbrainz_id) for credit in credits] == [("Simon & Garfunkel", A)]
    assert len(split_credit("Earth, Wind & Fire", [], [A, B])[1]) == 1


def test_one_id_belongs_to_the_first_of_a_featured_credit() -> None:
    _, credits = split_credit("Ann feat. Bob", [], [A])
    assert [credit.musicbrainz_id for credit in credits] == [A, None]


names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@given(st.text(max_size=40).map(lambda text: " ".join(text.split())), st.lists(names, max_size=4))
def test_names_and_joins_put_together_are_the_printed_credit(printed: str, apart: list[str]) -> None:
    text, credits = split_credit(printed, [], [A, B])
    assert text == printed
    assert "".join("".join(credit.name + credit.join for credit in credits).split()) == "".join(printed.split())
    text, credits = split_credit(None, apart, [])
    assert "".join(credit.name + credit.join for credit in credits) == text
    assert [credit.name for credit in credits] == list(dict.fromkeys(apart))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Ann/Blue/01 Title.mp3", ("Title", "Ann", "Blue", None, 1, None)),
        ("Ann/2001 - Blue/01 - Title.mp3", ("Title", "Ann", "Blue", "2001", 1, None)),
        ("Ann/Blue (2001)/1-02 Title.mp3", ("Title", "Ann", "Blue", "2001", 2, 1)),
        ("Ann/Blue/CD 2/03. Title.mp3", ("Title", "Ann", "Blue", None, 3, 2)),
        ("Ann/Blue/Ann - Title.mp3", ("Title", "Ann", "Blue", None, None, None)),
        ("Ann/Title.mp3", ("Title", "Ann", None, None, None, None)),
        ("Ann - Title.mp3", ("Title", "Ann", None, None, None, None)),
        ("50 Cent - In da Club.mp3", ("In da Club", "50 Cent", None, None, None, None)),
        ("Ann/Blue/03_Some_Title.mp3", ("Some Title", "Ann", "Blue", None, 3, None)),
        ("Ann/1999/04 Title.mp3", ("Title", "Ann", "1999", None, 4, None)),
        ("Title.mp3", ("Title", None, None, None, None, None)),
        ("01.mp3", ("01", None, None, None, None, None)),
        ("Ann/Blue/7 Rings.mp3", ("7 Rings", "Ann", "Blue", None, None, None)),
    ],
)
def test_a_path_tells_what_tags_do_not(path: str, expected: tuple[object, ...]) -> None:
    found = read_path(f"/music/{path}", "/music")
    shown = (found.title, found.artist, found.album, found.year, found.track_number, found.disc_number)
    assert shown == expected


def test_a_disc_folder_belongs_to_the_album_above_it() -> None:
    assert album_folder("/m/Ann/Blue/CD1/01.mp3") == album_folder("/m/Ann/Blue/Disc 2/01.mp3") == "/m/Ann/Blue"
    assert album_folder("/m/Ann/Blue/01.mp3") == "/m/Ann/Blue"
