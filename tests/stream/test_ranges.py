"""Ranges and preconditions against RFC 9110, by example and by property."""

import email

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audio.ranges import MAX_RANGES, Part, Span, Target, http_date, parse_http_date, parse_range, plan

MODIFIED_S = 1_700_000_000
TARGET = Target(length=1000, etag='"v1"', modified_s=MODIFIED_S, content_type="audio/mpeg")
BEFORE, SAME, AFTER = (http_date(MODIFIED_S + shift) for shift in (-1, 0, 1))


def answer(method="GET", target=TARGET, now_s=MODIFIED_S + 100, **fields):
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return plan(method, named, target, now_s=now_s, boundary="LINE")


def spans(field, length=1000):
    found = parse_range(field, length)
    return None if found is None else [(span.start, span.end) for span in found]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("bytes=0-1", [(0, 2)]),
        ("bytes=0-0", [(0, 1)]),
        ("bytes=999-999", [(999, 1000)]),
        ("bytes=500-", [(500, 1000)]),
        ("bytes=-1", [(999, 1000)]),
        ("bytes=-5000", [(0, 1000)]),
        ("bytes=990-5000", [(990, 1000)]),
        ("bytes=0-99999999999999999999999999", [(0, 1000)]),
        ("bytes=00000000000000000000000001-2", [(1, 3)]),
        ("BYTES=0-1", [(0, 2)]),
        ("bytes=0-1, ,\t4-5,", [(0, 2), (4, 6)]),
        ("bytes=4-5,0-1", [(4, 6), (0, 2)]),
        ("bytes=0-5,3-9", [(0, 10)]),
        ("bytes=5-9,0-4", [(0, 10)]),
        ("bytes=-10,0-", [(0, 1000)]),
        ("bytes=2000-,0-1", [(0, 2)]),
        ("bytes=1000-", []),
        ("bytes=99999999999999999999999999-", []),
        ("bytes=-0", []),
    ],
)
def test_a_range_field_means_these_bytes(field, expected):
    assert spans(field) == expected


@pytest.mark.parametrize(
    "field",
    [
        *("bytes=", "bytes=,", "bytes=-", "bytes=1", "bytes=5-2", "bytes=a-b", "bytes=0-5-9", "bytes=--5", "bytes 0-5"),
        *("=0-5", "items=0-5", "bytes= 0 - 5 ", "bytes=0-1,x", "bytes=0-1,5-2", "bytes=+1-2", "bytes=١-٢", "0-5", ""),
        "bytes=" + ",".join(f"{i * 2}-{i * 2}" for i in range(MAX_RANGES + 1)),
    ],
)
def test_a_malformed_or_excessive_range_field_is_ignored(field):
    assert spans(field) is None
    assert answer(Range=field) == answer()


def test_as_many_ranges_as_allowed_are_answered():
    assert len(spans("bytes=" + ",".join(f"{i * 2}-{i * 2}" for i in range(MAX_RANGES)))) == MAX_RANGES


def test_nothing_can_be_cut_from_an_empty_body():
    assert spans("bytes=0-", 0) == []
    assert spans("bytes=-5", 0) == []


specs = st.tuples(st.none() | st.integers(0, 60), st.none() | st.integers(0, 60)).filter(lambda s: s != (None, None))


@given(st.lists(specs, min_size=1, max_size=8), st.integers(0, 50))
def test_the_spans_cover_exactly_the_bytes_asked_for_and_none_twice(asked, length):
    texts = [f"{'' if first is None else first}-{'' if last is None else last}" for first, last in asked]
    found = parse_range("bytes=" + ",".join(texts), length)
    if any(first is not None and last is not None and last < first for first, last in asked):
        assert found is None
        return
    expected = set()
    for first, last in asked:
        if first is None:
            expected.update(range(max(0, length - last), length))
        else:
            expected.update(range(first, min(length, length if last is None else last + 1)))
    covered = [at for span in found for at in range(span.start, span.end)]
    assert len(covered) == len(set(covered))
    assert set(covered) == expected
    assert all(0 <= span.start < span.end <= length for span in found)


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text):
    parse_range(text, 100)
    parse_range("bytes=" + text, 100)
    parse_http_date(text)
    answer(If_Match=text, If_None_Match=text, If_Range=text, Range="bytes=0-1")


@given(st.lists(st.integers(0, 900), min_size=2, max_size=12, unique=True), st.integers(0, 30))
def test_a_multipart_body_is_as_long_as_announced_and_readable(starts, extra):
    body = bytes(range(256)) * 4
    target = Target(1000, '"v"', MODIFIED_S, "audio/flac")
    made = answer(target=target, Range="bytes=" + ",".join(f"{at}-{at + extra}" for at in starts))
    if len(made.parts) == 1:
        return
    sent = b"".join(part.preamble + body[part.span.start : part.span.end] for part in made.parts) + made.closing
    assert made.status == 206
    assert len(sent) == made.content_length
    kind = dict(made.headers)["Content-Type"]
    message = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + sent)
    ranges = [part["Content-Range"] for part in message.get_payload()]
    assert ranges == [f"bytes {part.span.start}-{part.span.end - 1}/1000" for part in made.parts]
    assert {part["Content-Type"] for part in message.get_payload()} == {"audio/flac"}


def test_one_range_is_answered_with_content_range():
    made = answer(Range="bytes=10-19")
    assert (made.status, made.content_length) == (206, 10)
    assert made.headers == (("Content-Range", "bytes 10-19/1000"),)
    assert made.parts == (Part(b"", Span(10, 20)),)


def test_an_unsatisfiable_range_names_the_length():
    made = answer(Range="bytes=1000-")
    assert (made.status, made.content_length, made.parts) == (416, 0, ())
    assert made.headers == (("Content-Range", "bytes */1000"),)


def test_head_knows_no_ranges():
    made = answer("HEAD", Range="bytes=0-1")
    assert (made.status, made.content_length) == (200, 1000)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If_Match": '"v1"'}, 200),
        ({"If_Match": '"x", "v1"'}, 200),
        ({"If_Match": "*"}, 200),
        ({"If_Match": '"v2"'}, 412),
        ({"If_Match": 'W/"v1"'}, 412),
        ({"If_Match": '"v1"', "If_Unmodified_Since": BEFORE}, 200),
        ({"If_Unmodified_Since": BEFORE}, 412),
        ({"If_Unmodified_Since": SAME}, 200),
        ({"If_Unmodified_Since": "yesterday"}, 200),
        ({"If_None_Match": '"v1"'}, 304),
        ({"If_None_Match": 'W/"v1"'}, 304),
        ({"If_None_Match": '"a,b", "v1"'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"v2"'}, 200),
        ({"If_None_Match": '"v2"', "If_Modified_Since": AFTER}, 200),
        ({"If_None_Match": '"v1"', "Range": "bytes=0-1"}, 304),
        ({"If_Match": '"v2"', "If_None_Match": '"v1"'}, 412),
        ({"If_Modified_Since": BEFORE}, 200),
        ({"If_Modified_Since": SAME}, 304),
        ({"If_Modified_Since": AFTER}, 304),
        ({"If_Modified_Since": "no date"}, 200),
        ({"Range": "bytes=0-1", "If_Range": '"v1"'}, 206),
        ({"Range": "bytes=0-1", "If_Range": 'W/"v1"'}, 200),
        ({"Range": "bytes=0-1", "If_Range": '"v2"'}, 200),
        ({"Range": "bytes=0-1", "If_Range": SAME}, 206),
        ({"Range": "bytes=0-1", "If_Range": AFTER}, 200),
        ({"Range": "bytes=0-1", "If_Range": BEFORE}, 200),
        ({"Range": "bytes=0-1", "If_Range": "no date"}, 200),
        ({"Range": "bytes=2000-", "If_Range": '"v2"'}, 200),
    ],
)
def test_preconditions_are_weighed_in_the_order_of_the_rfc(fields, status):
    assert answer(**fields).status == status


def test_a_date_is_no_strong_validator_in_its_own_second():
    assert answer(Range="bytes=0-1", If_Range=SAME, now_s=MODIFIED_S).status == 200
    assert answer(Range="bytes=0-1", If_Range=SAME, now_s=MODIFIED_S + 1).status == 206


@pytest.mark.parametrize(
    "text", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_all_three_forms_of_dates_are_read(text):
    assert parse_http_date(text) == 784111777
