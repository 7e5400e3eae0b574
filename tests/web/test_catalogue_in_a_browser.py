"""The catalogue and one's own things in a real browser: searched, saved, reviewed and shared, and playlists."""

from __future__ import annotations

import pytest

from services.playlists.making import PlaylistDraft
from tests.web.axe import axe, violations
from tests.web.chromium import chromium
from tests.web.hand import click, press, write
from tests.web.player_house import open_player

pytestmark = pytest.mark.services
READY = "document.querySelector('main h1') && document.querySelector('main').getAttribute('aria-busy') === 'false'"
STILL = """(() => { const still = new CSSStyleSheet(); still.replaceSync("* { transition: none !important; }");
  document.adoptedStyleSheets = [still]; })()"""
HEADING = "document.querySelector('main h1')?.textContent.trim()"
ROWS = "[...document.querySelectorAll('main .rows .row-title')].map((one) => one.textContent)"
SONGS = "query($id: ID!) { playlist(id: $id) { songs { song { id } } } }"
SAID = "document.querySelector('.notices')?.innerText ?? ''"


async def test_from_a_search_to_a_saved_reviewed_and_shared_album(tmp_path):
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        page = await browser.page(f"{there.address}/", there.signed_in)
        await write(page, "#search-field", "da")
        await page.until("document.querySelectorAll('#search-offers [role=option]').length")
        await press(page, "ArrowDown")
        chosen = await page.run(
            "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.innerText"
        )
        assert chosen == "Dawn"
        await press(page, "Enter")
        await page.until("location.search === '?q=Dawn' && document.querySelector('.best')")
        await page.until("CSS.highlights.get('matched')?.size > 0")
        await click(page, ".best a")
        await page.until(f"{HEADING} === 'Dawn' && document.title === 'Dawn · Tutti'")
        assert await page.run(ROWS) == ["First", "Second", "Third"]
        await click(page, ".hero .button", "Save")
        await page.until("document.querySelector('.hero .button[aria-pressed=true]')")
        await click(page, ".reviews .button", "Write a review")
        await page.until("document.querySelector('dialog[open] input[value=\"4\"]')")
        await page.run("document.querySelector('dialog input[value=\"4\"]').click()")
        await write(page, "dialog textarea", "Slow and warm.")
        await click(page, "dialog .button.main")
        await page.until("document.querySelector('.review-words')?.textContent === 'Slow and warm.'")
        assert await page.run("document.querySelector('.mean strong').textContent") == "4"
        await click(page, ".hero .round-button", "Share")
        await click(page, "dialog form .button")
        await page.until(
            "document.querySelectorAll('dialog .copied-line').length === 2 && document.querySelector('.qr')"
        )
        [link] = await there.rig.store.share_links.find({})
        shown = await page.run("document.querySelectorAll('dialog .copied-line input')[1].value")
        assert (link.target_id, shown) == ("dawn", f"{there.address}/share/{link.id}")
        assert await there.rig.store.saved_albums.count({}) == 1
        await press(page, "Escape")
        await page.until("!document.querySelector('dialog')")
        await page.run("history.back()")
        await page.until("location.search === '?q=Dawn' && document.querySelector('.best')")
        assert page.errors == []


async def test_a_playlist_is_made_ordered_by_keys_emptied_and_restored_and_others_changes_are_seen(tmp_path):
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        page = await browser.page(f"{there.address}/library", there.signed_in)
        await click(page, "main .button", "New playlist")
        await write(page, "dialog [name=name]", "Evenings")
        await click(page, "dialog .button.main")
        await page.until(f"{HEADING} === 'Evenings'")
        for title in ("First", "Bees"):
            await write(page, ".adding input", title)
            await page.until(f"document.querySelector('.adding [aria-label=\"Add {title}\"]')")
            await click(page, ".adding .button", title)
            await page.until(f"document.querySelector('.handle[aria-label=\"Move {title}\"]')")
        [playlist] = await there.rig.store.playlists.find({})
        await there.house.playlist_editing.add_songs(there.ann, playlist.id, ["s2"])
        await page.until("document.querySelector('.handle[aria-label=\"Move Second\"]')")

        await page.run("document.querySelector('.handle[aria-label=\"Move Second\"]').focus()")
        await press(page, "ArrowUp")
        await page.until("document.activeElement === document.querySelectorAll('.handle')[1]")
        await press(page, "ArrowUp")
        await page.until("document.activeElement === document.querySelector('.handle')")
        told = "[...document.querySelectorAll('[role=status]')].map((one) => one.textContent).join('')"
        await page.until(f"{told}.includes('Second is now 1 of 3.')")
        await click(page, ".rows .row:nth-child(2) [aria-haspopup=menu]")
        await click(page, "[role=menuitem]", "Remove from this playlist")
        await page.until(f"{SAID}.includes('“First” is out of the playlist.')")
        await click(page, ".notice .link", "Undo")
        await page.until(f'JSON.stringify({ROWS}.slice(0, 3)) === \'["Second","First","Bees"]\'')
        names = await there.rig.data(
            "query($id: ID!) { playlist(id: $id) { songs { song { id } } } }", there.ann, id=playlist.id
        )
        assert [one["song"]["id"] for one in names["playlist"]["songs"]] == ["s2", "s1", "b1"]
        assert page.errors == []


async def test_rules_are_counted_while_they_are_built_and_choose_the_songs(tmp_path):
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        page = await browser.page(f"{there.address}/library/smart", there.signed_in)
        await write(page, "[name=name]", "Of the twenties")
        await page.until("document.querySelector('.rule select')")
        await page.run("""(() => { const field = document.querySelector('.rule select');
          field.value = 'year'; field.dispatchEvent(new Event('change')); })()""")
        await write(page, ".rule input", "2025")
        await page.until("document.querySelector('.count-now')?.textContent === '1 song fits'")
        assert await page.run(ROWS) == ["Bees"]
        await click(page, ".rules .button.main")
        await page.until(f"{HEADING} === 'Of the twenties' && document.querySelectorAll('.rows .row').length === 1")
        await click(page, ".hero .button", "Rules")
        await page.until("document.querySelector('.rule input')?.value === '2025'")
        assert page.errors == []


async def test_a_long_list_stands_where_it_was_left(tmp_path):
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        for number in range(230):
            await there.rig.song(f"t{number:03}", "bert", title=f"Tune {number:03}")
        page = await browser.page(f"{there.address}/songs", there.signed_in)
        for count in (100, 200, 234):
            await page.until(f"document.querySelectorAll('.row').length === {count}")
            await page.run("scrollTo(0, document.documentElement.scrollHeight)")
        await page.run("document.querySelectorAll('.row')[200].scrollIntoView({ behavior: 'instant' })")
        stood = await page.run("new Promise((done) => setTimeout(() => done(scrollY), 200))")
        title = await page.run("document.querySelectorAll('.row .row-title')[201].textContent")
        await page.run("document.querySelectorAll('.row .row-title')[201].click()")
        await page.until(f"{HEADING} === '{title}'")
        await page.run("history.back()")
        await page.until(f"document.querySelectorAll('.row').length === 234 && Math.abs(scrollY - {stood}) < 300")
        assert page.errors == []


async def test_every_page_of_the_catalogue_passes_axe_light_dark_and_in_high_contrast(tmp_path):
    script = axe()
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        draft = PlaylistDraft("Road songs", description="For the road.")
        playlist = await there.house.playlist_making.create(there.ann, draft)
        await there.house.playlist_editing.add_songs(there.ann, playlist.id, ["s1", "s2", "s1"])
        await there.rig.data(
            'mutation { addReview(albumId: "dawn", rating: 4, comment: "Warm.") { review { id } } }', there.ann
        )
        await there.rig.data(
            'mutation { playSong(songId: "s1", source: ALBUM, sourceId: "dawn") { success } }', there.ann
        )
        pages = (
            "/", "/search", "/search?q=da", "/search?q=e&type=songs", "/albums", "/artists", "/songs", "/genres",
            "/genre/slug-indie", "/album/slug-dawn", "/artist/slug-anna", "/song/slug-s1", "/charts", "/moods",
            "/mixes", "/radio", "/radio/artist:anna", f"/playlist/{playlist.slug}", "/library", "/library/songs",
            "/library/history", "/library/reviews", "/library/links", "/library/smart", "/user/ann",
            "/user/ann/followers",
        )  # fmt: skip
        wrong = []
        page = await browser.page(f"{there.address}/", there.signed_in)
        for path in pages:
            await page.send("Page.navigate", url=there.address + path)
            await page.until(f"location.pathname + location.search === '{path}' && {READY}")
            await page.run(STILL)
            for shade, contrast in (("dark", "system"), ("light", "system"), ("dark", "more")):
                await page.run(
                    f"Object.assign(document.documentElement.dataset, {{ theme: '{shade}', contrast: '{contrast}' }})"
                )
                wrong += [f"{path} {shade} {contrast}: {each}" for each in await violations(page, script)]
        assert page.errors == []
        assert wrong == [], "\n".join(wrong)
