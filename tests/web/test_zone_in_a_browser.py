"""The player's page in a real browser: the browser's time zone becomes its person's, who may choose another."""

from __future__ import annotations

import pytest

from tests.web.chromium import chromium
from tests.web.test_notifications_in_a_browser import open_house

pytestmark = pytest.mark.services
ZONE = "document.querySelector('[aria-labelledby=s-zone] select')"


async def test_a_browsers_zone_is_told_once_and_another_may_be_chosen(tmp_path):
    async with open_house(tmp_path / "house") as street, chromium(tmp_path / "browser") as browser:
        users = street.rig.store.users

        async def zone():
            return (await users.get(street.ann_id)).preferences.time_zone

        page = await browser.page(f"{street.address}/#/settings", street.signed_in)
        await page.until("localStorage.getItem('tutti.zone') !== null")
        told = await zone()
        assert told == await page.run("Intl.DateTimeFormat().resolvedOptions().timeZone")
        await page.until(ZONE)
        for chosen in ("Asia/Tokyo", ""):
            await page.run(f"{ZONE}.value = '{chosen}'")
            # It answers when the house has it.
            await page.run(f"{ZONE}.onchange().then(() => {{ window.kept = '{chosen}' }})")
            await page.until(f"window.kept === '{chosen}'")
            assert await zone() == chosen
