"""A server that logs all it can, used with every secret there is: none of them is in its log or its errors."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

from tests.server.client import PASSWORD, Client

WRONG = "Zwölf Wege, die keiner ging"
RESET = "reset-token-that-was-never-sent-0123456789"
CODE = "provider-code-that-nobody-gave-0123456789"
EMAIL = "planted-person@example.com"
HOOK = "whsec_planted_0123456789abcdef0123456789abcdef"
ISSUER = "client-secret-planted-0123456789"


async def test_no_secret_stands_in_the_log_or_in_an_error(own_server):
    own_server.settings |= {
        "TUTTI_SERVER_LOG_LEVEL": "debug",
        "TUTTI_SERVER_PUBLIC_URL": "https://music.example",
        "TUTTI_BILLING_SECRET_KEY": "sk_test_planted0123456789",
        "TUTTI_BILLING_WEBHOOK_SECRETS": HOOK,
        "TUTTI_SIGN_IN_GOOGLE_CLIENT_ID": "client-id",
        "TUTTI_SIGN_IN_GOOGLE_CLIENT_SECRET": ISSUER,
    }
    await asyncio.to_thread(own_server.start)
    client, answers = Client(own_server.base), []

    async def ask(query, **variables):
        answers.append(json.dumps(await client.ask(query, **variables)))

    await client.register("planted-person")
    access, refresh = client.token, client.refresh_token
    key = (await client.get(
        'mutation($p: String!) { createApiKey(name: "k", scopes: [READ], password: $p) { secret } }', p=PASSWORD
    ))["createApiKey"]["secret"]  # fmt: skip
    made = 'mutation($p: String!) { createAppPassword(name: "a", password: $p) { secret } }'
    app = (await client.get(made, p=PASSWORD))["createAppPassword"]["secret"]
    begun = await client.get("mutation($p: String!) { beginSecondFactor(password: $p) { secret } }", p=PASSWORD)
    songs = await client.get("{ songs(first: 1) { edges { node { audioUrl } } } }")
    address = songs["songs"]["edges"][0]["node"]["audioUrl"]
    [ticket] = parse_qs(urlsplit(address).query)["ticket"]
    path = f"{urlsplit(address).path}?{urlsplit(address).query}"
    assert (await Client(own_server.base).fetch(path, headers={"Range": "bytes=0-9"})).code == 206
    await Client(own_server.base).fetch(f"{path}x&quality=absurd")
    await ask("mutation($e: String!, $p: String!) { login(email: $e, password: $p) { token } }", e=EMAIL, p=WRONG)
    await ask(
        "mutation($t: String!, $p: String!) { resetPassword(token: $t, newPassword: $p) { success } }", t=RESET, p=WRONG
    )
    await ask("mutation($l: String!) { requestPasswordReset(login: $l) { success } }", l=EMAIL)
    await ask("mutation($c: String!) { redeemSignIn(code: $c) { token } }", c=CODE)
    await ask("mutation($t: String!) { refreshToken(refreshToken: $t) { token } }", t=f"{refresh}x")
    await ask(f'{{ me {{ nothing(password: "{WRONG}") }} }}')
    for secret in (key, app, f"{access}x"):
        other = Client(own_server.base)
        other.token = secret
        answers.append(json.dumps(await other.ask("{ me { username } }")))
    hook = await client.fetch(
        "/webhooks/stripe", method="POST", body="{}", headers={"Stripe-Signature": f"t=1,v1={HOOK}"}
    )
    way = await client.fetch(f"/auth/google/callback?code={CODE}&state={RESET}", follow_redirects=False)
    answers += [hook.body.decode(), way.body.decode(), str(way.headers), str(hook.headers)]
    assert await asyncio.to_thread(own_server.stop) == 0

    secrets = [
        PASSWORD, WRONG, RESET, CODE, HOOK, ISSUER, "sk_test_planted", access, access.split(".")[2], refresh, key, app,
        begun["beginSecondFactor"]["secret"], ticket,
    ]  # fmt: skip
    log = own_server.log.read_text(encoding="utf-8")
    assert len(log) > 2000 and "DEBUG" in log
    assert [secret for secret in [*secrets, EMAIL] if secret in log] == []
    said = "\n".join(answers)
    assert [secret for secret in secrets if secret in said] == []
