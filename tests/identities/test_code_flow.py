"""The code flow against a small provider over real sockets, whose answers each test bends."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from services.clock import SetClock
from services.identities.code_flow import CodeFlow, Proven
from services.identities.directory import AGAIN_MS
from services.identities.id_tokens import Untrue
from services.identities.providers import PRESETS, Provider, preset
from services.outgoing.addresses import Forbidden
from services.outgoing.destination import OutgoingRules
from services.outgoing.outgoing import Outgoing
from services.viewer import Role

BACK = "https://music.test/auth/work/callback"
RSA_KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def published(key, key_id, **more):
    kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return {**json.loads(kind.to_jwk(key.public_key())), "kid": key_id, "use": "sig", **more}


class Door(RequestHandler):
    """All that a provider answers."""

    def initialize(self, op):
        self.op = op

    def get(self):
        self.op.asked.append(self.request.uri)
        match self.request.path:
            case "/.well-known/openid-configuration":
                self.write(self.op.metadata)
            case "/keys":
                self.write({"keys": self.op.keys})
            case "/userinfo" | "/me":
                self.op.bearer = self.request.headers["Authorization"]
                self.write(self.op.userinfo)

    def post(self):
        form = {name: values[0].decode() for name, values in self.request.body_arguments.items()}
        self.op.form, self.op.basic = form, self.request.headers.get("Authorization")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if form["code"] not in self.op.codes or self.op.codes.pop(form["code"]) != challenge.decode():
            self.set_status(400)
            self.write({"error": "invalid_grant"})
            return
        self.write({"access_token": "access", "token_type": "Bearer", "id_token": self.op.token()})


class Op(Application):
    """An OpenID provider in one object."""

    def __init__(self):
        super().__init__(log_function=lambda _: None)
        self.add_handlers(r".*", [(r".*", Door, {"op": self})])
        self.codes, self.asked, self.form, self.basic, self.bearer = {}, [], {}, None, None
        self.keys = [published(RSA_KEY, "one"), published(EC_KEY, "two")]
        self.userinfo = {"sub": "s1", "email": "ann@work.test"}
        self.claims, self.signing = {}, {"key": RSA_KEY, "algorithm": "RS256", "headers": {"kid": "one"}}

    def token(self):
        return jwt.encode({k: v for k, v in self.claims.items() if v is not None}, **self.signing)

    def say_yes(self, begun, code="c1"):
        """What somebody's browser is sent back with after agreeing."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}
        self.codes[code] = query["code_challenge"]
        now = self.clock.epoch_ms() // 1000
        self.claims = {
            "iss": self.url, "sub": "s1", "aud": "tutti", "exp": now + 300, "iat": now, "nonce": query.get("nonce"),
            "email": "ann@work.test", "email_verified": True, "name": "Ann",
        }  # fmt: skip
        return {"code": code, "state": query["state"], "iss": self.url}


@contextlib.asynccontextmanager
async def provider():
    op = Op()
    op.clock = SetClock(datetime(2026, 11, 1, tzinfo=UTC))
    server = HTTPServer(op)
    [listening] = bind_sockets(0, "127.0.0.1")
    server.add_sockets([listening])
    op.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    op.metadata = {
        "issuer": op.url, "authorization_endpoint": op.url + "/authorize", "token_endpoint": op.url + "/token",
        "jwks_uri": op.url + "/keys", "userinfo_endpoint": op.url + "/userinfo",
        "authorization_response_iss_parameter_supported": True,
    }  # fmt: skip
    op.outgoing = Outgoing(OutgoingRules(["127.0.0.1"]))
    op.work = Provider("work", "Work", client_id="tutti", client_secret="s:3 c", issuer=op.url)
    op.flow = CodeFlow(op.work, op.outgoing, op.clock)
    try:
        yield op
    finally:
        server.stop()
        await server.close_all_connections()


async def test_somebody_who_agrees_is_proven_and_the_question_is_asked_as_the_standards_say():
    async with provider() as op:
        begun = await op.flow.begin(BACK)
        query = {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}
        assert {name: query[name] for name in ("response_type", "client_id", "redirect_uri", "scope")} == {
            "response_type": "code",
            "client_id": "tutti",
            "redirect_uri": BACK,
            "scope": "openid email profile",
        }
        assert query["code_challenge_method"] == "S256"
        answer = op.say_yes(begun)
        proven = await op.flow.finish(begun.secret, BACK, answer)
        assert proven == Proven("work", "s1", "ann@work.test", True, "Ann", None)
        assert op.basic == "Basic " + base64.b64encode(b"tutti:s%3A3%20c").decode()
        assert (op.form["redirect_uri"], "client_secret" in op.form) == (BACK, False)
        # What leaves the house tells nothing of what stays in the browser's cookie.
        assert begun.secret not in begun.url and op.form["code_verifier"] not in begun.url
        assert begun.secret not in repr(begun)
        with pytest.raises(Untrue):
            await op.flow.finish(begun.secret, BACK, answer)


FORGED = {
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://other.test"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "other"},
    "several, not ours first": {"aud": ["tutti", "other"]},
    "several, made for another": {"aud": ["tutti", "other"], "azp": "other"},
    "made for another": {"azp": "other"},
    "expired": {"exp": 1},
    "no end": {"exp": None},
    "an end in words": {"exp": "9999999999"},
    "not good yet": {"nbf": 9_999_999_999},
    "from the future": {"iat": 9_999_999_999},
    "too old": {"iat": 1},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
}


@pytest.mark.parametrize("claims", FORGED.values(), ids=FORGED)
async def test_an_id_token_with_a_wrong_claim_proves_nothing(claims):
    async with provider() as op:
        begun = await op.flow.begin(BACK)
        answer = op.say_yes(begun)
        op.claims |= claims
        with pytest.raises(Untrue):
            await op.flow.finish(begun.secret, BACK, answer)


def hs256_with_the_public_key(op):
    pem = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body = ({"alg": "HS256", "kid": "one", "typ": "JWT"}, op.claims)
    parts = ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in (head, body))
    mac = hmac.new(pem, parts.encode(), hashlib.sha256).digest()
    return parts + "." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


SIGNINGS = {
    "nobody": {"key": None, "algorithm": "none", "headers": {"kid": "one"}},
    "another key under a known id": {"key": OTHER_KEY, "algorithm": "RS256", "headers": {"kid": "one"}},
    "an unknown id": {"key": RSA_KEY, "algorithm": "RS256", "headers": {"kid": "none"}},
    "a path as id": {"key": RSA_KEY, "algorithm": "RS256", "headers": {"kid": "../../etc/passwd"}},
    "a key it brings along": {
        "key": OTHER_KEY,
        "algorithm": "RS256",
        "headers": {"kid": "own", "jwk": published(OTHER_KEY, "own")},
    },
    "a word we do not know": {"key": RSA_KEY, "algorithm": "RS256", "headers": {"kid": "one", "crit": ["x"], "x": 1}},
    "a key of another kind": {"key": EC_KEY, "algorithm": "ES256", "headers": {"kid": "one"}},
}


@pytest.mark.parametrize("signing", SIGNINGS.values(), ids=SIGNINGS)
async def test_an_id_token_signed_in_a_wrong_way_proves_nothing(signing):
    async with provider() as op:
        begun = await op.flow.begin(BACK)
        answer = op.say_yes(begun)
        op.signing = signing
        with pytest.raises(Untrue):
            await op.flow.finish(begun.secret, BACK, answer)


async def test_a_published_key_cannot_be_used_as_a_password():
    async with provider() as op:
        begun = await op.flow.begin(BACK)
        answer = op.say_yes(begun)
        op.token = lambda: hs256_with_the_public_key(op)
        with pytest.raises(Untrue, match="in a way we do not take"):
            await op.flow.finish(begun.secret, BACK, answer)


async def test_an_answer_fits_only_the_question_of_this_browser_at_this_provider_for_a_while():
    async with provider() as op:
        begun, other = await op.flow.begin(BACK), await op.flow.begin(BACK)
        answer = op.say_yes(begun)
        elsewhere = CodeFlow(replace(op.work, name="other"), op.outgoing, op.clock)
        for flow, secret, changed in (
            (op.flow, other.secret, {}),
            (op.flow, "", {}),
            (op.flow, begun.secret + "x", {}),
            (op.flow, begun.secret, {"state": "é"}),
            (op.flow, begun.secret, {"state": ""}),
            (op.flow, begun.secret, {"iss": "https://mixed-up.test"}),
            (op.flow, begun.secret, {"iss": None}),
            (op.flow, begun.secret, {"code": ""}),
            (op.flow, begun.secret, {"error": "access_denied"}),
            (elsewhere, begun.secret, {}),
        ):
            sent = {name: value for name, value in {**answer, **changed}.items() if value is not None}
            with pytest.raises(Untrue):
                await flow.finish(secret, BACK, sent)
        assert list(op.codes) == ["c1"]  # not one of them got as far as spending it
        op.clock.turn(601)
        with pytest.raises(Untrue, match="too late"):
            await op.flow.finish(begun.secret, BACK, answer)


async def test_a_rotated_key_is_looked_for_once_and_made_up_ids_cost_nothing():
    async with provider() as op:
        for code in ("a", "b"):
            begun = await op.flow.begin(BACK)
            await op.flow.finish(begun.secret, BACK, op.say_yes(begun, code))
        assert op.asked == ["/.well-known/openid-configuration", "/keys"]
        op.keys, op.signing = [published(OTHER_KEY, "new")], {**op.signing, "key": OTHER_KEY, "headers": {"kid": "new"}}
        op.clock.turn(AGAIN_MS / 1000)
        begun = await op.flow.begin(BACK)
        assert (await op.flow.finish(begun.secret, BACK, op.say_yes(begun))).subject == "s1"
        assert op.asked.count("/keys") == 2
        op.signing = {**op.signing, "headers": {"kid": "made-up"}}
        for code in ("d", "e", "f"):
            begun = await op.flow.begin(BACK)
            with pytest.raises(Untrue, match="does not publish"):
                await op.flow.finish(begun.secret, BACK, op.say_yes(begun, code))
        assert op.asked.count("/keys") == 2


async def test_an_elliptic_key_and_a_single_key_without_an_id_serve_too():
    async with provider() as op:
        op.signing = {"key": EC_KEY, "algorithm": "ES256"}
        begun = await op.flow.begin(BACK)
        assert (await op.flow.finish(begun.secret, BACK, op.say_yes(begun))).subject == "s1"


async def test_an_address_is_verified_only_where_the_provider_says_exactly_that():
    async with provider() as op:
        for said, believed in ((True, True), (False, False), (None, False), ("true", False), (1, False)):
            begun = await op.flow.begin(BACK)
            answer = op.say_yes(begun)
            op.claims["email_verified"] = said
            assert (await op.flow.finish(begun.secret, BACK, answer)).email_verified is believed


async def test_groups_become_the_roles_that_the_settings_name_and_no_others():
    async with provider() as op:
        mapped = replace(op.work, role_claim="realm.roles", roles={"crew": Role.MODERATOR, "boss": Role.ADMIN})
        flow = CodeFlow(mapped, op.outgoing, op.clock)
        for said, roles in (
            ({"roles": ["crew", "admin", 7]}, {Role.MODERATOR}),
            ({"roles": "boss"}, {Role.ADMIN}),
            ({"roles": {"crew": 1}}, set()),
            (["crew"], set()),
        ):
            begun = await flow.begin(BACK)
            answer = op.say_yes(begun)
            op.claims["realm"] = said
            assert (await flow.finish(begun.secret, BACK, answer)).roles == roles
        # What the token leaves out is asked for, and must be said of the same person.
        op.userinfo = {"sub": "s1", "realm": {"roles": ["crew"]}}
        begun = await flow.begin(BACK)
        assert (await flow.finish(begun.secret, BACK, op.say_yes(begun))).roles == {Role.MODERATOR}
        assert op.bearer == "Bearer access"
        op.userinfo["sub"] = "s2"
        begun = await flow.begin(BACK)
        with pytest.raises(Untrue, match="somebody else"):
            await flow.finish(begun.secret, BACK, op.say_yes(begun))


@pytest.mark.parametrize("name", ["facebook", "spotify"])
async def test_facebook_and_spotify_tell_who_somebody_is_by_their_profile_alone(name):
    async with provider() as op:
        known = preset(name, client_id="tutti", client_secret="s")
        urls = {
            "authorize_url": op.url + "/authorize",
            "token_url": op.url + "/token",
            "profile_url": op.url + "/me?x=1",
        }
        flow = CodeFlow(replace(known, **urls), op.outgoing, op.clock)
        op.userinfo = {"id": "77", "email": "ann@x.test", "name": "Ann", "display_name": "Ann", "email_verified": True}
        begun = await flow.begin(BACK)
        assert "nonce" not in begun.url
        answer = op.say_yes(begun)
        del answer["iss"]
        assert await flow.finish(begun.secret, BACK, answer) == Proven(name, "77", "ann@x.test", False, "Ann", None)
        assert (op.basic is not None) is (name == "spotify")
        proof = hmac.new(b"s", b"access", hashlib.sha256).hexdigest()
        assert op.asked[-1] == ("/me?x=1" + (f"&appsecret_proof={proof}" if name == "facebook" else ""))


async def test_an_issuer_must_be_who_the_settings_say_and_outside_unless_they_allow_it():
    async with provider() as op:
        op.metadata["issuer"] = "https://other.test"
        with pytest.raises(Untrue, match="another"):
            await op.flow.begin(BACK)
        with pytest.raises(Forbidden):
            await CodeFlow(op.work, Outgoing(), op.clock).begin(BACK)
    assert sorted(PRESETS) == ["facebook", "google", "spotify"]
