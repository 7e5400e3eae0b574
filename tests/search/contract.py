"""What every search index answers to filters, orders, facets and pages, held against plain Python over the same songs.

Owns a made-up catalogue and the truth about it. An engine's tests take the class and give it an index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

import pytest

from services.search.asking import read_query
from services.search.folding import index_words, whole
from storage.search_index.index import COUNTS_LIMIT, Entry, Filter, Order, Question, SearchIndex

SONGS = 240
WORDS = ("amber", "river", "stone", "winter", "signal", "harbour")
GENRES = ("rock", "indie", "pop", "jazz")
KEYS = ("A minor", "C major", "F# minor")


def made_up(count: int = SONGS, seed: int = 45) -> list[Entry]:
    """Songs of which many share a year, a tempo or a name, and some have no year, tempo or key."""
    dice = Random(seed)
    return [_song(dice, number) for number in range(count)]


def _song(dice: Random, number: int) -> Entry:
    title = " ".join(dice.sample(WORDS, 2))
    numbers = {"duration_ms": dice.randrange(100, 104) * 1000, "added_ms": 1_780_000_000_000 + number // 3}
    if dice.random() < 0.8:
        numbers["year"] = dice.randrange(1995, 2003)
    if dice.random() < 0.7:
        numbers["tempo_centi"] = dice.randrange(9_000, 9_005)
    facets = {
        "shown": ("yes",),
        "explicit": (dice.choice(("yes", "no")),),
        "genre": tuple(dice.sample(GENRES, dice.randrange(3))),
        "mood": ("calm",) if dice.random() < 0.5 else (),
        "language": (dice.choice(("eng", "deu")),),
        "key": (dice.choice(KEYS),) if dice.random() < 0.6 else (),
        "decade": (f"{numbers['year'] // 10 * 10}",) if "year" in numbers else (),
        "on": (f"album-{number % 7}",),
        "by": (f"artist-{number % 5}",),
        "with": (f"artist-{number % 5}",),
    }
    return Entry(
        kind="song",
        id=f"s{number:03}",
        stamp=1,
        title=index_words(title),
        whole=whole(title),
        facets=facets,
        popularity=dice.randrange(5) / 4,
        numbers=numbers,
        name=title,
    )


@dataclass(frozen=True)
class Truth:
    """What an order is: the value sorted by, None for a song without."""

    order: Order
    value: Callable[[Entry], float | str | None]


TRUTHS = [
    Truth(Order(name, descending), lambda entry, name=name: entry.numbers.get(name))
    for name in ("year", "duration_ms", "tempo_centi", "added_ms")
    for descending in (False, True)
]
TRUTHS += [Truth(Order("popularity", True), lambda entry: entry.popularity)]
TRUTHS += [Truth(Order("name", down), lambda e: e.name) for down in (False, True)]
ORDER_NAMES = [f"{truth.order.field} {'down' if truth.order.descending else 'up'}" for truth in TRUTHS]

YEARS = (Filter("year", "at_least", 1997), Filter("year", "at_most", 2000))
FILTERS: dict[str, tuple[tuple[Filter, ...], Callable[[Entry], bool]]] = {
    "nothing": ((), lambda entry: True),
    "years": (YEARS, lambda entry: 1997 <= entry.numbers.get("year", 0) <= 2000),
    "one year": (
        (Filter("year", "at_least", 1999), Filter("year", "at_most", 1999)),
        lambda entry: entry.numbers.get("year") == 1999,
    ),
    "no year fits": ((Filter("year", "at_least", 2500),), lambda entry: False),
    "longer": ((Filter("duration_ms", "at_least", 102_000),), lambda entry: entry.numbers["duration_ms"] >= 102_000),
    "slower": ((Filter("tempo_centi", "at_most", 9_001),), lambda e: 0 < e.numbers.get("tempo_centi", 0) <= 9_001),
    "added": ((Filter("added_ms", "at_least", 1_780_000_000_040),), lambda e: e.numbers["added_ms"] % 10**6 >= 40),
    "key": ((Filter("key", "is", "F# minor"),), lambda entry: entry.facets["key"] == ("F# minor",)),
    "genres": ((Filter("genre", "in", ("rock", "jazz")),), lambda e: bool({"rock", "jazz"} & {*e.facets["genre"]})),
    "no genres": ((Filter("genre", "in", ()),), lambda entry: False),
    "album": ((Filter("on", "is", "album-3"),), lambda entry: entry.facets["on"] == ("album-3",)),
    "id": ((Filter("id", "is", "s007"),), lambda entry: entry.id == "s007"),
    "ids": ((Filter("id", "in", ("s007", "s100", "gone", "s239")),), lambda e: e.id in ("s007", "s100", "s239")),
    "all at once": (
        (*YEARS, Filter("explicit", "is", "no"), Filter("mood", "is", "calm")),
        lambda entry: 1997 <= entry.numbers.get("year", 0) <= 2000
        and entry.facets["explicit"] == ("no",)
        and entry.facets["mood"] == ("calm",),
    ),
}  # fmt: skip
FACETS = ("explicit", "genre", "mood", "language", "key", "decade")


class AskingContract:
    """The tests; `filled` is an index that holds the made-up songs, for all of them."""

    @pytest.fixture(scope="class")
    def filled(self) -> SearchIndex:
        """An index of this engine with `put_into` done."""
        raise NotImplementedError

    @pytest.mark.parametrize("name", FILTERS)
    def test_a_filter_keeps_what_plain_python_keeps(self, filled, name):
        filters, keeps = FILTERS[name]
        assert _ids(filled, filters=filters) == {entry.id for entry in made_up() if keeps(entry)}

    def test_words_and_filters_hold_together(self, filled):
        kept = {entry.id for entry in made_up() if "river" in entry.title and entry.numbers.get("year", 0) >= 2000}
        assert kept
        assert _ids(filled, "river", filters=(Filter("year", "at_least", 2000),)) == kept

    def test_ten_thousand_ids_can_be_asked_for(self, filled):
        mine = tuple(f"s{number:03}" for number in range(0, SONGS, 2))
        many = (*(f"other{number}" for number in range(10_000 - len(mine))), *mine)
        assert _ids(filled, filters=(Filter("id", "in", many),)) == set(mine)

    def test_of_ways_to_pass_one_is_enough_and_filters_hold_in_each(self, filled):
        ways = ((Filter("id", "in", ("s001", "s002")),), (Filter("on", "in", ("album-3", "album-4")),))
        kept = {entry.id for entry in made_up() if entry.id in ("s001", "s002") or entry.facets["on"][0][-1] in "34"}
        assert _ids(filled, seen_if=ways) == kept
        explicit = {entry.id for entry in made_up() if entry.id in kept and entry.facets["explicit"] == ("yes",)}
        assert _ids(filled, seen_if=ways, filters=(Filter("explicit", "is", "yes"),)) == explicit

    @pytest.mark.parametrize("truth", TRUTHS, ids=ORDER_NAMES)
    def test_every_order_is_pythons_and_what_lacks_the_number_comes_last(self, filled, truth):
        read = _all(filled, "river", order=truth.order)
        there = {entry.id: entry for entry in made_up() if "river" in entry.title}
        assert sorted(read) == sorted(there)
        values = [truth.value(there[id]) for id in read]
        given = [value for value in values if value is not None]
        assert given == sorted(given, reverse=truth.order.descending)
        assert values == given + [None] * (len(values) - len(given))

    def test_without_words_and_order_the_popular_come_first(self, filled):
        popularity = {entry.id: entry.popularity for entry in made_up()}
        listed = [popularity[id] for id in _all(filled)]
        assert listed == sorted(listed, reverse=True)

    @pytest.mark.parametrize("order", [None, *(truth.order for truth in TRUTHS)], ids=["fit", *ORDER_NAMES])
    def test_pages_of_any_size_are_cut_from_one_list(self, filled, order):
        whole_list = _all(filled, order=order)
        assert len(set(whole_list)) == SONGS
        for size in (1, 7, 100):
            pages = [_page(filled, size, offset, order) for offset in range(0, 3 * size, size)]
            assert [id for page in pages for id in page] == whole_list[: 3 * size]
        assert _page(filled, 20, SONGS - 3, order) == whole_list[-3:]
        assert _page(filled, 20, SONGS, order) == []

    @pytest.mark.parametrize("name", FILTERS)
    def test_facets_count_what_fits_and_nothing_else(self, filled, name):
        filters, keeps = FILTERS[name]
        hits = filled.search(Question("song", (), filters=filters, limit=1, counted=FACETS))
        kept = [entry for entry in made_up() if keeps(entry)]
        assert hits.total == len(kept)
        for facet in FACETS:
            counted = Counter(value for entry in kept for value in entry.facets[facet])
            assert dict(hits.counts[facet]) == counted, facet
            numbers = [count for _, count in hits.counts[facet]]
            assert numbers == sorted(numbers, reverse=True), facet

    def test_facets_count_what_is_found_by_words_whatever_the_order_and_the_page(self, filled):
        asked = read_query("stone")
        kept = Counter(entry.facets["explicit"][0] for entry in made_up() if "stone" in entry.title)
        for order, offset in ((None, 0), (Order("year"), 5), (Order("name"), 1_000)):
            question = Question(
                "song", asked.words, asked.whole, offset=offset, limit=2, order=order, counted=("explicit",)
            )
            assert dict(filled.search(question).counts["explicit"]) == kept

    def test_facets_do_not_count_what_may_not_be_seen(self, filled):
        ways = ((Filter("explicit", "is", "no"),), (Filter("by", "in", ("artist-2",)),))
        hits = filled.search(Question("song", (), seen_if=ways, limit=1, counted=("explicit",)))
        seen = [e for e in made_up() if e.facets["explicit"] == ("no",) or e.facets["by"] == ("artist-2",)]
        assert dict(hits.counts["explicit"]) == Counter(entry.facets["explicit"][0] for entry in seen)

    def test_only_asked_facets_are_counted(self, filled):
        assert filled.search(Question("song", (), limit=1)).counts == {}
        assert list(filled.search(Question("song", (), limit=1, counted=("key",))).counts) == ["key"]
        assert filled.search(Question("album", (), limit=1, counted=("key",))).counts == {"key": ()}

    def test_of_many_values_the_most_frequent_fifty_are_counted(self, filled):
        # Languages that no song of the others has, put in and taken out again.
        more = [
            Entry("album", f"b{number}-{copy}", 1, "x", "x", facets={"language": (f"l{number:02}",)})
            for number in range(60)
            for copy in range(2 if number < 30 else 1)
        ]
        filled.put(more)
        filled.commit()
        counted = filled.search(Question("album", (), limit=1, counted=("language",))).counts["language"]
        filled.remove("album", [entry.id for entry in more])
        filled.commit()
        assert len(counted) == COUNTS_LIMIT
        assert dict(counted[:30]) == {f"l{number:02}": 2 for number in range(30)}
        assert {count for _, count in counted[30:]} == {1}


def put_into(index: SearchIndex, entries: Iterable[Entry] = ()) -> SearchIndex:
    """The index, with the made-up songs (or these) in it."""
    index.put(list(entries) or made_up(), new=True)
    index.commit()
    return index


def _ids(index, text="", **more):
    found = _all(index, text, **more)
    assert len(found) == len(set(found))
    return set(found)


def _all(index, text="", **more):
    asked = read_query(text)
    words, name = (asked.words, asked.whole) if asked else ((), "")
    hits = index.search(Question("song", words, name, limit=SONGS, **more))
    assert hits.total == len(hits.rows)
    return [hit.id for hit in hits.rows]


def _page(index, limit, offset, order):
    hits = index.search(Question("song", (), limit=limit, offset=offset, order=order))
    assert hits.total == SONGS
    return [hit.id for hit in hits.rows]
