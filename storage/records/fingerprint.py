"""Acoustic fingerprints: by which a sound is recognised whatever it was encoded with."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Fingerprint:
    """The fingerprint of one payload, whose hash is `id`; `version` is the analyser's.

    `words` are 32-bit words, little endian, as base64, about 11 a second of the first five minutes; `keys` are the few
    of them by which candidates are found. `grouped_version` is that of the rules by which it was put beside its likes.
    """

    id: str
    version: int
    duration_ms: int
    words: str
    keys: list[int] = field(default_factory=list)
    grouped_version: int | None = None
