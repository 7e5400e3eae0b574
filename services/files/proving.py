"""One file read to its end and held against what is recorded of it.

Owns how the bytes of each kind of file prove themselves. Refuses to know what follows from a fault.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image as Pillow

from services.audio.ffmpeg import Ffmpeg, FfmpegFailed
from services.audio.formats.probe import probe
from services.audio.formats.stream_facts import StreamFacts, Unreadable
from services.library.payload import payload_hash
from storage.files import Files, NoSuchFile
from storage.records import AudioFile

_DECODE_SECONDS = 1800.0
_WIDTHS = {16: "s16le", 24: "s24le"}


@dataclass(frozen=True, slots=True)
class Proof:
    """How a file stands: `fault` says what is wrong, empty for nothing."""

    fault: str = ""
    read_bytes: int = 0


async def digest_of(files: Files, key: str) -> str | None:
    """The SHA-256 of what is kept under a key, read to its end; None when nothing is."""
    path = files.local_path(key)
    if path is not None:
        return await asyncio.to_thread(_digest, path)
    digest = hashlib.sha256()
    try:
        async for piece in files.read(key):
            digest.update(piece)
    except NoSuchFile:
        return None
    return digest.hexdigest()


async def prove_sound(file: AudioFile, ffmpeg: Ffmpeg) -> Proof:
    """A library file of the recorded size and time: whether its sound is still the recorded one.

    FLAC is decoded and held against the checksum inside it; of everything else the encoded sound is hashed.
    """
    try:
        found, facts, read = await asyncio.to_thread(_reread, Path(file.path))
    except Unreadable as broken:
        return Proof(broken.reason)
    except OSError as fault:
        return Proof(f"cannot be read: {fault.strerror or fault}")
    if file.payload_hash is not None and found != file.payload_hash:
        return Proof("its sound differs from the imported one", read)
    if facts.fingerprint is not None:
        return Proof(await _decode(file.path, facts, ffmpeg), read)
    return Proof("", read)


def opens(data: bytes) -> bool:
    """Whether these bytes are a whole picture. Blocking."""
    try:
        with Pillow.open(BytesIO(data), formats=("JPEG", "WEBP", "AVIF")) as picture:
            picture.load()
    # Damaged pictures raise nearly anything.
    except (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, EOFError, ArithmeticError, RuntimeError):
        return False
    return True


async def _decode(path: str, facts: StreamFacts, ffmpeg: Ffmpeg) -> str:
    width = _WIDTHS.get(facts.bits_per_sample or 0)
    wanted = (facts.fingerprint or b"")[:16]
    args = ["-protocol_whitelist", "file", "-format_whitelist", "flac", "-xerror", "-err_detect", "crccheck+explode"]
    args += ["-i", f"file:{path}", "-map", "0:a:0"]
    args += ["-c:a", f"pcm_{width}", "-f", "md5", "pipe:1"] if width else ["-f", "null", "-"]
    try:
        told = await ffmpeg.capture(args, limit_bytes=1000, timeout_s=_DECODE_SECONDS)
    except FfmpegFailed:
        return "it cannot be decoded to its end"
    if width and told.strip() != b"MD5=" + wanted.hex().encode():
        return "its sound differs from its own checksum"
    return ""


def _reread(path: Path) -> tuple[str, StreamFacts, int]:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        probed = probe(file, size)
        return payload_hash(file, probed.facts), probed.facts, size


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
