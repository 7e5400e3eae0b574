"""An artist's way: signing in, sending a song in, its tags, and hearing it as everybody does; each step is listened to."""

from __future__ import annotations

import pytest

from tests.server.client import PASSWORD
from tests.server.player_pages import ask, text_is_there
from tests.web.concert import concert
from tests.web.ear import EAR
from tests.web.hand import choose_file, click, fill, write
from tests.web.songbook import HARBOUR, write_tune

pytestmark = pytest.mark.services
SLOW = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_000_000}
LOG_IN = "mutation($e: String!, $p: String!) { login(email: $e, password: $p) { token } }"
LET_IN = "mutation($id: ID!) { setUserRoles(userId: $id, roles: [ARTIST]) { user { roles } } }"
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
    await page.run("document.querySelectorAll('.tags select')[1].focus()")
    await page.until("document.querySelector('.tags button:not([disabled])')")


async def test_an_artist_from_signing_in_to_the_first_plays(tmp_path):
    path = write_tune(HARBOUR, tmp_path / "own")
    async with concert(tmp_path) as (pages, ear):
        await let_in(pages, await pages.sign_up("ben"))
        page = await pages.open("/", before=EAR)
        await click(page, ".corner a", "Sign in")
        await fill(page, ".welcome form", login="ben", password=PASSWORD)
        await sends_in(page, path)
        await page.picture(tmp_path / "last-add.png")
        assert page.errors == []
