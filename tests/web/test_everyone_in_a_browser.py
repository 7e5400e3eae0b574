"""Every address of the player passes axe-core, for a listener and a visitor, in every shade and from the right.

The addresses are those of `frame/routes.js`: a page that is added is walked by itself.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from services.playlists.making import PlaylistDraft
from tests.web.axe import axe, violations
from tests.web.chromium import chromium
from tests.web.player_house import open_player

pytestmark = pytest.mark.services
PLAYER = Path(__file__).parents[2] / "web" / "player"
ABOUT = {
    "/album/{slug}": "dawn", "/artist/{slug}": "anna", "/genre/{slug}": "indie", "/song/{slug}": "s1",
    "/mood/{name}": "calm", "/user/{name}": "ann", "/user/{name}/followers": "ann", "/user/{name}/following": "ann",
    "/settings/{section}": "look",
}  # fmt: skip
"""What an address is about; an address about something else leads to nothing, and that is a page too."""
SECTIONS = ("profile", "playback", "privacy", "notifications", "password", "second-step", "sessions", "keys", "data")
STILL = """(() => { const still = new CSSStyleSheet();
  still.replaceSync('*, ::before, ::after { transition: none !important; animation: none !important; }');
  document.adoptedStyleSheets = [still]; })()"""
COUNTED = """window.asked = 0; { const ask = window.fetch;
  window.fetch = (...what) => { window.asked += 1; return ask(...what).finally(() => { window.asked -= 1; }); }; }"""
GO = """import('/web/bundle/player/frame/router.js').then((router) => {{
  router.shown.value = {{ state: 'loading' }}; router.go({place}); return true; }})"""
REST = "import('/web/bundle/player/frame/router.js').then((router) => router.shown.value.state !== 'loading')"
WEAR = "import('/web/bundle/player/look/theme.js').then((look) => {{ look.change({part}, {value}); return true; }})"
SPEAK = "import('/web/bundle/player/language/language.js').then((l) => l.chooseLanguage({tongue})).then(() => true)"
COLOURS = "runOnly: ['color-contrast']"
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def addresses(playlist: str) -> list[str]:
    """One address for each route."""
    patterns = re.findall(r"^  \['([^']+)'", (PLAYER / "frame" / "routes.js").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(patterns) > 40
    filled = [
        re.sub(r"\{\w+\}", ABOUT.get(each, playlist if each.startswith("/playlist/{slug}") else "nothing"), each)
        for each in patterns
    ]
    return [*filled, *(f"/settings/{each}" for each in SECTIONS), "/search?q=Dawn", "/nowhere/at/all"]


async def rests(page):
    """All that a page asked for is answered: what is left in the middle would be cancelled in the house."""
    for _ in range(2):
        await page.until(f"window.asked === 0 && await {REST}")
        await page.run("new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); })")


async def shown(page, place):
    """The page at an address, drawn and at rest."""
    await page.run(GO.format(place=json.dumps(place)))
    await page.until(
        f"await {REST} && location.pathname + location.search === {json.dumps(place)}"
        " && document.querySelector('main h1, main h2') && !document.querySelector('[aria-busy=true], main .skeleton')"
    )
    await rests(page)


@pytest.mark.timeout(seconds=400)
@pytest.mark.parametrize("who", ["listener", "visitor"])
async def test_every_page_passes_axe_in_every_shade_and_in_arabic_and_fits_at_twice_its_size(tmp_path, who):
    script = axe()
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        made = await there.house.playlist_making.create(there.ann, PlaylistDraft("Evenings", is_public=True))
        page = await browser.page(f"{there.address}/", COUNTED + (there.signed_in if who == "listener" else ""))
        await page.until("document.querySelector('main h1')")
        await rests(page)
        await page.run(f"{script}; {STILL}; true")
        wrong = []

        async def look(name, only=""):
            wrong.extend(f"{place} {name}: {each}" for each in await violations(page, only=only))

        for place in addresses(made.slug):
            if place == "/welcome" and who == "listener":
                continue  # It leads those who are signed in to the first page.
            try:
                await shown(page, place)
            except TimeoutError:
                wrong.append(f"{place}: never drawn")
                continue
            # 1280 pixels at 200 per cent are 640 of the page's own.
            await page.send(
                "Emulation.setDeviceMetricsOverride", width=640, height=400, deviceScaleFactor=2, mobile=False
            )
            if (over := await page.run(WIDE)) > 0:
                wrong.append(f"{place} at 200 %: {over} px too wide")
            await page.send("Emulation.clearDeviceMetricsOverride")
            await page.run(WEAR.format(part="'theme'", value="'light'"))
            await look("light")
            await page.run(WEAR.format(part="'theme'", value="'dark'"))
            await look("dark", COLOURS)
            await page.run(WEAR.format(part="'contrast'", value="'more'"))
            await look("contrast", COLOURS)
            await page.run(WEAR.format(part="'contrast'", value="'system'"))
            await page.run(SPEAK.format(tongue="'ar'"))
            await rests(page)
            await look("Arabic")
            if (over := await page.run(WIDE)) > 0:
                wrong.append(f"{place} in Arabic: {over} px too wide")
            await page.run(SPEAK.format(tongue="'en'"))
            await rests(page)
        assert page.errors == []
        assert wrong == [], "\n".join(wrong)
