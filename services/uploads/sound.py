"""A staged file looked into, and put where the library keeps what was sent in.

Owns the opening of files from strangers in a worker thread, and the place under the data folder. Refuses to know
songs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from services.audio.far_sounds import path_of_key
from services.audio.formats.probe import Probed, probe
from services.audio.formats.stream_facts import Unreadable
from services.errors import Invalid, Unavailable
from services.library.covers import take_cover
from services.library.payload import payload_hash
from services.pictures.rendering import BrokenPicture, Drawn
from storage.files import FileFacts, Files

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


async def put_in_place(source: Path, files: Files, key: str) -> FileFacts:
    """Let the file stand at its place too, for good; what is known of it there. The staged one stays as it was."""
    return await files.put_file(key, source, may_link=True)


def recorded_path(files: Files, key: str) -> str:
    """What the record of the song's file names: the full path on this machine, else the key in the object store."""
    path = files.local_path(key)
    return path_of_key(key) if path is None else str(path.resolve())


def own_cover(path: Path, image_id: str) -> tuple[str, Drawn] | None:
    """The picture inside the file: its id, and it in every size; None when it cannot be shown. Blocking."""
    try:
        return take_cover(path, embedded=True, image_id=image_id)
    except BrokenPicture:
        return None
