"""The embedded index: what fits better comes first, filters hold, and damage is told."""

import pytest

from services.search.asking import read_query
from services.search.entries import Kind
from services.search.folding import index_words, whole
from storage.search_index.folder_generations import FolderGenerations
from storage.search_index.generations import State
from storage.search_index.index import Entry, Filter, IndexDamaged, Question
from storage.search_index.tantivy_index import TantivyIndex
from storage.search_index.tantivy_schema import NUMBERS


def song(id, title, artist="", album="", popularity=0.0, **facets):
    """An entry as `entries.py` would make it."""
    numbers = {name: facets.pop(name) for name in NUMBERS if name in facets}
    return Entry(
        "song",
        id,
        1,
        index_words(title),
        whole(title),
        index_words(artist),
        index_words(album),
        facets,
        popularity,
        numbers,
    )


def ask(index, text, *filters, forgiving=True, **more):
    """The ids that fit, the best first."""
    asked = read_query(text)
    question = Question("song", asked.words, asked.whole, tuple(filters), forgiving=forgiving, **more)
    return [hit.id for hit in index.search(question).rows]


@pytest.fixture
def index():
    index = TantivyIndex()
    index.put(
        [
            song("title", "Love", genre=("pop",), year=1999),
            song("longer", "Lovers Rock", genre=("rock",), year=2001),
            song("artist", "Something", "Love", genre=("rock", "pop")),
            song("album", "Otherwise", "Somebody", "Love"),
            song("near", "Lose", year=2010),
        ]
    )
    index.commit()
    return index


def test_title_before_artist_before_album_and_exact_before_begun_before_misspelt(index):
    assert ask(index, "love") == ["title", "artist", "longer", "album", "near"]


def test_without_forgiveness_only_what_is_written_so_fits(index):
    assert ask(index, "love", forgiving=False) == ["title", "artist", "longer", "album"]


def test_a_transposed_a_missing_a_wrong_and_an_extra_letter_are_forgiven(index):
    for typed in ("lvoers", "lovrs", "lobers", "loovers"):
        assert ask(index, typed)[:1] == ["longer"], typed


def test_popularity_lifts_but_not_over_a_better_fit():
    index = TantivyIndex()
    index.put([song("plain", "Rain"), song("famous", "Rain", popularity=1.0), song("hit", "Rainbow", popularity=1.0)])
    index.commit()
    assert ask(index, "rain") == ["famous", "plain", "hit"]


def test_filters_by_facet_and_year_hold(index):
    assert ask(index, "love", Filter("genre", "is", "rock")) == ["artist", "longer"]
    assert ask(index, "love", Filter("genre", "in", ("pop",))) == ["title", "artist"]
    assert ask(index, "love", Filter("genre", "in", ())) == []
    assert ask(index, "love", Filter("year", "at_least", 2000)) == ["longer", "near"]
    assert ask(index, "love", Filter("year", "at_least", 2000), Filter("year", "at_most", 2001)) == ["longer"]


def test_one_way_of_being_seen_is_enough(index):
    ways = ((Filter("genre", "is", "pop"), Filter("year", "at_least", 1)), (Filter("genre", "is", "rock"),))
    assert ask(index, "love", seen_if=ways) == ["title", "artist", "longer"]


def test_an_entry_put_again_takes_the_place_of_the_old_one(index):
    index.put([song("title", "Hate")])
    index.commit()
    assert ask(index, "hate") == ["title"]
    assert "title" not in ask(index, "love")
    assert index.count("song") == 5
    index.remove("song", ["title"])
    index.commit()
    assert (index.count("song"), ask(index, "hate", forgiving=False)) == (4, [])


def test_what_is_not_committed_is_not_seen_and_stamps_tell_what_is_there(index):
    index.put([song("late", "Love Late")])
    assert index.stamps("song", ["late", "title"]) == {"title": 1}
    index.commit()
    assert index.stamps("song", ["late", "title", "absent"]) == {"late": 1, "title": 1}
    assert sorted(index.ids("song")) == ["album", "artist", "late", "longer", "near", "title"]


def test_a_reopened_index_still_knows_its_words(tmp_path):
    first = TantivyIndex(tmp_path)
    first.put([song("a", "Dos Palabras")])
    first.commit()
    first.close()
    second = TantivyIndex(tmp_path)
    assert ask(second, "palabras") == ["a"]


@pytest.mark.parametrize("spoiled", ["meta.json", ".term", ".idx", ".store", ".fast"])
def test_damaged_files_are_told_as_damage(tmp_path, spoiled):
    first = TantivyIndex(tmp_path)
    first.put([song("a", "Dos Palabras")])
    first.commit()
    first.close()
    for file in tmp_path.iterdir():
        if file.name.endswith(spoiled):
            file.write_bytes(b"{ not what it was")
    with pytest.raises(IndexDamaged):
        ask(TantivyIndex(tmp_path), "palabras")


def test_only_one_may_write_at_a_time(tmp_path):
    one, other = FolderGenerations(tmp_path), FolderGenerations(tmp_path)
    assert (one.take(), one.take(), other.take()) == (True, True, False)
    one.release()
    assert other.take()
    other.release()


def test_a_generation_takes_over_in_one_step_and_the_others_go(tmp_path):
    generations = FolderGenerations(tmp_path)
    assert generations.state() is None
    first = generations.fresh("1")
    assert generations.state() is None
    generations.keep(first)
    second = generations.fresh("2")
    assert generations.state() == State("1", "generation-1", {})
    generations.keep(second)
    generations.sweep(second)
    assert generations.state() == State("2", "generation-2", {})
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["generation-2"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version":"1","folder":"../../etc","marks":{}}', '{"version":"1"}'])
def test_a_state_that_cannot_be_meant_is_none(tmp_path, text):
    (tmp_path / "state.json").write_text(text)
    assert FolderGenerations(tmp_path).state() is None


def test_kinds_do_not_mix(index):
    index.put([Entry("album", "title", 1, "love", "love")])
    index.commit()
    asked = read_query("love")
    assert [hit.id for hit in index.search(asked.of(Kind.ALBUM, (), ())).rows] == ["title"]
    assert index.count("song") == 5
