"""The code flow at a certified provider, whose keys change between two sign-ins."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from services.clock import Clock
from services.identities.code_flow import CodeFlow, Proven
from services.identities.directory import AGAIN_MS
from services.identities.id_tokens import Untrue
from services.identities.providers import Provider
from services.outgoing.destination import OutgoingRules
from services.outgoing.outgoing import Outgoing
from services.viewer import Role
from tests.services.exercised import exercised
from tests.services.openid_provider import SECRET, OpenidProvider

BACK = "http://127.0.0.1:9/auth/work/callback"


class AheadClock(Clock):
    """The time of day, and a while more."""

    ahead = timedelta()

    def now(self):
        return super().now() + self.ahead


@pytest.mark.services
async def test_somebody_signs_in_at_a_real_provider_before_and_after_its_keys_change(tmp_path):
    server, clock = OpenidProvider(tmp_path, BACK), AheadClock()
    await asyncio.to_thread(server.start, "first")
    try:
        work = Provider("work", "Work", client_id="tutti", client_secret=SECRET, issuer=server.issuer)
        work = replace(work, roles={"crew": Role.MODERATOR})
        flow = CodeFlow(work, Outgoing(OutgoingRules([f"127.0.0.1:{server.port}"])), clock)

        async def walk():
            begun = await flow.begin(BACK)
            back = await asyncio.to_thread(server.agree, begun.url, "ann")
            return begun.secret, dict(parse_qsl(urlsplit(back).query))

        secret, answer = await walk()
        expected = Proven("work", "ann", "ann@example.com", True, "Name ann", frozenset({Role.MODERATOR}))
        assert answer["iss"] == server.issuer
        assert await flow.finish(secret, BACK, answer) == expected
        with pytest.raises(Untrue):
            await flow.finish(secret, BACK, answer)
        server.kill()
        await asyncio.to_thread(server.start, "second")
        clock.ahead = timedelta(milliseconds=AGAIN_MS)
        secret, answer = await walk()
        assert await flow.finish(secret, BACK, answer) == expected
        exercised("oidc-provider")
    finally:
        server.kill()
