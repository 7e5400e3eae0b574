from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.details import (
    email_key,
    read_device,
    read_email,
    read_language,
    read_name,
    read_username,
    username_key,
)
from services.accounts.gate import network_of
from services.errors import Invalid
from services.typed_text import is_printable, read_prose


@pytest.mark.parametrize(
    "good",
    [
        "listener@demo.tutti",
        "First.Last+music@mail.example.co.uk",
        "o'neill_{}~!#$%&*/=?^`|@example.com",
        "josé@exämple.de",
        "用户@例子.公司",
        "हिन्दी@उदाहरण.भारत",
        "a@b.c",
        "x" * 64 + "@example.com",
    ],
)
def test_an_address_is_kept_as_written(good):
    assert read_email(good) == good
    assert read_email(f"  {good} ") == good


@pytest.mark.parametrize(
    "bad",
    [
        "",
        " ",
        "nobody",
        "@example.com",
        "nobody@",
        "nobody@localhost",
        "no body@example.com",
        "nobody@exam ple.com",
        "nobody@example..com",
        "nobody@.example.com",
        "nobody@-example.com",
        "nobody@exa_mple.com",
        "nobody@192.168.0.1",
        "no@body@example.com",
        ".nobody@example.com",
        "nobody.@example.com",
        "no..body@example.com",
        '"no body"@example.com',
        "Nobody <nobody@example.com>",
        "nobody@example.com\n",
        "nobody@example.com\r\nBcc: all@example.com",
        "nul\0@example.com",
        "\ud800@example.com",
        "no\u200bbody@example.com",
        "no\u202ebody@example.com",
        # Folds to an address with two @.
        "no\uff20body@example.com",
        # Folds to "a/c": a domain no more.
        "nobody@\u2100.com",
        "x" * 65 + "@example.com",
        "x@" + "a" * 64 + ".com",
        "x@" + "a." * 126 + "com",
        "é" * 40 + "@" + "é." * 60 + "com",
        "x" * 100_000 + "@example.com",
    ],
)
def test_what_is_no_address_is_refused_by_field(bad):
    with pytest.raises(Invalid) as refused:
        read_email(bad)
    assert refused.value.extensions == {"code": "INVALID", "field": "email"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Music@Example.com", "music@EXAMPLE.COM"),
        ("ｍusic@example.com", "music@example.com"),
        ("jose\u0301@example.com", "JOSÉ@example.com"),
        ("straße@example.com", "STRASSE@example.com"),
    ],
)
def test_addresses_people_call_the_same_share_a_key(one, other):
    assert email_key(one) == email_key(other)


def test_a_key_is_its_own_key_and_dots_and_plus_are_kept_apart():
    assert email_key(email_key("ẛ̣ΆΰİK@Example.com")) == email_key("ẛ̣ΆΰİK@Example.com")
    assert len({email_key(f"{local}@example.com") for local in ("ab", "a.b", "a+b")}) == 3


@pytest.mark.parametrize("good", ["abc", "Music.Lover-99_x", "007", "a" * 30])
def test_good_usernames_pass_as_written(good):
    assert read_username(good) == good


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "ab",
        "a" * 31,
        ".abc",
        "abc-",
        "a..b",
        "a._b",
        "a b",
        "a@b",
        "zoë",
        "mаry",
        "abc\n",
        "a\0bc",
        "\ud800abc",
        "１２３",
    ],
)
def test_bad_usernames_are_refused_by_field(bad):
    with pytest.raises(Invalid) as refused:
        read_username(bad)
    assert refused.value.extensions == {"code": "INVALID", "field": "username"}


@pytest.mark.parametrize("name", ["admin", "Admin", "ADM1N", "support", "tutti", "r00t"])
def test_names_of_the_house_are_for_the_house(name):
    with pytest.raises(Invalid):
        read_username(name)
    assert read_username(name, house=True) == name


def test_usernames_that_look_alike_share_a_key_and_others_do_not():
    assert len({username_key(name) for name in ("PaulO", "pau10", "PauIo", "PAULo")}) == 1
    assert len({username_key(name) for name in ("ab", "a.b", "a-b", "a_b")}) == 4


@pytest.mark.parametrize("good", ["", "Zoë", "O'Neill", "李小龙", "👩‍🎤", "x" * 100])
def test_any_name_of_a_person_will_do(good):
    assert read_name(good, "firstName") == good


@pytest.mark.parametrize(
    "bad", ["x" * 101, "x" * 5000, "nul\0", "two\nlines", "\ud800", "turned \u202e around", "\u2028"]
)
def test_bad_names_are_refused_by_the_field_they_came_in(bad):
    with pytest.raises(Invalid) as refused:
        read_name(bad, "lastName")
    assert refused.value.extensions == {"code": "INVALID", "field": "lastName"}


def test_names_are_put_into_one_form():
    assert read_name(" Zoe\u0308 ", "firstName") == "Zoë"


@given(st.text(alphabet=st.characters(), max_size=60))
def test_every_text_is_read_or_refused_and_what_is_read_can_be_stored(text):
    for read in (read_email, read_username, lambda text: read_name(text, "firstName")):
        try:
            kept = read(text)
        except Invalid:
            continue
        assert is_printable(kept)
        email_key(kept).encode()
    read_device(text, 20).encode()


@pytest.mark.parametrize(
    ("address", "stands_for"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_an_address_stands_for_its_network(address, stands_for):
    assert network_of(address) == stands_for


@given(st.text(max_size=60))
def test_prose_that_is_taken_holds_no_control_but_line_ends_and_is_taken_as_it_is_again(text):
    try:
        prose = read_prose(text, "bio", "A bio", 50)
    except Invalid as refused:
        assert refused.field == "bio"
        return
    assert len(prose) <= 50
    assert all(is_printable(line) for line in prose.split("\n"))
    assert read_prose(prose, "bio", "A bio", 50) == prose


@given(st.text(max_size=12) | st.from_regex(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,4}){0,3}", fullmatch=True))
def test_a_language_that_is_taken_is_taken_as_it_is_again(text):
    try:
        tag = read_language(text)
    except Invalid as refused:
        assert refused.field == "language"
        return
    assert tag.isascii() and read_language(tag) == tag
    assert tag.lower() == text.strip().replace("_", "-").lower()


@pytest.mark.parametrize(
    ("written", "tag"),
    [("EN", "en"), ("pt_br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("es-419", "es-419"), ("de-1996", "de-1996")],
)
def test_a_language_is_put_into_its_usual_letters(written, tag):
    assert read_language(written) == tag
