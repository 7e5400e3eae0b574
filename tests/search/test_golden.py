"""The golden questions, asked of the embedded engine."""

from collections import Counter

import pytest

from services.search.asking import read_query
from services.search.matches.did_you_mean import did_you_mean
from services.search.matches.highlights import highlight
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


def names_of(shelf, question, *more):
    """The names of the thing that is meant, with further fields."""
    documents = {shelf.names[question.kind, document["_id"]]: document for document in shelf.documents[question.kind]}
    heads = {name.rsplit(" / ", 1)[0]: document for name, document in documents.items()}
    document = documents.get(question.first[0]) or heads[question.first[0]]
    fields = ("title", "name", "artist_credit", "album_title", *more)
    return [document[field] for field in fields if document.get(field)]


def test_of_everything_that_is_found_the_names_show_why(shelf):
    for question in QUESTIONS:
        if question.kind is None or not question.first:
            continue
        names = names_of(shelf, question, "sort_name", "sort_title")
        found = highlight(read_query(question.ask).words, names)
        assert any(part.is_match for fragments in found for part in fragments), question


def test_a_misspelt_question_is_corrected_to_one_that_finds_the_same_exactly(shelf, index):
    for question in QUESTIONS:
        if question.topic == "misspelt":
            corrected = did_you_mean(question.ask, [names_of(shelf, question)])
            assert corrected is not None, question
            [best, *_] = index.search(read_query(corrected).of(question.kind, (), ())).rows
            assert question.is_answered((shelf.names[question.kind, best.id],)), corrected
