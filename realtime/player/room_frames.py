"""What the operations of rooms have in common: who is meant, by which name of an operation, and the answer."""

from __future__ import annotations

from realtime.player.frames import Body
from realtime.player.verbs import Answer
from services.rooms.bounds import OP_CHARACTERS
from services.rooms.rooms import Operation
from storage.records.room import Room

LATEST = 2**53
"""The highest revision that every client can count to."""


def done(room: Room) -> Answer:
    """The answer to a change."""
    return {"roomId": room.id, "rev": room.rev}


def room_id_of(body: Body) -> str:
    """The room that is meant."""
    return body.text("roomId", most=64)


def item_id_of(body: Body) -> str:
    """The item that is meant."""
    return body.text("itemId", most=64)


def operation_of(body: Body) -> Operation:
    """What the client calls the operation, and the revision it had in mind."""
    return Operation(body.maybe_text("clientOpId", most=OP_CHARACTERS), body.maybe_integer("baseRev", 0, LATEST))
