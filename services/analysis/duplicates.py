"""Songs of the same sound: those of one song, and all there are, with which of them is best kept.

Owns who may ask and what is told of each. Refuses to decide what becomes of duplicates: people do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.analysis.fingerprint import Likeness
from services.analysis.keep_choice import Choice, KeepReason, choose
from services.analysis.recall import Recall
from services.catalogue.listing import Order, page_of
from services.catalogue.songs import Songs
from services.library.recount import file_rank
from services.paging import Page, Slice
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import AudioFile, FileState, Song
from storage.records.sound_group import SoundGroup, SoundMember

_FILES_LIMIT = 10_000
_ROUNDS = 5
_NEWEST = Order("made_at", -1, datetime)


@dataclass(frozen=True, slots=True)
class SoundMatch:
    """A song of a sound, by the file that holds it, and how it is like another song's.

    `bit_error_rate` is the share of differing bits, `offset_ms` by how much it starts later, `matched_ms` how much of
    the two matches and `share` that over the longer one. A group's first song is like itself.
    """

    song: Song
    file: AudioFile
    bit_error_rate: float
    offset_ms: int
    matched_ms: int
    share: float

    @property
    def path(self) -> str:
        """Where the file is."""
        return self.file.path

    @property
    def codec(self) -> str:
        """Its codec."""
        return self.file.codec

    @property
    def container(self) -> str:
        """What holds the sound."""
        return self.file.container

    @property
    def bitrate(self) -> int:
        """Bits a second."""
        return self.file.bitrate

    @property
    def sample_rate(self) -> int:
        """Samples a second."""
        return self.file.sample_rate

    @property
    def duration_ms(self) -> int:
        """How long the file is."""
        return self.file.duration_ms

    @property
    def size_bytes(self) -> int:
        """Bytes of the file."""
        return self.file.size

    @property
    def state(self) -> str:
        """Whether it can be had."""
        return self.file.state

    @property
    def similarity(self) -> float:
        """From 0, as alike as any two sounds, to 1."""
        return Likeness(self.bit_error_rate, self.offset_ms).similarity

    @property
    def reason(self) -> str:
        """Why it is said to be the same, as a sentence."""
        seconds, late = self.matched_ms / 1000, self.offset_ms / 1000
        where = "at the same place" if not late else f"{abs(late):.1f} s {'later' if late > 0 else 'earlier'}"
        differing = f"{self.bit_error_rate:.1%} of the bits differ"
        return f"{seconds:.0f} s ({self.share:.0%}) sound the same, {where}; {differing}."


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Songs that sound the same, the one to keep first. `similarity` is that of the least alike."""

    id: str
    songs: list[SoundMatch] = field(default_factory=list)
    similarity: float = 1.0
    reason: KeepReason = KeepReason.OLDER

    @property
    def keep(self) -> Song:
        """The song that is best kept."""
        return self.songs[0].song


class Duplicates:
    """For moderators and admins."""

    def __init__(self, store: Store, songs: Songs, recall: Recall) -> None:
        self._store = store
        self._songs = songs
        self._recall = recall

    async def of_song(self, viewer: Viewer, song_id: str) -> list[SoundMatch]:
        """At most 20 songs that sound the same, the likest first. NotFound when the song is absent or invisible."""
        viewer.require(Role.MODERATOR)
        song = await self._songs.get(viewer, song_id)
        file = await self._songs.file_of(song)
        own = await self._store.fingerprints.get(file.payload_hash) if file and file.payload_hash else None
        alike = {} if own is None else await self._recall.alike(own)
        if not alike:
            return []
        files = await self._files(alike)
        found = await self._songs.get_many(viewer, [each.song_id for each in files if each.song_id])
        told: dict[str, SoundMatch] = {}
        for each in sorted(files, key=lambda each: (_state_rank(each), file_rank(each))):
            how = alike[each.payload_hash or ""]
            if each.song_id in found and each.song_id != song.id:
                matched = (how.bit_error_rate, how.offset_ms, how.matched_ms, how.share)
                told.setdefault(each.song_id, SoundMatch(found[each.song_id], each, *matched))
        return sorted(told.values(), key=lambda each: (each.bit_error_rate, each.song.id))[:20]

    async def groups(self, viewer: Viewer, part: Slice) -> Page[DuplicateGroup]:
        """One page of all groups of two songs or more, the latest found first.

        Four store commands, and three more for each page of which this viewer may see no group at all.
        """
        viewer.require(Role.MODERATOR)
        page = await page_of(self._store.sound_groups, [{"is_shown": True}], _NEWEST, part)
        shown = await self._shown(viewer, page)
        for _ in range(_ROUNDS):
            if shown.items or not page.has_next:
                break
            last = page.items[-1]
            rest = Slice(part.limit, 0, (last.made_at, last.id))
            page = await page_of(self._store.sound_groups, [{"is_shown": True}], _NEWEST, rest, counted=False)
            page.total, page.has_previous = shown.total, shown.has_previous
            shown = await self._shown(viewer, page)
        return shown

    async def _shown(self, viewer: Viewer, page: Page[SoundGroup]) -> Page[DuplicateGroup]:
        files = await self._files(payload for group in page.items for payload in group.payloads)
        songs = await self._songs.get_many(viewer, [each.song_id for each in files if each.song_id])
        by_payload: dict[str, list[AudioFile]] = defaultdict(list)
        for file in files:
            by_payload[file.payload_hash or ""].append(file)
        rows = zip(page.items, page.cursors, strict=True)
        made = [(_group(group, by_payload, songs), cursor) for group, cursor in rows]
        kept = [(group, cursor) for group, cursor in made if group is not None]
        return Page(
            [group for group, _ in kept],
            [cursor for _, cursor in kept],
            total=page.total,
            has_next=page.has_next,
            has_previous=page.has_previous,
        )

    async def _files(self, payloads: Iterable[str]) -> list[AudioFile]:
        wanted = sorted(payloads)
        if not wanted:
            return []
        return await self._store.audio_files.find({"payload_hash": {"$in": wanted}}, limit=_FILES_LIMIT)


def _group(group: SoundGroup, by_payload: dict[str, list[AudioFile]], songs: dict[str, Song]) -> DuplicateGroup | None:
    """The group as it is shown; None when less than two of its songs are."""
    best: dict[str, tuple[AudioFile, SoundMember]] = {}
    for member in group.members:
        for file in by_payload[member.payload]:
            if file.song_id in songs:
                known = best.get(file.song_id)
                if known is None or _worth(file) < _worth(known[0]):
                    best[file.song_id] = (file, member)
    if len(best) < 2:
        return None
    choice: Choice = choose([(songs[id], file) for id, (file, _) in best.items()])
    matches = [_match(songs[id], *best[id]) for id in choice.song_ids]
    return DuplicateGroup(group.id, matches, min(each.similarity for each in matches), choice.reason)


def _match(song: Song, file: AudioFile, member: SoundMember) -> SoundMatch:
    matched_ms = member.matched_ms if member.like is not None else file.duration_ms
    return SoundMatch(song, file, member.bit_error_rate, member.offset_ms, matched_ms, member.share)


def _state_rank(file: AudioFile) -> Sequence[bool]:
    return (file.state != FileState.PRESENT,)


def _worth(file: AudioFile) -> tuple[object, ...]:
    return (_state_rank(file), file_rank(file))
