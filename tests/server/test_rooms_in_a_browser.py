"""A room in the player: two browsers hear the same moment, and what one says, changes or leaves the other learns."""

from __future__ import annotations

import asyncio
import statistics

import pytest

from tests.server.player_pages import click, player_pages, text_is_there
from tests.services.exercised import exercised

pytestmark = pytest.mark.services
SEATED = "import('/web/bundle/player/together/seated.js')"
PLAYS = (
    f"{SEATED}.then((s) => Boolean(s.room.value?.anchor.playing) && document.body.dataset.skew !== ''"
    " && Math.abs(Number(document.body.dataset.skew)) < 60)"
)
WITHIN_MS = 30


async def apart(one, other, looks):
    """By how much two pages differ in what is heard, at each of so many looks, in milliseconds."""
    found = []
    for _ in range(looks):
        # Both are asked in the same breath of the same browser process, whose clock is one.
        here, there = await asyncio.gather(one.run(HEARD), other.run(HEARD))
        if here is not None and there is not None:
            found.append(abs((here["heard"] - there["heard"]) - (here["at"] - there["at"])))
        await asyncio.sleep(0.05)
    return found


# What the audio element of the current item says it plays, and when it said so.
HEARD = "window.roomHeard?.() ?? null"
TAP = """
const play = HTMLMediaElement.prototype.play;
const heardOf = new Set();
HTMLMediaElement.prototype.play = function () { heardOf.add(this); return play.call(this); };
window.roomHeard = () => {
  const one = [...heardOf].find((each) => !each.paused && each.currentTime > 0);
  return one ? { heard: one.currentTime * 1000, at: performance.timeOrigin + performance.now() } : null;
};
"""


async def test_two_browsers_hear_one_moment_and_each_other(tmp_path, library):
    async with player_pages(tmp_path, library) as pages:
        ann, bob = await pages.sign_up("ann"), await pages.sign_up("bob")
        here = await pages.open(f"/album/{pages.album['slug']}", ann, TAP)
        await here.until("document.querySelector('.hero .button.main')")
        await here.run(click(".hero .button.main"))
        await here.until("document.querySelector('.bar')")
        await here.run(click(".ways a[href='/rooms']"))
        await here.until("document.querySelector('.room-form button')")
        await here.run(click(".room-form button"))
        await here.until("location.pathname.startsWith('/room/') && document.querySelector('.stage h2')")
        await here.until(f"await {PLAYS}")
        await here.run(click(".room-head .button.main"))
        await here.until("document.querySelector('#room-link')?.value.includes('/join/')")
        link = await here.run("document.querySelector('#room-link').value")
        await here.run("document.querySelector('dialog').close()")

        there = await pages.open(link.replace(pages.base, ""), bob, TAP)
        await there.until("!document.querySelector('#member').hidden")
        await there.run(click("#as-member"))
        await there.until("location.pathname.startsWith('/room/') && document.querySelector('.stage h2')")
        await there.until(f"await {PLAYS}")
        assert await there.run("document.querySelector('.stage h2').textContent") == "Dawn"
        for page in (here, there):
            await page.until("document.body.dataset.skew !== '' && Math.abs(Number(document.body.dataset.skew)) < 12")
        differences = sorted(await apart(here, there, 30))
        assert len(differences) >= 20
        assert statistics.quantiles(differences, n=20)[18] <= WITHIN_MS, differences

        await there.run(f"{SEATED}.then((s) => s.act('chat', {{ text: 'Hello there' }})).then(Boolean)")
        await here.until(text_is_there("Hello there"))
        await here.until(
            "[...document.querySelectorAll('.room-members strong')].some((one) => one.textContent === 'bob')"
        )
        # Who is no host asks, and the host decides.
        assert await there.run("document.querySelector('.stage .round-button.main').disabled")
        await here.run(click(".stage .round-button.main"))
        await there.until(f"{SEATED}.then((s) => !s.room.value.anchor.playing)")
        await there.run(f"{SEATED}.then((s) => s.leave()).then(() => true)")
        await there.until("document.querySelector('.empty')")
        await here.until(
            "document.querySelectorAll('.room-members li').length === 1 || document.body.innerText.includes('away')"
        )
        assert (here.errors, there.errors) == ([], [])
    exercised("Chromium, two of them in a room of the player")
