"""Frames and messages."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.messages import (
    Complete,
    Init,
    Malformed,
    Ping,
    Subscribe,
    close_reason,
    decode,
    encode,
    shown_errors,
    subscriber_exists,
)
from services.errors import TooMany


def test_messages_are_read():
    assert decode('{"type":"connection_init"}') == Init(None)
    assert decode('{"type":"ping","payload":{"a":1}}') == Ping({"a": 1})
    assert decode('{"type":"complete","id":"x","extra":1}') == Complete("x")
    asked = {"query": "{a}", "variables": {"b": 1}, "operationName": "c", "extensions": {"d": 2}}
    frame = orjson.dumps({"type": "subscribe", "id": "1", "payload": asked}).decode()
    assert decode(frame) == Subscribe("1", "{a}", {"b": 1}, "c", {"d": 2})


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"{}", "Binary frames are not part of this protocol; send JSON text"),
        ("{nope", "The message is not JSON"),
        ('{"type":"ping","payload":NaN}', "The message is not JSON"),
        ("[" * 5000, "The message is not JSON"),
        ('"\\ud800"', "The message is not JSON"),
        ("[]", "The message is not a JSON object"),
        ("{}", "The message has no type"),
        ('{"type":7}', "The message has no type"),
        ('{"type":"start"}', "Unknown message type 'start'"),
        ('{"type":"next","id":"1"}', "Only the server sends next"),
        ('{"type":"ping","payload":[]}', "payload must be an object or null"),
        ('{"type":"connection_init","payload":"x"}', "payload must be an object or null"),
        ('{"type":"complete"}', "complete needs an id, a string that is not empty"),
        ('{"type":"subscribe","id":"","payload":{}}', "subscribe needs an id, a string that is not empty"),
        ('{"type":"subscribe","id":"' + "i" * 129 + '"}', "An id has at most 128 characters"),
        ('{"type":"subscribe","id":"1"}', "subscribe needs a payload object"),
        ('{"type":"subscribe","id":"1","payload":{}}', "payload.query must be a string"),
        (
            '{"type":"subscribe","id":"1","payload":{"query":"","variables":[]}}',
            "payload.variables must be an object or null",
        ),
        (
            '{"type":"subscribe","id":"1","payload":{"query":"","operationName":1}}',
            "payload.operationName must be a string or null",
        ),
    ],
)
def test_what_is_no_message_is_refused_with_a_reason(frame, reason):
    with pytest.raises(Malformed) as refusal:
        decode(frame)
    assert str(refusal.value) == reason


@given(st.text() | st.recursive(st.none() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_decoding_anything_gives_a_message_or_malformed(junk):
    frame = junk if isinstance(junk, str) else orjson.dumps(junk).decode()
    try:
        decode(frame)
    except Malformed as wrong:
        assert str(wrong)


@given(st.text())
def test_a_reason_always_fits_a_close_frame(text):
    assert len(close_reason(text).encode()) <= 123
    assert subscriber_exists(text).endswith(" already exists")
    assert len(subscriber_exists(text).encode()) <= 123


def test_empty_parts_are_left_out():
    assert encode("pong") == b'{"type":"pong"}'
    assert encode("next", id="1", payload={"data": None}) == b'{"type":"next","id":"1","payload":{"data":null}}'


def test_a_refusal_is_shown_and_a_bug_is_not(log_watch):
    assert shown_errors(TooMany("Slowly.", retry_after=2.0)) == [
        {"message": "Slowly.", "extensions": {"code": "TOO_MANY", "retryAfter": 2.0}}
    ]
    log_watch.expect("socket operation failed")
    [shown] = shown_errors(RuntimeError("/etc/secret"))
    assert shown["message"] == "Something went wrong."
    assert shown["extensions"]["code"] == "INTERNAL"
    assert "secret" not in str(shown)
