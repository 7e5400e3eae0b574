"""A room as its members are shown it, and what changed of that from one revision to the next.

Owns the words of snapshots and patches (`docs/protocol/rooms.md`): a snapshot with the patches since is the snapshot
of now. Pure; what a single viewer may not see is left out by `room_songs.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from services.rooms.bounds import CHAT_LIMIT
from services.rooms.rights import host_of
from storage.records.room import Room, RoomItem, RoomLine, RoomMember

Face = dict[str, Any]


def face_of(room: Room) -> Face:
    """The whole room: a snapshot."""
    return {
        **_frame(room),
        "members": [member_face(member) for member in room.members],
        "items": [item_face(item) for item in room.items],
        "chat": [line_face(line) for line in room.chat],
    }


def member_face(member: RoomMember) -> Face:
    """One member."""
    return {
        "id": member.id,
        "name": member.name,
        "role": member.role,
        "present": member.present,
        "sinceMs": member.since_ms,
        "readyItemId": member.ready_item,
        "quality": member.quality,
    }


def item_face(item: RoomItem) -> Face:
    """One item of the queue."""
    return {
        "id": item.id,
        "songId": item.song_id,
        "addedBy": item.added_by,
        "durationMs": item.duration_ms,
        "title": item.title,
        "credit": item.credit,
        "coverId": item.cover_id,
        "votes": list(item.votes),
        "gone": item.gone,
        "goneBecause": item.gone_because or None,
    }


def line_face(line: RoomLine) -> Face:
    """One line of the chat."""
    return {"id": line.id, "memberId": line.member_id, "name": line.name, "text": line.text, "atMs": line.at_ms}


def patch_between(before: Room, after: Room) -> tuple[Face, int]:
    """What changed of the face, and how many members, items and lines that takes."""
    old = _frame(before)
    patch: Face = {"set": {name: value for name, value in _frame(after).items() if old[name] != value}}
    weight = 1
    if before.members is not after.members:
        known = {member.id: member for member in before.members}
        put = [member_face(member) for member in after.members if known.get(member.id) != member]
        gone = [id for id in known if id not in {member.id for member in after.members}]
        if put or gone:
            patch["members"] = {"put": put, "gone": gone}
            weight += len(put) + len(gone)
    if before.items is not after.items:
        items = {item.id: item for item in before.items}
        put = [item_face(item) for item in after.items if items.get(item.id) != item]
        splice = _splice([item.id for item in before.items], [item.id for item in after.items])
        patch["items"] = {"put": put, "order": splice}
        weight += len(put) + len(splice["put"])
    if before.chat is not after.chat:
        lines = {line.id for line in before.chat}
        patch["chat"] = [line_face(line) for line in after.chat if line.id not in lines]
        weight += len(patch["chat"])
    return patch, weight


def patched(face: Mapping[str, Any], patch: Mapping[str, Any]) -> Face:
    """The face after a patch, as every client works it out."""
    after = {**face, **patch["set"]}
    if "members" in patch:
        put = {member["id"]: member for member in patch["members"]["put"]}
        gone = set(patch["members"]["gone"])
        kept = [put.pop(member["id"], member) for member in face["members"] if member["id"] not in gone]
        after["members"] = [*kept, *put.values()]
    if "items" in patch:
        items = {item["id"]: item for item in [*face["items"], *patch["items"]["put"]]}
        order = [item["id"] for item in face["items"]]
        splice = patch["items"]["order"]
        order[splice["at"] : splice["at"] + splice["take"]] = splice["put"]
        after["items"] = [items[id] for id in order]
    if "chat" in patch:
        after["chat"] = [*face["chat"], *patch["chat"]][-CHAT_LIMIT:]
    return after


def _frame(room: Room) -> Face:
    host = host_of(room)
    start = room.start
    anchor = room.anchor
    return {
        "roomId": room.id,
        "epoch": room.epoch,
        "rev": room.rev,
        "queueRev": room.queue_rev,
        "playingRev": room.playing_rev,
        "name": room.name,
        "closed": room.closed,
        "hostId": None if host is None else host.id,
        "settings": {
            "control": room.settings.control,
            "mode": room.settings.mode,
            "waitForAll": room.settings.wait_for_all,
            "waitMs": room.settings.wait_ms,
            "chat": room.settings.chat,
            "guests": room.settings.guests,
        },
        "currentItemId": room.current_id,
        "anchor": {
            "atMs": anchor.at_ms,
            "positionMs": anchor.position_ms,
            "rate": anchor.rate,
            "playing": anchor.playing,
        },
        "pausedBy": room.paused_by,
        "start": None if start is None else {_camel(name): value for name, value in asdict(start).items()},
        "skipVotes": list(room.skip_votes),
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _splice(before: Sequence[str], after: Sequence[str]) -> dict[str, Any]:
    """The one stretch that differs: at which index, how many went, which ids came in their place."""
    at = 0
    while at < min(len(before), len(after)) and before[at] == after[at]:
        at += 1
    tail = 0
    while tail < min(len(before), len(after)) - at and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return {"at": at, "take": len(before) - at - tail, "put": list(after[at : len(after) - tail])}
