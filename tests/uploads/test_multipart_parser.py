"""The multipart parser: the same parts wherever a body is cut, and words for bodies that are none."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.multipart import MultipartParser, PartBegins, PartBytes, PartEnds, boundary_of
from services.errors import Invalid

# Bytes that delimiters are made of come often, so that contents nearly hold one.
CONTENT = st.lists(
    st.sampled_from([b"\r", b"\n", b"\r\n", b"-", b"--", b"--XbX", b"\r\n--Xb", b"\r\n--XbY", b"a", b"\0\xff"]),
    max_size=12,
).map(b"".join)
NAME = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters='"\\/'), max_size=12)


def parts(chunks, boundary=b"XbX"):
    """Name, file name, type and content of each whole part."""
    parser = MultipartParser(boundary)
    found, begun, content = [], None, b""
    for chunk in chunks:
        for event in parser.feed(chunk):
            if isinstance(event, PartBegins):
                begun, content = event, b""
            elif isinstance(event, PartBytes):
                assert event.data
                content += event.data
            else:
                assert isinstance(event, PartEnds)
                found.append((begun.name, begun.file_name, begun.content_type, content))
    parser.finish()
    return found


def body_of(given, closing=b"--XbX--\r\n"):
    made = b""
    for name, content in given:
        head = f'--XbX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        made += head.encode() + content + b"\r\n"
    return made + closing


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(NAME, CONTENT), max_size=4), st.lists(st.integers(0, 400), max_size=8))
def test_cuts_anywhere_give_the_same_parts(given, cuts):
    given = [(name.replace("%22", "").replace("%0", ""), content) for name, content in given]
    # What holds a whole delimiter is another body; no sender chooses a boundary that its content has.
    given = [(name, content) for name, content in given if b"\r\n--XbX" not in b"\r\n" + content + b"\r\n"]
    body = body_of(given)
    places = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    pieces = [body[a:b] for a, b in pairwise(places)]
    expected = [(name, None, "", content) for name, content in given]
    assert parts([body]) == expected
    assert parts(pieces) == expected
    assert parts([body[at : at + 1] for at in range(len(body))]) == expected


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_bytes_give_parts_or_a_refusal_never_anything_else(data, step):
    for body in (data, body_of([("a", b"x")], b"") + data):
        try:
            parts([body[at : at + step] for at in range(0, len(body), step)])
        except Invalid as refusal:
            assert refusal.reason in ("MULTIPART_INVALID", "INVALID")


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_body_cut_off_anywhere_is_refused(data):
    body = body_of([("operations", b"{}"), ("0", b"sound")])
    end = data.draw(st.integers(0, len(body) - 5))
    with pytest.raises(Invalid):
        parts([body[:end]])


@pytest.mark.parametrize(
    ("header", "name", "file_name"),
    [
        ('form-data; name="0"; filename="a.wav"', "0", "a.wav"),
        ("form-data; name=0; filename=a.wav", "0", "a.wav"),
        ('Form-Data ;NAME="0" ; FileName="a b.wav"', "0", "a b.wav"),
        ('form-data; name="0"; filename="é %22q%22.flac"', "0", 'é "q".flac'),
        ('form-data; name="0"; filename="a \\"q\\".wav"', "0", 'a "q".wav'),
        ('form-data; name="0"; filename="C:\\\\music\\\\a.wav"', "0", "a.wav"),
        ('form-data; name="0"; filename="../../etc/passwd"', "0", "passwd"),
        ('form-data; name="0"; filename="x"; filename*=UTF-8\'\'na%C3%AFve.wav', "0", "naïve.wav"),
        ('form-data; name="0"; filename="x"; filename*=koi8\'\'%FF', "0", "x"),
        ('form-data; name="0"', "0", None),
    ],
)
def test_names_are_read_as_browsers_and_tools_write_them(header, name, file_name):
    body = f"--XbX\r\ncontent-disposition: {header}\r\nContent-Type: audio/wav\r\n\r\nx\r\n--XbX--".encode()
    assert parts([body]) == [(name, file_name, "audio/wav", b"x")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--XbX",
        b"--XbX\r\n\r\nx\r\n--XbX--",
        b'--XbX\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n--XbX--',
        b"--XbX\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XbX--",
        b"--XbXtra\r\n\r\nx\r\n--XbX--",
        b"--XbX\r\nX: " + b"x" * 10_000 + b"\r\n\r\nx\r\n--XbX--",
        b"--XbX\r\n" + b"x" * 10_000,
        b"--XbX" + b" " * 1000,
    ],
)
def test_what_is_no_multipart_body_is_refused(body):
    with pytest.raises(Invalid):
        parts([body])


def test_what_stands_before_and_after_the_parts_is_passed_over():
    body = b"hello\r\n" + body_of([("a", b"1"), ("b", b"")], b"--XbX--\r\nbye --XbX\r\n")
    assert parts([body]) == [("a", None, "", b"1"), ("b", None, "", b"")]


@pytest.mark.parametrize(
    ("header", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('Multipart/Form-Data; charset=utf-8; Boundary="a b"', b"a b"),
        ("multipart/form-data", None),
        ("multipart/form-data; boundary=", None),
        ("multipart/mixed; boundary=abc", None),
        ("multipart/form-data; boundary=" + "x" * 201, None),
    ],
)
def test_the_boundary_is_read_from_the_header(header, boundary):
    if boundary is not None:
        assert boundary_of(header) == boundary
        return
    with pytest.raises(Invalid):
        boundary_of(header)


def test_no_more_than_a_delimiter_is_held_back():
    parser = MultipartParser(b"XbX")
    list(parser.feed(b'--XbX\r\nContent-Disposition: form-data; name="a"\r\n\r\n'))
    for _ in range(100):
        given = sum(len(event.data) for event in parser.feed(b"\r\n--Xb" * 1000))
        assert given >= 6000 - 8
    assert len(parser._buffer) <= len(b"\r\n--XbX")
