from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.tokens import Tokens
from services.clock import SetClock
from services.errors import Unauthenticated
from tests.accounts.account_rig import SECRET

OTHER = "another secret, as long as the first one is"
START = datetime(2026, 3, 1, 12, 0, 0, 400_000, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(START)


@pytest.fixture
def tokens(clock) -> Tokens:
    return Tokens([SECRET], clock)


def code_of(read, token: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        read(token)
    assert refused.value.message == "Sign in again."
    assert refused.value.field is None
    return refused.value.reason


def segment(value) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged(claims: dict, *, header: dict | None = None, secret: str = SECRET, hash=hashlib.sha256) -> str:
    """A token put together by hand, as an attacker (or a leaked secret) could."""
    signed = segment(header or {"alg": "HS256", "typ": "JWT"}) + "." + segment(claims)
    signature = hmac.new(secret.encode(), signed.encode(), hash).digest()
    return signed + "." + base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def claims(**changes) -> dict:
    issued = int(START.timestamp())
    good = {
        "iss": "tutti",
        "aud": "tutti",
        "sub": "user",
        "sid": "session",
        "jti": "token",
        "iat": issued,
        "exp": issued + 900,
        "typ": "access",
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}


def test_an_access_token_says_who_and_until_when(tokens, clock):
    token = tokens.sign_access("user", "session")
    read = tokens.read_access(token)
    assert (read.user_id, read.session_id) == ("user", "session")
    assert read.issued_at == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert read.expires_at == datetime(2026, 3, 1, 12, 15, tzinfo=UTC)
    payload = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert sorted(payload) == ["aud", "exp", "iat", "iss", "jti", "sid", "sub", "typ"]
    assert (payload["iss"], payload["aud"], payload["typ"]) == ("tutti", "tutti", "access")


def test_a_token_made_by_hand_with_the_right_secret_reads_so_the_forgeries_below_fail_for_their_own_reason(tokens):
    assert tokens.read_access(forged(claims())).token_id == "token"


def test_each_token_has_an_id_of_its_own(tokens):
    ids = {tokens.read_access(tokens.sign_access("u", "s")).token_id for _ in range(10)}
    ids |= {tokens.sign_refresh("u", "s")[1] for _ in range(10)}
    assert len(ids) == 20


def test_an_access_token_dies_on_its_fifteenth_minute_by_our_clock(tokens, clock):
    token = tokens.sign_access("user", "session")
    clock.turn(899.599)
    tokens.read_access(token)
    clock.turn(0.001)
    assert code_of(tokens.read_access, token) == "TOKEN_EXPIRED"


def test_a_refresh_token_dies_on_its_seventh_day(tokens, clock):
    token, _ = tokens.sign_refresh("user", "session")
    clock.turn(7 * 24 * 3600 - 1)
    tokens.read_refresh(token)
    clock.turn(1)
    assert code_of(tokens.read_refresh, token) == "TOKEN_EXPIRED"


def test_neither_kind_stands_in_for_the_other(tokens):
    assert code_of(tokens.read_refresh, tokens.sign_access("u", "s")) == "TOKEN_INVALID"
    assert code_of(tokens.read_access, tokens.sign_refresh("u", "s")[0]) == "TOKEN_INVALID"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": ["tutti"]},
        {"aud": ["tutti", "another"]},
        {"iss": "another"},
        {"typ": "refresh"},
        {"typ": None},
        {"sub": ""},
        {"sub": 7},
        {"sid": None},
        {"sid": {"$gt": ""}},
        {"jti": ["token"]},
        {"exp": "never"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": 10**30},
        {"iat": int(START.timestamp()) + 120},
        {"iat": -(10**30)},
        *({name: ...} for name in ("iss", "aud", "sub", "sid", "jti", "iat", "exp", "typ")),
    ],
)
def test_a_claim_that_is_wrong_or_missing_is_refused_although_the_signature_is_right(tokens, changes):
    assert code_of(tokens.read_access, forged(claims(**changes))) == "TOKEN_INVALID"


@pytest.mark.parametrize("name", ["none", "None", "nOnE", ""])
def test_no_algorithm_is_no_signature(tokens, name):
    unsigned = segment({"alg": name, "typ": "JWT"}) + "." + segment(claims()) + "."
    assert code_of(tokens.read_access, unsigned) == "TOKEN_INVALID"
    assert code_of(tokens.read_access, forged(claims(), header={"alg": name})) == "TOKEN_INVALID"


@pytest.mark.parametrize(
    ("name", "hash"),
    [
        ("HS384", hashlib.sha384),
        ("HS512", hashlib.sha512),
        ("RS256", hashlib.sha256),
        ("ES256", hashlib.sha256),
        ("PS256", hashlib.sha256),
        ("EdDSA", hashlib.sha256),
        ("hs256", hashlib.sha256),
    ],
)
def test_another_algorithm_is_refused_even_when_signed_with_our_secret(tokens, name, hash):
    assert code_of(tokens.read_access, forged(claims(), header={"alg": name}, hash=hash)) == "TOKEN_INVALID"


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"alg": "HS256", "crit": ["x"], "x": 1}, {"alg": ["HS256"]}, []])
def test_an_odd_header_is_refused(tokens, header):
    assert code_of(tokens.read_access, forged(claims(), header=header or {"alg": None})) == "TOKEN_INVALID"


def test_a_key_brought_along_in_the_header_is_not_believed(tokens):
    key = {"kty": "oct", "k": base64.urlsafe_b64encode(OTHER.encode()).decode()}
    token = forged(claims(), header={"alg": "HS256", "jwk": key, "kid": "../../dev/null"}, secret=OTHER)
    assert code_of(tokens.read_access, token) == "TOKEN_INVALID"


def test_any_changed_character_spoils_the_token(tokens):
    token = tokens.sign_access("user", "session")
    for at in range(len(token)):
        other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert code_of(tokens.read_access, other) == "TOKEN_INVALID"


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "eyJ.eyJ.x", "x" * 5000, "\ud800.a.b", "é.é.é", "a.b.c.d", "nul\0.a.b"],
)
def test_what_is_no_token_is_refused_in_the_same_words(tokens, token):
    assert code_of(tokens.read_access, token) == "TOKEN_INVALID"


def test_a_header_nested_a_thousand_deep_is_refused(tokens):
    deep = base64.urlsafe_b64encode(b"[" * 1200).decode().rstrip("=")
    assert code_of(tokens.read_access, f"{deep}.e30.e30") == "TOKEN_INVALID"


@given(st.text(max_size=200))
def test_no_text_at_all_makes_it_stumble(text):
    tokens = Tokens([SECRET], SetClock(START))
    assert code_of(tokens.read_access, text) == "TOKEN_INVALID"


def test_another_secret_another_issuer_and_another_audience_are_another_house(clock, tokens):
    for stranger in (
        Tokens([OTHER], clock),
        Tokens([SECRET], clock, issuer="elsewhere"),
        Tokens([SECRET], clock, audience="elsewhere"),
    ):
        assert code_of(tokens.read_access, stranger.sign_access("u", "s")) == "TOKEN_INVALID"


def test_keys_rotate_the_first_signs_and_all_verify(clock, tokens):
    old = tokens.sign_access("user", "session")
    during = Tokens([OTHER, SECRET], clock)
    new = during.sign_access("user", "session")
    assert during.read_access(old).user_id == during.read_access(new).user_id == "user"
    assert code_of(tokens.read_access, new) == "TOKEN_INVALID"
    after = Tokens([OTHER], clock)
    assert after.read_access(new).user_id == "user"
    assert code_of(after.read_access, old) == "TOKEN_INVALID"
    clock.turn(900)
    assert code_of(during.read_access, old) == "TOKEN_EXPIRED"


@pytest.mark.parametrize("secrets", [[], ["short"], [SECRET, "short"], ["x" * 31], [SECRET] * 9])
def test_too_few_too_many_or_too_short_secrets_are_refused_at_start(clock, secrets):
    with pytest.raises(ValueError, match="secret") as refused:
        Tokens(secrets, clock)
    assert SECRET not in str(refused.value)
