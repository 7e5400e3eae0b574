"""What a first visit costs: bytes of JavaScript, requests before the page is drawn, and nobody else's machines."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from tests.web.chromium import chromium
from tests.web.player_house import open_player

pytestmark = pytest.mark.services
MOST_SCRIPT_BYTES = 85_000
"""With what comes by itself once the page is shown, so that it sounds at once."""
MOST_BYTES = 110_000
MOST_REQUESTS = 30
"""Until the page is drawn, whatever answers GraphQL gives in between included (docs/player.md)."""
TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")
BYTES_WORTH_IT = 1024
"""Shorter texts may come as they are: they fill one packet either way."""


class Network:
    """What a page asked for, in the order in which it asked."""

    def __init__(self) -> None:
        self.asked: dict[str, dict] = {}

    def heard(self, event):
        told = event["params"]
        if event["method"] == "Network.requestWillBeSent":
            self.asked[told["requestId"]] = {"url": told["request"]["url"], "bytes": 0, "type": told.get("type")}
        elif event["method"] == "Network.responseReceived" and told["requestId"] in self.asked:
            headers = {name.lower(): value for name, value in told["response"]["headers"].items()}
            self.asked[told["requestId"]] |= {
                "headers": headers, "mime": told["response"]["mimeType"], "head": told["response"]["encodedDataLength"],
            }  # fmt: skip
        elif event["method"] == "Network.loadingFinished" and told["requestId"] in self.asked:
            asked = self.asked[told["requestId"]]
            asked["bytes"] = told["encodedDataLength"] - asked.get("head", 0)

    def fetched(self):
        """All but what never left the browser."""
        return [each for each in self.asked.values() if each["url"].startswith("http")]


@pytest.mark.parametrize("path", ["/", "/album/dawn"])
async def test_a_first_visit_is_light_and_asks_the_house_alone(tmp_path, path, record_property):
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        page = await browser.page(f"{there.address}/healthz")
        network, heard = Network(), page.heard
        page.heard = lambda event: (heard(event), network.heard(event))
        await page.send("Network.enable")
        await page.send("Network.setCacheDisabled", cacheDisabled=True)
        await page.send("Page.navigate", url=there.address + path)
        await page.until("document.querySelector('main h1') && !document.querySelector('main .skeleton')")
        drawn = len(network.fetched())
        # All that comes of itself: until a quarter of a second brings nothing more.
        known = -1
        while known != (known := sum(1 + each["bytes"] for each in network.fetched())):  # noqa: ASYNC110
            await asyncio.sleep(0.25)
        fetched = network.fetched()
        scripts = [each for each in fetched if urlsplit(each["url"]).path.endswith((".js", ".mjs"))]
        script_bytes = sum(each["bytes"] for each in scripts)
        told = {"requests": drawn, "all": len(fetched), "modules": len(scripts), "script": script_bytes,
                "bytes": sum(each["bytes"] for each in fetched)}  # fmt: skip
        print(path, told)
        record_property("first visit", told)
        assert {urlsplit(each["url"]).netloc for each in fetched} == {urlsplit(there.address).netloc}
        plain = [
            each["url"]
            for each in fetched
            if urlsplit(each["url"]).path.startswith(("/web/", "/album/"))
            and each.get("mime", "").startswith(TEXT)
            and each["bytes"] > BYTES_WORTH_IT
            and each["headers"].get("content-encoding") not in ("gzip", "br", "zstd")
        ]
        assert plain == []
        assert drawn <= MOST_REQUESTS, told
        assert 0 < script_bytes <= MOST_SCRIPT_BYTES, told
        assert told["bytes"] <= MOST_BYTES, told
        # Each module once: none came both by itself and put together with others.
        assert all(urlsplit(each["url"]).path.startswith("/web/bundle/") for each in scripts)


async def test_a_module_is_the_same_one_by_its_name_and_in_a_part(tmp_path):
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        page = await browser.page(there.address)
        await page.until("document.querySelector('main h1')")
        await page.run("import('/web/bundle/player/frame/router.js').then((router) => router.go('/albums'))")
        await page.until("location.pathname === '/albums' && document.querySelector('main h1')?.innerText === 'Albums'")
        assert page.errors == []
