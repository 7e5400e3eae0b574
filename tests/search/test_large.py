"""What only shows in larger libraries: near words, short beginnings, a name that thousands of songs have."""

from dataclasses import replace

import pytest

from services.paging import Slice, read_cursor
from services.search.asking import read_query
from services.search.entries import Kind
from services.search.folding import index_words, whole
from services.viewer import Viewer
from storage.engine import Insert
from storage.records import Song
from storage.search_index.index import Entry
from storage.search_index.tantivy_files import verify
from storage.search_index.tantivy_index import TantivyIndex

ALIKE = 10_000


def named(*titles, popularity=lambda number: 0.0):
    """An index of songs with these titles, whose ids they are."""
    index = TantivyIndex()
    index.put(
        [
            Entry("song", title, 1, index_words(title), whole(title), popularity=popularity(number))
            for number, title in enumerate(titles)
        ],
        new=True,
    )
    index.commit()
    return index


def ask(index, text, **more):
    """The hits, of a question that bears typing mistakes."""
    return index.search(replace(read_query(text).of(Kind.SONG, (), ()), **{"forgiving": True, **more}))


def first(index, text, **more):
    """The id that comes first, None when nothing fits."""
    return next((hit.id for hit in ask(index, text, **more).rows), None)


def test_a_long_word_may_lack_two_letters_and_a_shorter_one_only_one():
    index = named("Cathedral", "Garden")
    assert first(index, "cathdrl") == "Cathedral"
    assert first(index, "gardn") == "Garden"
    assert first(index, "grdn") is None


def test_a_mistyped_name_comes_before_all_that_only_has_its_word():
    index = named("Love", *(f"Love {n} times" for n in range(30)), popularity=lambda number: min(1.0, number / 10))
    assert first(index, "lvoe") == "Love"


def test_only_the_unknown_word_is_taken_for_another_while_that_finds_something():
    index = named("Golden Moon", "Golden Moan", "Holden Moon")
    assert [hit.id for hit in ask(index, "golden moonn").rows][:1] == ["Golden Moon"]
    assert "Holden Moon" not in [hit.id for hit in ask(index, "golden moonn").rows]
    # Both are words that some name has, yet no name has both: then both may be mistyped.
    assert "Golden Moan" in [hit.id for hit in ask(index, "holden moan").rows]


def test_words_that_were_put_later_are_known_and_words_are_nothing_that_is_found():
    index = named("Garden")
    index.put([Entry("song", "Thunder", 1, "thunder", "thunder")])
    index.commit()
    assert first(index, "thundr") == "Thunder"
    assert index.count("song") == 2
    assert sorted(index.ids("song")) == ["Garden", "Thunder"]


@pytest.mark.parametrize("typed", ["s", "so"])
def test_of_a_short_beginning_the_most_popular_come_first_with_and_without_the_short_cut(typed):
    titles = [f"Song {n}" for n in range(300)] + ["So", "Other"]
    index = named(*titles, popularity=lambda number: (number * 37 % 300) / 300)
    asked = {"by_name": True, "limit": 20}
    short, full = ask(index, typed, uncounted=True, **asked), ask(index, typed, **asked)
    assert [hit.id for hit in short.rows] == [hit.id for hit in full.rows]
    assert (len(short.rows), full.total) == (20, 301)


def test_of_a_short_beginning_nothing_is_missed_when_nobody_is_popular():
    index = named("Sun", "Sea", "Moon")
    found = ask(index, "s", by_name=True, uncounted=True)
    assert sorted(hit.id for hit in found.rows) == ["Sea", "Sun"]


def test_ten_thousand_songs_of_one_name_are_cut_into_pages_that_lose_and_repeat_none():
    index = TantivyIndex()
    index.put([Entry("song", str(n), 1, "silence", "silence") for n in range(ALIKE)], new=True)
    index.commit()
    pages = [ask(index, "silence", forgiving=False, limit=500, offset=at) for at in range(0, ALIKE, 500)]
    assert {page.total for page in pages} == {ALIKE}
    assert len({hit.id for page in pages for hit in page.rows}) == ALIKE


async def test_songs_of_one_name_are_paged_through_by_cursor_without_losing_or_repeating_one(rig):
    await rig.artist("anna", name="Anna")
    now = rig.clock.now()
    song = Song("", "Silence", "silence", "silence", "anna", "Anna", now, now, artist_ids=["anna"])
    made = [replace(song, id=f"s{n:05}", slug=f"silence-{n}") for n in range(650)]
    await rig.store.songs.bulk([Insert(rig.store.songs.codec.encode(each)) for each in made])
    await rig.house.indexing.catch_up()
    seen, cursor, has_next = [], None, True
    while has_next:
        page = await rig.house.search.songs(Viewer(), "silence", Slice(100, cursor=cursor))
        assert page.total == len(made)
        seen += [each.id for each in page.items]
        has_next, cursor = page.has_next, read_cursor(page.cursors[-1])
    assert sorted(seen) == [each.id for each in made]


def test_files_are_held_against_their_checksums(tmp_path):
    index = TantivyIndex(tmp_path)
    index.put([Entry("song", "a", 1, "alpha", "alpha"), Entry("song", "b", 1, "beta", "beta")])
    index.commit()
    index.remove("song", ["a"])
    index.commit()
    verify(tmp_path)
    index.close()
