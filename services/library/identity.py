"""Is this file a song we know? One pure decision, from the strongest evidence to the weakest.

    1  the same path with the same sound: that song, whatever the tags say now
    2  the sound of a file that is gone: that song has moved
    3  the sound of a file that is there: its second file within one album's place, a song of its own elsewhere
    4  the same path with other sound: that song re-encoded, unless ids, or title and length together, say otherwise
    5  ISRC or MusicBrainz recording (title or length agreeing)
    6  folded artist, title and album, with a length within 2 seconds
Rules 5 and 6 only give a song whose files are all gone, or one in the same place of the same album (where there is no
album: a file of the same name beside it): two songs that are both there and differ are never made one.
Refuses to know disks, stores and tags.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

LENGTH_TOLERANCE_MS = 2_000
Slot = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Facts:
    """What identity is judged by, for a file just read and for a song in the catalogue alike.

    `bare_path` is the path (of the song: of the file it is played from) without its suffix.
    """

    title_key: str
    match_key: str
    duration_ms: int
    album_id: str | None = None
    slot: Slot = (1, None)
    isrc: str | None = None
    recording_id: str | None = None
    bare_path: str | None = None


@dataclass(slots=True)
class KnownFile:
    """One file in the catalogue. `is_here` turns False when its path is gone or holds other sound now.

    `is_changing` while the same batch has new words about it, so that songs of two files move together. `is_memory`
    stands for the sound a path held before: two files that exchange names find each other's songs by it.
    """

    id: str
    path: str
    song_id: str | None
    payload_hash: str | None
    is_here: bool
    is_changing: bool = False
    is_memory: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The song it is (None: a new one), the rule that said so, and the gone file's record that moves along."""

    song_id: str | None
    rule: str
    file_id: str | None = None


@dataclass(slots=True)
class Candidates:
    """Songs and files that a batch of new files may turn out to be; grows as the batch is decided."""

    songs: dict[str, Facts] = field(default_factory=dict)
    files: dict[str, KnownFile] = field(default_factory=dict)
    _of_song: dict[str, list[str]] = field(default_factory=dict)
    _by_payload: dict[str, list[str]] = field(default_factory=dict)
    _by_isrc: dict[str, list[str]] = field(default_factory=dict)
    _by_recording: dict[str, list[str]] = field(default_factory=dict)
    _by_match: dict[str, list[str]] = field(default_factory=dict)

    def add_song(self, id: str, facts: Facts) -> None:
        """Take a song in, or its newer facts."""
        self.songs[id] = facts
        for index, key in (
            (self._by_isrc, facts.isrc),
            (self._by_recording, facts.recording_id),
            (self._by_match, facts.match_key),
        ):
            if key is not None and id not in index.setdefault(key, []):
                index[key].append(id)

    def add_file(self, file: KnownFile) -> None:
        """Take a file in, or its newer state."""
        self.files[file.id] = file
        for index, key in ((self._of_song, file.song_id), (self._by_payload, file.payload_hash)):
            if key is not None and file.id not in index.setdefault(key, []):
                index[key].append(file.id)

    def files_of(self, song_id: str) -> list[KnownFile]:
        """The song's files, here or gone."""
        known = (self.files[id] for id in self._of_song.get(song_id, ()))
        return [file for file in known if file.song_id == song_id]

    def is_gone(self, song_id: str) -> bool:
        """Whether no file of the song is here."""
        return not any(file.is_here for file in self.files_of(song_id))

    def sounding(self, payload_hash: str) -> list[KnownFile]:
        """Files of known songs that hold or held this sound, in order of their paths."""
        known = (self.files[id] for id in self._by_payload.get(payload_hash, ()))
        wanted = [file for file in known if file.payload_hash == payload_hash and file.song_id in self.songs]
        return sorted(wanted, key=lambda file: file.path)

    def with_ids(self, facts: Facts) -> list[str]:
        """Songs with its ISRC or recording id."""
        found = self._by_isrc.get(facts.isrc or "", []) + self._by_recording.get(facts.recording_id or "", [])
        return list(dict.fromkeys(id for id in found if shares_id(self.songs[id], facts)))

    def with_names(self, facts: Facts) -> list[str]:
        """Songs with its artist, title and album."""
        return [id for id in self._by_match.get(facts.match_key, ()) if self.songs[id].match_key == facts.match_key]


def decide(facts: Facts, payload_hash: str, own: KnownFile | None, candidates: Candidates) -> Verdict:
    """Which song this file is. `own` is the catalogue's file at the same path, its `is_here` already settled."""
    song = candidates.songs.get(own.song_id) if own is not None and own.song_id is not None else None
    if own is not None and song is not None and own.payload_hash == payload_hash:
        siblings = [file for file in candidates.files_of(own.song_id or "") if file.id != own.id]
        others = [file for file in siblings if file.is_here and not file.is_changing]
        if not others or song.album_id == facts.album_id:
            return Verdict(own.song_id, "same path")
    sounding = [file for file in candidates.sounding(payload_hash) if own is None or file.id != own.id]
    gone = [
        file
        for file in sounding
        if not file.is_here
        and (candidates.is_gone(file.song_id or "") or _same_place(candidates.songs[file.song_id or ""], facts))
    ]
    if gone:
        file = min(gone, key=lambda file: _distance(candidates.songs[file.song_id or ""], facts))
        return Verdict(file.song_id, "same sound", None if file.is_memory else file.id)
    for file in sounding:
        if file.is_here and _same_place(candidates.songs[file.song_id or ""], facts):
            return Verdict(file.song_id, "second file")
    if own is not None and song is not None and own.payload_hash != payload_hash and not contradicts(song, facts):
        return Verdict(own.song_id, "same path")
    by_ids = _choose(candidates.with_ids(facts), facts, candidates, _agrees_somehow)
    if by_ids is not None:
        return Verdict(by_ids, "same ids")
    by_names = _choose(candidates.with_names(facts), facts, candidates, _agrees_in_length)
    if by_names is not None:
        return Verdict(by_names, "same names")
    return Verdict(None, "new")


def shares_id(song: Facts, facts: Facts) -> bool:
    """Whether ISRC or recording id is the same."""
    return (facts.isrc is not None and song.isrc == facts.isrc) or (
        facts.recording_id is not None and song.recording_id == facts.recording_id
    )


def contradicts(song: Facts, facts: Facts) -> bool:
    """Whether a file put in the place of this song's is evidently another song."""
    if shares_id(song, facts):
        return False
    if None not in (song.recording_id, facts.recording_id) or None not in (song.isrc, facts.isrc):
        return True
    return song.title_key != facts.title_key and not _near(song, facts)


def _choose(
    ids: Iterable[str], facts: Facts, candidates: Candidates, agrees: Callable[[Facts, Facts], bool]
) -> str | None:
    """The closest song that agrees and is either gone or in the same place of the same album."""
    fitting = [
        id
        for id in ids
        if agrees(candidates.songs[id], facts) and (candidates.is_gone(id) or _same_shelf(candidates.songs[id], facts))
    ]
    return min(fitting, key=lambda id: (_distance(candidates.songs[id], facts), id), default=None)


def _near(song: Facts, facts: Facts) -> bool:
    return abs(song.duration_ms - facts.duration_ms) <= LENGTH_TOLERANCE_MS


def _agrees_somehow(song: Facts, facts: Facts) -> bool:
    return song.title_key == facts.title_key or _near(song, facts)


def _agrees_in_length(song: Facts, facts: Facts) -> bool:
    numbers = song.slot[1], facts.slot[1]
    return _near(song, facts) and (None in numbers or song.slot == facts.slot)


def _same_place(song: Facts, facts: Facts) -> bool:
    """One album, one place in it; without an album, the same names."""
    if song.album_id != facts.album_id or song.slot != facts.slot:
        return False
    return song.match_key == facts.match_key or (song.album_id is not None and song.slot[1] is not None)


def _same_shelf(song: Facts, facts: Facts) -> bool:
    """The same place; without an album, and with other sound, paths that differ in their suffix alone."""
    return _same_place(song, facts) and (song.album_id is not None or song.bare_path == facts.bare_path)


def _distance(song: Facts, facts: Facts) -> tuple[bool, bool, bool, int]:
    return (
        song.album_id != facts.album_id,
        song.title_key != facts.title_key,
        song.slot != facts.slot,
        abs(song.duration_ms - facts.duration_ms),
    )
