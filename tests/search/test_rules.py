"""What a house says about its search, and synonyms in the index."""

import pytest

from server.config import BadConfiguration, load_settings
from services.search.asking import read_query
from services.search.entries import Kind
from services.search.folding import index_words, whole
from services.search.rules import read_rules
from storage.search_index.index import Entry
from storage.search_index.tantivy_index import TantivyIndex


def album(id, title, popularity=0.0):
    return Entry("album", id, 1, index_words(title), whole(title), popularity=popularity)


def ask(index, text, *groups):
    """The ids that fit, the best first, in a house with these groups of synonyms."""
    asked = read_query(text, synonyms=read_rules(groups, (), 3).synonyms)
    return [hit.id for hit in index.search(asked.of(Kind.ALBUM, (), ())).rows]


@pytest.fixture(scope="module")
def index():
    index = TantivyIndex()
    index.put(
        [
            album("written", "Night Volume"),
            album("short", "Night Vol. 3", popularity=0.2),
            album("noel", "Noël Night"),
            album("xmas", "Xmas Night", popularity=0.2),
            album("volcano", "Volcano Night"),
        ]
    )
    index.commit()
    return index


def test_what_is_written_so_comes_before_its_synonym_and_a_synonym_is_not_begun(index):
    assert ask(index, "volume night") == ["written", "short"]
    assert ask(index, "vol night")[:2] == ["short", "written"]
    assert ask(index, "vol") == ["short", "written", "volcano"]


def test_a_houses_own_synonyms_work_in_all_directions_and_only_there(index):
    assert ask(index, "noel") == ["noel"]
    assert ask(index, "noel", "Noël = XMAS") == ["noel", "xmas"]
    assert ask(index, "xmas", "Noël = XMAS") == ["xmas", "noel"]
    assert ask(index, "father frost night", "noel = father frost") == ["noel"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("alone", "search.synonyms needs 2 to 13 synonyms in a group such as `xmas = christmas`, not 'alone'"),
        ("a = ", "search.synonyms needs words on both sides of each `=` in a group of synonyms, not 'a = '"),
        ("a = !!!", "search.synonyms needs words on both sides of each `=` in a group of synonyms, not 'a = !!!'"),
        ("Noël = noel", "search.synonyms has the same synonym twice in 'Noël = noel'"),
        ("a = b c d e f", "search.synonyms takes at most 4 words for one synonym, not 'b c d e f'"),
    ],
)
def test_a_group_that_cannot_be_meant_is_refused_by_name(tmp_path, line, told):
    file = tmp_path / "config.yaml"
    file.write_text(f"search: {{synonyms: ['{line}']}}", encoding="utf-8")
    with pytest.raises(BadConfiguration) as refusal:
        load_settings(file, {})
    assert refusal.value.faults == [told]


def test_more_groups_than_are_looked_through_and_blank_words_are_refused():
    with pytest.raises(ValueError, match="at most 500 groups of synonyms, not 501"):
        read_rules([f"a{n} = b{n}" for n in range(501)], (), 3)
    with pytest.raises(ValueError, match="never_trending cannot hold a blank text"):
        read_rules((), (" ",), 3)
