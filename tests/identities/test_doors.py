"""The whole walk through a real server: to a provider on a socket of its own, back, and into the house."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from server.config import BadConfiguration, load_settings
from server.sign_in_providers import providers_of
from services.clock import Clock
from services.viewer import SYSTEM
from tests.identities.test_code_flow import provider
from tests.uploads.place import open_place

PASSWORD = "SecurePass123!"
REDEEM = "mutation($c: String!) { redeemSignIn(code: $c) { token user { username email isVerified } } }"


@pytest.fixture
async def street(tmp_path):
    """A house, a provider beside it, and one browser between them."""
    async with provider() as op:
        op.clock = Clock()
        settings = {
            "SIGN_IN_OIDC_ISSUER": op.url,
            "SIGN_IN_OIDC_CLIENT_ID": "tutti",
            "SIGN_IN_OIDC_CLIENT_SECRET": "s:3 c",
            "SIGN_IN_OIDC_TITLE": "Work",
            "OUTGOING_INSIDE": "127.0.0.1",
        }
        async with open_place(tmp_path, **settings) as place:
            yield Street(place, op)


class Street:
    def __init__(self, place, op):
        self.place, self.op, self.cookie = place, op, ""

    async def get(self, path, **headers):
        answer = await self.place.fetch(path, headers=headers, follow_redirects=False)
        for said in answer.headers.get_list("Set-Cookie"):
            self.cookie = said.partition(";")[0]
        return answer

    async def go(self, path="/auth/oidc"):
        """The provider's answer to what the house asked."""
        answer = await self.get(path)
        assert answer.code == 302, answer.body
        said = self.op.say_yes(SimpleNamespace(url=answer.headers["Location"]))
        self.op.claims |= {"name": "Nora", "email": "nora@work.test"}
        return said

    async def back(self, answer, **headers):
        return await self.get(f"/auth/oidc/callback?{urlencode(answer)}", **({"Cookie": self.cookie} | headers))

    async def code(self, path="/auth/oidc"):
        answer = await self.back(await self.go(path))
        assert answer.code == 302, answer.body
        return answer.headers["Location"]

    async def ask(self, query, token=None, **variables):
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        body = json.dumps({"query": query, "variables": variables})
        return json.loads((await self.place.fetch("/graphql", method="POST", body=body, headers=headers)).body)


async def test_somebody_walks_to_the_provider_and_back_into_an_account_of_their_own(street):
    shown = await street.ask("{ signInProviders { name title } }")
    assert shown["data"]["signInProviders"] == [{"name": "oidc", "title": "Work"}]
    gone = await street.get("/auth/oidc")
    [cookie] = gone.headers.get_list("Set-Cookie")
    assert re.fullmatch(r"tutti-sign-in=enter\.\d+\.[\w-]{43}; .*", cookie)
    assert all(word in cookie for word in ("HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=600"))
    assert gone.headers["Cache-Control"] == "no-store"
    query = parse_qs(urlsplit(gone.headers["Location"]).query)
    assert query["redirect_uri"] == [f"{street.place.base}/auth/oidc/callback"]
    address = await street.code()
    assert re.fullmatch(r"/#/enter/oidc/[\w-]{43}", address)
    assert street.cookie == 'tutti-sign-in=""'
    code = address.rpartition("/")[2]
    entered = (await street.ask(REDEEM, c=code))["data"]["redeemSignIn"]
    assert entered["user"] == {"username": "Nora", "email": "nora@work.test", "isVerified": True}
    again = await street.ask(REDEEM, c=code)
    assert again["errors"][0]["extensions"]["code"] == "CODE_NOT_GOOD"
    mine = await street.ask("{ myIdentities { provider email } }", entered["token"])
    assert mine["data"]["myIdentities"] == [{"provider": "oidc", "email": "nora@work.test"}]
    other = (await street.ask(REDEEM, c=(await street.code()).rpartition("/")[2]))["data"]["redeemSignIn"]
    assert other["user"]["username"] == "Nora"


async def test_an_answer_is_taken_from_the_browser_that_asked_alone_and_only_once(street):
    answer = await street.go()
    refused = await street.back(answer, Cookie="")
    assert (refused.code, "did not work" in refused.body.decode()) == (403, True)
    assert "script" not in refused.headers["Content-Security-Policy"]
    for bent in ({**answer, "state": "x"}, {**answer, "iss": "https://evil.test"}, {"error": "access_denied"}):
        fresh = await street.go()
        given = {**fresh, **{key: bent[key] for key in bent if bent[key] != answer.get(key)}}
        assert (await street.back(given)).code == 403
    assert (await street.get("/auth/nobody")).code == 404
    assert (await street.get("/auth/nobody/callback?code=x")).code == 404
    assert await street.place.store.sign_in_codes.count({}) == 0


async def test_a_provider_that_is_away_is_said_to_be_so(street, log_watch):
    log_watch.expect("a provider does not answer")
    log_watch.expect("tutti.access: request")
    street.op.metadata = {"issuer": "https://somebody.else"}
    answer = await street.get("/auth/oidc")
    assert (answer.code, b"does not answer just now" in answer.body) == (503, True)


async def test_somebody_signed_in_connects_a_provider_with_their_password_and_then_enters_by_it(street):
    house = street.place.household.house
    await house.accounts.create(SYSTEM, email="wanda@home.test", username="wanda", password=PASSWORD, roles=[])
    login = 'mutation($p: String!) { login(email: "wanda", password: $p) { token } }'
    token = (await street.ask(login, p=PASSWORD))["data"]["login"]["token"]
    link = "mutation($c: String!, $p: String) { linkIdentity(code: $c, password: $p) { identity { id provider } } }"
    address = await street.code("/auth/oidc?connect")
    assert address.startswith("/#/connect/oidc/")
    code = address.rpartition("/")[2]
    assert (await street.ask(link, None, c=code, p=PASSWORD))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    linked = (await street.ask(link, token, c=code, p=PASSWORD))["data"]["linkIdentity"]["identity"]
    entered = await street.ask(REDEEM, c=(await street.code()).rpartition("/")[2])
    assert entered["data"]["redeemSignIn"]["user"]["username"] == "wanda"
    unlink = "mutation($i: ID!, $p: String) { unlinkIdentity(id: $i, password: $p) { success } }"
    wrong = await street.ask(unlink, token, i=linked["id"], p="wrong")
    assert wrong["errors"][0]["extensions"]["code"] == "WRONG_CREDENTIALS"
    assert (await street.ask(unlink, token, i=linked["id"], p=PASSWORD))["data"]["unlinkIdentity"]["success"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"OIDC_ISSUER": "https://id.test"}, "issuer and client_id"),
        ({"OIDC_ISSUER": "ftp://id.test", "OIDC_CLIENT_ID": "x"}, "URL"),
        ({"OIDC_ISSUER": "https://id.test", "OIDC_CLIENT_ID": "x", "OIDC_SCOPES": "email"}, "openid"),
        ({"OIDC_ISSUER": "https://id.test", "OIDC_CLIENT_ID": "x", "OIDC_ROLES": "admins"}, "value = role"),
        ({"OIDC_ISSUER": "https://id.test", "OIDC_CLIENT_ID": "x", "OIDC_ROLES": "a = king"}, "artist, moderator"),
    ],
)
def test_wrong_settings_are_refused_by_name(given, named):
    with pytest.raises(BadConfiguration, match=named):
        load_settings(None, {f"TUTTI_SIGN_IN_{name}": value for name, value in given.items()})


def test_there_may_be_any_number_of_providers_under_names_of_ones_own(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("""
server: {public_url: "https://music.test"}
sign_in:
  oidc: {issuer: "https://id.test", client_id: a, title: home}
  others:
    work: {issuer: "https://work.test", client_id: b, title: work, roles: ["music = moderator"]}
    the-school: {issuer: "https://school.test", client_id: c}
""")
    settings = load_settings(file, {"TUTTI_SIGN_IN_OTHERS_THE_SCHOOL_CLIENT_SECRET": "kept apart"})
    found = {each.name: each for each in providers_of(settings.sign_in)}
    assert list(found) == ["oidc", "work", "the-school"]
    assert (found["work"].title, found["work"].roles, found["the-school"].client_secret) == (
        "work",
        {"music": "moderator"},
        "kept apart",
    )


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("others: [a]", "a section for each name"),
        ("others: {Work: {issuer: 'https://a.test'}}", "small letters"),
        ("others: {google: {issuer: 'https://a.test', client_id: x}}", "this name is taken"),
        ("others: {work: {issuer: 'https://a.test'}}", "sign_in.others.work needs both"),
        ("others: {work: {isuer: 'https://a.test'}}", "did you mean sign_in.others.work.issuer"),
        ("others: {work: https}", "must hold settings"),
    ],
)
def test_wrong_names_and_sections_are_refused_by_name(tmp_path, written, named):
    file = tmp_path / "config.yaml"
    file.write_text(f"sign_in:\n  {written}\n")
    with pytest.raises(BadConfiguration, match=named):
        load_settings(file, {})
