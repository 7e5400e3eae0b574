"""The golden questions, asked of the embedded engine."""

from collections import Counter

import pytest

from storage.search_index.tantivy_index import TantivyIndex
from tests.search.golden.questions import golden_questions
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
    asked = [question for question in QUESTIONS if question.topic == topic]
    found = [(question, question.found(index, shelf)) for question in asked]
    wrong = [f"{one.kind} {one.ask!r}: {names} not {one.first}" for one, names in found if not one.is_answered(names)]
    assert wrong == []


def test_there_are_enough_questions_of_every_sort():
    topics = Counter(question.topic for question in QUESTIONS)
    assert sum(topics.values()) >= 200
    assert min(topics.values()) >= 8
