"""What the host chooses for a room: its name, who says what plays, the order of the queue, waiting, chat, guests.

Pure. Owns the bounds of each choice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.errors import Invalid
from services.rooms.bounds import LEAST_WAIT_MS, MOST_WAIT_MS, NAME_CHARACTERS
from services.rooms.items import arranged
from services.rooms.members import shown_out
from services.rooms.rights import RoomControl, RoomMode, RoomRole, require_host
from services.typed_text import read_plain, says_something
from storage.records.room import Room, RoomSettings


@dataclass(frozen=True, slots=True)
class Choices:
    """What shall be otherwise; None leaves it."""

    name: str | None = None
    control: RoomControl | None = None
    mode: RoomMode | None = None
    wait_for_all: bool | None = None
    wait_ms: int | None = None
    chat: bool | None = None
    guests: bool | None = None


def read_name(name: str) -> str:
    """A room's name: one line of up to 100 characters. Invalid otherwise."""
    plain = read_plain(name, "name", "A room's name", NAME_CHARACTERS)
    if not says_something(plain):
        raise Invalid("A room needs a name.", field="name")
    return plain


def choose(room: Room, by_id: str, choices: Choices) -> Room:
    """The host's choices. Without guests those who are there have to leave."""
    require_host(room, by_id)
    return chosen(room, choices)


def chosen(room: Room, choices: Choices) -> Room:
    """The room with these choices, whoever made them."""
    wait_ms = choices.wait_ms
    if wait_ms is not None and not LEAST_WAIT_MS <= wait_ms <= MOST_WAIT_MS:
        raise Invalid(f"A room waits from {LEAST_WAIT_MS:,} to {MOST_WAIT_MS:,} ms.", field="waitMs")
    old = room.settings
    settings = RoomSettings(
        control=old.control if choices.control is None else choices.control.value,
        mode=old.mode if choices.mode is None else choices.mode.value,
        wait_for_all=old.wait_for_all if choices.wait_for_all is None else choices.wait_for_all,
        wait_ms=old.wait_ms if wait_ms is None else wait_ms,
        chat=old.chat if choices.chat is None else choices.chat,
        guests=old.guests if choices.guests is None else choices.guests,
    )
    name = room.name if choices.name is None else read_name(choices.name)
    if settings == room.settings and name == room.name:
        return room
    room = replace(room, settings=settings, name=name)
    if not settings.guests:
        room = shown_out(room, [member.id for member in room.members if member.role == RoomRole.GUEST])
    return arranged(room)
