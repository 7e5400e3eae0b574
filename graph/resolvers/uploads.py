"""Songs sent in, and files announced to be sent in pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.errors import NotFound
from services.uploads.details import SongDetails
from storage.records import Song, Upload


@dataclass(slots=True)
class UploadSong:
    """What uploading a song gives."""

    song: Song


@dataclass(slots=True)
class CreateUpload:
    """What announcing an upload gives."""

    upload: Upload


@dataclass(slots=True)
class CancelUpload:
    """What ending an upload gives."""

    success: bool = True


RECORDS = {
    "UploadSong": UploadSong,
    "ResumableUpload": Upload,
    "CreateUpload": CreateUpload,
    "CancelUpload": CancelUpload,
}


@resolves("Mutation.uploadSong")
async def upload_song(
    _: None,
    info: Info,
    audio_file: str | None = None,
    audio_upload: Any = None,
    upload_id: str | None = None,
    **words: Any,
) -> UploadSong:
    """The new song."""
    uploads, viewer = info.context.house.uploads, info.context.viewer
    source = {"audio_file": audio_file, "audio_upload": audio_upload, "upload_id": upload_id}
    return UploadSong(await uploads.upload_song(viewer, SongDetails(**words), **source))


@resolves("Mutation.createUpload")
async def create_upload(_: None, info: Info, file_name: str, size: int, sha256: str | None = None) -> CreateUpload:
    """A new upload."""
    create = info.context.house.uploads.resumable.create
    return CreateUpload(await create(info.context.viewer, file_name=file_name, size=size, sha256=sha256))


@resolves("Mutation.cancelUpload")
async def cancel_upload(_: None, info: Info, upload_id: str) -> CancelUpload:
    """The upload's end."""
    await info.context.house.uploads.resumable.cancel(info.context.viewer, upload_id)
    return CancelUpload()


@resolves("Query.upload")
async def upload(_: None, info: Info, id: str) -> Upload | None:
    """One's own upload, None when there is none."""
    try:
        return await info.context.house.uploads.resumable.get(info.context.viewer, id)
    except NotFound:
        return None


@resolves("ResumableUpload.url")
def url(upload: Upload, _info: Info) -> str:
    """Where its bytes go."""
    return f"/upload/{upload.id}"
