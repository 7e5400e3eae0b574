"""The player's page in a real browser: the second step set up in the settings, and asked for at the next sign-in."""

from __future__ import annotations

from base64 import b32decode

import pytest

from services.factors.challenges import SecondFactorNeeded
from services.factors.codes import STEP_S, code_at
from tests.catalogue_rig import PASSWORD
from tests.web.account_house import button, open_house, typed
from tests.web.chromium import chromium

pytestmark = pytest.mark.services
FORM = "document.querySelector('.welcome form')"
WAY_IN = "document.querySelector('main a[href^=\"/welcome\"]')"
PROOF = "document.querySelector('dialog form')"
CONFIRM = "document.querySelector('main .form')"


async def test_the_second_step_is_set_up_asked_for_and_met(tmp_path):
    async with open_house(tmp_path / "house") as street, chromium(tmp_path / "browser") as browser:
        clock = street.rig.clock

        def code(secret):
            clock.turn(STEP_S)
            return code_at(b32decode(secret), clock.epoch_ms() / 1000)

        page = await browser.page(f"{street.address}/settings/second-step", street.signed_in)
        await page.until(button("Set it up"))
        await page.run(f"{button('Set it up')}.click()")
        await page.until(PROOF)
        await page.run(typed(PROOF, password="not the password"))
        await page.until(f"{PROOF}.querySelector('.failed')")
        assert await page.run(f"{PROOF}.elements.password.value") == "not the password"
        await page.run(typed(PROOF, password=PASSWORD))
        await page.until("document.querySelector('main img[src^=data]')?.naturalWidth > 0")
        secret = await page.run("document.querySelector('main .secret').textContent")
        await page.run(typed(CONFIRM, code=code(secret)))
        await page.until("document.querySelectorAll('.codes li').length === 10")
        recovery = await page.run("document.querySelector('.codes li').textContent")

        other = await browser.page(f"{street.address}/welcome?to=/settings/look", "")
        for given in (code(secret), recovery):
            await other.until(f"{FORM} && !{FORM}.matches('.code')")
            await other.run(typed(FORM, login="ann", password=PASSWORD))
            await other.until(f"{FORM}.matches('.code')")
            await other.run(typed(FORM, code="000000" if given != recovery else "wrong"))
            await other.until(f"{FORM}.querySelector('.failed')?.textContent === 'This code is not right.'")
            await other.run(typed(FORM, code=given))
            # Who signed in is where they wanted to be.
            await other.until("localStorage.getItem('tutti.sign-in') && location.pathname === '/settings/look'")
            assert await other.run("localStorage.getItem('tutti.device').length > 20")
            await other.until(button("Sign out", ".settings"))
            await other.run(f"{button('Sign out', '.settings')}.click()")
            await other.until(f"!localStorage.getItem('tutti.sign-in') && {WAY_IN}")
            await other.run(f"{WAY_IN}.click()")
        # Another way of signing in leads here with its challenge.
        user = await street.rig.store.users.get(street.ann_id)
        with pytest.raises(SecondFactorNeeded) as needed:
            await street.house.accounts.signing_in.admit(user, proof="social")
        await other.run(f"location.href = '/#/second-step/{needed.value.challenge}'")
        await other.until(f"{FORM}?.matches('.code') && location.hash === ''")
        await other.run(typed(FORM, code=code(secret)))
        await other.until("localStorage.getItem('tutti.sign-in') && !document.querySelector('.welcome')")
        # Its token outlives signing out: the device is known, and nobody was told of a new place twice.
        assert await other.run("localStorage.getItem('tutti.device').length > 20")
        assert page.errors == other.errors == []
