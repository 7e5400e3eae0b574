"""PUT, HEAD, GET and DELETE /upload/{id}: the bytes of a resumable upload, in order, going on where they stopped.

Owns Content-Range and the status codes: 308 while bytes are missing, 200 when all are here, 409 with the offset where
to go on. Refuses to know what is uploaded.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from tornado.web import HTTPError, stream_request_body

from handlers.streamed_body import StreamedBody
from services.errors import Invalid, TooLarge, TuttiError
from services.scopes import Scope
from services.uploads.resumable import Reception, WrongOffset
from services.viewer import Role
from storage.records import Upload

_RANGE = re.compile(r"bytes\s+(?:(\d{1,15})-(\d{1,15})|\*)/(\d{1,15})", re.ASCII | re.IGNORECASE)
RESUME = 308


@stream_request_body
class UploadHandler(StreamedBody):
    """One upload's door; for its owner alone."""

    access = Role.ARTIST
    scope: ClassVar[str | None] = Scope.UPLOAD
    cors_methods = "GET, HEAD, PUT, DELETE, OPTIONS"
    reception: Reception | None = None
    offset: int | None = None

    async def prepare(self) -> None:
        """Refuse before a byte is stored."""
        try:
            await super().prepare()
            if self.request.method == "PUT":
                await self._open(self.path_args[0])
        except (TuttiError, HTTPError) as refusal:
            self.refuse(refusal)

    async def _open(self, id: str) -> None:
        resumable = self.house.uploads.resumable
        upload = await resumable.get(self.current_viewer, id)
        self.offset = upload.received
        length = self.body_length
        first, last, total = _range(self.request.headers.get("Content-Range"), length, upload)
        if first is None or last is None:
            if length:
                raise Invalid("A question for the status has no body.", field="Content-Range")
            return
        if length is None:
            raise HTTPError(411)
        if length != last - first + 1:
            raise Invalid("Content-Length and Content-Range disagree.", field="Content-Range")
        if length > self.house.uploads.limits.max_bytes:
            raise TooLarge(f"An upload may have {self.house.uploads.limits.max_bytes} bytes.")
        self.reception = await resumable.receive(self.current_viewer, id, first=first, last=last, total=total)
        self.expect_body(length)

    async def data_received(self, chunk: bytes) -> None:
        """The next bytes go to disk; after a refusal they are passed over."""
        if self.reception is not None and self.refused is None:
            try:
                await self.reception.write(chunk)
            except TuttiError as refusal:
                self.refused = refusal
                await _leave(self.reception)
                self.offset = self.reception.upload.received

    async def put(self, id: str) -> None:
        """Take the range in, or tell how far the upload has come."""
        if self.refused is not None:
            raise self.refused
        if self.reception is None:
            self._tell(await self.house.uploads.resumable.get(self.current_viewer, id))
            return
        try:
            self._tell(await self.reception.finish())
        finally:
            self.offset = self.reception.upload.received

    async def get(self, id: str) -> None:
        """How far the upload has come."""
        if self.refused is not None:
            raise self.refused
        upload = await self.house.uploads.resumable.get(self.current_viewer, id)
        self._tell(upload, status=200)

    async def head(self, id: str) -> None:
        """As GET, in headers alone."""
        await self.get(id)

    async def delete(self, id: str) -> None:
        """End the upload."""
        if self.refused is not None:
            raise self.refused
        await self.house.uploads.resumable.cancel(self.current_viewer, id)
        self.set_status(204)
        self.finish()

    def on_connection_close(self) -> None:
        """The sender left: what came is kept."""
        if self.reception is not None:
            self.house.uploads.staging.later(_leave(self.reception))
        super().on_connection_close()

    def _tell(self, upload: Upload, status: int | None = None) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("Upload-Offset", str(upload.received))
        self.set_header("Upload-Length", str(upload.size))
        if upload.received:
            self.set_header("Range", f"bytes=0-{upload.received - 1}")
        shown: dict[str, Any] = {
            "id": upload.id,
            "fileName": upload.file_name,
            "size": upload.size,
            "received": upload.received,
            "isComplete": upload.is_complete,
        }
        self.write_json(shown, status or (200 if upload.is_complete else RESUME))

    def write_refusal(self, shown: dict[str, Any]) -> None:
        """With the offset where to go on, where the viewer may know of the upload."""
        if self.offset is not None:
            self.set_header("Upload-Offset", str(self.offset))
        super().write_refusal(shown)

    def refuse(self, refusal: TuttiError | HTTPError) -> None:
        """As every streamed body's, remembering the offset."""
        if isinstance(refusal, WrongOffset):
            self.offset = refusal.received
        super().refuse(refusal)


async def _leave(reception: Reception) -> None:
    try:
        await reception.leave()
    except TuttiError:
        # Nobody is there to hear that the rest could not be kept; the status tells what could.
        return


def _range(header: str | None, length: int | None, upload: Upload) -> tuple[int | None, int | None, int]:
    """First and last byte and the whole size; (None, None, size) for a question. Invalid for anything else."""
    if header is None:
        # Without a range the body is the whole file.
        return 0, max(0, (length or 0) - 1), upload.size
    found = _RANGE.fullmatch(header.strip())
    if found is None:
        raise Invalid("Content-Range is written `bytes 0-1023/4096`, or `bytes */4096`.", field="Content-Range")
    if found[1] is None:
        return None, None, int(found[3])
    return int(found[1]), int(found[2]), int(found[3])
