"""Whose X-Forwarded-For is believed: that of the web servers the settings name."""

from __future__ import annotations

import asyncio
import json

import pytest

from handlers.proxies import Proxies
from tests.server.client import Client


def test_networks_are_looked_at_and_nobody_is_believed_without_them():
    proxies = Proxies(["10.0.0.0/8", "::1"])
    assert proxies and not Proxies()
    told = {peer: proxies.believes(peer) for peer in ("10.1.2.3", "11.1.2.3", "::1", "::ffff:10.9.9.9", "", "nonsense")}
    assert told == {
        "10.1.2.3": True, "11.1.2.3": False, "::1": True, "::ffff:10.9.9.9": True, "": False, "nonsense": False,
    }  # fmt: skip
    assert not Proxies().believes("127.0.0.1")
    with pytest.raises(ValueError, match="nonsense"):
        Proxies(["nonsense"])


async def refusals(own_server, **settings):
    """How many of eighty guesses at eighty accounts, from eighty made-up addresses, are refused for being too many."""
    own_server.settings |= settings
    await asyncio.to_thread(own_server.start)
    client, refused = Client(own_server.base), 0
    for number in range(80):
        text = f'mutation {{ login(email: "nobody{number}@example.com", password: "not the one at all") {{ token }} }}'
        headers = {"X-Forwarded-For": f"198.51.100.{number}", "Content-Type": "application/json"}
        answer = await client.fetch("/graphql", method="POST", body=json.dumps({"query": text}), headers=headers)
        refused += json.loads(answer.body)["errors"][0]["extensions"]["code"] == "TOO_MANY"
    return refused


async def test_made_up_addresses_dodge_no_limit(own_server):
    assert await refusals(own_server, TUTTI_SERVER_BEHIND_PROXY="true", TUTTI_SERVER_PROXIES="192.0.2.1") > 0


async def test_a_proxy_of_ones_own_is_believed(own_server):
    assert await refusals(own_server, TUTTI_SERVER_BEHIND_PROXY="true") == 0
