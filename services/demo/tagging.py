"""A song's facts as tags in four formats: ID3v2.4, Vorbis comments (FLAC, Opus) and MP4 atoms, cover
included.

Owns the spelling of tags, which follows what MusicBrainz Picard writes, since that is what libraries look
like. Refuses to know the catalogue: facts come as one `Facts` value.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mutagen import flac, id3, mp3, mp4, oggopus

from services.demo.catalogue import Format


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything written into one file. Empty values are left out; `gain_db` is against -18 LUFS."""

    title: str
    artist: str
    artists: tuple[str, ...]
    artist_ids: tuple[str, ...]
    artist_sort: str
    album: str
    album_artist: str
    album_artists: tuple[str, ...]
    album_artist_ids: tuple[str, ...]
    album_id: str
    recording_id: str
    kind: str
    track: int
    tracks: int
    disc: int
    discs: int
    disc_title: str
    date: str
    genres: tuple[str, ...]
    isrc: str
    barcode: str
    label: str
    catalogue_number: str
    copyright: str
    composer: str
    bpm: int
    key: str
    mood: str
    language: str
    comment: str
    featured: str = ""
    gain_db: float | None = None
    peak: float | None = None
    lyrics: str = ""
    synced: list[tuple[int, str]] = field(default_factory=list)
    lrc: str = ""
    cover: bytes = b""
    cover_type: str = "image/jpeg"
    cover_edge: int = 0


def write_tags(path: Path, format: Format, facts: Facts) -> None:
    """Replace the file's tags with these facts; the audio is not touched."""
    if format is Format.MP3:
        _write_id3(path, facts)
    elif format is Format.M4A:
        _write_mp4(path, facts)
    elif format is Format.FLAC:
        _write_flac(path, facts)
    else:
        _write_opus(path, facts)


def _common(facts: Facts) -> dict[str, list[str]]:
    """What Vorbis comments say, in their names; every value is a list."""
    said: dict[str, list[str]] = {
        "TITLE": [facts.title],
        "ARTIST": [facts.artist],
        "ARTISTS": list(facts.artists),
        "ARTISTSORT": [facts.artist_sort],
        "ALBUM": [facts.album],
        "ALBUMARTIST": [facts.album_artist],
        "ALBUMARTISTS": list(facts.album_artists),
        "TRACKNUMBER": [str(facts.track)],
        "TRACKTOTAL": [str(facts.tracks)],
        "DISCNUMBER": [str(facts.disc)],
        "DISCTOTAL": [str(facts.discs)],
        "DISCSUBTITLE": [facts.disc_title],
        "DATE": [facts.date],
        "GENRE": list(facts.genres),
        "ISRC": [facts.isrc],
        "BARCODE": [facts.barcode],
        "LABEL": [facts.label],
        "CATALOGNUMBER": [facts.catalogue_number],
        "COPYRIGHT": [facts.copyright],
        "COMPOSER": [facts.composer],
        "BPM": [str(facts.bpm)],
        "INITIALKEY": [facts.key],
        "MOOD": [facts.mood],
        "LANGUAGE": [facts.language],
        "RELEASETYPE": [facts.kind],
        "COMMENT": [facts.comment],
        "PERFORMER": [f"{facts.featured} (guest)"] if facts.featured else [],
        "MUSICBRAINZ_TRACKID": [facts.recording_id],
        "MUSICBRAINZ_ALBUMID": [facts.album_id],
        "MUSICBRAINZ_ARTISTID": list(facts.artist_ids),
        "MUSICBRAINZ_ALBUMARTISTID": list(facts.album_artist_ids),
        "LYRICS": [facts.lrc or facts.lyrics],
        "SYNCEDLYRICS": [facts.lrc],
    }
    if facts.gain_db is not None and facts.peak is not None:
        said["REPLAYGAIN_TRACK_GAIN"] = [f"{facts.gain_db:+.2f} dB"]
        said["REPLAYGAIN_TRACK_PEAK"] = [f"{facts.peak:.6f}"]
    return {name: values for name, values in said.items() if any(values)}


def _picture(facts: Facts) -> flac.Picture:
    picture = flac.Picture()
    picture.type = id3.PictureType.COVER_FRONT
    picture.mime, picture.data, picture.depth = facts.cover_type, facts.cover, 24
    picture.width = picture.height = facts.cover_edge
    return picture


def _write_flac(path: Path, facts: Facts) -> None:
    audio = flac.FLAC(path)
    audio.delete()
    audio.clear_pictures()
    for name, values in _common(facts).items():
        audio[name] = values
    if facts.cover:
        audio.add_picture(_picture(facts))
    audio.save()


def _write_opus(path: Path, facts: Facts) -> None:
    audio = oggopus.OggOpus(path)
    audio.delete()
    for name, values in _common(facts).items():
        audio[name] = values
    if facts.gain_db is not None:
        # RFC 7845: a Q7.8 fixed-point number of decibels, against -23 LUFS instead of -18.
        audio["R128_TRACK_GAIN"] = [str(round((facts.gain_db - 5.0) * 256))]
        del audio["REPLAYGAIN_TRACK_GAIN"], audio["REPLAYGAIN_TRACK_PEAK"]
    if facts.cover:
        audio["METADATA_BLOCK_PICTURE"] = [base64.b64encode(_picture(facts).write()).decode("ascii")]
    audio.save()


def _write_id3(path: Path, facts: Facts) -> None:
    audio = mp3.MP3(path)
    audio.delete()
    if audio.tags is None:
        audio.add_tags()
    tags: Any = audio.tags
    frames: dict[str, list[str]] = {
        "TIT2": [facts.title],
        "TPE1": [facts.artist],
        "TPE2": [facts.album_artist],
        "TSOP": [facts.artist_sort],
        "TALB": [facts.album],
        "TRCK": [f"{facts.track}/{facts.tracks}"],
        "TPOS": [f"{facts.disc}/{facts.discs}"],
        "TSST": [facts.disc_title],
        "TDRC": [facts.date],
        "TCON": list(facts.genres),
        "TSRC": [facts.isrc],
        "TPUB": [facts.label],
        "TCOP": [facts.copyright],
        "TCOM": [facts.composer],
        "TBPM": [str(facts.bpm)],
        "TKEY": [facts.key],
        "TMOO": [facts.mood],
        "TLAN": [facts.language],
    }
    for name, values in frames.items():
        if any(values):
            tags.add(getattr(id3, name)(encoding=3, text=values))
    described: dict[str, list[str]] = {
        "ARTISTS": list(facts.artists),
        "BARCODE": [facts.barcode],
        "CATALOGNUMBER": [facts.catalogue_number],
        "MusicBrainz Album Id": [facts.album_id],
        "MusicBrainz Album Type": [facts.kind],
        "MusicBrainz Artist Id": list(facts.artist_ids),
        "MusicBrainz Album Artist Id": list(facts.album_artist_ids),
    }
    if facts.gain_db is not None and facts.peak is not None:
        described["REPLAYGAIN_TRACK_GAIN"] = [f"{facts.gain_db:+.2f} dB"]
        described["REPLAYGAIN_TRACK_PEAK"] = [f"{facts.peak:.6f}"]
    for name, values in described.items():
        tags.add(id3.TXXX(encoding=3, desc=name, text=values))
    tags.add(id3.UFID(owner="http://musicbrainz.org", data=facts.recording_id.encode("ascii")))
    tags.add(id3.COMM(encoding=3, lang="eng", desc="", text=[facts.comment]))
    if facts.featured:
        tags.add(id3.TMCL(encoding=3, people=[["guest", facts.featured]]))
    if facts.lyrics:
        tags.add(id3.USLT(encoding=3, lang=facts.language, desc="", text=facts.lyrics))
    if facts.synced:
        lines = [(line, at_ms) for at_ms, line in facts.synced]
        tags.add(id3.SYLT(encoding=3, lang=facts.language, format=2, type=1, desc="", text=lines))
    if facts.cover:
        tags.add(id3.APIC(encoding=3, mime=facts.cover_type, type=3, desc="Cover", data=facts.cover))
    audio.save(v1=0, v2_version=4)


def _write_mp4(path: Path, facts: Facts) -> None:
    audio = mp4.MP4(path)
    audio.delete()
    if audio.tags is None:
        audio.add_tags()
    atoms: dict[str, list[str]] = {
        "\xa9nam": [facts.title],
        "\xa9ART": [facts.artist],
        "aART": [facts.album_artist],
        "soar": [facts.artist_sort],
        "\xa9alb": [facts.album],
        "\xa9day": [facts.date],
        "\xa9gen": list(facts.genres),
        "\xa9wrt": [facts.composer],
        "\xa9cmt": [facts.comment],
        "\xa9lyr": [facts.lrc or facts.lyrics],
        "cprt": [facts.copyright],
    }
    for name, values in atoms.items():
        if any(values):
            audio[name] = values
    audio["trkn"] = [(facts.track, facts.tracks)]
    audio["disk"] = [(facts.disc, facts.discs)]
    audio["tmpo"] = [facts.bpm]
    free: dict[str, list[str]] = {
        "ARTISTS": list(facts.artists),
        "ISRC": [facts.isrc],
        "BARCODE": [facts.barcode],
        "LABEL": [facts.label],
        "CATALOGNUMBER": [facts.catalogue_number],
        "MOOD": [facts.mood],
        "LANGUAGE": [facts.language],
        "initialkey": [facts.key],
        "MusicBrainz Track Id": [facts.recording_id],
        "MusicBrainz Album Id": [facts.album_id],
        "MusicBrainz Album Type": [facts.kind],
        "MusicBrainz Artist Id": list(facts.artist_ids),
        "MusicBrainz Album Artist Id": list(facts.album_artist_ids),
        "PERFORMER": [f"{facts.featured} (guest)"] if facts.featured else [],
    }
    if facts.gain_db is not None and facts.peak is not None:
        free["replaygain_track_gain"] = [f"{facts.gain_db:+.2f} dB"]
        free["replaygain_track_peak"] = [f"{facts.peak:.6f}"]
    for name, values in free.items():
        if any(values):
            audio[f"----:com.apple.iTunes:{name}"] = [mp4.MP4FreeForm(value.encode("utf-8")) for value in values]
    if facts.cover:
        kind = mp4.MP4Cover.FORMAT_PNG if facts.cover_type == "image/png" else mp4.MP4Cover.FORMAT_JPEG
        audio["covr"] = [mp4.MP4Cover(facts.cover, imageformat=kind)]
    audio.save()
