"""Both stores of files: the folder always, a real S3 server with `-m services`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from storage.files import Files, LocalFiles
from storage.files.s3 import S3Files
from storage.files.s3_bucket import S3Address, S3Patience
from tests.services.exercised import exercised
from tests.services.minio import ACCESS, BUCKET, SECRET, MinioServer, running_minio

_numbers = count()
PART_BYTES = 5 << 20


def bucket_at(server: MinioServer, *, prefix: str = "", secret: str = SECRET, **patience: float) -> S3Files:
    """The server's bucket, in a corner of this test's own; not yet started."""
    address = S3Address(BUCKET, server.url, "us-east-1", ACCESS, secret, "path")
    wanted = {"connect_s": 2.0, "read_s": 5.0, "attempts": 4, "connections": 20, **patience}
    return S3Files(
        address,
        prefix=prefix or f"corner-{next(_numbers)}",
        patience=S3Patience(**wanted),  # type: ignore[arg-type]
        part_bytes=PART_BYTES,
    )


@pytest.fixture(scope="session")
def minio() -> Iterator[MinioServer]:
    with running_minio() as server:
        yield server


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.services)])
async def files(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Files]:
    if request.param == "local":
        yield LocalFiles(tmp_path / "kept")
        return
    far = bucket_at(request.getfixturevalue("minio"))
    await far.start()
    exercised("MinIO through aiobotocore")
    yield far
    await far.stop()


@pytest.fixture
async def bucket(minio: MinioServer) -> AsyncIterator[S3Files]:
    far = bucket_at(minio)
    await far.start()
    exercised("MinIO through aiobotocore")
    yield far
    await far.stop()
