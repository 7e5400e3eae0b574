"""The songs of a download and their history: what becomes of it when its list, a file or a checksum changes.

Pure: every function gives a new `Download` with the next revision, or the same one when nothing changed. A client that
applies `changes_since` its own revision has what the download has; deletions come with the songs. Refuses to know why
a song is wanted and how it is prepared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.errors import Invalid
from storage.records.download import Download, DownloadState

GONE_LIMIT = 10_000


class ItemState(StrEnum):
    """Whether a song of a download can be fetched."""

    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


class GoneReason(StrEnum):
    """Why a song left a download: it left the list, or its listener may not have it any more."""

    REMOVED = "removed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a download should hold now: songs in order (maybe repeated); of each song, what stands for its file and for
    its facts; and those that are on the list but may not be had."""

    order: Sequence[str]
    stamps: Mapping[str, str]
    facts: Mapping[str, str]
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A song made ready (`rendition` names its sums), or the code of why it cannot be. `stamp` is what it was for."""

    stamp: str
    rendition: str = ""
    size: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One song of a download as it is at `revision`. `is_new` tells that it came after what the asker knew."""

    song_id: str
    revision: int
    rendition: str
    size: int
    failure: str
    is_new: bool

    @property
    def state(self) -> ItemState:
        """Whether it can be fetched."""
        if self.rendition:
            return ItemState.READY
        return ItemState.FAILED if self.failure else ItemState.PREPARING


@dataclass(frozen=True, slots=True)
class GoneItem:
    """A song that left the download at `revision`."""

    song_id: str
    revision: int
    reason: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed after `since`, a page of it in the order of revisions. `cursor` leads on, None at the end.

    `is_reset`: the asker knows too little, and begins with nothing.
    """

    since: int
    revision: int
    items: list[Item]
    gone: list[GoneItem]
    cursor: str | None
    is_reset: bool


def settle(download: Download, wanted: Wanted, now: datetime) -> Download:
    """The download with the songs that are wanted: new ones and those with another file wait to be prepared.

    A song that failed is tried again.
    """
    revision = download.revision + 1
    at = {id: number for number, id in enumerate(download.song_ids)}
    rows: list[tuple[str, int, int, str, int, str, str, str]] = []
    touched = False
    for id in dict.fromkeys(wanted.order):
        stamp, facts = wanted.stamps[id], wanted.facts[id]
        number = at.pop(id, None)
        if number is None:
            rows.append((id, revision, revision, "", 0, stamp, facts, ""))
            touched = True
            continue
        same_file = download.stamps[number] == stamp
        same = same_file and download.facts[number] == facts
        failure = download.failures[number]
        rendition, size = (download.renditions[number], download.sizes[number]) if same_file else ("", 0)
        touched = touched or not same or bool(failure)
        changed = revision if failure or not same else download.revisions[number]
        rows.append((id, changed, download.added[number], rendition, size, stamp, facts, ""))
    order = list(wanted.order)
    moved = order != download.order
    if not (touched or at or moved):
        return download
    gone = [(id, revision, _reason(id, wanted)) for id in at]
    came = {row[0] for row in rows}
    kept = zip(download.gone_ids, download.gone_revisions, download.gone_reasons, strict=True)
    tombs = [tomb for tomb in kept if tomb[0] not in came] + gone
    forgotten, tombs = tombs[:-GONE_LIMIT], tombs[-GONE_LIMIT:]
    made = replace(
        download,
        revision=revision,
        order=order,
        order_revision=revision if moved else download.order_revision,
        song_ids=[row[0] for row in rows],
        revisions=[row[1] for row in rows],
        added=[row[2] for row in rows],
        renditions=[row[3] for row in rows],
        sizes=[row[4] for row in rows],
        stamps=[row[5] for row in rows],
        facts=[row[6] for row in rows],
        failures=[row[7] for row in rows],
        gone_ids=[tomb[0] for tomb in tombs],
        gone_revisions=[tomb[1] for tomb in tombs],
        gone_reasons=[tomb[2] for tomb in tombs],
        floor_revision=max([download.floor_revision, *(tomb[1] for tomb in forgotten)]),
    )
    return counted(made, now)


def with_prepared(download: Download, results: Mapping[str, Prepared], now: datetime) -> Download:
    """The download with these songs prepared, those whose file is another by now left waiting."""
    revision = download.revision + 1
    made = _copied(download)
    touched = False
    for number, id in enumerate(made.song_ids):
        result = results.get(id)
        if result is None or result.stamp != made.stamps[number] or made.renditions[number]:
            continue
        made.renditions[number], made.sizes[number] = result.rendition, result.size
        made.failures[number] = result.failure
        made.revisions[number] = revision
        touched = True
    return counted(replace(made, revision=revision), now) if touched else download


def with_waiting(download: Download, song_ids: Iterable[str], now: datetime) -> Download:
    """The download with these songs to be prepared again: their bytes are not what was promised."""
    revision, again = download.revision + 1, set(song_ids)
    made = _copied(download)
    touched = False
    for number, id in enumerate(made.song_ids):
        if id in again and (made.renditions[number] or made.failures[number]):
            made.renditions[number], made.sizes[number], made.failures[number] = "", 0, ""
            made.revisions[number] = revision
            touched = True
    return counted(replace(made, revision=revision), now) if touched else download


def counted(download: Download, now: datetime) -> Download:
    """The download with the counts and the state that follow from its songs."""
    ready = sum(1 for rendition in download.renditions if rendition)
    failed = sum(1 for failure in download.failures if failure)
    waits = ready + failed < len(download.song_ids)
    return replace(
        download,
        song_count=len(download.song_ids),
        ready_count=ready,
        failed_count=failed,
        total_bytes=sum(download.sizes),
        state=(DownloadState.PREPARING if waits else DownloadState.READY).value,
        due_at=now if waits else None,
        updated_at=now,
    )


def waiting(download: Download, limit: int) -> list[tuple[str, str]]:
    """The first songs that are to be prepared, with their stamps."""
    found = []
    for number, id in enumerate(download.song_ids):
        if not download.renditions[number] and not download.failures[number]:
            found.append((id, download.stamps[number]))
            if len(found) == limit:
                break
    return found


def item_of(download: Download, song_id: str) -> Item | None:
    """One song of the download."""
    try:
        number = download.song_ids.index(song_id)
    except ValueError:
        return None
    return _item(download, number, download.revision)


def items_of(download: Download, start: int, count: int) -> list[Item]:
    """Songs of the download in the order they came, from `start` on."""
    stop = min(len(download.song_ids), start + count)
    return [_item(download, number, download.revision) for number in range(start, stop)]


def changes_since(download: Download, since: int, after: str | None, limit: int) -> Changes:
    """At most `limit` of what changed after revision `since` and after the row of the cursor `after`.

    Rows come by revision, so that what changes between two pages comes on a later one. Invalid for a revision that
    never was and for a foreign cursor.
    """
    if not 0 <= since <= download.revision:
        raise Invalid(f"knownRevision must be from 0 to {download.revision}.", field="knownRevision")
    is_reset = 0 < since < download.floor_revision
    known = 0 if is_reset else since
    begin = (known, "\U0010ffff") if after is None or is_reset else _read_cursor(after)
    rows: list[tuple[int, str, int]] = []
    for number, revision in enumerate(download.revisions):
        if revision > known and (revision, download.song_ids[number]) > begin:
            rows.append((revision, download.song_ids[number], number))
    # Who knows nothing yet need not hear what went before; what goes between two of their pages they must hear.
    if known or (after is not None and not is_reset):
        for number, revision in enumerate(download.gone_revisions):
            if revision > known and (revision, download.gone_ids[number]) > begin:
                rows.append((revision, download.gone_ids[number], -1 - number))
    rows.sort()
    page = rows[:limit]
    items = [_item(download, number, known) for _, _, number in page if number >= 0]
    gone = [GoneItem(id, revision, download.gone_reasons[-1 - number]) for revision, id, number in page if number < 0]
    cursor = f"{page[-1][0]}.{page[-1][1]}" if len(rows) > limit else None
    return Changes(since, download.revision, items, gone, cursor, is_reset)


def _item(download: Download, number: int, known: int) -> Item:
    return Item(
        download.song_ids[number],
        download.revisions[number],
        download.renditions[number],
        download.sizes[number],
        download.failures[number],
        is_new=download.added[number] > known,
    )


def _reason(id: str, wanted: Wanted) -> str:
    return (GoneReason.REVOKED if id in wanted.withheld else GoneReason.REMOVED).value


def _copied(download: Download) -> Download:
    return replace(
        download,
        revisions=list(download.revisions),
        renditions=list(download.renditions),
        sizes=list(download.sizes),
        failures=list(download.failures),
    )


def _read_cursor(text: str) -> tuple[int, str]:
    revision, dot, id = text.partition(".")
    if not dot or not id or len(text) > 100 or not (revision.isascii() and revision.isdigit()):
        raise Invalid("This cursor is not one of ours.", field="after")
    return int(revision), id
