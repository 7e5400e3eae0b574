"""What of a name answers a question, and the question as it was perhaps meant."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.asking import read_query, words_of
from services.search.matches.did_you_mean import did_you_mean
from services.search.matches.highlights import highlight
from services.search.matches.matching import edits_between


def marked(query, *names):
    """The names with their matches in brackets."""
    found = highlight(read_query(query).words, names)
    return ["".join(f"[{part.text}]" if part.is_match else part.text for part in each) for each in found]


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [
        ("bjork", "Björk", "[Björk]"),
        ("bjork", "Bjo\u0308rk live", "[Bjo\u0308rk] live"),
        ("acdc", "AC/DC Live", "[AC/DC] Live"),
        ("acd", "AC/DC Live", "[AC/D]C Live"),
        ("ac dc", "AC/DC", "[AC]/[DC]"),
        ("p!nk", "P!nk", "[P!nk]"),
        ("pnk", "P!nk", "[P!nk]"),
        ("the beat", "The Beatles", "[The] [Beat]les"),
        ("love", "Lovers in Love", "[Love]rs in [Love]"),
        ("bjrok", "Björk and Bjorg", "[Björk] and Bjorg"),
        ("hyperbalad", "Hyperballad", "[Hyperballad]"),
        ("kin", "Группа Кино", "Группа [Кино]"),
        ("東京", "東京事変", "[東京]事変"),
        ("京事", "東京事変", "東[京事]変"),
        ("kyari", "きゃりーぱみゅぱみゅ live", "[きゃりーぱみゅぱみゅ] live"),
        ("zhou jielun", "周杰倫", "[周杰倫]"),
        ("방탄", "방탄소년단", "[방탄]소년단"),
        ("rnb", "The R&B Years", "The [R&B] Years"),
        ("part 2", "Night, Pt. II", "Night, [Pt]. [II]"),
        ("weird al", "“Weird Al” Yankovic", "“[Weird] [Al]” Yankovic"),
        ("dont", "Don’t Stop", "[Don’t] Stop"),
        ("!!!", "!!!", "[!!!]"),
        ("strasse", "Straße", "[Straße]"),
        ("final", "ﬁnal", "[ﬁnal]"),
        ("absent", "Something", "Something"),
    ],
)
def test_what_was_typed_is_marked_in_the_name_as_it_is_written(query, name, expected):
    assert marked(query, name) == [expected]


def test_a_word_counts_as_misspelt_only_when_no_name_has_it():
    assert marked("love", "Live", "Love") == ["Live", "[Love]"]
    assert marked("lova", "Live", "Love") == ["Live", "[Love]"]


@given(st.text(max_size=80), st.text(max_size=40))
def test_fragments_of_any_text_are_that_text(name, query):
    for words in (words_of(query), words_of(name)):
        (fragments,) = highlight(words, [name])
        assert "".join(fragment.text for fragment in fragments) == name
        assert all(fragment.text for fragment in fragments)
        assert all(one.is_match != other.is_match for one, other in pairwise(fragments))


def test_a_name_longer_than_the_index_reads_keeps_its_end():
    (fragments,) = highlight(words_of("b"), ["a" * 500 + " b"])
    assert [(len(part.text), part.is_match) for part in fragments] == [(502, False)]


@pytest.mark.parametrize(
    ("query", "hits", "expected"),
    [
        ("beatels", [["Help!", "The Beatles"]], "Beatles"),
        ("bjrok hyperbalad", [["Hyperballad", "Björk", "Post"]], "Björk Hyperballad"),
        ("the beatels hel", [["Help!", "The Beatles"]], "The Beatles hel"),
        ("acdx", [["AC/DC"]], "AC/DC"),
        ("zemfria", [["Земфира"]], "Земфира"),
        ("love", [["Love"]], None),
        ("luv", [["Love"]], None),
        ("lov", [["Lovers"]], None),
        ("smells lik ten", [["Smells Like Ten", "Nobody"]], "Smells Like Ten"),
        ("beatels zzzz", [["Help!", "The Beatles"]], None),
        ("lova", [["Something"], ["Lava"], ["Love"]], "Lava"),
        ("lova", [], None),
        ("!!!", [["???"]], None),
    ],
)
def test_the_corrected_question_has_the_words_of_the_best_hit(query, hits, expected):
    assert did_you_mean(query, hits) == expected


@pytest.mark.parametrize(
    ("typed", "word", "most", "begun", "edits"),
    [
        ("love", "love", 1, False, 0),
        ("lvoe", "love", 1, False, 1),
        ("loe", "love", 1, False, 1),
        ("loove", "love", 1, False, 1),
        ("lose", "love", 1, False, 1),
        ("lsoe", "love", 1, False, None),
        ("lvo", "lover", 1, True, 1),
        ("lov", "lovers", 1, True, 0),
        ("lov", "lovers", 1, False, None),
        ("ca", "abc", 2, False, None),
    ],
)
def test_edits_are_counted_as_the_index_counts_them(typed, word, most, begun, edits):
    assert edits_between(typed, word, most, begun) == edits
