"""What a full room costs: telling its followers, each alone and by sight, and writing one step of each kind.

python -m bench.room_news [followers]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson

from realtime.player.encoded import EncodedFrames
from realtime.player.frames import event
from services.rooms import chat, items, members, playing
from services.rooms.bounds import CHAT_LIMIT, ITEMS_LIMIT, MEMBERS_LIMIT
from services.rooms.faces import face_of
from services.rooms.items import NewItem
from services.rooms.pace import Moment
from services.rooms.reducer import Step, apply, patches_since
from services.viewer import Viewer
from storage.records.room import Room
from tests.catalogue_rig import furnish, small_house
from tests.rooms.storm import new_room

NOW_MS = 1.8e12


def full_room(songs: int = ITEMS_LIMIT, people: int = MEMBERS_LIMIT) -> Room:
    """A room that is as full as rooms are."""
    room = new_room(at_ms=NOW_MS)

    def furnish_it(room: Room, now: Moment) -> Room:
        for number in range(people - 1):
            room = members.join(room, now, f"01KT1GWP40YWQPE589GZ8{number:05}", f"member {number}")
        new = [
            NewItem(f"01KT1GWS1RXE8S7YBHV3D{n:05}", ("s1", "s3", "b1")[n % 3], 200_000, f"Song {n}", "The Artists")
            for n in range(songs)
        ]
        room = items.add(room, "user0", new)
        for number in range(CHAT_LIMIT):
            room = chat.say(room, now, "user0", f"01KT1GWS1RXE8S7YBHV3E{number:05}", f"line {number} " + "x" * 60)
        return room

    return apply(room, Moment(NOW_MS), furnish_it)


def steps(room: Room) -> dict[str, Step]:
    """One step of each kind."""
    last = room.items[-1].id
    return {
        "chat": lambda room, now: chat.say(room, now, "user0", f"line-{room.rev}", "hello"),
        "vote": lambda room, now: items.vote(room, "user0", room.items[-1 - room.rev % 500].id, True),
        "ready": lambda room, now: members.set_ready(room, "user0", room.items[room.rev % 500].id),
        "seek": lambda room, now: playing.seek(room, now, "user0", float(room.rev)),
        "move": lambda room, now: items.move(room, "user0", room.items[-1].id, room.items[1].id),
        "add": lambda room, now: items.add(room, "user0", [NewItem(f"{last}-{room.rev}", "s1", 200_000)]),
    }


async def tell(rig: Any, followers: int) -> None:
    """Telling a chat line and a snapshot to everybody, in turns of both ways, best of five."""
    room = full_room()
    room = apply(room, Moment(NOW_MS), steps(room)["chat"])
    songs = rig.house.room_news._songs
    viewer = Viewer("ann")
    for name, known in (("a line of chat", room.rev - 1), ("the whole room", None)):
        alone_s, shared_s = [], []
        for turn in range(5):
            began = time.perf_counter()
            for _ in range(followers):
                patches = patches_since(room, room.epoch, known)
                if patches is None:
                    told = {"rev": room.rev, "room": await songs.masked_face(viewer, face_of(room))}
                else:
                    told = {"rev": room.rev, "patches": await songs.masked_patches(viewer, patches)}
                event("room", told)
            alone_s.append(time.perf_counter() - began)
            frames, news = EncodedFrames(), rig.house.room_news
            news._told.clear()
            began = time.perf_counter()
            for _ in range(followers):
                frames.frame("room:room", await news.since(viewer, room, room.epoch, known), None)
            shared_s.append(time.perf_counter() - began)
            assert frames.made == 1, turn
        alone, shared = min(alone_s) / followers * 1e6, min(shared_s) / followers * 1e6
        print(f"{name}: each alone {alone:.1f} µs, shared {shared:.1f} µs a follower, ratio {alone / shared:.1f}")


async def write(rig: Any) -> None:
    """One step of each kind in a full room whose tail of changes is long: bytes told, bytes kept, time to write."""
    room = full_room(songs=ITEMS_LIMIT - 50)
    await rig.store.rooms.insert(room)
    for number in range(200):
        for kind in ("chat", "vote"):
            step = steps(room)[kind]
            after = apply(room, Moment(NOW_MS + number), step, by_id="user0", op_id=f"{kind} {number}")
            assert await rig.store.rooms.write_step(room, after)
            room = after
    size = len(orjson.dumps(rig.store.rooms.codec.encode(room), default=str))
    tail = sum(len(change.patch) for change in room.changes)
    print(f"a full room is {size:,} bytes, of them {tail:,} the tail of {len(room.changes)} changes")
    for name, step in steps(room).items():
        times, sent = [], {}
        for number in range(10):
            began = time.perf_counter()
            after = apply(room, Moment(NOW_MS + 1_000 + number), step)
            worked = time.perf_counter()
            update = rig.store.rooms.update_between(room, after)
            written = {**update["$set"], **update.get("$push", {})}
            sent = {field: len(orjson.dumps(value, default=str)) for field, value in written.items()}
            assert await rig.store.rooms.write_step(room, after)
            times.append((worked - began, time.perf_counter() - worked))
            room = after
        step_ms, write_ms = min(each[0] for each in times) * 1e3, min(each[1] for each in times) * 1e3
        largest = ", ".join(f"{field} {count:,}" for field, count in sorted(sent.items(), key=lambda e: -e[1])[:3])
        told = len(room.changes[-1].patch)
        print(
            f"{name}: told {told:,} bytes, written {sum(sent.values()):,} ({largest}); "
            f"step {step_ms:.1f} ms, write {write_ms:.1f} ms"
        )


async def main(followers: int = 200) -> None:
    """Both."""
    with tempfile.TemporaryDirectory() as folder:
        async with small_house(Path(folder)) as rig:
            await furnish(rig)
            await tell(rig, followers)
            await write(rig)


if __name__ == "__main__":
    asyncio.run(main(*(int(argument) for argument in sys.argv[1:])))
