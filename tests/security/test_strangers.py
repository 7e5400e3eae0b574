"""A stranger with somebody's ids: every field that takes an id, asked about everything that is private.

`tests/access` asks each field about the thing it is for. Here any id goes into any place where an id may stand: a field
that looked one up without asking whose it is, or in a room it was not meant for, would show what is marked.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator

import pytest
from graphql import GraphQLInputObjectType, GraphQLInputType, get_named_type

from graph.build import build_schema
from tests.access.documents import ASKED
from tests.access.houses import Houses
from tests.access.table import TABLE

SCHEMA = build_schema()
ROOTS = {root.name: root.fields for root in (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type) if root}
_NAMED = re.compile("«([^»]+)»")
OF_NOBODY = {
    "billingPayments.userId": "narrows an admin's list",
    "auditLog.actorId": "narrows a moderator's list",
    "auditLog.id": "narrows a moderator's list",
    "unlinkIdentity.id": "asked with the id of the owner's identity, which the test's people write down themselves",
    "createAlbum.artistId": "asked as every kind of viewer by its own line",
}
"""Places for ids that no document of `tests/access` names a thing of the owner's for, each with the reason."""
PRIVATE = (
    "secret", "download", "case", "decision", "review", "radio", "note", "owner session", "api key", "app password",
    "upload", "search", "invite", "link", "room", "room item", "family invitation", "application", "claim", "smart",
)  # fmt: skip
"""The owner's things that a stranger may know the ids of and see nothing of."""
MARKS = (
    "owner@example.com", "owner.new@example.com", "owner@work.test", "Secret", "Kitchen", "Owner's station",
    "Owner's news", "Owner's phone", "Owner's program", "Owner's radio", "owner words", "Owner's school",
    "Owner's evidence",
)  # fmt: skip
"""What is written in them, and stands nowhere that a stranger may read."""


def id_places(name: str, type_: GraphQLInputType, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The dotted names of all places below an argument where an ID may stand."""
    named = get_named_type(type_)
    if named.name == "ID":
        yield name
    if isinstance(named, GraphQLInputObjectType) and named.name not in seen:
        for field, part in named.fields.items():
            yield from id_places(f"{name}.{field}", part.type, seen | {named.name})


def every_id_place() -> dict[str, str]:
    """Each place as `field.argument…`, to the root it belongs to."""
    return {
        f"{field}.{place}": root
        for root, fields in ROOTS.items()
        for field, about in fields.items()
        for argument, told in about.args.items()
        for place in id_places(argument, told.type)
    }


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    """Furnished once for the whole walk."""
    houses = Houses(tmp_path_factory.mktemp("strangers"))
    asyncio.set_event_loop(houses.loop)
    houses.run(houses.open())
    yield houses
    houses.run(houses.close())
    houses.run(houses.loop.shutdown_default_executor())
    houses.loop.close()


def test_every_field_that_takes_an_id_is_asked_as_a_stranger():
    fields_with_ids = {(root, place.partition(".")[0]) for place, root in every_id_place().items()}
    asked = {line.partition(":")[0] for line in ASKED}
    assert {f"{root}.{field}" for root, field in fields_with_ids} <= asked
    # Every one of them answers a stranger in the words of the table, and says the same of what never was.
    assert all(TABLE[line]["listener"] for line in ASKED)
    assert set(OF_NOBODY) <= set(every_id_place()), "these places are gone: take them out of the list"


@pytest.mark.long
def test_a_strangers_look_up_of_anything_private_shows_nothing_of_it(houses):
    templates = {line: asked for line, asked in ASKED.items() if not asked.mutates and not asked.listens}
    shown, count = [], 0
    for line, asked in templates.items():
        if not _NAMED.search(asked.text):
            continue
        for thing in PRIVATE:
            text = _NAMED.sub(f"«{thing}»", asked.text, count=1)
            outcome = houses.outcome(type(asked)(text), "listener", changes=False)
            count += 1
            answer = json.dumps(outcome.answer, ensure_ascii=False)
            shown += [(line, thing, mark) for mark in MARKS if mark in answer]
            assert not outcome.wrote, (line, thing)
    assert shown == []
    assert count > 500


@pytest.mark.long
def test_a_strangers_mutation_of_anything_private_changes_nothing(houses):
    refused_to_strangers = {
        line: asked
        for line, asked in ASKED.items()
        if asked.mutates and TABLE[line]["listener"] == "NOT FOUND" and _NAMED.search(asked.text)
    }
    wrote = []
    for line, asked in refused_to_strangers.items():
        for thing in PRIVATE:
            text = _NAMED.sub(f"«{thing}»", asked.text, count=1)
            outcome = houses.outcome(type(asked)(text, mutates=True), "listener", changes=False)
            if outcome.wrote:
                wrote.append((line, thing, outcome.answer))
            assert not any(mark in json.dumps(outcome.answer, ensure_ascii=False) for mark in MARKS), (line, thing)
    assert wrote == []
