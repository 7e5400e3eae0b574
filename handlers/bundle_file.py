"""GET /web/bundle/{name}: files of the player put together, and modules of it by their names."""

from __future__ import annotations

from typing import Final

from tornado.web import HTTPError

from handlers.base import BaseHandler
from handlers.bundle import PREFIX, Bundle
from handlers.module_graph import WEB
from handlers.squeezed import accepts_gzip
from services.viewer import NOBODY, Role, Viewer

FOREVER: Final = "public, max-age=31536000, immutable"
"""An address with the hash of what is behind it never means anything else."""
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


class BundleFileHandler(BaseHandler):
    """A file by its address with a hash, which is kept for ever; or a module of the player by its path below `web/`.

    The latter is the very module that the page has, whether its files went out together or one by one: a console that
    imports it sees the page's state.
    """

    access = Role.ANYONE
    bundle: Bundle

    async def viewer(self) -> Viewer:
        """Nobody in particular: the files are everybody's."""
        return NOBODY

    async def get(self, name: str) -> None:
        """The file, compressed for whoever takes it."""
        suffix = name[name.rfind(".") :]
        file = await self.bundle.file(PREFIX + name)
        if file is None:
            await self._by_name(name)
            return
        self.set_header("Content-Type", _TYPES[suffix])
        self.set_header("Cache-Control", FOREVER)
        self.add_header("Vary", "Accept-Encoding")
        if accepts_gzip(self.request.headers.get("Accept-Encoding", "")):
            self.set_header("Content-Encoding", "gzip")
            self.finish(file.squeezed)
        else:
            self.finish(file.plain)

    async def head(self, name: str) -> None:
        """As GET, without the file."""
        await self.get(name)

    async def _by_name(self, name: str) -> None:
        bundled = await self.bundle.latest()
        if bundled is not None:
            address = bundled.named.get(name)
        else:
            path = (WEB / name).resolve() if "\0" not in name else WEB
            inside = path.is_relative_to(WEB / "player") and path.suffix == ".js" and path.is_file()
            address = f"/web/{name}" if inside else None
        if address is None:
            raise HTTPError(404)
        self.set_header("Content-Type", _TYPES[".js"])
        self.set_header("Cache-Control", "no-cache")
        self.finish(f"export * from '{address}';\n")
