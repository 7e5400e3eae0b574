"""A staged file looked into, and put where the library keeps what was sent in.

Owns the opening of files from strangers in a worker thread, and the place under the data folder. Refuses to know
songs.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from services.audio.formats.probe import Probed, probe
from services.audio.formats.stream_facts import Unreadable
from services.errors import Invalid, Unavailable
from services.library.covers import keep_cover
from services.library.payload import payload_hash
from services.pictures.rendering import BrokenPicture
from storage.files import LocalFiles

FOLDER = "uploads/songs"
_SUFFIXES = {"mp3": "mp3", "adts": "aac", "flac": "flac", "ogg": "ogg", "mp4": "m4a", "wav": "wav", "aiff": "aiff"}


@dataclass(slots=True)
class UploadedSound:
    """What a staged file holds: its sound, its tags, and the hash of the sound alone."""

    probed: Probed
    payload_hash: str


def look_into(path: Path, field: str) -> UploadedSound:
    """Read the file to its end. Invalid, with the reason and `field`, when it holds no sound we can play. Blocking."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            probed = probe(file, size)
            found = UploadedSound(probed, payload_hash(file, probed.facts))
            probed.facts.spans = ()
            return found
    except Unreadable as fault:
        reason = fault.reason[:1].upper() + fault.reason[1:]
        raise Invalid(f"{reason}.", field=field, code="NOT_AUDIO") from fault
    except OSError as fault:
        raise Unavailable(f"The upload cannot be read: {fault.strerror or fault}.", field=field) from fault


def file_key(song_id: str, container: str) -> str:
    """Where the song's file belongs, by its real kind."""
    return f"{FOLDER}/{song_id[-2:].lower()}/{song_id}.{_SUFFIXES[container]}"


def put_in_place(source: Path, files: LocalFiles, key: str) -> os.stat_result:
    """Let the file stand at its place too, for good; its status there. The staged one stays as it was. Blocking."""
    target = files.path(key)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as file:
            os.fsync(file.fileno())
        try:
            target.hardlink_to(source)
        except OSError:
            _copy(source, target)
        for folder in (target.parent, target.parent.parent):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        return target.stat()
    except OSError as fault:
        raise Unavailable(f"The song cannot be kept: {fault.strerror or fault}.", code="STORAGE_FULL") from fault


def _copy(source: Path, target: Path) -> None:
    """For file systems that know no second name of a file."""
    beside = target.with_name(f".{target.name}")
    try:
        with source.open("rb") as reading, beside.open("wb") as writing:
            shutil.copyfileobj(reading, writing, 1 << 20)
            writing.flush()
            os.fsync(writing.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def own_cover(path: Path, image_id: str, files: LocalFiles) -> tuple[str, int, int, int] | None:
    """The picture inside the file, kept: its id, width, height and bytes; None when it cannot be shown. Blocking."""
    try:
        return keep_cover(path, embedded=True, image_id=image_id, files=files)
    except BrokenPicture:
        return None
