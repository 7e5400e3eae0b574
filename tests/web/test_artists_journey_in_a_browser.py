"""An artist's way: signing in, sending a song in, its tags, and its first listener; each step is listened to."""

from __future__ import annotations

import pytest

from tests.server.client import PASSWORD
from tests.server.player_pages import ask, text_is_there
from tests.web.concert import concert
from tests.web.ear import EAR
from tests.web.hand import choose, choose_file, click, fill, press, write
from tests.web.songbook import HARBOUR, write_tune

pytestmark = pytest.mark.services
SLOW = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_000_000}
LOG_IN = "mutation($e: String!, $p: String!) { login(email: $e, password: $p) { token } }"
LET_IN = "mutation($id: ID!) { setUserRoles(userId: $id, roles: [ARTIST]) { user { roles } } }"
FIGURES = "(document.querySelector('.figures')?.innerText ?? '')"
TITLES = "[...document.querySelectorAll('main .row-title')].map((each) => each.textContent)"
PROGRESS = "document.querySelector('.sent progress')"


async def let_in(pages, artist) -> None:
    """Whoever keeps the house makes the account an artist's."""
    words = ("create-admin", "--email", "eve@example.com", "--username", "eve", "--password-stdin")
    done = pages.process.command(*words, stdin=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    token = (await ask(pages.base, LOG_IN, e="eve@example.com", p=PASSWORD))["login"]["token"]
    await ask(pages.base, LET_IN, token, id=artist["user"]["id"])


async def sends_in(page, path) -> None:
    """The file is seen on its way while its tags are written; the song goes into a new album of a new artist."""
    await click(page, ".corner a", "ben: settings")
    await click(page, ".sections a", "Add music")
    await fill(page, ".new-artist", name="Ben Quay")
    await page.send("Network.enable")
    await page.send("Network.emulateNetworkConditions", **SLOW)
    await choose_file(page, ".drop label", path)
    await page.until(f"{PROGRESS} && {PROGRESS}.value > 0 && {PROGRESS}.value < {PROGRESS}.max")
    assert await page.run("document.querySelector('.tags button').disabled")
    await write(page, ".tags .field:first-child input", "Harbour Lights at Night")
    await choose(page, ".tags .field:nth-child(3) select", "A new album")
    await write(page, ".tags .field:nth-child(4) input", "Shores")
    await click(page, ".tags button", "Put into the library")
    await page.until(text_is_there("The song is in the library."))


async def is_found_and_heard(page, ear) -> None:
    """By whoever looks for it, to its end, and it counts in what they listened to."""
    await click(page, "#search-field")
    await press(page, *"harbour")
    await click(page, ".rows .row-play", "Play Harbour Lights at Night")
    await ear.until_heard(page, HARBOUR, 0, 6_000)
    await ear.until_heard(page, HARBOUR, 14_000)
    # What is like it follows by itself, as nothing else stands in the queue.
    await ear.until_another(page, HARBOUR)
    await click(page, ".corner a", ": settings")
    await click(page, ".sections a", "Your listening")
    await page.until(f"{FIGURES}.includes('1\\nplay') && {TITLES}.includes('Harbour Lights at Night')")


async def test_an_artist_from_signing_in_to_the_first_plays(tmp_path):
    path = write_tune(HARBOUR, tmp_path / "own")
    async with concert(tmp_path) as (pages, ear):
        await let_in(pages, await pages.sign_up("ben"))
        page = await pages.open("/", before=EAR)
        await click(page, ".corner a", "Sign in")
        await fill(page, ".welcome form", login="ben", password=PASSWORD)
        await sends_in(page, path)
        await click(page, ".sent button", "Play Harbour Lights at Night")
        await ear.until_heard(page, HARBOUR, 500)
        await click(page, ".bar button", "Pause")
        await ear.until_silent(page)

        listener = await pages.open("/", await pages.sign_up("bob"), EAR)
        try:
            await is_found_and_heard(listener, ear)
        finally:
            for number, each in enumerate(pages.browser.pages):
                await each.picture(tmp_path / f"last-{number}.png")
        assert page.errors == listener.errors == []
