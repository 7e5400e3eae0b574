"""Manifests: all that a device needs to play what it fetched without a network, a page at a time, signed by the house.

Owns the notation, which docs/downloads.md tells. Refuses to decide what a download holds and who may have it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from services.accounts.tickets import Tickets
from services.analysis.sound_facts import AlbumLoudness, SoundFacts
from services.catalogue.songs import Songs
from services.clock import Clock
from services.downloads.downloads import Downloads
from services.downloads.licences import Licences
from services.downloads.rules import PAGE_SONGS
from services.downloads.signing import ManifestKeys, SignedText
from services.downloads.song_list import Changes, Item, ItemState
from services.errors import Invalid, NotFound
from services.lyrics.lrc import write_lrc
from services.lyrics.sheets import LyricSheets
from services.pictures.covers import Covers
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Song
from storage.records.download import Download, DownloadState, RenditionSums
from storage.records.sound_analysis import SoundAnalysis

FORMAT = "tutti-download/1"
COVER_PIXELS = 640
LYRICS_LIMIT = 100_000
"""Characters of lyrics that a manifest carries; longer ones are left out."""
_COVERS_REMEMBERED = 2_000


class Manifests:
    """Writes and signs manifests."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        downloads: Downloads,
        licences: Licences,
        songs: Songs,
        sheets: LyricSheets,
        covers: Covers,
        sound_facts: SoundFacts,
        keys: ManifestKeys,
        tickets: Tickets,
    ) -> None:
        self._store = store
        self._clock = clock
        self._downloads = downloads
        self._licences = licences
        self._songs = songs
        self._sheets = sheets
        self._covers = covers
        self._sound_facts = sound_facts
        self._keys = keys
        self._tickets = tickets
        self._cover_sums: OrderedDict[str, dict[str, Any]] = OrderedDict()

    @property
    def public_keys(self) -> dict[str, Any]:
        """The keys that signatures are checked with, as a JSON Web Key Set."""
        return self._keys.public

    async def page(
        self, viewer: Viewer, id: str, *, since: int = 0, after: str | None = None, first: int | None = None
    ) -> SignedText:
        """What changed in a download of the viewer's after revision `since`, with everything about it, signed.

        NotFound when it is not theirs; Gone, PaymentRequired and Denied when its licence does not live; Invalid beyond
        1 to 100 songs, for a revision that never was and for a foreign cursor.
        """
        limit = PAGE_SONGS if first is None else first
        if not 1 <= limit <= PAGE_SONGS:
            raise Invalid(f"first must be from 1 to {PAGE_SONGS}.", field="first")
        await self._licences.check(viewer, await self._downloads.frame(viewer, id))
        download, changes = await self._downloads.changes(viewer, id, since, after, limit)
        page = await self._written(viewer, download, changes)
        return await asyncio.to_thread(self._keys.sign, page)

    def ticket(self, viewer: Viewer, download: Download) -> str | None:
        """What lets the addresses of a download be fetched without a header; None outside a session."""
        if viewer.user_id is None or viewer.session_id is None:
            return None
        return self._tickets.issue(
            user_id=viewer.user_id,
            session_id=viewer.session_id,
            song_id=ticket_subject(download.id),
            quality=download.quality,
        )

    async def sums(self, ids: Sequence[str]) -> dict[str, RenditionSums]:
        """Sums of renditions by id; one store command."""
        return await self._store.rendition_sums.get_many(ids)

    async def _written(self, viewer: Viewer, download: Download, changes: Changes) -> dict[str, Any]:
        sums = await self.sums([item.rendition for item in changes.items if item.rendition])
        forgotten = [item.song_id for item in changes.items if item.rendition and item.rendition not in sums]
        if forgotten:
            await self._downloads.renew_songs(download.id, forgotten)
        songs = await self._songs.get_many(viewer, [item.song_id for item in changes.items])
        had = list(songs.values())
        facts = dict(zip(songs, await self._sound_facts.of_songs(had), strict=True))
        album_ids = list(dict.fromkeys(song.album_id for song in had if song.album_id is not None))
        albums = await self._sound_facts.of_albums(album_ids) if album_ids else {}
        lyrics = await self._lyrics(had)
        covers = await self._cover_facts(had)
        items = []
        for item in changes.items:
            told = _item(download, item, sums.get(item.rendition))
            song = songs.get(item.song_id)
            if song is not None:
                told["song"] = _song(song)
                told["gain"] = _gain(song, facts[song.id], albums.get(song.album_id or ""))
                told["lyrics"] = lyrics.get(song.id)
                told["covers"] = [covers[song.cover_id]] if song.cover_id in covers else []
            items.append(told)
        is_last = changes.cursor is None
        knows_order = changes.since >= download.order_revision and not changes.is_reset and changes.since > 0
        return {
            "format": FORMAT,
            "signedAt": _time(self._clock.now()),
            "licence": licence_of(download),
            "download": {
                "id": download.id,
                "kind": download.kind,
                "targetId": download.target_id,
                "quality": download.quality,
                "format": download.format,
                "songCount": download.song_count,
                "readyCount": download.ready_count,
                "failedCount": download.failed_count,
                "totalBytes": download.total_bytes,
            },
            "since": changes.since,
            "isReset": changes.is_reset,
            "revision": changes.revision,
            "items": items,
            "removed": [{"songId": gone.song_id, "reason": gone.reason} for gone in changes.gone],
            "next": changes.cursor,
            "order": download.order if is_last and not knows_order else None,
        }

    async def _lyrics(self, songs: Sequence[Song]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for song, lyrics in zip(songs, await self._sheets.of_songs(songs), strict=True):
            if lyrics is None:
                continue
            lines = [line for line in lyrics.lines if not line.is_background] or lyrics.lines
            form, text = ("lrc", write_lrc(lines, {}) + "\n") if lyrics.is_synced else ("plain", lyrics.plain)
            if len(text) <= LYRICS_LIMIT:
                text = text.encode("utf-8", "replace").decode()
                found[song.id] = {"format": form, "text": text}
        return found

    async def _cover_facts(self, songs: Sequence[Song]) -> dict[str | None, dict[str, Any]]:
        found: dict[str | None, dict[str, Any]] = {}
        for id in dict.fromkeys(song.cover_id for song in songs if song.cover_id):
            known = self._cover_sums.get(id)
            if known is None:
                try:
                    cover = await self._covers.open(id, COVER_PIXELS)
                    data = await self._covers.read(cover)
                except NotFound:
                    continue
                known = {
                    "url": self._covers.url(id, COVER_PIXELS),
                    "contentType": cover.content_type,
                    "size": len(data),
                    "sha256": hashlib.sha256(data).hexdigest(),
                }
                self._cover_sums[id] = known
                if len(self._cover_sums) > _COVERS_REMEMBERED:
                    self._cover_sums.popitem(last=False)
            found[id] = known
        return found


def ticket_subject(download_id: str) -> str:
    """What a ticket for a download says where one for a stream says the song: neither opens the other's door."""
    return f"download:{download_id}"


def item_url(download_id: str, song_id: str, ticket: str | None = None) -> str:
    """The path on this server where a song of a download is."""
    path = f"/download/{download_id}/{quote(song_id, safe='')}"
    return f"{path}?ticket={ticket}" if ticket else path


def manifest_url(
    download: Download, ticket: str | None, *, since: int = 0, after: str | None = None, first: int = PAGE_SONGS
) -> str | None:
    """The path on this server where a page of a manifest is; None for a download that is over."""
    if download.state == DownloadState.REVOKED or ticket is None:
        return None
    words = {"since": since, **({"after": after} if after else {}), "first": first, "ticket": ticket}
    return f"/download/{download.id}/manifest.json?{urlencode(words)}"


def licence_of(download: Download) -> dict[str, Any]:
    """What a manifest tells of its licence."""
    return {
        "id": download.id,
        "userId": download.user_id,
        "deviceId": download.device_id,
        "issuedAt": _time(download.issued_at),
        "expiresAt": _time(download.expires_at),
    }


def _item(download: Download, item: Item, sums: RenditionSums | None) -> dict[str, Any]:
    told: dict[str, Any] = {"songId": item.song_id, "isNew": item.is_new}
    if item.state is ItemState.READY and sums is not None:
        return told | {
            "state": ItemState.READY.value,
            "url": item_url(download.id, item.song_id),
            "etag": f'"{sums.id}"',
            "rendition": sums.rendition,
            "contentType": sums.content_type,
            "size": sums.size,
            "chunkBytes": sums.chunk_bytes,
            "sha256": sums.sha256,
            "chunks": sums.chunks,
        }
    if item.state is ItemState.FAILED:
        return told | {"state": ItemState.FAILED.value, "reason": item.failure}
    return told | {"state": ItemState.PREPARING.value}


def _song(song: Song) -> dict[str, Any]:
    return {
        "title": song.title,
        "artist": song.artist_credit,
        "album": song.album_title,
        "albumId": song.album_id,
        "discNumber": song.disc_number,
        "trackNumber": song.track_number,
        "durationMs": song.duration_ms,
        "isExplicit": song.is_explicit,
    }


def _gain(song: Song, analysis: SoundAnalysis | None, album: AlbumLoudness | None) -> dict[str, float | None]:
    """What a player levels loudness with: as measured, of the song and its album, and as the file's tags say.

    None where nobody knows; an album's is known once each of its songs was measured.
    """
    return {
        "loudnessLufs": None if analysis is None else analysis.loudness_lufs,
        "truePeakDbtp": None if analysis is None else analysis.true_peak_dbtp,
        "albumLoudnessLufs": None if album is None else album.loudness_lufs,
        "albumTruePeakDbtp": None if album is None else album.true_peak_dbtp,
        "replaygainDb": song.replaygain_db,
        "replaygainPeak": song.replaygain_peak,
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
