"""What an import asks of the catalogue, and the bulk writes it makes.

Owns the filters. Refuses to decide: identity and counts are worked out in services.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from storage.collections.collection import Collection
from storage.collections.store import Store
from storage.engine import BulkResult, Change, Document, Insert, Replace, Write
from storage.records import Album, AudioFile, FileState, Image, Song

Record = TypeVar("Record")
PIECE = 500
_PAGE = 2_000
_WINDOW = 64
_STAT_FIELDS = ("path", "size", "mtime_ns", "state", "sidecar_hash")


def pieces(values: Iterable[str], length: int = PIECE) -> list[list[str]]:
    """Distinct values in their first order, cut into lists that one filter may hold."""
    distinct = list(dict.fromkeys(values))
    return [distinct[at : at + length] for at in range(0, len(distinct), length)]


@dataclass(slots=True)
class TakenSlugs:
    """Slugs in use among those asked about, and for crowded ones the number from which to look for a free one."""

    taken: set[str] = field(default_factory=set)
    first: dict[str, int] = field(default_factory=dict)


class Library:
    """The catalogue as an import sees it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def stats_under(self, root: str) -> AsyncIterator[list[Document]]:
        """Path, size, mtime, state and sidecar hash of every known file at or under `root`, in path order."""
        alone = await self.store.audio_files.engine.find("audio_files", {"path": root}, limit=1, fields=_STAT_FIELDS)
        if alone:
            yield alone
        folder = root.rstrip("/")
        # "0" is the character after "/": everything between is inside the folder.
        inside = {"path": {"$gt": folder + "/", "$lt": folder + "0"}}
        after: tuple[Any, ...] | None = None
        while True:
            page = await self.store.audio_files.engine.find(
                "audio_files", inside, sort=[("path", 1)], limit=_PAGE, after=after, fields=_STAT_FIELDS
            )
            if page:
                yield page
            if len(page) < _PAGE:
                return
            after = (page[-1]["path"], page[-1]["_id"])

    async def has_files_under(self, root: str) -> bool:
        """Whether the catalogue holds sound under `root` that it believes to be there."""
        async for page in self.stats_under(root):
            if any(row["state"] == FileState.PRESENT for row in page):
                return True
        return False

    async def all_in(self, collection: Collection[Record], name: str, values: Iterable[str]) -> list[Record]:
        """Every record whose field `name` is (or, for a list, holds) one of the values."""
        found: list[Record] = []
        for piece in pieces(values):
            after: tuple[Any, ...] | None = None
            while True:
                page = await collection.find({name: {"$in": piece}}, sort=[("_id", 1)], limit=_PAGE, after=after)
                found.extend(page)
                if len(page) < _PAGE:
                    break
                after = (page[-1].id,)  # type: ignore[attr-defined]
        return found

    async def files_by_path(self, paths: Iterable[str]) -> list[AudioFile]:
        """The known files at these paths."""
        return await self.all_in(self.store.audio_files, "path", paths)

    async def files_by_payload(self, hashes: Iterable[str]) -> list[AudioFile]:
        """The known files with these payloads."""
        return await self.all_in(self.store.audio_files, "payload_hash", hashes)

    async def files_of_songs(self, song_ids: Iterable[str]) -> list[AudioFile]:
        """The files, here or gone, of these songs."""
        return await self.all_in(self.store.audio_files, "song_id", song_ids)

    async def files_near(self, folder: str, limit: int = 300) -> list[AudioFile]:
        """The present ones among the first files in a folder and below."""
        # Asked by path alone: with the state in the filter an engine may walk all present files instead.
        inside = {"path": {"$gte": folder + "/", "$lt": folder + "0"}}
        files = await self.store.audio_files.find(inside, sort=[("path", 1)], limit=limit)
        return [file for file in files if file.state == FileState.PRESENT]

    async def songs_on_albums(self, album_ids: Sequence[str]) -> list[Song]:
        """The visible songs of these albums."""
        songs = await self.all_in(self.store.songs, "album_id", album_ids)
        return [song for song in songs if not song.is_hidden]

    async def withdrawn_artists(self, ids: Iterable[str]) -> set[str]:
        """Those of these artists that people took out of sight."""
        found: set[str] = set()
        for piece in pieces(ids):
            wanted = {"_id": {"$in": piece}, "is_withdrawn": True}
            found.update(artist.id for artist in await self.store.artists.find(wanted, limit=len(piece)))
        return found

    async def albums_by(self, keys: Iterable[str], release_ids: Iterable[str]) -> list[Album]:
        """Albums with one of these identity keys or MusicBrainz releases."""
        found = await self.all_in(self.store.albums, "identity_key", keys)
        found += await self.all_in(self.store.albums, "musicbrainz_id", release_ids)
        return list({album.id: album for album in found}.values())

    async def vanish(self, paths: Sequence[str], at: datetime) -> list[str]:
        """Mark these present or broken files as gone since `at`; the songs they belonged to."""
        song_ids: list[str] = []
        vanished = {"state": FileState.VANISHED.value, "vanished_at": at}
        for piece in pieces(paths):
            files = await self.files_by_path(piece)
            gone = [file for file in files if file.state != FileState.VANISHED]
            await self.write(
                self.store.audio_files,
                [Change({"_id": file.id}, {"$set": vanished}) for file in gone],
            )
            song_ids += [file.song_id for file in gone if file.song_id is not None]
        return song_ids

    async def taken_slugs(self, collection: Collection[Record], wanted: Iterable[str]) -> TakenSlugs:
        """Which of these are in use, now or formerly, and which numbers behind the crowded ones are.

        A slug used thousands of times is not read through: a leap over powers of two finds where its numbers end.
        """
        found = TakenSlugs()
        bases = list(dict.fromkeys(wanted))
        found.taken = await self._in_use(collection, bases)
        for base in [base for base in bases if base in found.taken]:
            leaps = {f"{base}-{1 << power}": 1 << power for power in range(6, 24)}
            landed = await self._in_use(collection, leaps)
            start = max((number for slug, number in leaps.items() if slug in landed), default=1) + 1
            found.first[base] = start
            width = _WINDOW
            while True:
                window = [f"{base}-{number}" for number in range(start, start + width)]
                used = await self._in_use(collection, window)
                found.taken |= used
                if sum(slug not in used for slug in window) > _WINDOW // 2:
                    break
                start, width = start + width, width * 2
        return found

    async def _in_use(self, collection: Collection[Record], slugs: Iterable[str]) -> set[str]:
        """Those that some record has or had."""
        used: set[str] = set()
        for piece in pieces(slugs):
            for name in ("slug", "old_slugs"):
                if name not in getattr(collection.codec.record, "__slots__", ()):
                    continue
                documents = await collection.engine.find(
                    collection.name, {name: {"$in": piece}}, limit=10_000, fields=("slug", "old_slugs")
                )
                for document in documents:
                    used.update((document["slug"], *document.get("old_slugs", ())))
        return used

    async def insert_all(self, collection: Collection[Record], records: Sequence[Record]) -> BulkResult:
        """Add records; those a unique index refuses are named in the answer."""
        return await self.write(collection, [Insert(collection.codec.encode(record)) for record in records])

    async def keep_files(self, files: Sequence[AudioFile]) -> None:
        """Write audio files whole, new or known."""
        codec = self.store.audio_files.codec
        await self.write(self.store.audio_files, [Replace(codec.encode(file)) for file in files])

    async def keep_images(self, images: Sequence[Image]) -> None:
        """Write image records; the same picture twice is one."""
        await self.write(self.store.images, [Replace(self.store.images.codec.encode(image)) for image in images])

    async def change_all(
        self,
        collection: Collection[Record],
        changes: dict[str, dict[str, Any]],
        known: Mapping[str, Record] | None = None,
    ) -> list[str]:
        """Set fields by id; a None removes the field. The ids of those that others changed meanwhile.

        With `known`, the records as they were read, one that is not so any more is left alone: what was worked out
        from it may undo what somebody wrote since.
        """
        writes: list[Write] = []
        for id, fields in changes.items():
            update: dict[str, Any] = {}
            put = {key: value for key, value in fields.items() if value is not None}
            drop = {key: "" for key, value in fields.items() if value is None}
            if put:
                update["$set"] = put
            if drop:
                update["$unset"] = drop
            if update:
                writes.append(Change({"_id": id} | (_as_read(known[id], fields) if known is not None else {}), update))
        done = await self.write(collection, writes)
        if known is None or done.matched == len(writes):
            return []
        found = await collection.engine.get_many(collection.name, list(changes))
        return [id for id, document in found.items() if not _says(document, changes[id])]

    async def write(self, collection: Collection[Record], writes: Sequence[Write]) -> BulkResult:
        """A bulk, empty ones left out."""
        return await collection.bulk(writes) if writes else BulkResult(0, 0, 0, 0, 0)


def _as_read(record: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Conditions that hold while nobody has changed the record: its time, and plain values besides."""
    names = ["updated_at", *(name for name in fields if "." not in name)]
    read = {name: getattr(record, name) for name in names}
    plain = {name: value for name, value in read.items() if not isinstance(value, list | dict)}
    # A field that an older program did not write yet reads as nothing.
    return {name: value if value else {"$in": [value, None]} for name, value in plain.items() if value is not None} | {
        name: None for name, value in plain.items() if value is None
    }


def _says(document: Document, fields: Mapping[str, Any]) -> bool:
    for path, value in fields.items():
        if path == "updated_at":
            continue
        there: Any = document
        for name in path.split("."):
            there = there.get(name) if isinstance(there, dict) else None
        if there != value:
            return False
    return True
