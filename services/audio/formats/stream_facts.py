"""What is known of a file's sound once its structure has been read, and the one way of saying that it cannot be.

Refuses to know tags, songs and the disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO


class Unreadable(Exception):
    """This file holds no sound we can play; `reason` is a sentence for the person who owns it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Span = tuple[int, int]
"""Where a piece of sound lies in its file: offset and length in bytes."""


@dataclass(slots=True)
class StreamFacts:
    """One audio stream. `bitrate` in bits a second, `samples` per channel as played (delay and padding taken off).

    `spans` is where the encoded sound lies, tags and container left out; `fingerprint` stands for the sound where the
    format keeps a checksum of its own (FLAC), and then nothing needs reading. `delay` and `padding` are the encoder's
    samples before and after the music, None where the format does not tell.
    """

    codec: str
    container: str
    content_type: str
    sample_rate: int
    channels: int
    bits_per_sample: int | None = None
    samples: int | None = None
    duration_ms: int = 0
    bitrate: int = 0
    delay: int | None = None
    padding: int | None = None
    spans: Sequence[Span] = field(default_factory=tuple)
    fingerprint: bytes | None = None

    def settle(self) -> StreamFacts:
        """Fill duration and bitrate in from samples and spans where they are still open. Unreadable without sound."""
        if self.sample_rate <= 0 or self.channels <= 0:
            raise Unreadable("the sound has no sample rate or no channels")
        if self.samples is not None and self.samples > 0:
            self.duration_ms = round(self.samples * 1000 / self.sample_rate)
        if self.duration_ms <= 0:
            raise Unreadable("the file holds no sound")
        if not self.bitrate:
            self.bitrate = round(sum(length for _, length in self.spans) * 8000 / self.duration_ms)
        return self


def read_at(file: BinaryIO, offset: int, length: int) -> bytes:
    """Up to `length` bytes from `offset`; fewer at the end of the file."""
    file.seek(offset)
    return file.read(length)
