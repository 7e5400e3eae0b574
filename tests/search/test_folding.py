"""Folding: what is the same word, and how words are taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.folding import ask_words, fold, index_words, typos_for, whole
from services.search.synonyms import BUILT_IN


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Sigur Rós", "sigur ros"),
        ("BJÖRK", "bjork"),
        ("Røyksopp", "royksopp"),
        ("Łona", "lona"),
        ("Straße", "strasse"),
        ("Æther Œuvre", "aether oeuvre"),
        ("Ёлка", "елка"),
        ("Τί Έχω", "τι εχω"),
        ("ＡＢＣ　１２３", "abc 123"),
        ("ﬁnal", "final"),
        ("Don’t Stop", "dont stop"),
        ("한국", "한국"),
        ("が", "が"),
        ("  two   spaces ", "two spaces"),
    ],
)
def test_spellings_that_people_call_the_same_fold_alike(text, folded):
    assert fold(text) == folded


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("AC/DC", "acdc"),
        ("AC/DC", "ac dc"),
        ("AC/DC", "AC/DC"),
        ("P!nk", "pink"),
        ("P!nk", "p!nk"),
        ("P!nk", "pnk"),
        ("Ke$ha", "kesha"),
        ("R.E.M.", "rem"),
        ("R.E.M.", "r.e.m."),
        ("“Weird Al” Yankovic", "weird al"),
        ("!!!", "!!!"),
        ("The The", "the the"),
        ("1999", "1999"),
        ("東京事変", "東京"),
        ("東京事変", "事変"),
        ("東京事変", "東"),
        ("Guns N' Roses", "guns n roses"),
        ("Simon & Garfunkel", "simon and garfunkel"),
        ("Beatles", "the beatles"),
        ("🔥", "🔥"),
        ("Кино", "kino"),
        ("Kino", "Кино"),
        ("Чайковский", "chaikovsky"),
        ("Θεοδωράκης", "theodorakis"),
        ("Ντέμης Ρούσσος", "demis roussos"),
        ("周杰倫", "zhou jielun"),
        ("周杰倫", "zhoujielun"),
        ("周杰倫", "周杰伦"),
        ("きゃりーぱみゅぱみゅ", "kyaripamyupamyu"),
        ("방탄소년단", "bangtansonyeondan"),
        ("Kartuli", "ქართული"),
        ("Drum & Bass", "drum n bass"),
        ("Rock 'n' Roll", "rock and roll"),
    ],
)
def test_a_name_holds_the_words_of_whoever_asks_for_it(name, asked):
    words = set(index_words(name).split(" "))
    needed = [token for token in ask_words(asked) if token.needed]
    assert needed
    for token in needed:
        assert any(set(way) <= words for way in token.ways), (words, token)


def test_synonyms_are_other_ways_and_what_was_typed_stays_the_first():
    (part,) = ask_words("pt 5")
    assert part.ways == (("pt", "5"),)
    assert {("part", "5"), ("part", "v"), ("part", "five")} <= set(part.others)
    assert [(token.ways, token.others) for token in ask_words("hiphop mr")] == [
        ((("hiphop",),), (("hip", "hop"),)),
        ((("mr",),), (("mister",),)),
    ]
    assert ask_words("v")[0].others == ()


def test_a_house_has_synonyms_of_its_own_before_those_of_all():
    house = BUILT_IN.and_more([[("xmas",), ("yule",)], [("king",), ("elvis", "presley")]])
    assert ask_words("xmas", house)[0].others == (("yule",), ("christmas",))
    assert ask_words("elvis presley", house)[0].others == (("king",),)
    assert [token.others for token in ask_words("elvis presley")] == [(), ()]


def test_typos_are_forgiven_by_length_and_never_in_numbers():
    assert [typos_for(word) for word in ("abc", "abcd", "abcdefg", "abcdefgh", "1999", "12345678")] == [
        0,
        1,
        1,
        2,
        0,
        0,
    ]


def test_articles_and_signs_are_needed_only_when_there_is_nothing_else():
    assert [(token.ways[0], token.needed) for token in ask_words("the night & day !")] == [
        (("the",), False),
        (("night",), True),
        (("&",), False),
        (("day",), True),
        (("!",), False),
    ]
    assert [token.needed for token in ask_words("the the")] == [True, True]


def test_a_whole_name_leaves_out_signs_unless_it_is_made_of_them():
    assert (whole("Hello, World!"), whole("!!!"), whole("P!nk")) == ("helloworld", "!!!", "pink")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("AC/DC", "acdc"),
        ("The Beatles", "beatles"),
        ("Simon & Garfunkel", "simon and garfunkel"),
        ("Кино", "kino"),
        ("周杰倫", "周杰伦"),
        ("Symphony No. Two", "Sinfonie no 2"),
        ("Ночь, Pt. II", "noch part 2"),
    ],
)
def test_two_ways_of_writing_a_name_are_one_name_in_whole(name, other):
    assert whole(name) == whole(other)


def test_names_that_only_look_alike_are_not_one_in_whole():
    assert len({whole(name) for name in ("The The", "The", "And", "&", "V", "X")}) == 6


@given(st.text(max_size=300))
def test_any_text_makes_bounded_words(text):
    assert len(ask_words(text)) <= 12
    assert all(part and len(part) <= 40 and " " not in part for t in ask_words(text) for way in t.ways for part in way)
    assert "  " not in index_words(text)


@given(
    st.text(
        st.one_of(st.sampled_from("aB !$@&-/.'’1éßøйЩΩμπντ東京きゃパ방탄ﬁ\u0301\u200b\ufe0f"), st.characters()),
        max_size=40,
    )
)
def test_every_name_is_found_by_itself(name):
    words = set(index_words(name).split(" "))
    assert all(any(set(way) <= words for way in token.ways) for token in ask_words(name) if token.needed)
