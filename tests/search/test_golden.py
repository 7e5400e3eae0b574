"""The golden questions, asked of the embedded engine."""

from collections import Counter

import pytest

from services.search.asking import read_query
from services.search.entries import Kind
from services.search.matches.did_you_mean import did_you_mean
from services.search.matches.highlights import highlight
from services.search.search import answer
from storage.search_index.tantivy_index import TantivyIndex
from tests.search.golden.questions import golden_questions, wrong_answers
from tests.search.golden.shelf import Shelf

QUESTIONS = list(golden_questions())


@pytest.fixture(scope="module")
def shelf():
    return Shelf()


@pytest.fixture(scope="module")
def index(shelf):
    index = TantivyIndex()
    shelf.put_into(index)
    return index


@pytest.mark.parametrize("topic", sorted({question.topic for question in QUESTIONS}))
def test_every_question_finds_first_what_is_meant(topic, shelf, index):
    assert wrong_answers(index, shelf, [question for question in QUESTIONS if question.topic == topic]) == []


def test_there_are_enough_questions_of_every_sort():
    topics = Counter(question.topic for question in QUESTIONS)
    assert sum(topics.values()) >= 200
    assert min(topics.values()) >= 8


@pytest.fixture(scope="module")
def named(shelf):
    """Each document by its name, and by its name without the artist."""
    found = {}
    for kind, documents in shelf.documents.items():
        for document in documents:
            name = shelf.names[kind, document["_id"]]
            found[kind, name] = document
            found.setdefault((kind, name.rsplit(" / ", 1)[0]), document)
    return found


def names_of(named, question, *more):
    """The names of the thing that is meant, with further fields."""
    document = named[question.kind, question.first[0]]
    fields = ("title", "name", "artist_credit", "album_title", *more)
    return [document[field] for field in fields if document.get(field)]


def test_of_everything_that_is_found_the_names_show_why(named):
    for question in QUESTIONS:
        if question.kind is None or not question.first:
            continue
        names = names_of(named, question, "sort_name", "sort_title")
        found = highlight(read_query(question.ask).words, names)
        assert any(part.is_match for fragments in found for part in fragments), question


def test_a_misspelt_question_is_corrected_to_one_that_finds_the_same_exactly(named, shelf, index):
    for question in QUESTIONS:
        if question.topic == "misspelt":
            corrected = did_you_mean(question.ask, [names_of(named, question)])
            assert corrected is not None, question
            [best, *_] = index.search(read_query(corrected).of(question.kind, (), ())).rows
            assert question.is_answered((shelf.names[question.kind, best.id],)), corrected


def test_every_hard_name_of_an_artist_finds_itself_first(shelf, index):
    for artist in shelf.documents[Kind.ARTIST]:
        # Names of the made-up library are no harder than those of others.
        if artist["monthly_listeners"] and (asked := read_query(artist["name"].upper())):
            [best, *_] = answer(index, asked.of(Kind.ARTIST, (), ())).hits.rows
            assert shelf.names[Kind.ARTIST, best.id] == artist["name"]
