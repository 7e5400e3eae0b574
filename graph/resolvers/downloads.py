"""Downloads: what devices keep, what changed of it, and the devices themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.audio.renditions import Format
from services.downloads.manifests import item_url, manifest_url
from services.downloads.parts import order_in, songs_in
from services.downloads.song_list import GoneItem, GoneReason, Item, ItemState
from services.errors import NotFound
from services.paging import Page, slice_of
from storage.records.download import Download, DownloadDevice, DownloadKind, DownloadState, RevokeReason


@dataclass(slots=True)
class DownloadAnswer:
    """What asking for, or ending, a download gives."""

    download: Download


@dataclass(slots=True)
class OneItem:
    """A song of a download, with the download it is of."""

    download: Download
    item: Item

    @property
    def song_id(self) -> str:
        """The song's id."""
        return self.item.song_id

    @property
    def state(self) -> ItemState:
        """Whether it can be fetched."""
        return self.item.state

    @property
    def reason(self) -> str | None:
        """Why it cannot be had."""
        return self.item.failure or None

    @property
    def revision(self) -> int:
        """When it last changed."""
        return self.item.revision

    @property
    def etag(self) -> str | None:
        """The entity tag of its bytes."""
        return f'"{self.item.rendition}"' if self.item.rendition else None

    @property
    def size_bytes(self) -> float | None:
        """Its size."""
        return float(self.item.size) if self.item.rendition else None


@dataclass(slots=True)
class SyncDownload:
    """What changed in a download."""

    download: Download
    is_reset: bool
    added: list[OneItem]
    changed: list[OneItem]
    removed: list[GoneItem]
    next_cursor: str | None
    since: int
    after: str | None
    first: int


@dataclass(slots=True)
class RemoveDownloadDevice:
    """What removing a device gives."""

    devices: list[DownloadDevice]


@dataclass(slots=True)
class DownloadLicence:
    """How long a download may be played."""

    download: Download

    @property
    def issued_at(self) -> Any:
        """When it was given."""
        return self.download.issued_at

    @property
    def expires_at(self) -> Any:
        """When it runs out."""
        return self.download.expires_at

    @property
    def revoked_at(self) -> Any:
        """When it was ended."""
        return self.download.revoked_at

    @property
    def reason(self) -> str | None:
        """Why it was ended."""
        return self.download.revoke_reason


RECORDS = {
    "Download": Download,
    "DownloadItem": OneItem,
    "DownloadDevice": DownloadDevice,
    "DownloadLicence": DownloadLicence,
    "RemovedDownloadItem": GoneItem,
    "RequestDownload": DownloadAnswer,
    "RevokeDownload": DownloadAnswer,
    "SyncDownload": SyncDownload,
    "RemoveDownloadDevice": RemoveDownloadDevice,
}
ENUMS = {
    "DownloadKind": DownloadKind,
    "DownloadState": DownloadState,
    "DownloadFormat": Format,
    "DownloadEnd": RevokeReason,
    "DownloadItemState": ItemState,
    "DownloadRemoval": GoneReason,
}


@resolves("Query.download")
async def download(_: None, info: Info, id: str) -> Download | None:
    """One of the viewer's downloads."""
    try:
        return await info.context.house.downloads.frame(info.context.viewer, id)
    except NotFound:
        return None


@resolves("Query.myDownloads")
async def my_downloads(_: None, info: Info, device_id: str | None = None, **part: Any) -> Page[Download]:
    """A page of the viewer's downloads."""
    own, counted = info.context.house.downloads.own, asks_for(info, "totalCount")
    return await own(info.context.viewer, slice_of(**part), device_id=device_id, counted=counted)


@resolves("Query.myDownloadDevices")
async def my_download_devices(_: None, info: Info) -> list[DownloadDevice]:
    """The viewer's devices."""
    return await info.context.house.download_devices.own(info.context.viewer)


@resolves("Mutation.requestDownload")
async def request_download(_: None, info: Info, format: Format | None = None, **words: Any) -> DownloadAnswer:
    """The download."""
    request = info.context.house.downloads.request
    return DownloadAnswer(await request(info.context.viewer, form=format, **words))


@resolves("Mutation.syncDownload")
async def sync_download(
    _: None, info: Info, id: str, known_revision: int, after: str | None = None, first: int | None = 100
) -> SyncDownload:
    """What changed."""
    synced = await info.context.house.downloads.sync(info.context.viewer, id, known_revision, after, first)
    items = [OneItem(synced.download, item) for item in synced.changes.items]
    return SyncDownload(
        synced.download,
        synced.changes.is_reset,
        [each for each in items if each.item.is_new],
        [each for each in items if not each.item.is_new],
        synced.changes.gone,
        synced.changes.cursor,
        known_revision,
        after,
        100 if first is None else first,
    )


@resolves("Mutation.revokeDownload")
async def revoke_download(_: None, info: Info, id: str) -> DownloadAnswer:
    """The download, over."""
    return DownloadAnswer(await info.context.house.downloads.revoke(info.context.viewer, id))


@resolves("Mutation.removeDownloadDevice")
async def remove_download_device(_: None, info: Info, device_id: str) -> RemoveDownloadDevice:
    """The viewer's other devices."""
    return RemoveDownloadDevice(await info.context.house.downloads.remove_device(info.context.viewer, device_id))


@resolves("Download.playlist")
def playlist(download: Download, info: Info) -> Any:
    """The playlist it follows."""
    return info.context.loaders.playlists.load(download.target_id if download.kind == DownloadKind.PLAYLIST else None)


@resolves("Download.album")
def album(download: Download, info: Info) -> Any:
    """The album it follows."""
    return info.context.loaders.albums.load(download.target_id if download.kind == DownloadKind.ALBUM else None)


@resolves("Download.progress")
def progress(download: Download, _info: Info) -> float:
    """How much is ready."""
    return (download.ready_count + download.failed_count) / download.song_count if download.song_count else 1.0


@resolves("Download.licence")
def licence(download: Download, _info: Info) -> DownloadLicence:
    """How long it may be played."""
    return DownloadLicence(download)


@resolves("Download.manifestUrl")
def download_manifest(download: Download, info: Info) -> str | None:
    """Where its manifest is."""
    return manifest_url(download, info.context.house.download_manifests.ticket(info.context.viewer, download))


@resolves("SyncDownload.manifestUrl")
def sync_manifest(synced: SyncDownload, info: Info) -> str | None:
    """Where the manifest of these changes is."""
    ticket = info.context.house.download_manifests.ticket(info.context.viewer, synced.download)
    return manifest_url(synced.download, ticket, since=synced.since, after=synced.after, first=synced.first)


@resolves("Download.items")
def items(download: Download, info: Info, **part: Any) -> Any:
    """Some of its songs."""
    rows = slice_of(**part)

    def some(whole: Download | None) -> list[OneItem]:
        return [OneItem(download, item) for item in songs_in(whole, rows)]

    return info.context.loaders.download_songs.ask(download.id, some)


@resolves("Download.order")
def order(download: Download, info: Info, limit: int = 1000, offset: int = 0) -> Any:
    """Its songs' ids as they are played."""
    return info.context.loaders.download_songs.ask(download.id, lambda whole: order_in(whole, limit, offset))


@resolves("DownloadItem.song")
def song(one: OneItem, info: Info) -> Any:
    """The song."""
    return info.context.loaders.songs.load(one.item.song_id)


@resolves("DownloadItem.url")
def url(one: OneItem, info: Info) -> str | None:
    """Where its sound is."""
    ticket = info.context.house.download_manifests.ticket(info.context.viewer, one.download)
    return item_url(one.download.id, one.item.song_id, ticket) if one.item.rendition and ticket else None
