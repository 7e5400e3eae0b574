"""Downloads: what a device keeps to play offline, under which licence, and the checksums of renditions.

A download's songs stand in lists side by side and not in a list of records: there may be 10,000, and every change of
them is one atomic update of one document, guarded by `revision`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DownloadKind(StrEnum):
    """What somebody asked for: songs they named, or whatever a playlist or an album holds."""

    SONGS = "songs"
    PLAYLIST = "playlist"
    ALBUM = "album"


class DownloadState(StrEnum):
    """How far a download is."""

    PREPARING = "preparing"
    READY = "ready"
    REVOKED = "revoked"


class RevokeReason(StrEnum):
    """Why a licence ended before its time. One that ended for its tier alone lives again when the tier is back."""

    USER = "user"
    DEVICE = "device"
    TIER = "tier"
    STAFF = "staff"
    SUSPENDED = "suspended"
    SOURCE = "source"


@dataclass(slots=True)
class Download:
    """One thing kept on one device. `id` is the licence's id too; `key` is the same for what would be the same again.
    `over` names the revocation that ended it for good; empty while it lives, so that one of a key lives at most.

    Song number `n` is `song_ids[n]`: `revisions[n]` is the revision at which it last changed, `added[n]` that at which
    it came, `renditions[n]` the id of its `RenditionSums` (empty while it is not prepared), `stamps[n]` stands for the
    file its sound is in, `facts[n]` for what else the manifest tells of it, `failures[n]` is why it cannot be had
    (empty when it can). `order` is the list as it is played, in which a song may stand more than once.
    What went is in `gone_ids` with `gone_revisions` and `gone_reasons`, the last 10,000; who knows less than
    `floor_revision` begins anew. `song_count` to `total_bytes` follow from these lists, in the same update.

    `due_at` is there while songs wait to be prepared: from then on any process may take the work up (`claimed_by`).
    """

    id: str
    user_id: str
    device_id: str
    kind: str
    quality: str
    created_at: datetime
    updated_at: datetime
    issued_at: datetime
    expires_at: datetime
    key: str = ""
    over: str = ""
    target_id: str | None = None
    wanted_ids: list[str] = field(default_factory=list)
    format: str | None = None
    state: str = "preparing"
    revoked_at: datetime | None = None
    revoke_reason: str | None = None
    revision: int = 0
    order_revision: int = 0
    floor_revision: int = 0
    song_count: int = 0
    ready_count: int = 0
    failed_count: int = 0
    total_bytes: int = 0
    due_at: datetime | None = None
    claimed_by: str | None = None
    order: list[str] = field(default_factory=list)
    song_ids: list[str] = field(default_factory=list)
    revisions: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    renditions: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    stamps: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    gone_ids: list[str] = field(default_factory=list)
    gone_revisions: list[int] = field(default_factory=list)
    gone_reasons: list[str] = field(default_factory=list)


@dataclass(slots=True)
class DownloadDevice:
    """One place on somebody's list of devices: `id` is `user:slot`, so that there are never more than slots."""

    id: str
    user_id: str
    device_id: str
    name: str
    added_at: datetime
    seen_at: datetime


@dataclass(slots=True)
class RenditionSums:
    """What a rendition's bytes are: `id` is its entity tag without quotes, so these never change.

    `chunks` are the SHA-256 of each `chunk_bytes` (the last may be shorter), in hexadecimal; `sha256` is the whole's.
    `used_at` is when a download last came by them.
    """

    id: str
    rendition: str
    content_type: str
    size: int
    chunk_bytes: int
    sha256: str
    chunks: list[str]
    used_at: datetime
