"""The listener's way once more, by keyboard alone: every stop is seen, dialogues and menus give the keyboard back."""

from __future__ import annotations

import pytest

from tests.server.client import PASSWORD
from tests.server.player_pages import text_is_there
from tests.web.concert import concert
from tests.web.ear import EAR
from tests.web.hand import press
from tests.web.keyboard import Keyboard
from tests.web.songbook import RAIN, SNOW

pytestmark = pytest.mark.services
TITLES = "[...document.querySelectorAll('main .row .row-title')].map((each) => each.textContent.trim()).join()"
ANNOUNCED = "[...document.querySelectorAll('[aria-live], [role=status]')].map((each) => each.textContent).join(' ')"


async def joins(page, keys: Keyboard) -> None:
    """The first stop of the page leads past its ways."""
    await press(page, "Tab")
    await keys.is_at(".skip")
    await keys.use(".corner a", "Sign in")
    await page.until("location.pathname === '/welcome' && document.querySelector('main form')")
    await keys.use("main button", "Create an account")
    for name, text in (("email", "ann@example.com"), ("username", "ann"), ("password", PASSWORD)):
        await keys.go(f".welcome form [name={name}]")
        await press(page, *text)
    await press(page, "Enter")
    await page.until("[...document.querySelectorAll('main button')].some((one) => one.textContent.includes('Later'))")
    await keys.use("main button", "Later")
    await page.until("document.querySelector('.corner a[aria-label*=ann]')")


async def searches(page, keys: Keyboard, words: str) -> None:
    """From wherever one is."""
    await press(page, "/")
    await keys.is_at("#search-field")
    await page.run("document.activeElement.select()")
    await press(page, *words)
    await page.until(f"location.search.includes({words!r}) && document.querySelector('main .row')")
    await press(page, "Enter")
    await keys.is_at("main")


async def plays_and_seeks(page, keys: Keyboard, ear) -> None:
    """Every control of the bar, and the keys that mean the same everywhere."""
    await keys.use("main .row-play", "Play Morning Rain")
    await ear.until_heard(page, RAIN, 500, 20_000)
    await keys.go(".seek-line input")
    await press(page, "PageUp")
    heard = await ear.until_heard(page, RAIN, 30_000, 55_000)
    await press(page, "ArrowLeft", "ArrowLeft")
    again = await ear.until_heard(page, RAIN, heard.at_ms - 12_000)
    assert again.behind(heard) > 5_000
    await keys.use(".bar-ways [aria-label*=Devices]")
    await keys.is_at("dialog *")
    await press(page, "Escape")
    await keys.is_at(".bar-ways [aria-label*=Devices]")
    await press(page, "f")
    await page.until("document.querySelector('.bar .like').getAttribute('aria-pressed') === 'true'")
    await page.until(f"{ANNOUNCED}.includes('Morning Rain')")


async def keeps_in_a_playlist(page, keys: Keyboard, title: str, *, new: bool) -> None:
    """By the menu of a row: arrows move in it, and afterwards the keyboard is where it was."""
    await keys.use("main .row [aria-haspopup=menu]", f"More for {title}")
    await keys.is_at("[role=menuitem]")
    for _ in range(12):
        at = await keys.stop("[role=menuitem]", "Add to playlist")
        if at and at["there"]:
            break
        await press(page, "ArrowDown")
    await press(page, "Enter")
    if new:
        await keys.is_at("dialog *")
        at = await keys.stop("dialog [name=name]")
        if not (at and at["there"]):
            await keys.go("dialog [name=name]")
        await press(page, *"Evenings", "Enter")
    else:
        await keys.is_at("dialog *")
        await keys.use("dialog button", "Evenings")
    await page.until("!document.querySelector('dialog') && " + text_is_there("Added to Evenings"))
    await keys.is_at("main .row [aria-haspopup=menu]", f"More for {title}")


async def puts_in_order(page, keys: Keyboard) -> None:
    """Moved by its handle, and told in words."""
    await keys.use(".ways a", "Your library")
    await keys.use("main a", "Evenings")
    await page.until(f"{TITLES} === 'Morning Rain,Late Snow'")
    await keys.use("main .handle", "Morning Rain", "ArrowDown")
    await page.until(f"{TITLES} === 'Late Snow,Morning Rain'")
    await keys.is_at("main .handle", "Morning Rain")
    await page.until(f"{ANNOUNCED}.includes('Morning Rain')")
    await press(page, "q")
    await page.until("location.pathname === '/queue'")
    await press(page, "q")
    await page.until("location.pathname === '/'")


async def sits_in_a_room(page, keys: Keyboard, ear) -> None:
    """Begun, paused and left."""
    await keys.use(".ways a", "Together")
    await keys.use(".room-form button", "Start a room")
    await page.until("location.pathname.startsWith('/room/')")
    await ear.until_heard(page, RAIN)
    await keys.use(".stage .round-button", "Pause")
    await ear.until_silent(page)
    await keys.use(".room-head [aria-haspopup=menu]")
    await keys.is_at("[role=menuitem]")
    for _ in range(4):
        at = await keys.stop("[role=menuitem]", "Leave")
        if at and at["there"]:
            break
        await press(page, "ArrowDown")
    await press(page, "Enter")
    await page.until("document.querySelector('.empty')")


async def settles_and_signs_out(page, keys: Keyboard, ear) -> None:
    """The look is changed with the arrows; then the way out."""
    await keys.use(".corner a", "settings")
    await page.until("location.pathname.startsWith('/settings')")
    await keys.use(".sections a", "Look")
    await page.until("document.querySelector('#look-theme')")
    await keys.go("#look-theme")
    before = await page.run("document.documentElement.dataset.theme ?? ''")
    await press(page, "ArrowDown")
    await page.until(f"(document.documentElement.dataset.theme ?? '') !== {before!r}")
    await keys.use(".sections button", "Sign out")
    await page.until("document.querySelector('.corner a[href^=\"/welcome\"]')")
    await ear.until_silent(page)


@pytest.mark.timeout(seconds=400)
async def test_a_listener_without_a_mouse(tmp_path):
    async with concert(tmp_path) as (pages, ear):
        page = await pages.open("/", before=EAR)
        keys = Keyboard(page)
        await page.until("document.querySelector('main h1')")
        try:
            await joins(page, keys)
            await searches(page, keys, "morning")
            await plays_and_seeks(page, keys, ear)
            await keeps_in_a_playlist(page, keys, RAIN.title, new=True)
            await searches(page, keys, "late")
            await keeps_in_a_playlist(page, keys, SNOW.title, new=False)
            await puts_in_order(page, keys)
            await sits_in_a_room(page, keys, ear)
            await settles_and_signs_out(page, keys, ear)
        finally:
            await page.picture(tmp_path / "last.png")
        assert page.errors == []
