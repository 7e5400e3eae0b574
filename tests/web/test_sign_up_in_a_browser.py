"""The player's page in a real browser: an account is made, its address proven, and its person goes on."""

from __future__ import annotations

import re

import pytest

from tests.web.chromium import chromium
from tests.web.hand import click, fill, write
from tests.web.player_house import open_player

pytestmark = pytest.mark.services
FORM = "document.querySelector('.welcome form')"


async def test_a_stranger_joins_proves_the_address_and_goes_on(tmp_path):
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        page = await browser.page(f"{there.address}/settings/look")
        await click(page, 'main a[href^="/welcome"]')
        await click(page, "main button", "Create an account")

        # The house judges a password while it is typed.
        await write(page, ".welcome [name=password]", "password1234")
        await page.until(f"{FORM}.querySelector('meter')?.value < 3")
        # What the house refuses is told at its field, and nothing typed is lost.
        joining = {"email": "kim@tutti.example", "password": "plum stairs fjord eleven"}
        await fill(page, ".welcome form", **joining, username="-")
        await page.until(f"{FORM}.elements.username.getAttribute('aria-invalid') === 'true'")
        told = "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent"
        assert "3 to 30" in await page.run(told)
        for name, value in joining.items():
            assert await page.run(f"{FORM}.elements.{name}.value") == value
        await fill(page, ".welcome form", username="kim")

        await page.until("document.getElementById('prove-code')")
        assert "kim@tutti.example" in await page.run("document.querySelector('.welcome').textContent")
        kim = await there.rig.store.users.first({"username_key": "kim"})
        [mail] = await there.rig.store.outbox.find({"receiver": "kim@tutti.example"})
        [code] = re.findall(r"\b\d{4} ?\d{4}\b", mail.text)
        await fill(page, ".welcome form", code="00000000")
        await page.until(f"{FORM}.querySelector('.failed')")
        await fill(page, ".welcome form", code=code)
        await page.until("location.pathname === '/settings/look' && document.getElementById('language')")
        assert (await there.rig.store.users.get(kim.id)).is_verified
        assert page.errors == []


async def test_nobody_is_led_out_of_the_house(tmp_path):
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        for elsewhere in ("//evil.example/", "https://evil.example/", "/\\evil.example/", "/welcome?to=/welcome"):
            page = await browser.page(f"{there.address}/welcome?to={elsewhere}", there.signed_in)
            await page.until("location.pathname === '/'")
            assert await page.run("location.origin") == there.address
