"""The player in a real browser over a real server: what plays is heard, on one device at a time, none of it lost."""

from __future__ import annotations

import contextlib

import pytest

from tests.server.player_pages import player_pages
from tests.web.axe import axe, violations
from tests.web.hand import click

pytestmark = pytest.mark.services
SLACK_MS = 400
PLAYER = "import('/web/bundle/player/playing/player.js')"
HEARD = f"""Promise.all([{PLAYER}, import('/web/bundle/player/playing/conductor.js')]).then(([p, c]) => ({{
  title: p.song.value?.title ?? null, playing: p.playing.value, heard: c.heardMs(), at: Date.now() }}))"""
CUT = """{ const Real = WebSocket, open = new Set(); let away = false;
  window.WebSocket = class extends Real {
    constructor(url) { super(url); open.add(this); if (away) setTimeout(() => this.close()); }
  };
  window.cut = (now) => {
    away = now;
    if (now) for (const each of open) each.close(); else dispatchEvent(new Event('online'));
  };
}"""
"""Takes the page's sockets away, and gives them back, as a network does."""


def tell(verb):
    """Call one of the player's verbs."""
    return f"{PLAYER}.then((p) => {{ p.{verb}; return true; }})"


@contextlib.asynccontextmanager
async def two_tabs(tmp_path, library, before=""):
    """Two browsers of Ann's, the first on the album's page."""
    async with player_pages(tmp_path, library) as pages:
        ann = await pages.sign_up("ann")
        here = await pages.open(f"/album/{pages.album['slug']}", ann, before)
        there = await pages.open("/queue", ann)
        yield here, there
        assert (here.errors, there.errors) == ([], [])


async def heard(page, condition):
    """What the page plays, once `told` of it fulfils a condition in JavaScript."""
    await page.until(f"await {HEARD}.then((told) => {condition})")
    return await page.run(HEARD)


def apart(one, other):
    """By how many milliseconds two looks at the same music differ, by the wall."""
    return abs((other["heard"] - one["heard"]) - (other["at"] - one["at"]))


async def test_a_song_is_handed_over_and_back_edited_ended_and_found_again(tmp_path, library):
    async with two_tabs(tmp_path, library) as (here, there):
        await click(here, ".hero .button.main")
        await heard(here, "told.title === 'Dawn' && told.heard > 300")
        await there.until("document.querySelectorAll('.queue-row').length === 3")

        # Seek and like, by the bar.
        await here.run(
            "{ const at = document.querySelector('.bar input[max=\"12000\"], .bar .seek-line input');"
            " at.value = 5000; for (const kind of ['input', 'change']) at.dispatchEvent(new Event(kind)); }"
        )
        await heard(here, "told.heard > 5000 && told.heard < 9000")
        await click(here, ".bar .like")
        await here.until("document.querySelector('.bar .like').getAttribute('aria-pressed') === 'true'")

        # On to the next, told by the other tab, which makes no sound of its own.
        await click(there, ".bar [aria-label='Next song']")
        noon = await heard(here, "told.title === 'Noon' && told.heard > 1500")
        assert (await there.run(HEARD))["heard"] is None

        # Handed over and back: nothing is heard twice, and nothing left out; a slow machine may only make a pause.
        for giver, taker in ((here, there), (there, here)):
            before = await heard(giver, "told.heard !== null")
            await taker.run(
                f"Promise.all([{PLAYER}, import('/web/bundle/player/playing/device/here.js')])"
                ".then(([p, d]) => { p.playOn(d.deviceId.value); return true; })"
            )
            after = await heard(taker, f"told.heard !== null && told.playing && told.heard > {before['heard'] + 2000}")
            assert after["heard"] - before["heard"] < after["at"] - before["at"] + SLACK_MS, (before, after)
            await giver.until(f"(await {HEARD}).heard === null")
        assert (await here.run(HEARD))["heard"] > noon["heard"]

        # A song moved by keyboard in one tab stands there in the other.
        titles = "[...document.querySelectorAll('.queue-row .row-title')].map((each) => each.textContent).join()"
        await there.until(f"{titles} === 'Noon,Dusk,Dawn'")
        await here.run(tell("addToQueue([p.queue.value[1].id])"))
        await there.until(f"{titles} === 'Noon,Dusk,Dusk,Dawn'")
        await click(there, "[aria-labelledby=queue-hand] .queue-remove")
        await here.until(f"await {PLAYER}.then((p) => p.queue.value.length === 2)")

        # Found again after a reload, playing on; then paused and found again, paused.
        before = await here.run(HEARD)
        await here.send("Page.reload")
        after = await heard(here, "told.title === 'Noon' && told.heard > " + str(before["heard"]))
        assert after["heard"] - before["heard"] <= after["at"] - before["at"] + 200
        await here.run(tell("toggle()"))
        await there.until(f"await {PLAYER}.then((p) => !p.playing.value)")
        paused = await heard(here, "!told.playing")
        await here.send("Page.reload")
        again = await heard(here, "told.heard !== null")
        assert not again["playing"] and abs(again["heard"] - paused["heard"]) < SLACK_MS, (paused, again)

        # At its end the next begins by itself.
        await here.run(tell("toggle()") + f".then(() => {tell('seek(p.durationMs() - 1200)')})")
        await heard(here, "told.title === 'Dusk' && told.heard > 200")


async def test_what_plays_goes_on_without_a_network_and_the_house_learns_of_it(tmp_path, library):
    async with two_tabs(tmp_path, library, CUT) as (here, there):
        await click(here, ".hero .button.main")
        await heard(here, "told.heard > 300")
        await here.run(tell("next()"))
        before = await heard(here, "told.title === 'Noon' && told.heard > 300")
        await here.run("cut(true)")
        # The house pauses a device that is gone; the tab plays on, and does what it is told.
        await there.until(f"await {PLAYER}.then((p) => p.song.value.title === 'Noon' && !p.playing.value)")
        alone = await here.run(HEARD)
        assert alone["playing"] and alone["heard"] > before["heard"] + 1000
        await here.run(tell("seek(15000)"))
        await here.run("cut(false)")
        await there.until(f"await {PLAYER}.then((p) => p.playing.value && p.positionMs() > 15000)")
        where = f"{PLAYER}.then((p) => ({{ heard: p.positionMs(), at: Date.now() }}))"
        places = [await here.run(where), await there.run(where)]
        assert apart(*places) < 5 * SLACK_MS

        # Somebody else took the music over meanwhile: theirs counts.
        await here.run("cut(true)")
        await there.until(f"await {PLAYER}.then((p) => !p.playing.value)")
        await there.run(tell("toggle()"))
        await heard(there, "told.heard > 15000")
        await here.run("cut(false)")
        await heard(here, "told.heard === null && told.playing")


async def test_the_pages_of_what_plays_pass_axe_light_dark_and_in_high_contrast(tmp_path, library):
    script, wrong = axe(), []
    async with two_tabs(tmp_path, library) as (here, _):
        await click(here, ".hero .button.main")
        await heard(here, "told.heard > 100")
        for address in ("/queue", "/devices", "/lyrics"):
            await here.run(
                f"document.querySelector('a[href=\"{address}\"]')?.click() ?? "
                f"import('/web/bundle/player/frame/router.js').then((r) => r.go('{address}'))"
            )
            await here.until(
                f"location.pathname === '{address}' && document.querySelector('main h1') && "
                "document.querySelector('main').getAttribute('aria-busy') === 'false'"
            )
            wrong += await in_every_shade(here, script, address)
        for sign, name in (("devices", "devices"), ("sound", "sound"), ("up", "sheet")):
            await click(here, f'.bar button:has(use[href$="#{sign}"])')
            await here.until("document.querySelector('dialog[open]')")
            wrong += await in_every_shade(here, script, name)
            await here.run("document.querySelector('dialog[open]').close()")
            await here.until("!document.querySelector('dialog')")
    assert wrong == [], "\n".join(wrong)


async def in_every_shade(page, script, name):
    wrong = []
    for theme, contrast in (("dark", "system"), ("light", "system"), ("dark", "more"), ("light", "more")):
        look = f"{{ theme: '{theme}', contrast: '{contrast}', motion: 'less' }}"
        await page.run(f"Object.assign(document.documentElement.dataset, {look})")
        wrong += [f"{name} {theme} {contrast}: {each}" for each in await violations(page, script)]
    return wrong
