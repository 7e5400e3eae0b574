"""From a report to an appeal through the real door: HTTP in, HTTP out."""

from services.viewer import Role

REPORT = "mutation ($id: ID!) { reportContent(kind: USER, id: $id, reason: SPAM) { success report { isResolved } } }"
QUEUE = "{ moderationQueue { edges { node { id name reportCount } } } }"
DECIDE = """mutation ($id: ID!) { decideCase(caseId: $id, actions: [SUSPEND], reason: SPAM,
  until: "2026-06-02T00:00:00Z", words: "Lamps.") { case { state outcome } } }"""
LOG_IN = 'mutation { login(email: "ann@example.com", password: "SecurePass123!") { token } }'
MINE = "{ myModeration { edges { node { action words until canAppeal } } } }"


async def test_somebody_is_reported_suspended_and_back(music, client):
    ann, bob = await music.sign_in("ann"), await music.sign_in("bob")
    moe = await music.sign_in("moe", Role.MODERATOR)
    made = (await client.ask(REPORT, bob.token, id=ann.user.id))["data"]["reportContent"]
    assert made == {"success": True, "report": {"isResolved": False}}
    refused = await client.ask(QUEUE, bob.token)
    assert refused["errors"][0]["extensions"]["code"] == "DENIED"
    [edge] = (await client.ask(QUEUE, moe.token))["data"]["moderationQueue"]["edges"]
    assert (edge["node"]["name"], edge["node"]["reportCount"]) == ("ann", 1)
    done = await client.ask(DECIDE, moe.token, id=edge["node"]["id"])
    assert done["data"]["decideCase"]["case"] == {"state": "RESOLVED", "outcome": "ACTION_TAKEN"}
    # The token that was good a moment ago is good no more, and no other is to be had.
    assert (await client.ask(MINE, ann.token))["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"
    assert (await client.ask(LOG_IN))["errors"][0]["extensions"]["code"] == "WRONG_CREDENTIALS"
    music.clock.turn(86_400)
    assert await music.house.suspensions.return_due() == 1
    token = (await client.ask(LOG_IN))["data"]["login"]["token"]
    [mine] = (await client.ask(MINE, token))["data"]["myModeration"]["edges"]
    assert mine["node"] == {
        "action": "SUSPEND",
        "words": "Lamps.",
        "until": "2026-06-02T00:00:00.000Z",
        "canAppeal": True,
    }
