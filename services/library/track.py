"""One read file as the catalogue will see it: tags first, the path where they are silent, credits split.

Owns how sources are merged. Refuses to know what the catalogue already holds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from services.audio.formats.stream_facts import StreamFacts
from services.audio.tags.meaning import LYRICS_LIMIT, Tags
from services.library.credits import NamedCredit, split_credit
from services.library.names import fold, sort_name
from services.library.path_tags import album_folder, read_path
from services.library.reading import Reading
from services.library.walk import Found

UNKNOWN_ARTIST = "Unknown Artist"
PERFORMING_ROLES = frozenset({"main", "featured", "remixer", "conductor", "performer"})


@dataclass(slots=True)
class Track:
    """A song on disk, ready to be recognised. `credits` are the printed ones, `people` everybody else.

    `album_credits` is empty where the file names no album artist: the album's group decides then.
    """

    found: Found
    facts: StreamFacts
    tags: Tags
    payload_hash: str
    tags_hash: str
    picture_id: str | None
    folder: str
    title: str
    sort_title: str
    artist_credit: str
    credits: list[NamedCredit]
    people: list[NamedCredit] = field(default_factory=list)
    album: str | None = None
    album_credit: str | None = None
    album_credits: list[NamedCredit] = field(default_factory=list)
    date: str | None = None
    track_number: int | None = None
    disc_number: int | None = None
    cover_id: str | None = None

    @property
    def slot(self) -> tuple[int, int | None]:
        """Disc and track number; a song without a disc is on the first."""
        return self.disc_number or 1, self.track_number

    @property
    def match_key(self) -> str:
        """Stands for the folded artist, title and album."""
        return match_key(self.credits[0].name, self.title, self.album)


def match_key(artist: str, title: str, album: str | None) -> str:
    """24 hex digits under which re-encoded copies of a song meet."""
    text = "\0".join((fold(artist), fold(title), fold(album or "")))
    return hashlib.blake2b(text.encode(), digest_size=12, person=b"tutti.match").hexdigest()


def describe(reading: Reading, root: str) -> Track:
    """The track of a reading that has sound."""
    probed = reading.probed
    if probed is None or reading.payload_hash is None:
        raise ValueError("a file without sound is no track")
    tags = probed.tags
    guessed = read_path(reading.found.path, root)
    credit, credits = split_credit(tags.artist, tags.artists, tags.artist_ids)
    album_credit, album_credits = split_credit(tags.album_artist, tags.album_artists, tags.album_artist_ids)
    if not credits:
        # A song that names only its album's artist is by that artist; then the folder's name is asked.
        credit, credits = (
            (album_credit, album_credits) if album_credits else split_credit(guessed.artist or UNKNOWN_ARTIST, [], [])
        )
    title = tags.title or guessed.title
    track = Track(
        reading.found,
        probed.facts,
        tags,
        reading.payload_hash,
        probed.tags_hash,
        probed.picture_id,
        album_folder(reading.found.path),
        title,
        tags.title_sort or sort_name(title),
        credit,
        credits,
        [NamedCredit(name, role) for role, name in tags.people],
        # Tags that name the artist but no album mean a song on its own, wherever it lies.
        tags.album or (guessed.album if not (tags.title and tags.artist) else None),
        album_credit or None,
        album_credits,
        tags.date or guessed.year,
        tags.track_number or guessed.track_number,
        tags.disc_number or guessed.disc_number,
        probed.picture_id,
    )
    # The more precise source wins, what lies beside the file where both are alike.
    if reading.lyrics is not None and reading.lyrics.worth >= tags.sung.worth:
        track.tags.sung = replace(reading.lyrics, plain=reading.lyrics.plain[:LYRICS_LIMIT])
    return track
