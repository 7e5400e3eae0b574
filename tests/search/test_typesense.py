"""Typesense keeps what the embedded index keeps: filters, orders, facets and pages, and the golden questions."""

from __future__ import annotations

import pytest

from storage.search_index.typesense_client import open_client
from storage.search_index.typesense_index import TypesenseIndex
from storage.search_index.typesense_schema import schema
from tests.search.contract import AskingContract, put_into
from tests.search.golden.questions import golden_questions, wrong_answers
from tests.search.golden.shelf import Shelf
from tests.services.exercised import exercised
from tests.services.typesense_server import running_typesense

pytestmark = pytest.mark.services
QUESTIONS = list(golden_questions())


@pytest.fixture(scope="module")
def server():
    with running_typesense() as server:
        yield server


@pytest.fixture(scope="module")
def client(server):
    return open_client(server.url, server.api_key, patience_s=20)


def fresh(client, name):
    client.collections.create(schema(name))
    return TypesenseIndex(client, name)


class TestTypesense(AskingContract):
    """A real server."""

    @pytest.fixture(scope="class")
    def filled(self, client, server):
        """Filled once for all."""
        exercised(f"Typesense {server.version}")
        return put_into(fresh(client, "contract"))


@pytest.fixture(scope="module")
def shelf():
    return Shelf()


@pytest.fixture(scope="module")
def golden(client, shelf):
    index = fresh(client, "golden")
    shelf.put_into(index)
    return index


@pytest.mark.parametrize("topic", sorted({question.topic for question in QUESTIONS}))
def test_every_question_finds_first_what_is_meant(topic, shelf, golden, server):
    exercised(f"Typesense {server.version}")
    assert wrong_answers(golden, shelf, [question for question in QUESTIONS if question.topic == topic]) == []
