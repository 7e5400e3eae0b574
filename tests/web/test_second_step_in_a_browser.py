"""The player's page in a real browser: the second step set up in the settings, and asked for at the next sign-in."""

from __future__ import annotations

import json
from base64 import b32decode

import pytest

from services.factors.challenges import SecondFactorNeeded
from services.factors.codes import STEP_S, code_at
from tests.catalogue_rig import PASSWORD
from tests.web.chromium import chromium
from tests.web.test_notifications_in_a_browser import open_house

pytestmark = pytest.mark.services
STEPS = "document.querySelector('[aria-labelledby=s-steps]')"
FORM = "document.querySelector('.welcome form')"


def typed(form, **fields):
    """What fills a form in and sends it."""
    told = "".join(f"each.elements.{name}.value = {json.dumps(value)};" for name, value in fields.items())
    return f"{{ const each = {form}; {told} each.requestSubmit(); }}"


async def test_the_second_step_is_set_up_asked_for_and_met(tmp_path):
    async with open_house(tmp_path / "house") as street, chromium(tmp_path / "browser") as browser:
        clock = street.rig.clock

        def code(secret):
            clock.turn(STEP_S)
            return code_at(b32decode(secret), clock.epoch_ms() / 1000)

        page = await browser.page(f"{street.address}/#/settings", street.signed_in)
        await page.until(f"{STEPS}?.querySelector('form')")
        await page.run(typed(f"{STEPS}.querySelector('form')", password=PASSWORD))
        await page.until(f"{STEPS}.querySelector('.qr')?.naturalWidth > 0")
        secret = await page.run(f"{STEPS}.querySelector('.secret').textContent")
        await page.run(typed(f"{STEPS}.querySelector('form')", code=code(secret)))
        await page.until(f"{STEPS}.querySelectorAll('.codes li').length === 10")
        recovery = await page.run(f"{STEPS}.querySelector('.codes li').textContent")

        other = await browser.page(street.address, "")
        for given in (code(secret), recovery):
            await other.until(f"{FORM} && !{FORM}.matches('.code')")
            # Name and password have no names of fields there: they are what they are by their order.
            values = json.dumps(["ann", None, PASSWORD])
            fill = f"{values}.forEach((value, at) => {{ if (value) {FORM}.elements[at].value = value; }});"
            await other.run(f"{{ {fill} {FORM}.requestSubmit(); }}")
            await other.until(f"{FORM}.matches('.code')")
            await other.run(typed(FORM, code="000000" if given != recovery else "wrong"))
            await other.until(f"{FORM}.querySelector('.failed').textContent === 'This code is not right.'")
            await other.run(typed(FORM, code=given))
            await other.until("localStorage.getItem('tutti.sign-in') && !document.querySelector('.welcome form')")
            assert await other.run("localStorage.getItem('tutti.device').length > 20")
            await other.run("import('/web/player/api.js').then((api) => api.logOut())")
        # Another way of signing in leads here with its challenge.
        user = await street.rig.store.users.get(street.ann_id)
        with pytest.raises(SecondFactorNeeded) as needed:
            await street.house.accounts.signing_in.admit(user, proof="social")
        await other.run(f"location.hash = '#/second-step/{needed.value.challenge}'; location.reload()")
        await other.until(f"{FORM}?.matches('.code') && location.hash === '#/'")
        await other.run(typed(FORM, code=code(secret)))
        await other.until("localStorage.getItem('tutti.sign-in') && !document.querySelector('.welcome form')")
        # Its token outlives signing out: the device is known, and nobody was told of a new place twice.
        assert await other.run("localStorage.getItem('tutti.device').length > 20")
        assert page.errors == other.errors == []
