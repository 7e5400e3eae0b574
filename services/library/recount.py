"""Counts and copies that follow from songs: an album's totals, an artist's numbers, whether they are shown.

Pure: records in, fields out, so that what is stored can always be compared with a recount. Refuses to know stores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from storage.records import Album, Artist, AudioFile, FileState, Song

GENRES_LIMIT = 20
_LOSSLESS = frozenset({"flac", "alac", "pcm"})


def album_totals(songs: Sequence[Song]) -> dict[str, Any]:
    """What an album's visible songs add up to. Without any, the album keeps its date and cover and is hidden."""
    if not songs:
        return {"total_tracks": 0, "total_duration_ms": 0, "is_hidden": True}
    ordered = sorted(songs, key=lambda song: (song.disc_number or 1, song.track_number or 0, song.id))
    discs = {song.disc_number or 1 for song in ordered}
    return {
        "total_tracks": len(ordered),
        "total_duration_ms": sum(song.duration_ms for song in ordered),
        "disc_count": len(discs),
        "is_explicit": any(song.is_explicit for song in ordered),
        "release_date": release_date(song.release_date for song in ordered),
        "cover_id": next(iter(_by_frequency(song.cover_id for song in ordered if song.cover_id)), None),
        "genre_ids": _by_frequency(id for song in ordered for id in song.genre_ids)[:GENRES_LIMIT],
        "is_hidden": False,
    }


def album_numbers(album: Album, songs: Sequence[Song], *, is_artist_withdrawn: bool) -> dict[str, Any]:
    """An album's totals without what a person set; hidden when people withdrew it or its artist, shown when they made
    it, whether it has songs yet or not."""
    numbers = {name: value for name, value in album_totals(songs).items() if name not in album.edited_fields}
    empty = not songs and not album.is_kept
    return numbers | {"is_hidden": album.is_withdrawn or is_artist_withdrawn or empty}


def is_withheld(song: Song, album: Album | None, is_artist_withdrawn: bool) -> bool:
    """Whether people keep a song out of sight: itself, its album or its artist."""
    return song.is_withdrawn or is_artist_withdrawn or (album is not None and album.is_withdrawn)


def release_date(dates: Iterable[str | None]) -> str | None:
    """The date most songs give; among equals the latest, for an album is out when its last song is."""
    counted = Counter(date for date in dates if date)
    return max(counted, key=lambda date: (counted[date], date), default=None)


def artist_totals(artist: Artist, songs: int, albums: int, genre_ids: Iterable[str]) -> dict[str, Any]:
    """An artist's numbers without what a person set; hidden when people withdrew them, shown when people made them."""
    numbers = artist_numbers(songs, albums, genre_ids)
    empty = numbers["is_hidden"] and not artist.is_kept
    kept = {name: value for name, value in numbers.items() if name not in artist.edited_fields}
    return kept | {"is_hidden": artist.is_withdrawn or empty}


def artist_numbers(songs: int, albums: int, genre_ids: Iterable[str]) -> dict[str, Any]:
    """An artist's counts of visible songs and albums; with neither, the artist is hidden."""
    return {
        "song_count": songs,
        "album_count": albums,
        "genre_ids": _by_frequency(genre_ids)[:GENRES_LIMIT],
        "is_hidden": songs == 0 and albums == 0,
    }


def _by_frequency(values: Iterable[str]) -> list[str]:
    """Distinct values, the most frequent first, among equals the first seen."""
    return [value for value, _ in Counter(values).most_common()]


def best_file(files: Iterable[AudioFile]) -> AudioFile | None:
    """The file a song is played from: present, lossless before lossy, then more detail, then the older record."""
    present = [file for file in files if file.state == FileState.PRESENT]
    return min(present, key=file_rank, default=None)


def file_rank(file: AudioFile) -> tuple[bool, int, int, str]:
    """Sorts the better file first."""
    lossless = file.codec in _LOSSLESS
    detail = file.sample_rate * (file.bits_per_sample or 0) if lossless else 0
    return (not lossless, -detail, 0 if lossless else -file.bitrate, file.id)
