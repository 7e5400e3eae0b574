"""Opening a song of a download: only what its manifest holds, only while its licence lives, only the very bytes.

Refuses to know HTTP. Remembers which songs the last downloads hold, so that a range of a long one costs a small read.
"""

from __future__ import annotations

from collections import OrderedDict

from services.audio.delivery import Deliveries
from services.audio.sound import Sound
from services.downloads.downloads import Downloads
from services.downloads.licences import Licences
from services.downloads.song_list import Item, ItemState, items_of
from services.downloads.sums import tag_of
from services.errors import Conflict, Gone, NotFound
from services.viewer import Viewer
from storage.records.download import Download

_REMEMBERED = 16


class Fetching:
    """Opens what was downloaded."""

    def __init__(self, downloads: Downloads, licences: Licences, deliveries: Deliveries) -> None:
        self._downloads = downloads
        self._licences = licences
        self._deliveries = deliveries
        self._books: OrderedDict[str, tuple[int, dict[str, Item]]] = OrderedDict()

    async def open(self, viewer: Viewer, download_id: str, song_id: str) -> Sound:
        """The sound of a song of the viewer's download, byte for byte what the manifest says; `close` it.

        NotFound when the download is not theirs or does not hold the song; as `Licences.check`; Conflict: NOT_READY
        while it is prepared, RENDITION_CHANGED when its file is another by now (it is prepared anew; sync), the code of
        a failure; Gone (ITEM_REVOKED) when the viewer may not hear it any more.
        """
        frame = await self._downloads.frame(viewer, download_id)
        await self._licences.check(viewer, frame)
        item = (await self._book(viewer, frame)).get(song_id)
        if item is None:
            raise NotFound("There is no such song in this download.")
        if item.state is ItemState.PREPARING:
            raise Conflict("This song is not ready yet.", code="NOT_READY", retry_after=5)
        if item.state is ItemState.FAILED:
            raise Conflict("This song cannot be had just now; sync to try again.", code=item.failure)
        try:
            sound = await self._deliveries.open(viewer, song_id, frame.quality, wished=frame.format)
        except NotFound:
            raise Gone("This song may not be heard any more; sync.", code="ITEM_REVOKED") from None
        if tag_of(sound) != item.rendition:
            sound.close()
            await self._downloads.renew_songs(download_id, [song_id])
            raise Conflict("This song has changed; sync.", code="RENDITION_CHANGED")
        return sound

    async def _book(self, viewer: Viewer, frame: Download) -> dict[str, Item]:
        kept = self._books.get(frame.id)
        if kept is None or kept[0] != frame.revision:
            download = await self._downloads.get(viewer, frame.id)
            book = {item.song_id: item for item in items_of(download, 0, download.song_count)}
            kept = self._books[frame.id] = (download.revision, book)
            while len(self._books) > _REMEMBERED:
                self._books.popitem(last=False)
        self._books.move_to_end(frame.id)
        return kept[1]
