"""The bounds of the GraphQL door come from the settings, in a real server."""

import hashlib
import json

from tests.server.client import Client


async def test_the_settings_reach_the_door(own_server, tmp_path):
    song, other = "{ songs(first: 20) { edges { node { id title } } } }", "{ __typename }"
    listed = tmp_path / "listed"
    listed.mkdir()
    (listed / "song.graphql").write_text(song, encoding="utf-8")
    own_server.settings |= {
        "TUTTI_GRAPHQL_ANONYMOUS_RATE_BURST": "130",
        "TUTTI_GRAPHQL_ANONYMOUS_RATE_PER_SECOND": "0.001",
        "TUTTI_GRAPHQL_MAX_BATCH": "2",
        "TUTTI_GRAPHQL_REPORT_COST": "true",
        "TUTTI_GRAPHQL_ALLOW_LIST": str(listed),
    }
    own_server.start()
    client = Client(own_server.base)
    assert (await client.ask(other))["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_ALLOWED"
    answer = await client.ask(song)
    assert len(answer["data"]["songs"]["edges"]) == 3
    assert answer["extensions"]["cost"] == {"requested": 81, "limit": 20_000, "left": 39}
    named = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(song.encode()).hexdigest()}}

    async def post(body):
        headers = {"Content-Type": "application/json"}
        return await client.fetch("/graphql", method="POST", body=json.dumps(body), headers=headers)

    refused = await post({"extensions": named})
    assert refused.code == 429
    assert 41_000 < int(refused.headers["Retry-After"]) <= 42_000
    batch = await post([{"query": song}] * 3)
    assert (batch.code, json.loads(batch.body)["errors"][0]["extensions"]["code"]) == (400, "BATCH_TOO_LARGE")
