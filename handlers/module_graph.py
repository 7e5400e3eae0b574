"""Which modules import which, and which of them a page of the player begins with: read from the files themselves.

Knows no request. `web/player/frame/routes.js` says which address is which page.
"""

from __future__ import annotations

import os
import re
from collections import deque
from functools import lru_cache
from pathlib import Path

from handlers.import_map import VENDORS

WEB = Path(__file__).parent.parent / "web"

_IMPORT = re.compile(
    r"""(?:^|[;}])\s*(?:import(?:[^'"();]*?\bfrom)?|export[^'"();]*?\bfrom)\s*["']([^'"]+)["']""", re.MULTILINE
)
_ROUTE = re.compile(r"\['(/[^']*)', \(\) => import\('\.\./pages/([^']+)'\)")
_AREAS = re.compile(r"\bareas: \[([^\]]*)\]")
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
    patterns = [re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) for path, _ in _routes(web)]
    return "(?:" + "|".join(f"{pattern}/?" if pattern != "/" else "/" for pattern in patterns) + ")"


@lru_cache(maxsize=2)
def pages(web: Path = WEB) -> list[tuple[re.Pattern[str], Path]]:
    """The module of each page by the addresses it is shown at."""
    found = []
    for pattern, name in _routes(web):
        page = web / "player" / "pages" / name
        if page.is_file():
            found.append((re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(pattern)) + "/?"), page))
    return found


@lru_cache(maxsize=2)
def page_modules(web: Path = WEB) -> list[tuple[re.Pattern[str], list[str]]]:
    """The modules of each page by the addresses it is shown at, less those that every page begins with."""
    read = dict[Path, list[Path]]()
    main = web / "player" / "main.js"
    always = set(static_modules(main, web=web, read=read)) if main.is_file() else set[str]()
    found = []
    for address, page in pages(web):
        own = [f"/web/{page.relative_to(web).as_posix()}", *static_modules(page, web=web, read=read)]
        found.append((address, [each for each in own if each not in always]))
    return found


@lru_cache(maxsize=2)
def page_areas(web: Path = WEB) -> list[tuple[re.Pattern[str], list[str]]]:
    """The areas of words that each page says it needs, by the addresses it is shown at."""
    found = []
    for address, page in pages(web):
        told = _AREAS.search(page.read_text())
        found.append((address, re.findall(r"[\w-]+", told[1]) if told else []))
    return found


def style_sheets(web: Path = WEB) -> list[str]:
    """Addresses of the player's style sheets in the order in which they hold."""
    names = {path.name for path in (web / "player" / "look").glob("*.css")}
    return [f"/web/player/look/{name}" for name in (*_FIRST_SHEETS, *sorted(names.difference(_FIRST_SHEETS)))]


def _routes(web: Path) -> list[tuple[str, str]]:
    routes = web / "player" / "frame" / "routes.js"
    return _ROUTE.findall(routes.read_text()) if routes.is_file() else []


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
