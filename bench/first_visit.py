"""How long a first visit takes on a slow line: until the page can be used, and from a click until something is heard.

Usage: python -m bench.first_visit [--rounds 3] [--data FOLDER]. Serves the demo catalogue by `run.py`, once with the
player put together and once file by file, and opens both in Chromium with an empty cache, with the line that DevTools
calls fast 4G, the harder one that Lighthouse takes for a phone, and none in between. A FOLDER is kept for the next
time; without one the catalogue is composed anew, which takes a minute or two. Seconds are medians and depend on the
machine; the ratios are what can be compared. What a test holds are bytes and requests
(`tests/web/test_first_visit_in_a_browser.py`).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import tell
from tests.web.chromium import Chromium, Page, chromium

RUN = Path(__file__).parent.parent / "run.py"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
CATALOGUE_S = 400.0
"""How long composing and importing the demo may take."""

SEEN = """var usableMs; (() => {
  const look = () => {
    if (document.querySelector('main h1') && !document.querySelector('main .skeleton')) usableMs = performance.now();
    else setTimeout(look, 10);
  };
  look();
})();"""
"""Says in a page when it could be used, in milliseconds since it was asked for."""

CLICK = """import('/web/bundle/player/playing/conductor.js').then(({ heardMs }) => new Promise((done, fail) => {
  const began = performance.now();
  const look = () => (heardMs() > 0 ? done(performance.now() - began) : setTimeout(look, 10));
  document.querySelector('.row-play').click();
  look();
  setTimeout(() => fail(new Error('nothing was heard')), 15000);
}))"""
"""Plays the first song of a page; comes to the milliseconds until it was heard."""


@dataclass(frozen=True)
class Line:
    """A line between a browser and the house: bits a second, and seconds of latency added to each request."""

    name: str
    down: float
    up: float
    latency_s: float


LINES = (
    Line("none", 0, 0, 0),
    Line("4G", 4e6, 3e6, 0.060),
    Line("slow 4G", 1.6e6, 0.75e6, 0.150),
)


@dataclass(frozen=True)
class Visit:
    """What one visit took: seconds, requests, and bytes as they travelled until the page could be used."""

    usable_s: float
    sound_s: float
    requests: int
    bytes: int


class Travelled:
    """What a page fetched."""

    def __init__(self, page: Page) -> None:
        self.requests = self.bytes = 0
        self._heard, page.heard = page.heard, self.heard  # type: ignore[method-assign]

    def heard(self, event: dict[str, Any]) -> None:
        """Count what DevTools tells."""
        self.requests += event["method"] == "Network.requestWillBeSent"
        if event["method"] == "Network.loadingFinished":
            self.bytes += int(event["params"]["encodedDataLength"])
        self._heard(event)


@contextlib.contextmanager
def served(data: Path, *, bundle: bool) -> Iterator[str]:
    """The address of a server of its own over this data."""
    own = {
        "TUTTI_STORAGE_DATA_DIR": str(data),
        "TUTTI_SERVER_PORT": "0",
        "TUTTI_LIBRARY_DEMO": "true",
        "TUTTI_SERVER_BUNDLE": str(bundle).lower(),
    }
    child = subprocess.Popen(
        [sys.executable, str(RUN)], env=os.environ | own, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert child.stdout is not None
        found = next(filter(None, map(_ADDRESS.search, child.stdout)), None)
        assert found, "the server did not start"
        yield found[0]
    finally:
        child.terminate()
        child.wait(30)


def ask(base: str, query: str, variables: dict[str, Any] | None = None) -> Any:
    """The data of a GraphQL answer."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    asked = urllib.request.Request(f"{base}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.load(answer)["data"]


def album_of(base: str) -> str:
    """The slug of an album, once the demo is there."""
    for _ in range(int(CATALOGUE_S)):
        edges = ask(base, "{ albums(first: 1) { edges { node { slug } } } }")["albums"]["edges"]
        if edges:
            return str(edges[0]["node"]["slug"])
        time.sleep(1)
    raise AssertionError("there is no album")


def signed_up(base: str, name: str) -> str:
    """The script that makes a browser that of a new listener."""
    register = """mutation($n: String!, $e: String!, $p: String!) { register(email: $e, username: $n, password: $p) {
      user { id username } token refreshToken } }"""
    made = ask(base, register, {"n": name, "e": f"{name}@example.com", "p": "a long enough word 7"})["register"]
    return f"localStorage.setItem('tutti.sign-in', {json.dumps(json.dumps(made))});"


async def visit(browser: Chromium, base: str, path: str, signed_in: str, line: Line) -> Visit:
    """One first visit, in a browser that has nothing of the house yet."""
    page = await browser.page(f"{base}/healthz", before=f"{signed_in} {SEEN}")
    travelled = Travelled(page)
    await page.send("Network.enable")
    await page.send(
        "Network.emulateNetworkConditions",
        offline=False,
        latency=line.latency_s * 1000,
        downloadThroughput=line.down / 8 or -1,
        uploadThroughput=line.up / 8 or -1,
    )
    await page.send("Page.navigate", url=base + path)
    while not await page.run("globalThis.usableMs ?? 0"):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    requests, size = travelled.requests, travelled.bytes
    usable_s = await page.run("usableMs") / 1000
    # Somebody looks for a moment before they click.
    await asyncio.sleep(1.5)
    sound_s = await page.run(CLICK) / 1000
    return Visit(usable_s, sound_s, requests, size)


async def measure(data: Path, rounds: int) -> dict[tuple[str, bool], list[Visit]]:
    """Visits by line, of the player put together and file by file, in turns."""
    found: dict[tuple[str, bool], list[Visit]] = {}
    people = iter(range(10_000))
    with tempfile.TemporaryDirectory() as profile:
        async with chromium(Path(profile)) as browser:
            for bundle in (True, False):
                # One after the other: a data folder has one server.
                with served(data, bundle=bundle) as base:
                    path = f"/album/{album_of(base)}"
                    await browser.page(base)
                    for line in LINES:
                        for _ in range(rounds):
                            signed_in = signed_up(base, f"guest{time.time_ns() % 10**9}x{next(people)}")
                            each = await visit(browser, base, path, signed_in, line)
                            found.setdefault((line.name, bundle), []).append(each)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, help="data folder of a demo catalogue, made where it is missing")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(asked.data or Path(folder) / "data", asked.rounds))
    print(f"{'line':8} {'files':9} {'requests':>8} {'KB':>6} {'usable':>9} {'sound':>9}")
    for line in LINES:
        middle = {}
        for bundle in (False, True):
            visits = found[line.name, bundle]
            middle[bundle] = [
                statistics.median(getattr(each, name) for each in visits)
                for name in ("usable_s", "sound_s", "requests", "bytes")
            ]
            usable, sound, requests, size = middle[bundle]
            kind = "together" if bundle else "one by one"
            print(f"{line.name:8} {kind:10} {requests:7.0f} {size / 1000:6.0f} {usable:8.2f}s {sound:8.2f}s")
        usable, sound = (after / before for before, after in zip(middle[False][:2], middle[True][:2], strict=True))
        for place, what in enumerate(("usable", "first sound")):
            tell(f"{what}, {line.name}", "s", {"ours": middle[True][place], "file by file": middle[False][place]})
        print(f"{'':8} {'ratio':10} {'':14} {usable:8.2f}  {sound:8.2f}")


if __name__ == "__main__":
    main()
