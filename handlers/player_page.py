"""The player's page: every address that the player shows, the modules it begins with, and what may run in it.

Which page an address is, is written down once, in `web/player/frame/routes.js`, for the browser and for this door: an
address that nobody knows is a 404 here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from handlers.base import BaseHandler
from handlers.bundle import Bundle
from handlers.compressed import finish_compressed
from handlers.import_map import BUNDLE_POLICY, IMPORT_MAP, MODULE_POLICY, VENDORS
from handlers.module_graph import WEB, page_areas, page_modules, pages, static_modules, style_sheets
from handlers.previews import PREVIEW_PIXELS, Tags, base_of, previews
from services.viewer import NOBODY, Role, Viewer

_ABOUT = re.compile(r"/(album|artist|song|playlist|user)/([^/]+)/?")


class PlayerPage:
    """What every showing of the page has in common, read once at the start."""

    def __init__(self, *, demo: bool, bundle: Bundle | None = None, web: Path = WEB) -> None:
        self.demo = demo
        self.bundle = bundle or Bundle(wanted=False, web=web)
        self.languages = _languages(web)
        self._areas, self._pages = page_areas(web), pages(web)
        self.modules = static_modules(web / "player" / "main.js", web=web)
        self.pages = page_modules(web)
        self.sheets = style_sheets(web)
        self.missing = sorted(
            {name.rstrip("/") for name, path in VENDORS.items() if not (web / "node_modules" / path).exists()}
        )
        """Packages that are not installed: without them the page says so, and the API works."""

    def modules_at(self, path: str) -> list[str]:
        """What a browser will need for the page at this address, in the order in which it will."""
        own = next((modules for address, modules in self.pages if address.fullmatch(path)), [])
        return [*self.modules, *own]

    async def parts_at(self, path: str) -> dict[str, Any]:
        """The files that the page at this address begins with, and what may run in it."""
        bundled = await self.bundle.latest()
        if bundled is None:
            return {
                "policy": MODULE_POLICY,
                "import_map": IMPORT_MAP,
                "main": "/web/player/main.js",
                "modules": self.modules_at(path),
                "sheets": self.sheets,
            }
        page = next((page for address, page in self._pages if address.fullmatch(path)), None)
        return {
            "policy": BUNDLE_POLICY,
            "import_map": None,
            "main": bundled.main,
            "modules": bundled.modules_for(page),
            "sheets": [bundled.sheet],
        }

    def words_at(self, path: str, accepted: str) -> list[str]:
        """Addresses of the words that the page at this address begins with, in the language a browser asks for."""
        own = next((areas for address, areas in self._areas if address.fullmatch(path)), [])
        language = _language(accepted, self.languages)
        return [f"/web/player/language/{language}/{area}.json" for area in dict.fromkeys(("frame", "playing", *own))]


class PlayerHandler(BaseHandler):
    """The player's page, at each of its addresses.

    The page about a thing that everybody may see says in its head what it is about; all others are the same page.
    """

    access = Role.ANYONE
    page: PlayerPage

    async def viewer(self) -> Viewer:
        """Nobody in particular: who is signed in is known in the browser alone."""
        return NOBODY

    async def get(self) -> None:
        """The page, or what is missing for it."""
        page = self.page
        self.set_header("Cache-Control", "no-cache")
        if page.missing:
            self.set_header("Content-Security-Policy", MODULE_POLICY)
            self.render("player_missing.html", missing=page.missing, demo="true" if page.demo else "false")
            return
        parts = await page.parts_at(self.request.path)
        self.set_header("Content-Security-Policy", parts.pop("policy"))
        self.add_header("Vary", "Accept-Language")
        text = self.render_string(
            "index.html",
            demo="true" if page.demo else "false",
            words=page.words_at(self.request.path, self.request.headers.get("Accept-Language", "")),
            **parts,
            **await self._head(),
        )
        await finish_compressed(self, text)

    async def head(self) -> None:
        """As GET, without the page."""
        await self.get()

    def get_template_path(self) -> str:
        """Pages are templates in `web/`."""
        return str(WEB)

    async def _head(self) -> dict[str, str | Tags | None]:
        """The title, the address that the page should be known by, and what previews are drawn from."""
        found = _ABOUT.fullmatch(self.request.path)
        name = found and _unquoted(found[2])
        card = await self.house.page_cards.card(NOBODY, found[1], name) if found and name else None
        if card is None:
            return {"title": "Tutti", "canonical": None, "graph": [], "cards": []}
        base = base_of(self.request, self.house.share_links.public_url)
        image = self.house.covers.url(card.image_id, PREVIEW_PIXELS)
        address = base + card.place
        tags = previews(card, address, None if image is None else base + image)
        return {"title": f"{card.title} · Tutti", "canonical": address, **tags}


def _unquoted(segment: str) -> str | None:
    """A segment of a path as it was meant; None for one that is no text."""
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        return None


def _languages(web: Path) -> frozenset[str]:
    folder = web / "player" / "language"
    return frozenset(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else frozenset()


def _language(accepted: str, known: frozenset[str]) -> str:
    """The first language of an `Accept-Language` that the player speaks, as the browser will choose it itself."""
    for part in accepted.lower().split(","):
        language = part.partition(";")[0].strip().partition("-")[0]
        if language in known:
            return language
    return "en"
