"""Bringing a file to an object store: in one request, or in parts that are all there or none.

Owns reading, hashing and the giving up of what broke off. Refuses to know where keys come from.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from storage.files.interface import FilesAway, NoSuchFile
from storage.files.s3_bucket import S3Bucket

PARTS_AT_ONCE = 2
_PARTS_LIMIT = 9_000
"""A store takes 10,000 parts of one object."""
_ABORT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class _Part:
    number: int
    start: int
    size: int


class S3Upload:
    """Uploads to one bucket; at most two parts of one file are held in memory."""

    def __init__(self, bucket: S3Bucket, part_bytes: int) -> None:
        self._bucket = bucket
        self._part_bytes = part_bytes

    async def put(self, name: str, data: bytes, sha256: str) -> None:
        """Keep bytes as the object `name`."""
        proof = await asyncio.to_thread(_md5, data)
        await self._bucket.ask(
            "put_object",
            Key=name,
            Body=BytesIO(data),
            ContentLength=len(data),
            ContentMD5=proof,
            Metadata={"sha256": sha256},
        )

    async def put_file(self, name: str, source: Path, size: int, sha256: str) -> None:
        """Keep a file of this size and hash as the object `name`. FilesAway when it changed meanwhile."""
        if size <= self._part_bytes:
            data = await asyncio.to_thread(source.read_bytes)
            if len(data) != size:
                raise FilesAway("The file changed while it was sent.")
            await self.put(name, data, sha256)
            return
        upload_id = await self._begin(name, sha256)
        try:
            tags = await self._send_parts(name, source, size, upload_id)
            await self._bucket.ask(
                "complete_multipart_upload", Key=name, UploadId=upload_id, MultipartUpload={"Parts": tags}
            )
        except BaseException:
            await self._abort(name, upload_id)
            raise

    async def _begin(self, name: str, sha256: str) -> str:
        """The id of a new upload in parts. Cancelled here, it is waited for and taken back all the same."""
        asking = asyncio.create_task(
            self._bucket.ask("create_multipart_upload", Key=name, Metadata={"sha256": sha256}), name=f"begin {name}"
        )
        try:
            answer = await asyncio.shield(asking)
        except asyncio.CancelledError:
            with contextlib.suppress(FilesAway):
                await self._abort(name, (await asking)["UploadId"])
            raise
        upload_id: str = answer["UploadId"]
        return upload_id

    async def _send_parts(self, name: str, source: Path, size: int, upload_id: str) -> list[dict[str, Any]]:
        length = max(self._part_bytes, -(-size // _PARTS_LIMIT))
        parts = [
            _Part(number, start, min(length, size - start)) for number, start in enumerate(range(0, size, length), 1)
        ]
        waiting = iter(parts)
        tags: dict[int, str] = {}

        async def send() -> None:
            for part in waiting:
                data, proof = await asyncio.to_thread(_read, source, part)
                answer = await self._bucket.ask(
                    "upload_part",
                    Key=name,
                    UploadId=upload_id,
                    PartNumber=part.number,
                    Body=BytesIO(data),
                    ContentLength=part.size,
                    ContentMD5=proof,
                )
                tags[part.number] = answer["ETag"]

        senders = [asyncio.create_task(send(), name=f"upload {name}") for _ in range(PARTS_AT_ONCE)]
        try:
            await asyncio.gather(*senders)
        finally:
            for sender in senders:
                sender.cancel()
            await asyncio.gather(*senders, return_exceptions=True)
        return [{"PartNumber": part.number, "ETag": tags[part.number]} for part in parts]

    async def _abort(self, name: str, upload_id: str) -> None:
        """Take back the parts that are there. A store that is away keeps them until the sweep."""

        async def abort() -> None:
            with contextlib.suppress(FilesAway, NoSuchFile, TimeoutError):
                async with asyncio.timeout(_ABORT_SECONDS):
                    await self._bucket.ask("abort_multipart_upload", name, Key=name, UploadId=upload_id)

        # Who is cancelled here waits all the same: what was begun is taken back before anybody hears of it.
        work = asyncio.create_task(abort(), name=f"abort upload {name}")
        cancelled = False
        while not work.done():
            try:
                await asyncio.shield(work)
            except asyncio.CancelledError:
                cancelled = True
        if cancelled:
            raise asyncio.CancelledError


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def _read(source: Path, part: _Part) -> tuple[bytes, str]:
    with source.open("rb") as file:
        data = os.pread(file.fileno(), part.size, part.start)
        while len(data) < part.size and (
            more := os.pread(file.fileno(), part.size - len(data), part.start + len(data))
        ):
            data += more
    if len(data) != part.size:
        raise FilesAway("The file changed while it was sent.")
    return data, _md5(data)
