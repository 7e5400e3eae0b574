"""The pages about a person's account in a real browser: axe-core on each, in both shades and with more contrast."""

from __future__ import annotations

import pytest

from services.notifications import kinds
from tests.web.axe import axe, violations
from tests.web.chromium import chromium
from tests.web.player_house import open_player

pytestmark = pytest.mark.services
SECTIONS = (
    "profile", "playback", "look", "notifications", "privacy", "password", "second-step", "sessions", "ways", "keys",
    "data", "about",
)  # fmt: skip
PAGES = (*(f"/settings/{section}" for section in SECTIONS), "/plan", "/notifications", "/family/nothing")
LOOKS = (("dark", "system"), ("light", "system"), ("light", "more"))
HERE = "document.querySelector('main[aria-busy=false] :is(h1, h2)')"
BROKEN = "document.querySelector('main .empty .icon use[href$=warning]')"


async def gone_to(page, path):
    """Lead a page to another address of the player's own, and wait until it is there."""
    await page.run(f"import('/web/bundle/player/frame/router.js').then((router) => router.go('{path}'))")
    await page.until(f"location.pathname + location.search === '{path}' && {HERE}")


async def test_every_page_of_the_account_passes_axe(tmp_path):
    script = axe()
    async with open_player(tmp_path / "house") as there, chromium(tmp_path / "browser") as browser:
        await there.rig.sign_in("bob")
        bob = await there.rig.store.users.first({"username_key": "bob"})
        news = kinds.playlist_invited(bob, kinds.PlaylistTitle("one", "one"))
        await there.house.notifications.tell(news, [there.ann_id])
        wrong = []
        stranger = await browser.page(f"{there.address}/welcome")
        page = await browser.page(f"{there.address}/settings", there.signed_in)
        for tab, places in ((stranger, ("/welcome", "/welcome?new=1")), (page, PAGES)):
            await tab.until(HERE)
            for theme, contrast in LOOKS:
                change = f"look.change('theme', '{theme}'); look.change('contrast', '{contrast}')"
                await tab.run(f"import('/web/bundle/player/look/theme.js').then((look) => {{ {change} }})")
                for place in places:
                    await gone_to(tab, place)
                    assert await tab.run(f"{BROKEN} === null"), place
                    wrong += [f"{place} {theme} {contrast}: {each}" for each in await violations(tab, script)]
            assert tab.errors == []
        assert wrong == [], "\n".join(wrong)
