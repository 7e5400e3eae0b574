"""What is written of a room is what changed of it, and gives the same room."""

from __future__ import annotations

from random import Random

import orjson

from services.rooms import chat, items, members
from services.rooms.items import NewItem
from services.rooms.pace import Moment
from services.rooms.reducer import apply
from tests.rooms.storm import Storm, new_room


async def test_every_step_that_is_written_gives_the_room_that_was_meant(music):
    storm = Storm(Random(39))
    kept = storm.room
    await music.store.rooms.insert(kept)
    steps = grown = 0
    while steps < 150:
        storm.step()
        if storm.room.epoch != kept.epoch or storm.room.rev < kept.rev or storm.room is kept:
            if storm.room.rev < kept.rev:
                await music.store.rooms.delete({"_id": kept.id})
                kept = storm.room
                await music.store.rooms.insert(kept)
            continue
        grown += "$push" in music.store.rooms.update_between(kept, storm.room)
        assert await music.store.rooms.write_step(kept, storm.room)
        kept = storm.room
        assert await music.store.rooms.get(kept.id) == kept
        steps += 1
    assert grown > 50


async def test_what_is_said_in_a_full_room_rewrites_neither_its_queue_nor_its_chat(music):
    def furnish(room, now):
        room = items.add(room, "user0", [NewItem(f"i{number}", "s1", 200_000, "A title") for number in range(900)])
        for number in range(199):
            room = members.join(room, now, f"member {number}", f"name {number}")
        for number in range(200):
            room = chat.say(room, now, "user0", f"l{number}", "x" * 100)
        return room

    room = apply(new_room(), Moment(0.0), furnish)
    for number, step in enumerate(
        (
            lambda room, now: chat.say(room, now, "user0", "new", "hello"),
            lambda room, now: items.add(room, "user0", [NewItem("new", "s1", 200_000)]),
        )
    ):
        after = apply(room, Moment(1.0), step, by_id="user0", op_id=str(number))
        assert len(orjson.dumps(music.store.rooms.update_between(room, after), default=str)) < 2_000
        room = after
