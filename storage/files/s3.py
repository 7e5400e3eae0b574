"""Files kept in an object store that speaks S3: AWS, MinIO, Ceph, Garage, R2 and others.

Owns names in the bucket, reading on after a broken connection, and signed addresses. Refuses to know what the bytes
are. A PUT of an object is whole or not there, so no temporary names are needed.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.files.interface import CHUNK_BYTES, FileFacts, FilesAway, NoSuchFile, check_key, content_key
from storage.files.s3_bucket import PastTheEnd, S3Address, S3Bucket, S3Patience
from storage.files.s3_upload import S3Upload

PART_BYTES = 8 << 20
_KEPT_FOR_OTHERS = 8
"""Connections that are never given to listeners, so that uploads and looks need not wait for a song's end."""
_BACKOFF_S = 0.25
_BACKOFF_MOST_S = 5.0


class S3Files:
    """Files in one bucket, under `prefix`. `start` it first."""

    name = "s3"

    def __init__(
        self,
        address: S3Address,
        *,
        prefix: str = "",
        patience: S3Patience | None = None,
        part_bytes: int = PART_BYTES,
    ) -> None:
        self._patience = patience or S3Patience()
        self._bucket = S3Bucket(address, self._patience)
        self._upload = S3Upload(self._bucket, part_bytes)
        self._prefix = f"{check_key(prefix.strip('/'))}/" if prefix.strip("/") else ""
        self._readers = asyncio.Semaphore(max(1, self._patience.connections - _KEPT_FOR_OTHERS))

    async def start(self) -> None:
        """Make the client; the store itself is not asked."""
        await self._bucket.start()

    async def stop(self) -> None:
        """Close all connections."""
        await self._bucket.stop()

    async def ping(self) -> str:
        """Ask for the bucket."""
        try:
            await self._bucket.ask("head_bucket", "bucket")
        except NoSuchFile:
            bucket = self._bucket.address.bucket
            raise FilesAway(f"There is no bucket {bucket}.", "FILES_REFUSED") from None
        at = self._bucket.address
        return f"bucket {at.bucket} at {at.endpoint or 'AWS'}"

    async def put(self, key: str, data: bytes) -> FileFacts:
        """Keep these bytes under the key."""
        name = self._name(key)
        sha256 = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        await self._upload.put(name, data, sha256)
        return FileFacts(key, len(data), 0, sha256)

    async def put_all(self, files: Mapping[str, bytes]) -> None:
        """Keep several, one after the other."""
        for key, data in files.items():
            await self.put(key, data)

    async def put_file(self, key: str, source: Path, *, may_link: bool = False) -> FileFacts:
        """Keep a local file's bytes; large ones go in parts, of which nothing is left when it fails."""
        del may_link
        name = self._name(key)
        size, modified_ns, sha256 = await asyncio.to_thread(_survey, source)
        await self._upload.put_file(name, source, size, sha256)
        return FileFacts(key, size, modified_ns, sha256)

    async def put_content(self, folder: str, source: bytes | Path, suffix: str) -> FileFacts:
        """Keep bytes under a key made of their SHA-256."""
        size, _, sha256 = await asyncio.to_thread(_survey, source)
        key = content_key(folder, sha256, suffix)
        known = await self.look(key)
        if known is not None and known.size == size:
            return FileFacts(key, size, known.modified_ns, sha256)
        if isinstance(source, bytes):
            await self._upload.put(self._name(key), source, sha256)
        else:
            await self._upload.put_file(self._name(key), source, size, sha256)
        return FileFacts(key, size, 0, sha256)

    async def get(self, key: str) -> bytes | None:
        """All bytes."""
        try:
            return b"".join([piece async for piece in self.read(key)])
        except NoSuchFile:
            return None

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes from `start` up to `end`, as they arrive: little is held, and a slow reader slows the store.

        A connection that breaks is made again where it broke, as long as the object is still the same one.
        """
        if end is not None and start >= end:
            await self._facts(key)
            return
        async with self._place():
            at, tag, faults = start, "", 0
            while end is None or at < end:
                try:
                    answer = await self._ask_for(key, at, end, tag)
                except PastTheEnd:
                    return
                except FilesAway:
                    # The client has tried often enough before the first byte; in the middle a restart may be longer.
                    faults += 1
                    if not tag or faults >= self._patience.attempts:
                        raise
                    await _wait(faults)
                    continue
                end = min(_total(answer), _total(answer) if end is None else end)
                tag = answer["ETag"]
                body = answer["Body"]
                try:
                    while at < end:
                        piece = await _piece(body, min(CHUNK_BYTES, end - at))
                        if not piece:
                            break
                        at += len(piece)
                        faults = 0
                        yield piece
                finally:
                    # Closes the connection unless all was read: who stops early ends the request.
                    body.close()
                if at < end:
                    faults += 1
                    if faults >= self._patience.attempts:
                        raise FilesAway("The object store broke off.")
                    await _wait(faults)

    async def look(self, key: str) -> FileFacts | None:
        """Size, time and the hash noted at the put."""
        try:
            return await self._facts(key)
        except NoSuchFile:
            return None

    async def exists(self, key: str) -> bool:
        """Whether something is kept there."""
        return await self.look(key) is not None

    async def delete(self, key: str) -> bool:
        """Forget the key. One by one: the bulk request differs between stores."""
        there = await self.exists(key)
        if there:
            await self._bucket.ask("delete_object", Key=self._name(key))
        return there

    async def list(self, folder: str = "") -> AsyncIterator[FileFacts]:
        """Every file below a folder, in the order of their keys."""
        under = f"{self._name(folder)}/" if folder else self._prefix
        more: dict[str, str] = {}
        while True:
            answer = await self._bucket.ask("list_objects_v2", Prefix=under, **more)
            for found in answer.get("Contents", ()):
                key = found["Key"].removeprefix(self._prefix)
                yield FileFacts(key, found["Size"], _ns(found["LastModified"]))
            if not answer.get("IsTruncated"):
                return
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def local_path(self, key: str) -> Path | None:
        """Not on this machine."""
        del key
        return None

    async def url(
        self, key: str, expires_s: int, *, method: str = "GET", content_type: str = "", disposition: str = ""
    ) -> str | None:
        """A signed address. It can be used by anybody who has it, until it ends."""
        told = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
        operation = "head_object" if method == "HEAD" else "get_object"
        arguments = {name: value for name, value in told.items() if value}
        return await self._bucket.presign(operation, expires_s, Key=self._name(key), **arguments)

    async def sweep(self, before: datetime) -> int:
        """Take back the parts of uploads that broke off before a moment."""
        answer = await self._bucket.ask("list_multipart_uploads", Prefix=self._prefix)
        swept = 0
        for upload in answer.get("Uploads", ()):
            if upload["Initiated"] < before:
                try:
                    await self._bucket.ask(
                        "abort_multipart_upload", upload["Key"], Key=upload["Key"], UploadId=upload["UploadId"]
                    )
                except NoSuchFile:
                    continue
                swept += 1
        return swept

    async def _facts(self, key: str) -> FileFacts:
        answer = await self._bucket.ask("head_object", key, Key=self._name(key))
        noted = answer.get("Metadata", {}).get("sha256")
        return FileFacts(key, answer["ContentLength"], _ns(answer["LastModified"]), noted)

    async def _ask_for(self, key: str, at: int, end: int | None, tag: str) -> Any:
        wanted: dict[str, str] = {"IfMatch": tag} if tag else {}
        if at or end is not None:
            wanted["Range"] = f"bytes={at}-" if end is None else f"bytes={at}-{end - 1}"
        return await self._bucket.ask("get_object", key, Key=self._name(key), **wanted)

    def _place(self) -> _Place:
        return _Place(self._readers, self._patience.read_s)

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)


class _Place:
    """A reader's connection, waited for no longer than the store itself would be."""

    def __init__(self, readers: asyncio.Semaphore, wait_s: float) -> None:
        self._readers = readers
        self._wait_s = wait_s

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(self._wait_s):
                await self._readers.acquire()
        except TimeoutError:
            raise FilesAway("Too many files are being read from the object store.") from None

    async def __aexit__(self, *_: object) -> None:
        self._readers.release()


async def _piece(body: Any, count: int) -> bytes:
    """The next bytes; none when the connection broke."""
    from aiohttp import ClientError
    from botocore.exceptions import BotoCoreError

    try:
        piece: bytes = await body.read(count)
    except (BotoCoreError, ClientError, OSError, TimeoutError):
        return b""
    return piece


def _total(answer: Any) -> int:
    """How long the whole object is."""
    told: str | None = answer.get("ContentRange")
    return int(told.rpartition("/")[2]) if told else int(answer["ContentLength"])


def _survey(source: bytes | Path) -> tuple[int, int, str]:
    """Size, time of change and SHA-256. Blocking."""
    if isinstance(source, bytes):
        return len(source), 0, hashlib.sha256(source).hexdigest()
    try:
        with source.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        status = source.stat()
    except OSError as fault:
        raise FilesAway(f"The file cannot be read: {fault.strerror or fault}.") from fault
    return status.st_size, status.st_mtime_ns, sha256


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000_000


async def _wait(faults: int) -> None:
    """Twice as long each time, and never for everybody at once."""
    most = min(_BACKOFF_S * 2**faults, _BACKOFF_MOST_S)
    await asyncio.sleep(random.uniform(most / 2, most))
