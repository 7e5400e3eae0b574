"""What uploads are asked, and their steps from one state to the next, each one atomic."""

from __future__ import annotations

from datetime import datetime

from storage.collections.collection import Collection
from storage.engine import Engine
from storage.records import Upload, UploadState

SWEEP_PAGE = 200


class Uploads(Collection[Upload]):
    """Uploads by their owner, their end of life and their state."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, "uploads", Upload)

    async def open_count(self, user_id: str, limit: int) -> int:
        """How many unfinished or unused resumable uploads somebody has, counted up to `limit`."""
        states = [UploadState.OPEN.value, UploadState.COMPLETE.value]
        wanted = {"user_id": user_id, "state": {"$in": states}, "is_direct": False}
        return await self.count(wanted, limit=limit)

    async def advance(self, upload: Upload, received: int, at: datetime, state: UploadState) -> bool:
        """Note that `received` bytes are on disk; False when somebody else wrote meanwhile."""
        condition = {"_id": upload.id, "state": UploadState.OPEN.value, "received": upload.received}
        fields = {"received": received, "updated_at": at, "state": state.value}
        return (await self.update(condition, {"$set": fields})).matched == 1

    async def begin_taking(self, id: str, song_id: str, file_key: str, at: datetime) -> bool:
        """Reserve a complete upload for one song; False when it is not there to be had."""
        fields = {"state": UploadState.TAKING.value, "song_id": song_id, "file_key": file_key, "updated_at": at}
        return (await self.update({"_id": id, "state": UploadState.COMPLETE.value}, {"$set": fields})).matched == 1

    async def end_taking(self, id: str, at: datetime, *, used: bool) -> None:
        """The song is written, or it came to nothing and the upload is as it was."""
        condition = {"_id": id, "state": UploadState.TAKING.value}
        if used:
            await self.update(condition, {"$set": {"state": UploadState.USED.value, "updated_at": at}})
            return
        back = {"state": UploadState.COMPLETE.value, "updated_at": at}
        await self.update(condition, {"$set": back, "$unset": {"song_id": "", "file_key": ""}})

    async def expired(self, now: datetime) -> list[Upload]:
        """Some of those whose time is over and that nobody is just making a song of."""
        states = [UploadState.OPEN.value, UploadState.COMPLETE.value, UploadState.USED.value]
        wanted = {"expires_at": {"$lt": now}, "state": {"$in": states}}
        return await self.find(wanted, sort=[("expires_at", 1)], limit=SWEEP_PAGE)

    async def taking(self) -> list[Upload]:
        """Some of those that are becoming songs, the oldest first: being written, or left by a process that is gone."""
        return await self.find({"state": UploadState.TAKING.value}, sort=[("updated_at", 1)], limit=SWEEP_PAGE)
