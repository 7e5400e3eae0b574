"""What a search keeps, as conditions: every filter read, and what cannot be meant refused with its field."""

import pytest

from services.errors import Invalid
from services.paging import slice_of, write_cursor
from services.search.filtering import SearchFilters, read_filters
from services.search.own_songs import both
from services.search.results import read_place, write_place
from storage.search_index.index import Filter

GENRES = {"rock": ("r", "i"), "jazz": ("j",), "no such": ()}
READ = [
    (SearchFilters(genre="rock"), [Filter("genre", "in", ("r", "i"))]),
    (SearchFilters(genre="no such"), [Filter("genre", "in", ())]),
    (SearchFilters(genres=["rock", "jazz", "rock"]), [Filter("genre", "in", ("r", "i", "j"))]),
    (SearchFilters(genre="rock", genres=["jazz"]), [Filter("genre", "in", ("r", "i")), Filter("genre", "in", ("j",))]),
    (SearchFilters(year=1999), [Filter("year", "at_least", 1999), Filter("year", "at_most", 1999)]),
    (
        SearchFilters(year=0, year_from=5, year_to=9),
        [Filter("year", "at_least", 0), Filter("year", "at_most", 0)],
    ),
    (SearchFilters(year_from=1990), [Filter("year", "at_least", 1990)]),
    (SearchFilters(year_to=1990), [Filter("year", "at_most", 1990)]),
    # 240.4 seconds are shown as 240, 239.5 too.
    (
        SearchFilters(duration_from=240, duration_to=240),
        [Filter("duration_ms", "at_least", 239_500), Filter("duration_ms", "at_most", 240_499)],
    ),
    (SearchFilters(tempo_from=120.0), [Filter("tempo_centi", "at_least", 12_000)]),
    (SearchFilters(tempo_to=128.55), [Filter("tempo_centi", "at_most", 12_855)]),
    (SearchFilters(key="8a"), [Filter("key", "is", "A minor")]),
    (SearchFilters(key="Gb minor"), [Filter("key", "is", "F# minor")]),
    (SearchFilters(is_explicit=True), [Filter("explicit", "is", "yes")]),
    (SearchFilters(is_explicit=False), [Filter("explicit", "is", "no")]),
    (SearchFilters(mood="Rêveur", language="ENG"), [Filter("mood", "is", "reveur"), Filter("language", "is", "eng")]),
    (SearchFilters(artist_id="a", album_id="b"), [Filter("with", "is", "a"), Filter("on", "is", "b")]),
    (SearchFilters(liked=True, in_library=True), []),
    (SearchFilters(), []),
]
REFUSED = [
    (SearchFilters(genre=" "), "genre"),
    (SearchFilters(genres=[]), "genres"),
    (SearchFilters(genres=["rock"] * 21), "genres"),
    (SearchFilters(genres=["rock", "\0"]), "genres"),
    (SearchFilters(year=-1), "year"),
    (SearchFilters(year_from=10_000), "yearFrom"),
    (SearchFilters(year_from=2001, year_to=2000), "yearFrom"),
    (SearchFilters(duration_from=-1), "durationFrom"),
    (SearchFilters(duration_to=2**31 - 1), "durationTo"),
    (SearchFilters(duration_from=61, duration_to=60), "durationFrom"),
    (SearchFilters(tempo_from=float("nan")), "tempoFrom"),
    (SearchFilters(tempo_to=float("inf")), "tempoTo"),
    (SearchFilters(tempo_from=-0.5), "tempoFrom"),
    (SearchFilters(tempo_from=120.5, tempo_to=120.4), "tempoFrom"),
    (SearchFilters(key="H# major 7"), "key"),
    (SearchFilters(key="x" * 101), "key"),
    (SearchFilters(mood=""), "mood"),
    (SearchFilters(language="x" * 101), "language"),
    (SearchFilters(artist_id=""), "artistId"),
    (SearchFilters(album_id="a\nb"), "albumId"),
]


@pytest.mark.parametrize(("filters", "conditions"), READ)
def test_every_filter_becomes_the_conditions_it_means(filters, conditions):
    filters.named_genres()
    assert list(read_filters(filters, GENRES)) == conditions


@pytest.mark.parametrize(("filters", "field"), REFUSED, ids=[f"{field}-{at}" for at, (_, field) in enumerate(REFUSED)])
def test_what_cannot_be_meant_is_refused_with_its_field(filters, field):
    with pytest.raises(Invalid) as refused:
        filters.named_genres()
        read_filters(filters, GENRES)
    assert refused.value.field == f"filters.{field}"


def test_only_what_keeps_something_out_counts_as_a_filter():
    assert all(each.is_empty for each in (SearchFilters(), SearchFilters(liked=False), SearchFilters(in_library=False)))
    assert not any(filters.is_empty for filters, _ in READ[:-1])
    assert not SearchFilters(year_to=0).is_empty


def test_each_way_of_one_goes_with_each_of_the_other_and_no_ways_let_all_pass():
    shown, mine, liked, saved = (Filter("shown", "is", name) for name in ("shown", "mine", "liked", "saved"))
    assert both(((shown,), (mine,)), ((liked,), (saved,))) == (
        (shown, liked),
        (shown, saved),
        (mine, liked),
        (mine, saved),
    )
    assert both((), ((liked,),)) == ((liked,),)
    assert both(((shown,),), ()) == ((shown,),)
    assert both((), ()) == ()


def test_a_place_is_read_only_in_its_own_order_and_not_beyond_what_can_be_read():
    part = slice_of(after=write_place(20_000, "s1", "title"))
    assert read_place(part, "title") == (20_000, "s1")
    assert read_place(slice_of(offset=7), "title") == (7, None)
    for cursor in (write_place(20_001, "s1", "title"), write_place(0, "s1", "title"), write_cursor([5, "s1"])):
        with pytest.raises(Invalid) as refused:
            read_place(slice_of(after=cursor), "title")
        assert refused.value.field == "after"
    with pytest.raises(Invalid):
        read_place(part, "newest")
