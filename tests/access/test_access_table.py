"""Every root field for every kind of viewer, held against the one table of `docs/access.md`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import pytest
from _pytest.mark import ParameterSet

from graph.build import build_schema
from tests.access.documents import ASKED, NEVER_WAS, Asked
from tests.access.houses import Houses
from tests.access.id_walk import ELSEWHERE, STRANGER, filled, places
from tests.access.people import KINDS
from tests.access.table import TABLE

REFUSALS = frozenset({"SIGN IN", "DENIED", "NOT FOUND", "CONFLICT", "INVALID"})


def _cells() -> Iterator[ParameterSet]:
    """Every cell. Of the viewers that a line treats alike the first and the last are asked for each time, so that the
    most who may not and the least who may are among them; where each changes a house of its own, only the first."""
    for line, cells in TABLE.items():
        for kind, word in cells.items():
            alike = [other for other in KINDS if cells[other] == word]
            edges = alike[:1] if _changes(line, word) else (alike[0], alike[-1])
            yield pytest.param(line, kind, marks=[] if kind in edges else [pytest.mark.long])


def _changes(line: str, word: str) -> bool:
    return ASKED[line].mutates and word not in REFUSALS


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    """Furnished once; the tests here are no coroutines, for the house lives longer than each of them."""
    houses = Houses(tmp_path_factory.mktemp("access"))
    asyncio.set_event_loop(houses.loop)
    houses.run(houses.open())
    yield houses
    houses.run(houses.close())
    houses.run(houses.loop.shutdown_default_executor())
    houses.loop.close()


def test_every_root_field_has_a_line_and_every_line_a_root_field():
    schema = build_schema()
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    fields = {f"{root.name}.{name}" for root in roots for name in root.fields}
    assert {line.partition(":")[0] for line in TABLE} == fields
    assert set(TABLE) == set(ASKED)


@pytest.mark.parametrize(("line", "kind"), _cells())
def test_each_viewer_gets_what_the_table_says(houses, line, kind):
    asked, expected = ASKED[line], TABLE[line][kind]
    outcome = houses.outcome(asked, kind, changes=_changes(line, expected))
    if expected == "own":
        # The owner's things are the owner's alone; of the others' lists, only theirs are missing.
        assert outcome.word == ("ok" if kind == "owner" else "without"), outcome.answer
    elif expected == "unchanged":
        assert (outcome.word, outcome.wrote) == ("ok", False), outcome.answer
    else:
        assert outcome.word == expected, outcome.answer
    if asked.mutates:
        assert outcome.wrote == (expected == "ok")
    elif expected in REFUSALS:
        assert not outcome.wrote
    if outcome.never_was is not None:
        assert outcome.answer == outcome.never_was


def test_every_place_for_an_id_is_asked_about_by_the_table_or_by_a_stranger():
    asked = {place for each in ASKED.values() for place in filled(each.text)}
    missing = set(places(build_schema())) - asked - set(ELSEWHERE) - set(STRANGER)
    assert not missing, "add a document with this id to documents.py or id_walk.STRANGER, or its reason to ELSEWHERE"
    assert not set(ELSEWHERE) & asked, "these are asked about: they need no reason"


@pytest.mark.parametrize("place", STRANGER)
def test_what_is_somebody_elses_is_as_if_it_never_was(houses, place):
    text = STRANGER[place]
    assert place in set(filled(text))
    theirs = houses.outcome(Asked(text), "listener", changes=False)
    nothing = houses.outcome(Asked(re.sub("«[^»]+»", NEVER_WAS, text)), "listener", changes=False)
    assert theirs.answer == nothing.answer
    assert (theirs.wrote, nothing.wrote) == (False, False)
    assert "owner" not in str(theirs.answer).lower()
    codes = {error["extensions"]["code"] for error in theirs.answer.get("errors", ())}
    assert codes <= {"NOT_FOUND", "DENIED"}, "the document itself is refused"
