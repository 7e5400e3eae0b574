"""GET /service-worker.js: the player's service worker, with the list of files that open the player without a network.

A browser takes a new worker up when a byte of it differs: the version is made of the bytes of all these files, so an
upgrade of the house is one of the worker too.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from functools import lru_cache
from pathlib import Path

from handlers.base import BaseHandler
from handlers.bundle import Bundle, Bundled
from handlers.compressed import finish_compressed
from handlers.module_graph import WEB, static_modules
from services.viewer import Role

_WORKER = Path("player") / "offline" / "worker.js"
_KINDS = frozenset({".js", ".css", ".svg"})
_SINGLE = ("/web/icon.svg", "/web/player/look/icons.svg", "/web/player/sound/limiter.js")
"""What the player asks for by itself, beside what comes together."""


@lru_cache(maxsize=2)
def shell_files(web: Path = WEB) -> list[str]:
    """Addresses of every module, style sheet and sign of the player and of the packages they import, in order."""
    player = web / "player"
    own = [path for path in player.rglob("*") if path.suffix in _KINDS and path != web / _WORKER]
    found = {f"/web/{path.relative_to(web).as_posix()}" for path in own} | {"/web/icon.svg"}
    found.update(static_modules(*(path for path in own if path.suffix == ".js"), web=web))
    return sorted(address for address in found if (web / address.removeprefix("/web/")).is_file())


class ServiceWorker:
    """The worker's text, made when it is first asked for and anew when the player was put together anew."""

    def __init__(self, bundle: Bundle | None = None, web: Path = WEB) -> None:
        self._bundle, self._web = bundle or Bundle(wanted=False, web=web), web
        self._made: tuple[Bundled | None, str] | None = None

    async def text(self) -> str:
        """The script with its version and the files that it keeps."""
        bundled = await self._bundle.latest()
        if self._made is None or self._made[0] is not bundled:
            self._made = bundled, await asyncio.to_thread(_text, self._web, bundled)
        return self._made[1]


def _text(web: Path, bundled: Bundled | None) -> str:
    files = shell_files(web) if bundled is None else sorted([*bundled.shell, *_SINGLE])
    areas = sorted(path.stem for path in (web / "player" / "language" / "en").glob("*.json"))
    digest = hashlib.sha256()
    for address in files:
        made = bundled and bundled.files.get(address)
        content = made.plain if made else (web / address.removeprefix("/web/")).read_bytes()
        digest.update(address.encode() + b"\0" + content)
    return (
        f"const VERSION = {json.dumps(digest.hexdigest()[:16])};\nconst FILES = {json.dumps(files)};\n"
        f"const AREAS = {json.dumps(areas)};\n" + (web / _WORKER).read_text()
    )


class ServiceWorkerHandler(BaseHandler):
    """The worker; asked for anew at each visit."""

    access = Role.ANYONE
    worker: ServiceWorker

    async def get(self) -> None:
        """The script, whose scope is the whole house."""
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        # What the worker itself may do: speak to its own house.
        self.set_header(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'",
        )
        await finish_compressed(self, (await self.worker.text()).encode())

    async def head(self) -> None:
        """As GET, without the script."""
        await self.get()
