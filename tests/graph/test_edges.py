"""Bad input: every argument of every root field at its edges, made from the schema, so that new fields are in at once.

Never a bug (a log line fails the test), always a code; what no door would let in is stopped at the doors.
"""

import json
import re

import pytest

from graph.build import build_schema
from graph.examples import examples, root_fields
from graph.execute import Request
from services.viewer import NOBODY, Role
from tests.graph.edges import edges, meant, operation

SCHEMA = build_schema()
FIELDS = root_fields(SCHEMA)
SHOWN = examples()
CODE = re.compile(r"[A-Z][A-Z_]+")


async def asked(executor, request, viewer):
    found = await executor.execute(request, viewer)
    if not request.query.startswith("subscription"):
        return found
    stream = await executor.subscribe(request, viewer)
    if isinstance(stream, dict):
        return stream
    await stream.aclose()
    return {"data": {}}


def faults(answer):
    """What is wrong with an answer to bad input: a bug, or an error that says too little."""
    for error in answer.get("errors", []):
        code = error["extensions"].get("code", "")
        if code == "INTERNAL" or not CODE.fullmatch(code) or not error["message"]:
            yield error
        if "data" in answer and "path" not in error and code != "TIMED_OUT":
            yield error
        if len(str(error)) > 5_000:
            yield f"an error of {len(str(error))} characters"


def _together():
    """The fields that are asked in one house: each that changes something has its own, questions share theirs."""
    questions = sorted(name for name, (word, _) in FIELDS.items() if word == "query")
    yield from (questions[at : at + 20] for at in range(0, len(questions), 20))
    yield from ([name] for name in sorted(FIELDS.keys() - questions))


async def _wrong(music, name, somebody, *, whole):
    """What is wrong with the answers about a field's arguments, each in turn at each of its edges."""
    word, field = FIELDS[name]
    example, name = SHOWN.get(name), name.partition(".")[0]
    base = meant(field, example)
    for argument, spec in field.args.items():
        shut = False
        for value in edges(argument, spec.type, whole=whole):
            variables = {**base, argument: value}
            request = Request(operation(word, name, field, variables), variables)
            for viewer in (somebody, NOBODY):
                found = await asked(music.executor, request, viewer)
                json.dumps(found)
                for fault in faults(found):
                    yield name, argument, str(value)[:60], fault
                if "data" not in found or shut:
                    break  # refused before it was asked who asks; or nobody gets further than to be asked who they are
            else:
                codes = {error["extensions"]["code"] for error in found.get("errors", ())}
                shut = codes == {"UNAUTHENTICATED"} and not whole


@pytest.mark.parametrize("names", _together(), ids=lambda names: names[0])
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)])
async def test_every_argument_at_its_edges_is_answered_or_refused_but_no_bug(music, names, whole):
    somebody = await music.sign_up("somebody", Role.ADMIN, Role.ARTIST, Role.MODERATOR)
    wrong = [each for name in names async for each in _wrong(music, name, somebody, whole=whole)]
    assert wrong[:10] == []


BODIES = [
    (b'{"query": "{ __typename }", "variables": {"a": NaN}}', 400),
    (b'{"query": "{ __typename }", "variables": {"a": Infinity}}', 400),
    (b'{"query": "{ __typename }", "variables": {"a": 1e999}}', 400),
    (b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}', 400),
    (b'{"query": "{ song(id: \\"\\ud800\\") { id } }"}', 400),
    (b'{"query": "{ __typename }", "variables": {"a": "\x00"}}', 400),
    (b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}", 400),
    (b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}}", 400),
    (b"[" * 100_000, 400),
    (b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5_000 + b"}}", 400),
    (b"\xff\xfe{", 400),
    (b"\xef\xbb\xbf{}", 400),
    (b'{"query": "{ song(id: \\"' + b"x" * 10_000_000 + b'\\") { id } }"}', 413),
    (b'{"query": "query ($i: ID) { song(id: $i) { id } }", "variables": {"i": "' + b"x" * 10_000_000 + b'"}}', 413),
    (b'{"query": "' + b"{ a " * 12_000 + b'"}', 200),
    (b'{"query": "{ song(id: \\"\\u0000\\") { id } }"}', 200),
    (b'{"query": "{ song(id: \\"\\u202e\\") { id } }"}', 200),
    (b'{"query": "query ($i: ID) { song(id: $i) { id } }", "variables": {"i": "a\\u0000b"}}', 200),
    (b'{"query": "query ($i: Int) { songs(first: $i) { totalCount } }", "variables": {"i": 9007199254740993}}', 200),
    (b'{"query": "query ($i: Int) { songs(first: $i) { totalCount } }", "variables": {"i": -0}}', 200),
    (b'{"query": "{ song(id: \\"\\\\uD800\\") { id } }"}', 200),
]


@pytest.mark.parametrize(("body", "code"), BODIES, ids=[str(body[:70]) for body, _ in BODIES])
async def test_what_is_no_clean_json_is_refused_at_the_door(client, body, code):
    answer = await client.post(body)
    assert answer.code == code, answer.body[:300]
    assert b"INTERNAL" not in answer.body


@pytest.mark.parametrize(
    "query", ["%ED%A0%80", "%FF", "%00", "{__typename}&variables=%7B%22a%22:%22%5Cud800%22%7D", "", "%E2%80%AE"]
)
async def test_a_broken_address_is_no_bug(client, query):
    answer = await client.fetch(f"/graphql?query={query}")
    assert answer.code in (200, 400)
    assert b"INTERNAL" not in answer.body
