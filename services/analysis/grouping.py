"""Every sound put beside its likes: groups are kept as fingerprints are added, so that showing them compares nothing.

Owns the groups and the work that waits: fingerprints without the mark of these rules. One process at a time does it,
by a lease, as groups are joined. Refuses to find likes and to decide about songs, which the recogniser does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from services.analysis.fingerprint import Likeness
from services.analysis.recall import Recall
from services.clock import Clock
from services.leases import Leases
from services.library.reunion import HeardAgain, Reunion
from storage.collections.library import pieces
from storage.collections.store import Store
from storage.engine import Replace
from storage.records.fingerprint import Fingerprint
from storage.records.sound_group import SoundGroup, SoundMember

GROUPING = 1
"""Counts up when the rules change, so that every sound is put in its place again, without being measured again."""

MEMBERS_LIMIT = 50
"""More sounds than that are not put in one group: silence with a click would draw half a library together."""

_LEASE = "group sounds"
_LEASE_S = 120.0
_TRIES = 20
_TRY_AGAIN_S = 0.25
_PAGE = 16
_PROVED_AT_ONCE = 200
_FILES_LIMIT = 10_000


class Grouping:
    """Keeps the groups. `catch_up` is the periodic job, `prove` the daily one."""

    def __init__(self, store: Store, recall: Recall, reunion: Reunion, leases: Leases, clock: Clock) -> None:
        self._store = store
        self._recall = recall
        self._reunion = reunion
        self._leases = leases
        self._clock = clock

    async def catch_up(self) -> int:
        """Put every fingerprint that waits beside its likes; how many there were. 0 while another process does it."""
        done = 0
        while await self._leases.take(_LEASE, _LEASE_S):
            try:
                waiting = await self._waiting()
                for own in waiting:
                    await self._put(own)
            finally:
                await self._leases.release(_LEASE)
            done += len(waiting)
            if len(waiting) < _PAGE:
                break
        return done

    async def place(self, payloads: Sequence[str]) -> list[HeardAgain]:
        """Put these sounds beside their likes now; which of them a gone song was heard in.

        Where another process keeps at it for longer than a few seconds they are left to the periodic job.
        """
        came: list[HeardAgain | None] = []
        for piece in pieces(payloads, _PAGE):
            if not await self._turn():
                break
            try:
                known = await self._store.fingerprints.get_many(piece)
                came += [await self._put(own) for own in known.values()]
            finally:
                await self._leases.release(_LEASE)
        return [again for again in came if again is not None]

    async def _turn(self) -> bool:
        """Whether the lease was had within a few seconds."""
        for _ in range(_TRIES):
            if await self._leases.take(_LEASE, _LEASE_S):
                return True
            await asyncio.sleep(_TRY_AGAIN_S)
        return False

    async def prove(self) -> int:
        """Bring groups into line with the files and songs there are; how many were wrong. Ends where another process
        has its turn: the next day is soon enough."""
        wrong = 0
        async for batch in self._store.sound_groups.scan({}, batch=_PROVED_AT_ONCE):
            if not await self._leases.take(_LEASE, _LEASE_S):
                break
            try:
                wrong += await self._prove(await self._again(batch))
            finally:
                await self._leases.release(_LEASE)
        return wrong

    async def _again(self, batch: Sequence[SoundGroup]) -> list[SoundGroup]:
        """The groups as they are now that it is our turn: another may have joined them since they were read."""
        return list((await self._store.sound_groups.get_many([group.id for group in batch])).values())

    async def _waiting(self) -> list[Fingerprint]:
        """A page of those without the mark; those of no version come first."""
        found = await self._store.fingerprints.find({}, sort=[("grouped_version", 1)], limit=_PAGE)
        return [each for each in found if (each.grouped_version or 0) < GROUPING]

    async def _put(self, own: Fingerprint) -> HeardAgain | None:
        alike = await self._recall.alike(own)
        again = None
        if alike:
            # The song first: what it becomes decides whether the group is one to show.
            again = await self._reunion.by_sound(own.id, alike)
            await self._join(own.id, alike)
        # Last, so that whoever is interrupted before does it again; not onto one that was measured anew meanwhile.
        await self._store.fingerprints.update(
            {"_id": own.id, "version": own.version}, {"$set": {"grouped_version": GROUPING}}
        )
        return again

    async def _join(self, payload: str, alike: dict[str, Likeness]) -> None:
        """Make one group of a sound, its likes and whatever groups these are in."""
        groups = await self._store.sound_groups.find({"payloads": {"$in": [payload, *alike]}}, limit=MEMBERS_LIMIT)
        groups.sort(key=lambda group: (group.made_at, group.id))
        members = {member.payload: member for group in reversed(groups) for member in group.members}
        nearest, likeness = next(iter(alike.items()))
        for other, how in alike.items():
            members.setdefault(other, _member(other, payload, how))
        if not groups:
            members = {nearest: SoundMember(nearest), **{id: each for id, each in members.items() if id != nearest}}
        members[payload] = _member(payload, nearest, likeness.turned())
        kept = list(members.values())[:MEMBERS_LIMIT]
        group = groups[0] if groups else SoundGroup(self._clock.new_id(), self._clock.now())
        group = replace(group, members=kept, payloads=[each.payload for each in kept])
        group.song_count = (await self._song_counts([group]))[group.id]
        group.is_shown = group.song_count > 1
        await self._store.sound_groups.bulk([Replace(self._store.sound_groups.codec.encode(group))])
        swallowed = [each.id for each in groups[1:]]
        if swallowed:
            await self._store.sound_groups.delete({"_id": {"$in": swallowed}}, many=True)

    async def _prove(self, groups: Sequence[SoundGroup]) -> int:
        payloads = [payload for group in groups for payload in group.payloads]
        known: set[str] = set()
        engine, name = self._store.fingerprints.engine, self._store.fingerprints.name
        for piece in pieces(payloads):
            rows = await engine.find(name, {"_id": {"$in": piece}}, limit=len(piece), fields=["version"])
            known.update(row["_id"] for row in rows)
        counts = await self._song_counts(groups)
        wrong = 0
        for group in groups:
            members = [member for member in group.members if member.payload in known]
            if len(members) < 2:
                wrong += await self._store.sound_groups.delete({"_id": group.id})
                continue
            proved = replace(
                group,
                members=members,
                payloads=[member.payload for member in members],
                song_count=counts[group.id],
                is_shown=counts[group.id] > 1,
            )
            if proved != group:
                await self._store.sound_groups.bulk([Replace(self._store.sound_groups.codec.encode(proved))])
                wrong += 1
        return wrong

    async def _song_counts(self, groups: Sequence[SoundGroup]) -> dict[str, int]:
        """How many songs have files of each group's sounds."""
        songs: dict[str, set[str]] = {}
        engine, name = self._store.audio_files.engine, self._store.audio_files.name
        for piece in pieces(payload for group in groups for payload in group.payloads):
            rows: list[dict[str, Any]] = await engine.find(
                name, {"payload_hash": {"$in": piece}}, limit=_FILES_LIMIT, fields=["payload_hash", "song_id"]
            )
            for row in rows:
                if row.get("song_id") is not None:
                    songs.setdefault(row["payload_hash"], set()).add(row["song_id"])
        return {group.id: len(set().union(*(songs.get(each, set()) for each in group.payloads))) for group in groups}


def _member(payload: str, like: str, how: Likeness) -> SoundMember:
    """`how` tells of the member as the second of the two."""
    return SoundMember(payload, like, how.bit_error_rate, how.offset_ms, how.matched_ms, how.share)
