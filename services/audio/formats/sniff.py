"""What a file really is, from its first bytes: names lie, contents do not.

Owns magic numbers and the words for what cannot be imported. Refuses to know file names.
"""

from __future__ import annotations

from typing import BinaryIO

from services.audio.formats.mpeg import find_frames, id3v2_length, tag_free_span
from services.audio.formats.stream_facts import Unreadable, read_at

_OTHERS = (
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"0&\xb2u\x8ef\xcf\x11", "Windows Media (WMA or WMV)"),
    (b"FLV\x01", "a Flash video"),
    (b"\x00\x00\x01\xba", "an MPEG video"),
    (b"\x00\x00\x01\xb3", "an MPEG video"),
    (b"MAC ", "Monkey's Audio"),
    (b"wvpk", "WavPack"),
    (b"MPCK", "Musepack"),
    (b"MP+", "Musepack"),
    (b"TTA1", "True Audio"),
    (b"DSD ", "DSD"),
    (b"FRM8", "DSD"),
    (b"MThd", "MIDI notes, not sound"),
    (b".snd", "Sun audio"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_TEXTS = (
    (b"#extm3u", "a playlist"),
    (b"[playlist]", "a playlist"),
    (b"<?xpf", "a playlist"),
    (b"ffconcat version", "a playlist"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"rem ", "a cue sheet"),
    (b"performer ", "a cue sheet"),
    (b"file ", "a cue sheet"),
    (b"title ", "a cue sheet"),
)


def sniff(file: BinaryIO, size: int) -> str:
    """One of mp3, adts, flac, ogg, mp4, wav, aiff. Unreadable, naming what it is instead, for all else."""
    if size == 0:
        raise Unreadable("the file is empty")
    head = read_at(file, 0, 512)
    skipped = id3v2_length(head)
    if skipped:
        behind = read_at(file, skipped, 16)
        if behind.startswith(b"fLaC"):
            return "flac"
        return _frames(file, size, head, "the file holds tags but no sound")
    if head.startswith(b"fLaC"):
        return "flac"
    if head.startswith(b"OggS"):
        return "ogg"
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mp4"
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        raise Unreadable("the file is an AVI video")
    for mark, kind in _OTHERS:
        if head.startswith(mark):
            raise Unreadable(f"the file is {kind}, which is not supported")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, kind in _TEXTS:
        if text.startswith(mark) and b"\0" not in head:
            raise Unreadable(f"the file is {kind}, not sound")
    return _frames(file, size, head, "the file holds no sound that is known here")


def _frames(file: BinaryIO, size: int, head: bytes, otherwise: str) -> str:
    """MP3 or ADTS, by whose frames come first."""
    start, length = tag_free_span(file, size)
    found = {
        kind: frames[0]
        for kind, adts in (("mp3", False), ("adts", True))
        if (frames := find_frames(file, start, start + length, adts=adts)) is not None
    }
    if found:
        return min(found, key=lambda kind: found[kind])
    if not any(head):
        raise Unreadable("the file is filled with zeros")
    raise Unreadable(otherwise)
