"""The player's page: every address that the player shows, the modules it begins with, and what may run in it.

Which page an address is, is written down once, in `web/player/frame/routes.js`, for the browser and for this door: an
address that nobody knows is a 404 here.
"""

from __future__ import annotations

import os
import re
from collections import deque
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from handlers.base import BaseHandler
from handlers.import_map import IMPORT_MAP, MODULE_POLICY, VENDORS
from handlers.previews import PREVIEW_PIXELS, Tags, base_of, previews
from services.viewer import NOBODY, Role, Viewer

WEB = Path(__file__).parent.parent / "web"
_ABOUT = re.compile(r"/(album|artist|song|playlist|user)/([^/]+)/?")

_IMPORT = re.compile(
    r"""(?:^|[;}])\s*(?:import(?:[^'"();]*?\bfrom)?|export[^'"();]*?\bfrom)\s*["']([^'"]+)["']""", re.MULTILINE
)
_ROUTE = re.compile(r"\['(/[^']*)', \(\) => import\('\.\./pages/([^']+)'\)")
_FIRST_SHEETS = ("tokens.css", "base.css", "frame.css", "parts.css")


def static_modules(*entries: Path, web: Path = WEB, read: dict[Path, list[Path]] | None = None) -> list[str]:
    """Addresses of all modules that these import before they run, nearest first; themselves and `import()` left out.

    A browser would find them one level after the other, which costs a round trip each. `read` keeps what each file
    imports for the next call.
    """
    read = {} if read is None else read
    found: dict[str, None] = {}
    waiting = deque(entries)
    known = set(entries)
    while waiting:
        module = waiting.popleft()
        if module not in read:
            paths = (_resolved(name, module, web) for name in _IMPORT.findall(module.read_text()))
            read[module] = [path for path in paths if path is not None and path.is_file()]
        for path in read[module]:
            if path not in known:
                known.add(path)
                found[f"/web/{path.relative_to(web).as_posix()}"] = None
                waiting.append(path)
    return list(found)


def player_paths(web: Path = WEB) -> str:
    """The pattern of all addresses that are the player's, as `routes.js` has them: what leads to no page is a 404."""
    text = (web / "player" / "frame" / "routes.js").read_text()
    patterns = [re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) for path, _ in _ROUTE.findall(text)]
    return "(?:" + "|".join(f"{pattern}/?" if pattern != "/" else "/" for pattern in patterns) + ")"


@lru_cache(maxsize=2)
def page_modules(web: Path = WEB) -> list[tuple[re.Pattern[str], list[str]]]:
    """The modules of each page by the addresses it is shown at, less those that every page begins with.

    Read once in a process, as all of the page is.
    """
    routes, read = web / "player" / "frame" / "routes.js", dict[Path, list[Path]]()
    if not routes.is_file():
        return []
    always = set(static_modules(web / "player" / "main.js", web=web, read=read))
    found = []
    for pattern, name in _ROUTE.findall(routes.read_text()):
        page = web / "player" / "pages" / name
        if page.is_file():
            address = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(pattern)) + "/?")
            own = [f"/web/player/pages/{name}", *static_modules(page, web=web, read=read)]
            found.append((address, [each for each in own if each not in always]))
    return found


def _resolved(name: str, module: Path, web: Path) -> Path | None:
    if name.startswith("/web/"):
        return web / name.removeprefix("/web/")
    if name.startswith("."):
        return Path(os.path.normpath(module.parent / name))
    for package, path in VENDORS.items():
        if name == package:
            return web / "node_modules" / path
        if package.endswith("/") and name.startswith(package):
            return web / "node_modules" / path / name.removeprefix(package)
    return None


def style_sheets(web: Path = WEB) -> list[str]:
    """Addresses of the player's style sheets in the order in which they hold."""
    names = {path.name for path in (web / "player" / "look").glob("*.css")}
    return [f"/web/player/look/{name}" for name in (*_FIRST_SHEETS, *sorted(names.difference(_FIRST_SHEETS)))]


class PlayerPage:
    """What every showing of the page has in common, read once at the start."""

    def __init__(self, *, demo: bool, web: Path = WEB) -> None:
        self.demo = demo
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
        self.set_header("Content-Security-Policy", MODULE_POLICY)
        self.set_header("Cache-Control", "no-cache")
        if page.missing:
            self.render("player_missing.html", missing=page.missing, demo="true" if page.demo else "false")
            return
        self.render(
            "index.html",
            demo="true" if page.demo else "false",
            import_map=IMPORT_MAP,
            modules=page.modules_at(self.request.path),
            sheets=page.sheets,
            **await self._head(),
        )

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
