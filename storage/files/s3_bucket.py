"""One bucket of an object store, asked through aiobotocore: connection, retries, and faults in our own words.

Owns the client and what its errors mean; no credential gets into a message or a log. Refuses to know keys and files.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from storage.files.interface import FilesAway, NoSuchFile

QUIET = ("botocore", "aiobotocore", "aiohttp")
"""Loggers that would tell signatures and addresses at their lower levels."""

_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_REFUSED = frozenset({
    "401", "403", "AccessDenied", "AuthorizationHeaderMalformed", "ExpiredToken", "InvalidAccessKeyId",
    "SignatureDoesNotMatch", "RequestTimeTooSkewed",
})  # fmt: skip
_FULL = frozenset({"507", "EntityTooLarge", "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"})


class PastTheEnd(Exception):
    """A range begins behind the last byte."""


@dataclass(frozen=True, slots=True)
class S3Address:
    """Which bucket, where and as whom. `endpoint` empty: AWS; keys empty: those the machine has been given."""

    bucket: str
    endpoint: str = ""
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: str = ""
    addressing: str = "auto"

    def __repr__(self) -> str:
        """Without the keys."""
        return f"S3Address({self.bucket!r}, {self.endpoint!r}, {self.region!r})"


@dataclass(frozen=True, slots=True)
class S3Patience:
    """How long and how often is tried. Seconds; `attempts` counts the first one too."""

    connect_s: float = 5.0
    read_s: float = 30.0
    attempts: int = 4
    connections: int = 100


class S3Bucket:
    """The bucket. `ask` for one operation; between `start` and `stop`."""

    def __init__(self, address: S3Address, patience: S3Patience) -> None:
        self.address = address
        self.patience = patience
        self._client: Any = None
        self._undo = AsyncExitStack()

    async def start(self) -> None:
        """Make the client; nothing is asked yet."""
        # 47 MB that only those who keep files in S3 have to load.
        from aiobotocore.config import AioConfig
        from aiobotocore.session import get_session

        for name in QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
        at, patience = self.address, self.patience
        config = AioConfig(
            signature_version="s3v4",
            connect_timeout=patience.connect_s,
            read_timeout=patience.read_s,
            max_pool_connections=patience.connections,
            retries={"total_max_attempts": patience.attempts, "mode": "standard"},
            # Bodies are proven by Content-MD5, made on a worker thread: hashing for the signature would hold the loop.
            s3={"addressing_style": at.addressing, "payload_signing_enabled": False},
            # Other stores than AWS refuse the newer checksums, or answer with trailers that nobody asked for.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        with self._faults(""):
            self._client = await self._undo.enter_async_context(
                get_session().create_client(
                    "s3",
                    endpoint_url=at.endpoint or None,
                    region_name=at.region or None,
                    aws_access_key_id=at.access_key or None,
                    aws_secret_access_key=at.secret_key or None,
                    config=config,
                )
            )

    async def stop(self) -> None:
        """Close all connections."""
        self._client = None
        await self._undo.aclose()

    async def ask(self, operation: str, key: str = "", **arguments: Any) -> Any:
        """One operation's answer. NoSuchFile for `key`, PastTheEnd, FilesAway."""
        with self._faults(key):
            return await getattr(self._started(), operation)(Bucket=self.address.bucket, **arguments)

    async def presign(self, operation: str, expires_s: int, **arguments: Any) -> str:
        """An address by which anybody may do this operation for so long."""
        with self._faults(""):
            url: str = await self._started().generate_presigned_url(
                operation, Params={"Bucket": self.address.bucket, **arguments}, ExpiresIn=expires_s
            )
        return url

    def _started(self) -> Any:
        if self._client is None:
            raise FilesAway("The object store is not connected.")
        return self._client

    @contextmanager
    def _faults(self, key: str) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        # The original is not chained: its text may hold a signed address.
        try:
            yield
        except ClientError as fault:
            raise self._told(fault.response, key) from None
        except (BotoCoreError, OSError, TimeoutError, asyncio.IncompleteReadError) as fault:
            raise FilesAway(f"The object store does not answer ({type(fault).__name__}).") from None
        except ValueError as fault:
            raise FilesAway(f"The object store cannot be asked so: {type(fault).__name__}.", "FILES_REFUSED") from None

    def _told(self, response: dict[str, Any], key: str) -> Exception:
        code = str(response.get("Error", {}).get("Code", ""))
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code == "NoSuchBucket":
            return FilesAway(f"There is no bucket {self.address.bucket}.", "FILES_REFUSED")
        if code in _ABSENT and key:
            return NoSuchFile(key)
        if code in ("416", "InvalidRange"):
            return PastTheEnd()
        if code in _REFUSED or status in (401, 403):
            return FilesAway(
                f"The object store refuses us ({code}): see the key, its secret and rights.", "FILES_REFUSED"
            )
        if code in _FULL or status == 507:
            return FilesAway(f"The object store is full ({code}).", "STORAGE_FULL")
        return FilesAway(f"The object store answers {code or status}.")
