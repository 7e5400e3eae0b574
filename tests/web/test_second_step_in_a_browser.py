"""The player's page in a real browser: the second step set up in the settings, and asked for at the next sign-in."""

from __future__ import annotations

from base64 import b32decode

import pytest

from services.factors.challenges import SecondFactorNeeded
from services.factors.codes import STEP_S, code_at
from tests.catalogue_rig import PASSWORD
from tests.web.chromium import chromium
from tests.web.hand import click, fill
from tests.web.player_house import open_player

pytestmark = pytest.mark.services
FORM = "document.querySelector('.welcome form')"
WAY_IN = "document.querySelector('main a[href^=\"/welcome\"]')"
PROOF = "document.querySelector('dialog form')"


async def test_the_second_step_is_set_up_asked_for_and_met(tmp_path):
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        clock = there.rig.clock

        def code(secret):
            clock.turn(STEP_S)
            return code_at(b32decode(secret), clock.epoch_ms() / 1000)

        page = await browser.page(f"{there.address}/settings/second-step", there.signed_in)
        await click(page, "main button", "Set it up")
        await fill(page, "dialog form", password="not the password")
        await page.until(f"{PROOF}.querySelector('.failed')")
        assert await page.run(f"{PROOF}.elements.password.value") == "not the password"
        await fill(page, "dialog form", password=PASSWORD)
        await page.until("document.querySelector('main img[src^=data]')?.naturalWidth > 0")
        secret = await page.run("document.querySelector('main .secret').textContent")
        await fill(page, "main .form", code=code(secret))
        await page.until("document.querySelectorAll('.codes li').length === 10")
        recovery = await page.run("document.querySelector('.codes li').textContent")

        other = await browser.page(f"{there.address}/welcome?to=/settings/look", "")
        for given in (code(secret), recovery):
            await other.until(f"{FORM} && !{FORM}.matches('.code')")
            await fill(other, ".welcome form", login="ann", password=PASSWORD)
            await other.until(f"{FORM}.matches('.code')")
            await fill(other, ".welcome form", code="000000" if given != recovery else "wrong")
            await other.until(f"{FORM}.querySelector('.failed')?.textContent === 'This code is not right.'")
            await fill(other, ".welcome form", code=given)
            # Who signed in is where they wanted to be.
            await other.until("localStorage.getItem('tutti.sign-in') && location.pathname === '/settings/look'")
            assert await other.run("localStorage.getItem('tutti.device').length > 20")
            await click(other, ".settings button", "Sign out")
            await other.until(f"!localStorage.getItem('tutti.sign-in') && {WAY_IN}")
            await click(other, 'main a[href^="/welcome"]')
        # Another way of signing in leads here with its challenge.
        user = await there.rig.store.users.get(there.ann_id)
        with pytest.raises(SecondFactorNeeded) as needed:
            await there.house.accounts.signing_in.admit(user, proof="social")
        await other.run(f"location.href = '/#/second-step/{needed.value.challenge}'")
        await other.until(f"{FORM}?.matches('.code') && location.hash === ''")
        await fill(other, ".welcome form", code=code(secret))
        await other.until("localStorage.getItem('tutti.sign-in') && !document.querySelector('.welcome')")
        # Its token outlives signing out: the device is known, and nobody was told of a new place twice.
        assert await other.run("localStorage.getItem('tutti.device').length > 20")
        assert page.errors == other.errors == []
