"""GET /service-worker.js: the player's service worker, with the list of files that open the player without a network.

A browser takes a new worker up when a byte of it differs: the version is made of the bytes of all these files, so an
upgrade of the house is one of the worker too.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from handlers.base import BaseHandler
from handlers.player_page import WEB, static_modules
from services.viewer import Role

_WORKER = Path("player") / "offline" / "worker.js"
_KINDS = frozenset({".js", ".css", ".svg"})


@lru_cache(maxsize=2)
def shell_files(web: Path = WEB) -> list[str]:
    """Addresses of every module, style sheet and sign of the player and of the packages they import, in order."""
    player = web / "player"
    own = [path for path in player.rglob("*") if path.suffix in _KINDS and path != web / _WORKER]
    found = {f"/web/{path.relative_to(web).as_posix()}" for path in own} | {"/web/icon.svg"}
    found.update(static_modules(*(path for path in own if path.suffix == ".js"), web=web))
    return sorted(address for address in found if (web / address.removeprefix("/web/")).is_file())


class ServiceWorker:
    """The worker's text, made once at the start."""

    def __init__(self, web: Path = WEB) -> None:
        files = shell_files(web)
        areas = sorted(path.stem for path in (web / "player" / "language" / "en").glob("*.json"))
        digest = hashlib.sha256()
        for address in files:
            digest.update(address.encode() + b"\0" + (web / address.removeprefix("/web/")).read_bytes())
        self.version = digest.hexdigest()[:16]
        self.text = (
            f"const VERSION = {json.dumps(self.version)};\nconst FILES = {json.dumps(files)};\n"
            f"const AREAS = {json.dumps(areas)};\n" + (web / _WORKER).read_text()
        )


class ServiceWorkerHandler(BaseHandler):
    """The worker; asked for anew at each visit."""

    access = Role.ANYONE
    worker: ServiceWorker

    def get(self) -> None:
        """The script, whose scope is the whole house."""
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        # What the worker itself may do: speak to its own house.
        self.set_header(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'",
        )
        self.finish(self.worker.text)

    def head(self) -> None:
        """As GET, without the script."""
        self.get()
