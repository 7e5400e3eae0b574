"""`GET /download/{downloadId}/{songId}` and `/download/{downloadId}/manifest.json`: what devices keep, and its papers.

Parses who asks and for which part. Refuses to know licences, songs and signatures. The keys that signatures are
checked with are at `/.well-known/jwks.json`.
"""

from __future__ import annotations

from typing import ClassVar

import orjson

from handlers.base import BaseHandler
from handlers.stream import StreamHandler, disposition
from handlers.ticketed import TicketedHandler
from services.audio.ranges import Plan
from services.audio.sound import Sound
from services.downloads.manifests import ticket_subject
from services.errors import Invalid
from services.scopes import Scope
from services.viewer import NOBODY, Role, Viewer

_NUMBER_LIMIT = 15


class DownloadHandler(StreamHandler):
    """A song of a download, whole or in ranges, byte for byte what the manifest says."""

    access: ClassVar[str] = Role.LISTENER
    scope: ClassVar[str | None] = Scope.STREAM
    cors_methods: ClassVar[str] = "GET, HEAD, OPTIONS"
    sent_as: ClassVar[str] = "attachment"
    takes_guests: ClassVar[bool] = False

    async def get(self, download_id: str, song_id: str = "") -> None:  # type: ignore[override]
        """The sound as a file to keep: 200, 206, 304, 412 or 416 as `/stream` has it; refusals as JSON."""
        sound = await self.house.download_fetching.open(self.current_viewer, download_id, song_id)
        await self._deliver(sound, song_id)

    async def head(self, download_id: str, song_id: str = "") -> None:  # type: ignore[override]
        """The headers of `get`; nothing is encoded for them."""
        await self.get(download_id, song_id)

    def _ticket_subject(self) -> str:
        return ticket_subject(self.path_args[0])

    def _write_head(self, answer: Plan, sound: Sound) -> None:
        super()._write_head(answer, sound)
        if "Content-Disposition" in self._headers:
            self._headers["Content-Disposition"] = disposition(sound.filename, self.sent_as)


class DownloadManifestHandler(TicketedHandler):
    """A page of a download's signed manifest."""

    access: ClassVar[str] = Role.LISTENER
    scope: ClassVar[str | None] = Scope.STREAM
    cors_methods: ClassVar[str] = "GET, OPTIONS"

    async def get(self, download_id: str) -> None:
        """What changed since revision `since` (0: everything), at most `first` songs after the cursor `after`."""
        signed = await self.house.download_manifests.page(
            self.current_viewer,
            download_id,
            since=self._number("since") or 0,
            after=self._argument("after"),
            first=self._number("first"),
        )
        self.set_header("Content-Type", "application/jose+json")
        self.set_header("Cache-Control", "private, no-store")
        self.add_header("Vary", "Authorization")
        body = {"protected": signed.protected, "payload": signed.payload, "signature": signed.signature}
        self.finish(orjson.dumps(body))

    def _ticket_subject(self) -> str:
        return ticket_subject(self.path_args[0])

    def _number(self, name: str) -> int | None:
        text = self._argument(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= _NUMBER_LIMIT):
            raise Invalid(f"{name} must be a number.", field=name)
        return int(text)


class DownloadKeysHandler(BaseHandler):
    """The public keys of the house, for whoever checks a signature of its."""

    access: ClassVar[str] = Role.ANYONE
    cors_methods: ClassVar[str] = "GET, OPTIONS"

    async def viewer(self) -> Viewer:
        """Nobody in particular: a stale token does not matter."""
        return NOBODY

    def get(self) -> None:
        """A JSON Web Key Set."""
        self.set_header("Cache-Control", "public, max-age=3600")
        self.write_json(self.house.download_manifests.public_keys)
