"""GET /covers/{id}?size=: a picture, cached for ever by whoever fetched it, for its id is made from its content."""

from __future__ import annotations

from handlers.accept import negotiate
from handlers.base import BaseHandler
from services.errors import Invalid
from services.viewer import NOBODY, Role, Viewer


class CoversHandler(BaseHandler):
    """A picture in the size that fits."""

    access = Role.ANYONE
    cors_methods = "GET, HEAD, OPTIONS"

    async def viewer(self) -> Viewer:
        """Nobody in particular: pictures are for everybody, so a stale token does not matter."""
        return NOBODY

    async def get(self, image_id: str) -> None:
        """The bytes, in the format that `Accept` likes best; 304 when the caller has them; 404 when nothing is kept."""
        accepted = negotiate(self.request.headers.get("Accept"), self.house.covers.content_types, usual="image/jpeg")
        cover = await self.house.covers.open(image_id, self._size(), accepted or "image/jpeg")
        self.set_header("Cache-Control", "public, max-age=31536000, immutable")
        self.set_header("Cross-Origin-Resource-Policy", "cross-origin")
        self.add_header("Vary", "Accept")
        self.set_header("Etag", cover.etag)
        if self.check_etag_header():
            self.set_status(304)
            return
        cover = await self.house.covers.drawn(cover)
        self.set_header("Content-Type", cover.content_type)
        self.set_header("Etag", cover.etag)
        if self.request.method == "HEAD":
            self.set_header("Content-Length", str(cover.length))
            return
        # A kept picture is at most some hundred KB: small enough to pass through memory.
        self.write(await self.house.covers.read(cover))

    async def head(self, image_id: str) -> None:
        """As GET, without the bytes."""
        await self.get(image_id)

    def compute_etag(self) -> None:
        """Ours is known before the bytes are; Tornado need not hash them."""
        return

    def _size(self) -> int | None:
        text = self.get_query_argument("size", None)
        if text is None:
            return None
        if not text.isascii() or not text.isdigit() or len(text) > 5:
            raise Invalid("size must be a number of pixels.", field="size")
        return int(text)
