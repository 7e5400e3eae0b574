"""The player's page in a real browser: the browser's time zone becomes its person's, who may choose another."""

from __future__ import annotations

import pytest

from tests.web.chromium import chromium
from tests.web.hand import click
from tests.web.player_house import open_player

pytestmark = pytest.mark.services
ZONE = "document.getElementById('zone')"


async def test_a_browsers_zone_is_told_once_and_another_may_be_chosen(tmp_path):
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        users = there.rig.store.users

        async def zone():
            return (await users.get(there.ann_id)).preferences.time_zone

        page = await browser.page(f"{there.address}/settings/look", there.signed_in)
        await page.until("localStorage.getItem('tutti.zone') !== null")
        told = await zone()
        assert told == await page.run("Intl.DateTimeFormat().resolvedOptions().timeZone")
        await page.until(ZONE)
        for chosen in ("Asia/Tokyo", ""):
            await page.run(f"{ZONE}.value = '{chosen}'; {ZONE}.dispatchEvent(new Event('change'))")
            # It says so when the house has it.
            await page.until("document.querySelector('.notice')")
            assert await zone() == chosen
            await click(page, ".notice .round-button")
            await page.until("!document.querySelector('.notice')")
        assert page.errors == []
