"""A listener's way through the player, from making an account to signing out, by mouse and keys; each step is listened to.

Nothing is done by calling into the page: what happens, happens because somebody clicked or typed. What sounds is told
from samples taken where sound leaves the page (`ear.py`).
"""

from __future__ import annotations

import contextlib

import pytest

from tests.server.client import PASSWORD
from tests.server.conftest import Process
from tests.server.player_pages import player_pages, text_is_there
from tests.services.exercised import exercised
from tests.web.ear import EAR, Ear
from tests.web.hand import click, fill, press, write
from tests.web.songbook import HARBOUR, RAIN, SNOW, WIND, write_tune

pytestmark = pytest.mark.services
TUNES = (RAIN, SNOW, WIND, HARBOUR)
NEAR_MS = 1500
"""How far what is drawn or clicked may be from what is heard: a quarter of a second of drawing, and a busy machine."""
TOGETHER_MS = 250
OFFLINE = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
ONLINE = OFFLINE | {"offline": False}


async def shown_ms(page) -> float:
    """Where in the song the bar says it is."""
    minutes, seconds = (await page.run("document.querySelector('.bar .seek-over').textContent")).split(":")
    return (int(minutes) * 60 + int(seconds)) * 1000


@contextlib.asynccontextmanager
async def songs_and_browser(tmp_path, **options):
    """A server over the songbook, pages that begin with an ear, and who knows the songs."""
    for tune in TUNES:
        write_tune(tune, tmp_path / "music" / tune.artist / tune.album)
    library = Process(tmp_path / "imported" / "data")
    library.data.parent.mkdir()
    done = library.command("import", str(tmp_path / "music"))
    assert done.returncode == 0, done.stderr
    async with player_pages(tmp_path, library.data, gestures=True, wired=True, **options) as pages:
        yield pages, Ear(TUNES)


@pytest.mark.timeout(seconds=400)
async def test_a_listener_from_the_first_visit_to_signing_out(tmp_path):
    async with songs_and_browser(tmp_path) as (pages, ear):
        page = await pages.open("/", before=EAR)

        # An account is made; proving the address can wait.
        await click(page, ".corner a", "Sign in")
        await click(page, "main button", "Create an account")
        await fill(page, ".welcome form", email="ann@example.com", username="ann", password=PASSWORD)
        await click(page, "main button", "Later")
        assert await ear.listening(page) is None

        # Found while the words are typed, and heard.
        await click(page, "#search-field")
        await press(page, *"morn")
        await click(page, ".rows .row-play", "Play Morning Rain")
        await ear.until_heard(page, RAIN, 200, 10_000)
        await page.until("document.querySelector('.bar .seek-over').textContent >= '0:02'")
        heard = await ear.listening(page)
        assert abs(heard.at_ms - await shown_ms(page)) < NEAR_MS

        # On the outline, two thirds into the song.
        await click(page, ".bar .seek-line", part=2 / 3)
        heard = await ear.until_heard(page, RAIN, 59_000, 66_000)
        assert abs(heard.at_ms - await shown_ms(page)) < NEAR_MS
        await click(page, ".bar button", "Pause")
        await ear.until_silent(page)
        stood = await shown_ms(page)
        await click(page, ".bar button", "Play")
        heard = await ear.until_heard(page, RAIN)
        assert stood <= heard.at_ms < stood + 2 * NEAR_MS
        await page.picture(tmp_path / "seek.png")

        # Liked; the music goes on while one looks for it in the library.
        await click(page, ".bar .like")
        await page.until("document.querySelector('.bar .like').getAttribute('aria-pressed') === 'true'")
        await click(page, ".ways a", "Your library")
        await page.picture(tmp_path / "library.png")
