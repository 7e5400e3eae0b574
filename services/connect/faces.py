"""How a queue looks from outside, and patches from one revision to the next: pure.

A patch sets fields and replaces one run of the list; put on the face it was made for, it gives the next face exactly.
Refuses to know what led to a change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from storage.records.play_queue import PlayQueue, QueueItem

Face = dict[str, Any]
Patch = dict[str, Any]


def item_face(item: QueueItem) -> Face:
    """One item."""
    shown = {"id": item.id, "songId": item.song_id, "durationMs": item.duration_ms, "origin": item.origin}
    return shown if item.reason is None else {**shown, "reason": item.reason}


def face_of(queue: PlayQueue) -> Face:
    """The whole queue."""
    return {"rev": queue.rev, **_fields(queue), "items": [item_face(item) for item in queue.items]}


def play_id_of(queue: PlayQueue) -> str | None:
    """Names this one playing of what plays, for the ledger; None when nothing does."""
    return None if queue.current_id is None else f"queue:{queue.current_rev}"


def patch_between(before: PlayQueue, after: PlayQueue) -> Patch:
    """`set`: fields that differ. `splice`: at index `at`, `remove` items go and `insert` come; an item that is only
    named by its id is one that went from elsewhere in the run or stays."""
    old, new = _fields(before), _fields(after)
    patch: Patch = {}
    changed = {name: value for name, value in new.items() if old[name] != value}
    if changed:
        patch["set"] = changed
    if before.items is not after.items:
        splice = _splice(before.items, after.items)
        if splice is not None:
            patch["splice"] = splice
    return patch


def patched(face: Face, patch: Mapping[str, Any]) -> Face:
    """The face after a change: what every client does."""
    made = {**face, "rev": patch.get("rev", face["rev"]), **patch.get("set", {})}
    splice = patch.get("splice")
    if splice is not None:
        items = face["items"]
        known = {item["id"]: item for item in items}
        at = splice["at"]
        insert = [known[item] if isinstance(item, str) else item for item in splice["insert"]]
        made["items"] = [*items[:at], *insert, *items[at + splice["remove"] :]]
    return made


def as_text(patch: Patch) -> str:
    """A patch as it is stored."""
    return json.dumps(patch, separators=(",", ":"), ensure_ascii=False)


def from_text(rev: int, text: str) -> Patch:
    """A stored patch with the revision it leads to."""
    return {"rev": rev, **json.loads(text)}


def _fields(queue: PlayQueue) -> Face:
    context, anchor = queue.context, queue.anchor
    return {
        "context": None if context is None else {"kind": context.kind, "id": context.id, "name": context.name},
        "currentId": queue.current_id,
        "playId": play_id_of(queue),
        "anchor": {
            "atMs": anchor.at_ms,
            "positionMs": anchor.position_ms,
            "rate": anchor.rate,
            "playing": anchor.playing,
        },
        "repeat": queue.repeat,
        "shuffleSeed": queue.shuffle_seed,
        "autoplay": queue.autoplay,
        "deviceId": queue.device_id,
        "volume": queue.volume,
    }


def _splice(before: list[QueueItem], after: list[QueueItem]) -> Patch | None:
    most = min(len(before), len(after))
    start = 0
    while start < most and before[start].id == after[start].id:
        start += 1
    end = 0
    while end < most - start and before[-1 - end].id == after[-1 - end].id:
        end += 1
    if start == len(before) == len(after):
        return None
    known = {item.id for item in before}
    run = after[start : len(after) - end]
    insert = [item.id if item.id in known else item_face(item) for item in run]
    return {"at": start, "remove": len(before) - end - start, "insert": insert}
