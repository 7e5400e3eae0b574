"""The player without a network: what was downloaded plays, pages open, and what was heard is reported afterwards."""

from __future__ import annotations

import pytest

from tests.server.player_pages import ask, player_pages, text_is_there
from tests.services.exercised import exercised
from tests.web.hand import click

pytestmark = pytest.mark.services
OFFLINE = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
KEPT = (
    "caches.open('tutti-kept-songs').then((cache) => cache.keys())"
    ".then((keys) => keys.map(({ url }) => url.split('/').pop()))"
)
PART = (
    "fetch('/stream/ID?quality=high', { headers: { range: 'bytes=10-19' } }).then(async (answer) =>"
    " [answer.status, answer.headers.get('content-range'), (await answer.arrayBuffer()).byteLength])"
)


async def test_an_album_is_kept_plays_without_a_network_and_its_plays_are_reported(tmp_path, library):
    async with player_pages(tmp_path, library) as pages:
        ann = await pages.sign_up("ann")
        done = pages.process.command("set-tier", "ann@example.com", "premium", "--days", "30")
        assert done.returncode == 0, done.stderr
        page = await pages.open(f"/album/{pages.album['slug']}", ann)
        await page.until("navigator.serviceWorker.controller")
        await click(page, ".acts .button", "Download")
        await page.until(text_is_there("Downloaded"))
        kept = await page.run(KEPT)
        assert len(kept) == 3

        # The service worker has a network of its own, so both are taken away with the server.
        await page.send("Network.enable")
        await page.send("Network.emulateNetworkConditions", **OFFLINE)
        pages.process.stop()
        await page.send("Page.navigate", url=f"{pages.base}/library/downloads")
        await page.until("document.querySelector('.kept-title')")
        await page.until(text_is_there("No network"))
        status, span, size = await page.run(PART.replace("ID", kept[0]))
        assert (status, size) == (206, 10) and span.startswith("bytes 10-19/")
        await click(page, ".kept-title")
        await page.until("document.querySelectorAll('.kept .row').length === 3")
        await click(page, ".kept .row-play")
        await page.until("document.querySelector('seek-bar input')?.valueAsNumber > 500")
        await page.send("Page.navigate", url=f"{pages.base}/")
        await page.until(text_is_there("cannot be reached"))
    exercised("Chromium without a network over the player")


async def test_who_has_no_subscription_is_told_what_it_takes(tmp_path, library):
    async with player_pages(tmp_path, library) as pages:
        page = await pages.open(f"/album/{pages.album['slug']}", await pages.sign_up("bob"))
        await click(page, ".acts .button", "Download")
        await page.until(text_is_there("Downloads come with a subscription."))
        assert (await ask(pages.base, "{ __typename }"))["__typename"] == "Query"
