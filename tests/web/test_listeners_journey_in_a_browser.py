"""A listener's way through the player, from making an account to signing out; each step is listened to.

Nothing is done by calling into the page: what happens, happens because somebody clicked or typed. What sounds is told
from samples taken where sound leaves the page (`ear.py`).
"""

from __future__ import annotations

import asyncio

import pytest

from tests.server.client import PASSWORD
from tests.server.player_pages import text_is_there
from tests.web.concert import concert
from tests.web.ear import EAR
from tests.web.hand import click, fill, press, write
from tests.web.songbook import RAIN, SNOW, WIND

pytestmark = pytest.mark.services
NEAR_MS = 1500
"""How far what is drawn or clicked may be from what is heard: a quarter of a second of drawing, and a busy machine."""
TOGETHER_MS = 250
OFFLINE = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
STORED = """(async () => {
  const bases = await indexedDB.databases(), found = { ...localStorage, ...sessionStorage };
  for (const { name } of bases) {
    const base = await new Promise((done) => { indexedDB.open(name).onsuccess = ({ target }) => done(target.result); });
    for (const store of base.objectStoreNames) {
      const all = base.transaction(store).objectStore(store).getAll();
      await new Promise((done) => { all.onsuccess = done; });
      if (all.result.length) found[`${name}/${store}`] = all.result;
    }
    base.close();
  }
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) found[url] = name;
  }
  return JSON.stringify(found);
})()"""


PRIVATE = (
    '"ann"', "ann@example.com", "Evenings", "Morning Rain", "Late Snow", "Weather", "/kept/", "refreshToken",
    "tutti.sign-in",
)  # fmt: skip
TITLES = "[...document.querySelectorAll('main .row-title')].map((each) => each.textContent)"


async def shown_ms(page) -> float:
    """Where in the song the bar says it is."""
    minutes, seconds = (await page.run("document.querySelector('.bar .seek-over').textContent")).split(":")
    return (int(minutes) * 60 + int(seconds)) * 1000


async def joins(page) -> None:
    """An account is made; proving the address can wait."""
    await click(page, ".corner a", "Sign in")
    await click(page, "main button", "Create an account")
    await fill(page, ".welcome form", email="ann@example.com", username="ann", password=PASSWORD)
    await click(page, "main button", "Later")


async def finds_and_plays(page, ear) -> None:
    """Found while the words are typed."""
    assert await ear.listening(page) is None
    await click(page, "#search-field")
    await press(page, *"morn")
    await click(page, ".rows .row-play", "Play Morning Rain")
    heard = await ear.until_heard(page, RAIN, 1000, 10_000)
    assert abs(heard.at_ms - await shown_ms(page)) < NEAR_MS


async def seeks_and_pauses(page, ear) -> None:
    """On the outline, two thirds into the song."""
    await click(page, ".bar .seek-line", part=2 / 3)
    heard = await ear.until_heard(page, RAIN, 59_000, 66_000)
    assert abs(heard.at_ms - await shown_ms(page)) < NEAR_MS
    await click(page, ".bar button", "Pause")
    await ear.until_silent(page)
    stood = await shown_ms(page)
    await click(page, ".bar button", "Play")
    heard = await ear.until_heard(page, RAIN)
    assert stood <= heard.at_ms < stood + 2 * NEAR_MS


async def likes_and_keeps_in_a_playlist(page, ear) -> None:
    """The music goes on while one looks about in the library; then the playlist begins it anew."""
    await click(page, ".bar .like")
    await click(page, ".ways a", "Your library")
    await click(page, ".card a", "Liked songs")
    before = await ear.until_heard(page, RAIN)
    await click(page, "main .row [aria-haspopup=menu]", "More for Morning Rain")
    await click(page, "[role=menuitem]", "Add to playlist")
    await write(page, "dialog [name=name]", "Evenings")
    await press(page, "Enter")
    await page.until(text_is_there("Added to Evenings"))
    assert abs((await ear.until_heard(page, RAIN)).behind(before)) < NEAR_MS
    await click(page, ".ways a", "Your library")
    await click(page, ".card a", "Evenings")
    await click(page, ".hero .button", "Play")
    await ear.until_heard(page, RAIN, 0, 10_000)


async def listens_with_a_friend(pages, page, ear) -> None:
    """A room, into which the other comes by its link: the same moment in both browsers, and silence in both."""
    await click(page, ".ways a", "Together")
    await click(page, ".room-form button", "Start a room")
    await ear.until_heard(page, RAIN)
    await click(page, ".room-head button", "Invite")
    await page.until("document.querySelector('#room-link')?.value.includes('/join/')")
    link = await page.run("document.querySelector('#room-link').value")
    await press(page, "Escape")

    friend = await pages.open(link.removeprefix(pages.base), await pages.sign_up("bob"), EAR)
    await click(friend, "#as-member", "Come in as bob")
    await ear.until_heard(friend, RAIN)
    async with asyncio.timeout(20):
        while True:
            here, there = await asyncio.gather(ear.listening(page), ear.listening(friend))
            if here and there and abs(here.behind(there)) < TOGETHER_MS:
                break
    await click(page, ".stage .round-button", "Pause")
    await asyncio.gather(ear.until_silent(page), ear.until_silent(friend))
    await click(page, ".stage .round-button", "Play")
    await asyncio.gather(ear.until_heard(page, RAIN), ear.until_heard(friend, RAIN))
    for each in (friend, page):
        await click(each, ".room-head [aria-haspopup=menu]")
        await click(each, "[role=menuitem]", "Leave")
        await ear.until_silent(each)
    assert friend.errors == []
    await friend.close()


async def hands_over_and_back(pages, page, ear) -> None:
    """What waited meanwhile goes on; another tab takes it over, and this one takes it back."""
    stood = await shown_ms(page)
    await click(page, ".bar button", "Play")
    before = await ear.until_heard(page, RAIN)
    assert stood <= before.at_ms < stood + 2 * NEAR_MS
    tab = await pages.browser.page(pages.base, EAR, beside=page)
    await click(tab, ".bar .bar-where")
    await click(tab, "dialog button", "Play here")
    after = await ear.until_heard(tab, RAIN)
    await ear.until_silent(page)
    assert -NEAR_MS < after.behind(before) < 2 * NEAR_MS
    before = await ear.until_heard(tab, RAIN)
    await click(page, ".bar .bar-where")
    await click(page, "dialog button", "Play here")
    await press(page, "Escape")
    after = await ear.until_heard(page, RAIN)
    await ear.until_silent(tab)
    assert -NEAR_MS < after.behind(before) < 2 * NEAR_MS
    assert tab.errors == []
    await tab.close()


async def plays_without_a_network(pages, page, ear) -> None:
    """An album is downloaded, and heard after the network is gone; what was heard is known when it is back."""
    await write(page, "#search-field", "weather")
    await click(page, ".best a", "Weather")
    await click(page, ".hero .button", "Download")
    await page.until(text_is_there("Downloaded"))
    await page.send("Network.enable")
    await page.send("Network.emulateNetworkConditions", **OFFLINE)
    pages.wire.cut()
    await page.send("Page.reload")
    await click(page, ".ways a", "Your library")
    await click(page, "main a", "To your downloads")
    await click(page, ".kept-title", "Weather")
    await click(page, ".kept .row-play", "Play Late Snow")
    await ear.until_heard(page, SNOW, 500)
    await ear.until_heard(page, WIND, 500)

    pages.wire.mend()
    await page.send("Network.emulateNetworkConditions", **OFFLINE | {"offline": False})
    await click(page, ".ways a", "Your library")
    async with asyncio.timeout(20):
        # Looked for again and again, as somebody would: a report takes a moment.
        while True:
            await click(page, "main .pill", "History")
            await page.until("document.querySelector('main .row-title, main .empty')")
            if {"Late Snow"} <= set(await page.run(TITLES)):
                break
            await click(page, "main .pill", "Playlists")


async def signs_out(page, ear) -> None:
    """The music stops, and nothing that was somebody's stays in the browser."""
    await click(page, ".corner a", "ann: settings")
    await click(page, ".sections button", "Sign out")
    await ear.until_silent(page)
    stored = await page.run(STORED)
    assert [private for private in PRIVATE if private in stored] == [], stored


@pytest.mark.timeout(seconds=400)
async def test_a_listener_from_the_first_visit_to_signing_out(tmp_path):
    async with concert(tmp_path) as (pages, ear):
        page = await pages.open("/", before=EAR)
        try:
            await joins(page)
            done = pages.process.command("set-tier", "ann@example.com", "premium", "--days", "30")
            assert done.returncode == 0, done.stderr
            await finds_and_plays(page, ear)
            await seeks_and_pauses(page, ear)
            await likes_and_keeps_in_a_playlist(page, ear)
            await listens_with_a_friend(pages, page, ear)
            await hands_over_and_back(pages, page, ear)
            await plays_without_a_network(pages, page, ear)
            await signs_out(page, ear)
        finally:
            for number, each in enumerate(pages.browser.pages):
                await each.picture(tmp_path / f"last-{number}.png")
        assert page.errors == []
