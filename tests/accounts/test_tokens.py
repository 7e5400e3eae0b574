from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.tokens import Tokens, key_id
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
    return by_hand(segment(header) if header else HEAD, segment(claims), secret=secret, hash=hash)


def by_hand(head: str, payload: str, *, secret: str = SECRET, hash=hashlib.sha256) -> str:
    signed = f"{head}.{payload}"
    signature = hmac.new(secret.encode(), signed.encode(), hash).digest()
    return signed + "." + base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def raw(text: str) -> str:
    """A segment of exactly this text."""
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


OWN_KID = key_id(SECRET.encode())
HEAD = raw(f'{{"alg":"HS256","kid":"{OWN_KID}","typ":"JWT"}}')


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


KIDS = [
    "../../../../dev/null",
    "/proc/self/environ",
    "file:///dev/zero",
    "' UNION SELECT 'key' --",
    "x'; DROP TABLE users; --",
    "| cat /etc/passwd",
    "http://169.254.169.254/key",
    OWN_KID.lower(),
    OWN_KID + "\x00",
    " " + OWN_KID,
    key_id(OTHER.encode()),
    "",
    [OWN_KID],
    {"$gt": ""},
    None,
    True,
    0,
    10**400,
    "k" * 900,
]


@pytest.mark.parametrize("kid", KIDS, ids=lambda kid: str(kid)[:20])
def test_only_a_key_of_ours_can_be_named_whatever_signed(tokens, kid):
    header = {"alg": "HS256", "kid": kid, "typ": "JWT"}
    for secret in (SECRET, OTHER, "", "key"):
        assert code_of(tokens.read_access, forged(claims(), header=header, secret=secret)) == "TOKEN_INVALID"


OWN = {"alg": "HS256", "kid": OWN_KID, "typ": "JWT"}
FORGED = {
    "none": raw(json.dumps(OWN | {"alg": "none"})),
    "algorithm twice": raw(f'{{"alg":"none","alg":"HS256","kid":"{OWN_KID}","typ":"JWT"}}'),
    "kid twice": raw(f'{{"alg":"HS256","kid":"x","kid":"{OWN_KID}","typ":"JWT"}}'),
    "no kid": raw('{"alg":"HS256","typ":"JWT"}'),
    "crit that nobody knows": raw(json.dumps(OWN | {"crit": ["exp"]})),
    "crit, empty": raw(json.dumps(OWN | {"crit": []})),
    "unencoded payload": raw(json.dumps(OWN | {"b64": False, "crit": ["b64"]})),
    "a nested token": raw(json.dumps(OWN | {"cty": "JWT"})),
    "compressed": raw(json.dumps(OWN | {"zip": "DEF"})),
    "another type": raw(json.dumps(OWN | {"typ": "at+jwt"})),
    "the house's download type": raw(json.dumps(OWN | {"typ": "tutti-download+json"})),
    "a key's address": raw(json.dumps(OWN | {"jku": "https://attacker.example/jwks"})),
    "a certificate's address": raw(json.dumps(OWN | {"x5u": "https://attacker.example/x"})),
    "a certificate": raw(json.dumps(OWN | {"x5c": ["MIIB"]})),
    "the same in another order": raw(f'{{"typ":"JWT","kid":"{OWN_KID}","alg":"HS256"}}'),
    "the same with blanks": raw(json.dumps(OWN)),
    "padded": HEAD + "=",
    "nested a thousand deep": raw("[" * 1400),
    "an object a thousand deep": raw('{"a":' * 280),
    "a huge number": raw('{"alg":' + "9" * 1300 + "}"),
}


@pytest.mark.parametrize("head", FORGED.values(), ids=FORGED.keys())
def test_a_header_that_we_did_not_write_is_refused_although_signed_with_our_secret(tokens, head):
    assert code_of(tokens.read_access, by_hand(head, segment(claims()))) == "TOKEN_INVALID"


def test_the_header_of_the_forgeries_above_is_ours_but_for_what_they_change(tokens):
    assert tokens.read_access(by_hand(HEAD, segment(claims()))).user_id == "user"
    assert tokens.sign_access("u", "s").partition(".")[0] == HEAD


PAYLOADS = {
    "a claim twice": raw(json.dumps(claims())[:-1] + ', "sub": "admin"}'),
    "a claim twice inside": raw(json.dumps(claims())[:-1] + ', "x": {"a": 1, "a": 2}}'),
    "no object": raw('["sub"]'),
    "not JSON": raw("sub=user"),
    "not text": "gICA",
    "deep": raw(json.dumps(claims())[:-1] + ', "x": ' + "[" * 1000 + "]" * 100 + "}"),
    "not a number": raw(json.dumps(claims()).replace(str(claims()["exp"]), "NaN")),
    "for ever": raw(json.dumps(claims()).replace(str(claims()["exp"]), "Infinity")),
    "empty": "",
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_a_payload_that_can_be_read_in_two_ways_is_refused(tokens, payload):
    assert code_of(tokens.read_access, by_hand(HEAD, payload)) == "TOKEN_INVALID"


@pytest.mark.parametrize(("ahead", "taken"), [(59, True), (61, False)])
def test_another_processs_clock_may_be_a_minute_ahead_and_no_more(tokens, ahead, taken):
    issued = int(START.timestamp()) + ahead
    token = forged(claims(iat=issued, exp=issued + 900))
    if taken:
        assert tokens.read_access(token).user_id == "user"
    else:
        assert code_of(tokens.read_access, token) == "TOKEN_INVALID"


def test_a_name_of_a_key_says_nothing_of_it_and_is_the_same_in_every_process():
    assert key_id(SECRET.encode()) == key_id(SECRET.encode()) != key_id(OTHER.encode())
    assert len(OWN_KID) == 12
    assert SECRET[:6] not in OWN_KID


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
