"""The player's page in a real browser: an account is made, its address proven, and its person goes on."""

from __future__ import annotations

import re

import pytest

from tests.web.account_house import button, open_house, typed
from tests.web.chromium import chromium

pytestmark = pytest.mark.services
FORM = "document.querySelector('.welcome form')"


async def test_a_stranger_joins_proves_the_address_and_goes_on(tmp_path):
    async with open_house(tmp_path / "house") as street, chromium(tmp_path / "browser") as browser:
        page = await browser.page(f"{street.address}/settings/look")
        await page.until("document.querySelector('main a[href^=\"/welcome\"]')")
        await page.run("document.querySelector('main a[href^=\"/welcome\"]').click()")
        await page.until(button("Create an account"))
        await page.run(f"{button('Create an account')}.click()")
        await page.until(f"{FORM}.elements.username")

        # The house judges a password while it is typed.
        guess = "each.value = 'password1234'; each.dispatchEvent(new Event('input'));"
        await page.run(f"{{ const each = {FORM}.elements.password; {guess} }}")
        await page.until(f"{FORM}.querySelector('meter')?.value < 3")
        # What the house refuses is told at its field, and nothing typed is lost.
        joining = {"email": "kim@tutti.example", "password": "plum stairs fjord eleven"}
        await page.run(typed(FORM, **joining, username="-"))
        await page.until(f"{FORM}.elements.username.getAttribute('aria-invalid') === 'true'")
        told = "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent"
        assert "3 to 30" in await page.run(told)
        for name, value in joining.items():
            assert await page.run(f"{FORM}.elements.{name}.value") == value
        await page.run(typed(FORM, username="kim"))

        await page.until("document.getElementById('prove-code')")
        assert "kim@tutti.example" in await page.run("document.querySelector('.welcome').textContent")
        kim = await street.rig.store.users.first({"username_key": "kim"})
        [mail] = await street.rig.store.outbox.find({"receiver": "kim@tutti.example"})
        [code] = re.findall(r"\b\d{4} ?\d{4}\b", mail.text)
        await page.run(typed(FORM, code="00000000"))
        await page.until(f"{FORM}.querySelector('.failed')")
        await page.run(typed(FORM, code=code))
        await page.until("location.pathname === '/settings/look' && document.getElementById('language')")
        assert (await street.rig.store.users.get(kim.id)).is_verified
        assert page.errors == []


async def test_nobody_is_led_out_of_the_house(tmp_path):
    async with open_house(tmp_path / "house") as street, chromium(tmp_path / "browser") as browser:
        for elsewhere in ("//evil.example/", "https://evil.example/", "/\\evil.example/", "/welcome?to=/welcome"):
            page = await browser.page(f"{street.address}/welcome?to={elsewhere}", street.signed_in)
            await page.until("location.pathname === '/'")
            assert await page.run("location.origin") == street.address
