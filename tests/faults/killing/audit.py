"""The books of a house that was killed, held against what its clients know and against themselves."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import Any

from server.composition import Household
from services.files.verifying import Verifying
from tests.faults.killing.ledger import Key, Ledger

EDGES = {
    "like": ("liked_songs", "songs", "like_count"),
    "save": ("saved_albums", "albums", "save_count"),
    "follow": ("followed_artists", "artists", "follower_count"),
    "befriend": ("followed_users", "users", "follower_count"),
    "subscribe": ("playlist_followers", "playlists", "follower_count"),
}


class Audit:
    """One look into the books, while no server runs; `wrong` collects what is not as it should be."""

    def __init__(self, household: Household, ledger: Ledger) -> None:
        self._household = household
        self._store = household.store
        self._ledger = ledger
        self.wrong: list[str] = []

    async def all_of(self, shelf: str) -> list[dict[str, Any]]:
        """Every document of a collection."""
        return [document async for batch in self._batches(shelf) for document in batch]

    async def acknowledged(self) -> None:
        """Each answered write is there once, each one without an answer once or not at all, nothing else."""
        for kind, (shelf, _, _) in EDGES.items():
            rows = await self.all_of(shelf)
            self._hold(kind, [(kind, row["user_id"], row["target_id"]) for row in rows])
        self._hold("play", [("play", row["_id"], row["song_id"]) for row in await self.all_of("plays")])
        self._hold("song", [("song", row["title"]) for row in await self.all_of("songs")])
        playlists = await self.all_of("playlists")
        self._hold("playlist", [("playlist", row["name"]) for row in playlists])
        self._hold("entry", [("entry", row["_id"], entry["song_id"]) for row in playlists for entry in row["entries"]])
        await self._rooms()

    async def _rooms(self) -> None:
        rooms = await self.all_of("rooms")
        self._hold("room", [("room", room["name"]) for room in rooms])
        self._hold("closed", [("closed", room["_id"]) for room in rooms if room["closed"]])
        queued: list[Key] = []
        votes: list[Key] = []
        for room in rooms:
            for item in room["items"]:
                queued.append(("queued", room["_id"], item["song_id"]))
                votes += [("vote", room["_id"], item["song_id"], member) for member in item["votes"]]
            if len({member["id"] for member in room["members"]}) != len(room["members"]):
                self.wrong.append(f"somebody is twice in {room['name']}")
        self._hold("queued", queued)
        self._hold("vote", votes)
        self._hold("line", [("line", room["_id"], line["text"]) for room in rooms for line in room["chat"]])
        hosts = {
            room["_id"]: {member["id"] for member in room["members"] if member["role"] == "host"} for room in rooms
        }
        members = [
            ("member", room["_id"], id) for room in rooms for id in room["member_ids"] if id not in hosts[room["_id"]]
        ]
        self._hold("member", members)

    async def counters(self) -> list[str]:
        """Counters that differ from their rows: all that a house shows as a number."""
        found: list[str] = []
        for kind, (rows, things, name) in EDGES.items():
            true = Counter(row["target_id"] for row in await self.all_of(rows))
            found += self._differing(kind, await self.all_of(things), name, true)
        plays, songs = await self.all_of("plays"), await self.all_of("songs")
        found += self._differing("play", songs, "play_count", Counter(play["song_id"] for play in plays))
        albums = await self.all_of("albums")
        found += self._differing("play", albums, "play_count", Counter(play.get("album_id") for play in plays))
        found += self._differing("track", albums, "total_tracks", Counter(song.get("album_id") for song in songs))
        lengths: Counter[str | None] = Counter()
        for song in songs:
            lengths[song.get("album_id")] += song["duration_ms"]
        found += self._differing("length", albums, "total_duration_ms", lengths)
        artists = await self.all_of("artists")
        found += self._differing("song", artists, "song_count", Counter(song["artist_id"] for song in songs))
        for playlist in await self.all_of("playlists"):
            length = sum(entry["duration_ms"] for entry in playlist["entries"])
            if (playlist["song_count"], playlist["total_duration_ms"]) != (len(playlist["entries"]), length):
                found.append(f"the totals of playlist {playlist['_id']}")
        return found

    async def roll_ups(self) -> None:
        """What the figures of plays come to."""
        ever = {row["_id"]: row["plays"] for row in await self.all_of("plays_ever")}
        true = Counter(play["song_id"] for play in await self.all_of("plays"))
        if ever != dict(true):
            self.wrong.append(f"plays ever: {ever} instead of {dict(true)}")

    async def sent(self, sent: dict[str, str]) -> None:
        """Each song that was acknowledged has one file, with the very bytes that were sent."""
        files = {file["_id"]: file for file in await self.all_of("audio_files")}
        songs = await self.all_of("songs")
        for song in songs:
            file = files.pop(song["file_id"], None)
            if file is None or file["sha256"] != sent[song["title"]]:
                self.wrong.append(f"{song['title']} has the file {file}")
        self.wrong += [f"the record of a file without a song: {file}" for file in files.values()]

    async def files(self) -> None:
        """Every file is recorded and every record has its file, read to its end; nothing half written is left."""
        house, data = self._household.house, self._household.folder.root
        verifying = Verifying(
            self._store, self._household.files, self._household.folder, self._household.ffmpeg, house.clock, house.bus
        )
        found = await verifying.verify(repair=False, quick=False, progress=lambda *_: None)
        if not found.are_well or found.too_new:
            self.wrong += found.lines()
        kept = await asyncio.to_thread(lambda: [path for path in data.rglob("*") if path.is_file()])
        halves = [path for path in kept if path.name.startswith((".part-", "unfinished-")) or "staging" in path.parts]
        open_ones = {row["_id"] for row in await self.all_of("uploads") if row["state"] in ("open", "complete")}
        self.wrong += [f"left behind: {path.relative_to(data)}" for path in halves if path.name not in open_ones]

    def _hold(self, kind: str, found: Iterable[Key]) -> None:
        self.wrong += self._ledger.wrong(kind, found)

    def _differing(self, what: str, things: list[dict[str, Any]], counter: str, true: Counter[str]) -> list[str]:
        return [
            f"{counter} of {thing['_id']} ({what}): {thing.get(counter) or 0} instead of {true[thing['_id']]}"
            for thing in things
            if (thing.get(counter) or 0) != true[thing["_id"]]
        ]

    def _batches(self, shelf: str) -> AsyncIterator[list[dict[str, Any]]]:
        return self._store.engine.scan(shelf, {}, batch=500)
