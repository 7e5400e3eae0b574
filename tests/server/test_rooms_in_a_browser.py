"""A room in the player: two browsers sound the same moment, and what one says, changes or leaves the other learns."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.server.player_pages import Pages, text_is_there
from tests.services.exercised import exercised
from tests.web.chromium import Page
from tests.web.concert import concert
from tests.web.ear import EAR, Ear
from tests.web.hand import click
from tests.web.songbook import RAIN, SNOW, Tune

pytestmark = pytest.mark.services
SEATED = "import('/web/bundle/player/together/seated.js')"
WITHIN_MS = 30
IN_TIME = f"document.body.dataset.skew && Math.abs(Number(document.body.dataset.skew)) < {WITHIN_MS}"
FIRST_JUDGED = 8
FREEZE = {"state": "frozen"}
WAKE = {"state": "active"}


@dataclass
class Couple:
    """Ann, who began the room, and Bob, who came by its link."""

    pages: Pages
    ear: Ear
    ann: Page
    bob: Page

    async def differences(self, seconds: float) -> list[float]:
        """By how many milliseconds they sound apart, heard again and again for so long; silence and leaps left out."""
        found, until = [], time.monotonic() + seconds
        while time.monotonic() < until:
            # Both are asked in the same breath of the same browser process, whose clock is one.
            heard = await asyncio.gather(*map(self._heard, (self.ann, self.bob)))
            if heard[0] and heard[1] and heard[0].song == heard[1].song:
                found.append(heard[0].behind(heard[1]))
        return found

    async def _heard(self, page: Page):
        try:
            return await self.ear.listening(page)
        except AssertionError as strange:
            # In the midst of a leap from one place to another there are two of them in what is heard.
            if "none of the songs" in str(strange):
                return None
            raise

    async def together(self, what: str, tune: Tune, seconds: float, from_ms: float = 0) -> list[float]:
        """Both sound this tune, and the same moment of it."""
        await asyncio.gather(*(self.ear.until_heard(page, tune, from_ms) for page in (self.ann, self.bob)))
        async with asyncio.timeout(20):
            while not all(abs(each) < WITHIN_MS for each in await self.differences(0.8)):
                pass
        found = await self.differences(seconds)
        apart = sorted(map(abs, found))
        print(f"{what}: {len(apart)} looks, median {statistics.median(apart):.1f} ms, most {apart[-1]:.1f} ms")
        assert len(apart) >= FIRST_JUDGED / 2, (what, found)
        return apart


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[18]


@contextlib.asynccontextmanager
async def couple(folder: Path) -> AsyncIterator[Couple]:
    """Both in a room that plays the album's first song; pages that complained fail."""
    async with concert(folder) as (pages, ear):
        ann = await pages.open(f"/album/{pages.album['slug']}", await pages.sign_up("ann"), EAR)
        await click(ann, ".hero .button.main")
        await ear.until_heard(ann, RAIN)
        await click(ann, ".ways a", "Together")
        await click(ann, ".room-form button", "Start a room")
        await ear.until_heard(ann, RAIN)
        await click(ann, ".room-head button", "Invite")
        await ann.until("document.querySelector('#room-link')?.value.includes('/join/')")
        link = await ann.run("document.querySelector('#room-link').value")
        await ann.run("document.querySelector('dialog').close()")
        bob = await pages.open(link.removeprefix(pages.base), await pages.sign_up("bob"), EAR)
        await click(bob, "#as-member", "Come in as bob")
        yield Couple(pages, ear, ann, bob)
        assert (ann.errors, bob.errors) == ([], [])


@pytest.mark.timeout(seconds=240)
async def test_two_browsers_sound_one_moment_and_learn_of_each_other(tmp_path):
    async with couple(tmp_path) as two:
        ann, bob = two.ann, two.bob
        assert p95(await two.together("joined", RAIN, 4)) <= WITHIN_MS
        assert await bob.run("document.querySelector('.stage h2').textContent") == RAIN.title

        await bob.run(f"{SEATED}.then((s) => s.act('chat', {{ text: 'Hello there' }})).then(Boolean)")
        await ann.until(text_is_there("Hello there"))
        await ann.until(
            "[...document.querySelectorAll('.room-members strong')].some((one) => one.textContent === 'bob')"
        )
        # Who is no host asks, and the host decides.
        assert await bob.run("document.querySelector('.stage .round-button.main').disabled")
        await click(ann, ".stage .round-button", "Pause")
        await asyncio.gather(two.ear.until_silent(ann), two.ear.until_silent(bob))
        await click(ann, ".stage .round-button", "Play")
        assert p95(await two.together("played on", RAIN, 3)) <= WITHIN_MS
        await click(ann, ".room-place input", part=0.6)
        assert p95(await two.together("sought", RAIN, 3, 50_000)) <= WITHIN_MS
        await click(ann, ".stage .round-button", "Next song")
        assert p95(await two.together("next song", SNOW, 3)) <= WITHIN_MS

        await bob.run(f"{SEATED}.then((s) => s.leave()).then(() => true)")
        await two.ear.until_silent(bob)
        await bob.until("document.querySelector('.empty')")
        await ann.until(
            "document.querySelectorAll('.room-members li').length === 1 || document.body.innerText.includes('away')"
        )
    exercised("Chromium, two of them in a room of the player")


@pytest.mark.long
@pytest.mark.timeout(seconds=600)
async def test_two_minutes_together_through_sleep_a_lost_line_and_all_that_a_host_does(tmp_path):
    async with couple(tmp_path) as two:
        ann, bob = two.ann, two.bob
        apart = await two.together("joined", RAIN, 20)
        await click(ann, ".stage .round-button", "Pause")
        await asyncio.gather(two.ear.until_silent(ann), two.ear.until_silent(bob))
        await click(ann, ".stage .round-button", "Play")
        apart += await two.together("played on", RAIN, 15)
        await click(ann, ".room-place input", part=0.1)
        apart += await two.together("sought", RAIN, 20)

        # A tab asleep: nothing of it runs for ten seconds.
        await bob.send("Page.setWebLifecycleState", **FREEZE)
        await asyncio.sleep(10)
        await bob.send("Page.setWebLifecycleState", **WAKE)
        apart += await two.together("woken", RAIN, 20)

        # Nobody gets through for five seconds: both play on, and are together afterwards.
        await click(ann, ".room-place input", part=0.05)
        apart += await two.together("sought again", RAIN, 3)
        two.pages.wire.cut()
        await asyncio.sleep(5)
        two.pages.wire.mend()
        apart += await two.together("line lost and found", RAIN, 20)
        await click(ann, ".stage .round-button", "Next song")
        apart += await two.together("next song", SNOW, 6)

        # Somebody who comes back into the room sounds its moment, within two seconds on a quiet machine.
        await ann.run(f"{SEATED}.then((s) => s.act('jump', {{ itemId: s.room.value.items[0].id }})).then(Boolean)")
        await two.together("first song again", RAIN, 3)
        took = []
        for _ in range(3):
            await bob.send("Page.reload")
            await bob.until("document.querySelector('.room h1')")
            # A browser lets nothing sound on a page that was loaded anew before somebody has touched it.
            await click(bob, ".room h1")
            began = time.monotonic()
            await bob.until(IN_TIME)
            took.append(time.monotonic() - began)
            await two.together("came back", RAIN, 3)
        print(f"{len(apart)} looks in all: p95 {p95(apart):.1f} ms, most {max(apart):.1f} ms; back after {took}")
        assert p95(apart) <= WITHIN_MS
    exercised("Chromium, two of them for two minutes in a room of the player")
