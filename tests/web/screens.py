"""Pictures of the player's pages, as they stand in docs/screens: `python -m tests.web.screens BASE [PAGE …]`, such as
`python -m tests.web.screens http://127.0.0.1:8000 home`.

Takes a running server with the demo library, signs in as its listener and looks at each page at the widths of a phone
and of a desk, light and dark. No test: somebody has to look at what comes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient
from tqdm import tqdm

from tests.web.chromium import chromium

SCREENS = Path(__file__).resolve().parents[2] / "docs" / "screens"
SIZES = {"phone": (390, 844), "desk": (1440, 900)}
SHADES = ("dark", "light")
LISTENER = {"e": "listener@demo.tutti", "p": "tutti-demo-2026"}
LOGIN = (
    "mutation($e: String!, $p: String!) { login(email: $e, password: $p) { user { id username } token refreshToken } }"
)
PLACES = {
    "home": "/", "search": "/search?q=night", "album": "/album/coastline-after-dark", "artist": "/artist/neon-heron",
    "songs": "/songs", "genres": "/genres", "charts": "/charts", "library": "/library", "liked": "/library/songs",
    "history": "/library/history", "downloads": "/library/downloads", "smart-playlist": "/library/smart",
    "queue": "/queue", "lyrics": "/lyrics", "devices": "/devices", "rooms": "/rooms", "statistics": "/statistics",
    "song": "/song/wingspan", "genre": "/genre/synthwave", "moods": "/moods", "mood": "/mood/calm", "mixes": "/mixes",
    "albums": "/albums", "artists": "/artists", "person": "/user/demo-listener", "playback": "/settings/playback",
    "account-data": "/settings/data", "second-step": "/settings/second-step",
    "add-music": "/add", "weekly": "/mixes/weekly", "radar": "/mixes/radar", "radio": "/radio",
    "settings": "/settings/look", "plan": "/plan", "notifications": "/notifications",
    "playlist": "/playlist/evenings-by-the-sea",
}  # fmt: skip
SETTLED_S = 0.8
RESTS = (
    "document.querySelector('main h1, main h2') && !document.querySelector('[aria-busy=true], main .skeleton') && "
    "[...document.images].every((each) => each.complete || each.getBoundingClientRect().top > innerHeight)"
)
"""True once a page is drawn and its covers are there; what moves comes to rest in `SETTLED_S` seconds more."""
HEARD = "/album/salt-letters"
"""The record that plays first, so that the queue and the lyrics have something to show."""
QUEUED = "document.querySelector('.bar .row-title')"
PAUSE = "document.querySelector('.bar-buttons .main').click()"
PLAY = "document.querySelector('.hero .button.main').click()"


async def sign_in(base: str) -> str:
    """What the player keeps of the demo listener's sign-in."""
    body = json.dumps({"query": LOGIN, "variables": LISTENER})
    answer = await AsyncHTTPClient().fetch(
        f"{base}/graphql", method="POST", body=body, headers={"Content-Type": "application/json"}
    )
    return json.dumps(json.loads(answer.body)["data"]["login"])


async def live_a_little(base: str, token: str) -> None:
    """Gives the demo listener songs they like, an artist they follow, a playlist and a history, once."""

    async def ask(query: str, **variables: Any) -> Any:
        answer = await AsyncHTTPClient().fetch(
            f"{base}/graphql",
            method="POST",
            body=json.dumps({"query": query, "variables": variables}),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
        )
        return json.loads(answer.body)["data"]

    found = await ask("{ songs(first: 50) { edges { node { id duration artist { id } } } } likedSongs { totalCount } }")
    if found["likedSongs"]["totalCount"]:
        return
    songs = [edge["node"] for edge in found["songs"]["edges"]]
    for song in songs[::3]:
        await ask("mutation($id: ID!) { likeSong(songId: $id) { success } }", id=song["id"])
    await ask("mutation($id: ID!) { followArtist(artistId: $id) { success } }", id=songs[0]["artist"]["id"])
    made = await ask('mutation { createPlaylist(name: "Evenings by the sea", isPublic: true) { playlist { id } } }')
    await ask(
        "mutation($id: ID!, $songs: [ID!]!) { addSongsToPlaylist(playlistId: $id, songIds: $songs) { __typename } }",
        id=made["createPlaylist"]["playlist"]["id"],
        songs=[song["id"] for song in songs[1::2]],
    )
    began, plays = datetime.now(UTC) - timedelta(days=6), []
    for at, song in enumerate(songs * 3):
        began += timedelta(hours=2, seconds=song["duration"])
        plays.append(
            {
                "playId": f"picture-{at}",
                "songId": song["id"],
                "startedAt": began.isoformat(),
                "msPlayed": song["duration"] * 1000,
                "completed": True,
            }
        )
    report = "mutation($plays: [PlayReport!]!) { reportPlays(plays: $plays) { recordedCount } }"
    await ask(report, plays=plays)


async def main(base: str, *names: str) -> None:
    """The pictures of these pages, or all; about three minutes."""
    places = {name: path for name, path in PLACES.items() if name in names or not names}
    SCREENS.mkdir(exist_ok=True)
    kept = await sign_in(base)
    await live_a_little(base, json.loads(kept)["token"])
    before = f"localStorage.getItem('tutti.sign-in') || localStorage.setItem('tutti.sign-in', {json.dumps(kept)});"
    with tempfile.TemporaryDirectory() as folder, tqdm(total=len(SIZES) * len(SHADES) * (len(places) + 1)) as bar:
        async with chromium(Path(folder)) as browser:
            page = await browser.page(base + HEARD, before)
            await page.until(RESTS)
            await page.run(PLAY)
            await page.until(QUEUED)
            await asyncio.sleep(SETTLED_S)
            # What is closed plays no more, but the queue stays: no picture says that another device plays.
            await page.run(PAUSE)
            await asyncio.sleep(SETTLED_S)
            await page.send("Page.close")
            for size, (wide, high) in SIZES.items():
                for shade in SHADES:
                    for visitor in (True, False):
                        page = await browser.page(f"{base}/welcome", "" if visitor else before)
                        await page.send(
                            "Emulation.setDeviceMetricsOverride",
                            width=wide, height=high, deviceScaleFactor=1, mobile=size == "phone",
                        )  # fmt: skip
                        await page.send("Emulation.setScrollbarsHidden", hidden=True)
                        media = [{"name": "prefers-color-scheme", "value": shade}]
                        await page.send("Emulation.setEmulatedMedia", features=media)
                        for name, path in {"welcome": "/welcome"}.items() if visitor else places.items():
                            await page.send("Page.navigate", url=base + path)
                            await asyncio.sleep(SETTLED_S)
                            await page.until(RESTS if visitor else f"{RESTS} && {QUEUED}")
                            await asyncio.sleep(SETTLED_S)
                            await page.picture(SCREENS / f"{name}-{size}-{shade}.webp", quality=72)
                            bar.update()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1].rstrip("/"), *sys.argv[2:]))
