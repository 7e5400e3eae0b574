"""A hash of the sound alone, so that new tags leave it as it was.

Owns reading the spans a format's reader found. Refuses to know formats.
"""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from services.audio.formats.stream_facts import StreamFacts

_PIECE_BYTES = 1 << 20


def payload_hash(file: BinaryIO, facts: StreamFacts) -> str:
    """32 hex digits for the encoded sound. FLAC's own checksum of the decoded sound is used where it is kept,
    so that a FLAC packed more tightly is the same sound."""
    digest = hashlib.blake2b(digest_size=16, person=b"tutti.sound")
    digest.update(facts.codec.encode() + b"\0")
    if facts.fingerprint is not None:
        digest.update(facts.fingerprint)
        return digest.hexdigest()
    for offset, length in facts.spans:
        file.seek(offset)
        while length > 0:
            piece = file.read(min(length, _PIECE_BYTES))
            if not piece:
                break
            digest.update(piece)
            length -= len(piece)
    return digest.hexdigest()
