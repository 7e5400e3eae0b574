"""A track's words as a song, and what differs from the song as it is stored.

Owns which fields come from tags. Refuses to write.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from services.audio.formats.stream_facts import StreamFacts
from services.clock import Clock
from services.library.identity import Facts
from services.library.names import fold, name_key, plain_year, slug
from services.library.people import People
from services.library.track import PERFORMING_ROLES, Track
from services.lyrics.sheets import sheet_id
from storage.collections.record_codec import RecordCodec
from storage.records import Album, AudioFeatures, AudioFile, FileState, Song

_TAGGED = (
    "title", "sort_title", "artist_id", "artist_credit", "credits", "artist_ids", "album_id", "album_title", "cover_id",
    "duration_ms", "track_number", "disc_number", "release_date", "year", "isrc", "musicbrainz_id", "genre_id",
    "genre_ids", "lyrics", "synced_lyrics", "lyrics_id", "is_explicit", "mood", "language", "copyright",
    "replaygain_db", "replaygain_peak", "file_id", "match_key", "name_key",
)  # fmt: skip


def song_of(track: Track, id: str, file_id: str, album: Album | None, people: People, genres: dict[str, str],
            clock: Clock) -> Song:  # fmt: skip
    """The song as this track tells it, new and without history."""
    tags = track.tags
    now = clock.now()
    printed = [people.credit(credit) for credit in track.credits]
    everybody = printed + [people.credit(credit) for credit in track.people]
    performing = dict.fromkeys(credit.artist_id for credit in everybody if credit.role in PERFORMING_ROLES)
    genre_ids = list(dict.fromkeys(genres[fold(name)] for name in tags.genres))
    return Song(
        id,
        track.title,
        track.sort_title,
        slug(track.title, "song"),
        printed[0].artist_id,
        track.artist_credit,
        now,
        now,
        credits=everybody,
        artist_ids=list(performing),
        album_id=album.id if album else None,
        album_title=album.title if album else None,
        cover_id=album.cover_id if album and "cover_id" in album.edited_fields else track.cover_id,
        duration_ms=track.facts.duration_ms,
        track_number=track.track_number,
        disc_number=track.disc_number,
        release_date=track.date,
        year=plain_year(track.date),
        isrc=tags.isrc,
        musicbrainz_id=tags.recording_id,
        genre_id=genre_ids[0] if genre_ids else None,
        genre_ids=genre_ids,
        lyrics=tags.lyrics,
        synced_lyrics=tags.synced_lyrics,
        lyrics_id=sheet_id(tags.sung),
        is_explicit=tags.is_explicit,
        mood=tags.mood,
        language=tags.language,
        copyright=tags.copyright,
        features=AudioFeatures(tempo=tags.tempo, key=tags.key),
        replaygain_db=tags.track_gain_db,
        replaygain_peak=tags.track_peak,
        file_id=file_id,
        match_key=track.match_key,
        name_key=name_key(printed[0].name, track.title),
    )


def changed_fields(codec: RecordCodec[Song], old: Song, new: Song) -> dict[str, Any]:
    """Stored fields that the tags now say differently; None for those they no longer say. Never plays and likes."""
    before, after = codec.encode(old), codec.encode(new)
    fields: dict[str, Any] = {}
    for name in _TAGGED:
        # Timed lyrics that a person set before sheets were kept have none, and get none from a file.
        if name in old.edited_fields or (name == "lyrics_id" and "synced_lyrics" in old.edited_fields):
            # What a person set stays; what the file says is remembered, for the song is known again by it.
            if old.tagged.get(name) != after.get(name):
                fields[f"tagged.{name}"] = after.get(name)
        elif before.get(name) != after.get(name):
            fields[name] = after.get(name)
    told = [name for name in ("tempo", "key") if getattr(new.features, name) is not None]
    for name in told:
        if getattr(new.features, name) != getattr(old.features, name):
            fields[f"features.{name}"] = getattr(new.features, name)
    if set(told) & set(old.features.measured):
        # What a tag says is no longer the analysis's to set.
        fields["features.measured"] = [name for name in old.features.measured if name not in told]
    return fields


def facts_of_track(track: Track, album: Album | None) -> Facts:
    """What identity is judged by, from a file."""
    return Facts(
        fold(track.title), track.match_key, track.facts.duration_ms, album.id if album else None, track.slot,
        track.tags.isrc, track.tags.recording_id, bare_path(track.found.path),
    )  # fmt: skip


def facts_of_song(song: Song, path: str | None) -> Facts:
    """What identity is judged by, from the catalogue. `path` is that of the file it is played from."""
    slot = song.as_tagged("disc_number") or 1, song.as_tagged("track_number")
    return Facts(
        fold(song.as_tagged("title") or ""),
        song.match_key or "",
        song.duration_ms,
        song.album_id,
        slot,
        song.as_tagged("isrc"),
        song.musicbrainz_id,
        bare_path(path) if path is not None else None,
    )


def bare_path(path: str) -> str:
    """A path without its suffix."""
    return str(PurePath(path).with_suffix(""))


def file_of(track: Track, id: str, song_id: str, clock: Clock) -> AudioFile:
    """The record of a track's file."""
    return AudioFile(
        id,
        track.found.path,
        track.found.size,
        track.found.mtime_ns,
        FileState.PRESENT.value,
        clock.now(),
        song_id=song_id,
        payload_hash=track.payload_hash,
        tags_hash=track.tags_hash,
        sidecar_hash=track.found.sidecar_hash,
        **sound_fields(track.facts),
    )


def sound_fields(facts: StreamFacts) -> dict[str, Any]:
    """What a file's record keeps of its sound."""
    return {
        "codec": facts.codec,
        "container": facts.container,
        "content_type": facts.content_type,
        "bitrate": facts.bitrate,
        "sample_rate": facts.sample_rate,
        "channels": facts.channels,
        "bits_per_sample": facts.bits_per_sample,
        "samples": facts.samples,
        "duration_ms": facts.duration_ms,
    }
