"""What was found for a ticket's request a moment ago: the open file and the constant part of the answer.

Owns a small memory, so that a song asked for in hundreds of ranges is looked up once a second and not for each. What is
in it ends with its ticket and is forgotten when anything is heard that may change it. Refuses to know connections.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from handlers.express.head import Request
from handlers.stream import accepted_sound, sound_headers
from services.audio.open_files import OpenFile
from services.audio.ranges import Plan, Target
from services.audio.sound import Sound
from services.errors import TuttiError
from services.house import House

FRESH_S = 1.0
"""How old a lookup may be without word of a change. Viewers are five seconds old at most, paths of files one."""
_WHOLE = Plan(200, 0)
Key = tuple[str | None, ...]


@dataclass(slots=True, eq=False)
class Grant:
    """A plain file that this request may have until `until` (monotonic seconds). `described`: headers of 200 and 206.
    `session_id` is whose it is.

    `file` is not held: it may be closed (`fd` below 0) once nobody reads it, and then the grant is over.
    """

    sound: Sound
    file: OpenFile
    target: Target
    described: str
    until: float
    session_id: str | None


class Grants:
    """Looks songs up for plain requests; `forget` all of it when the house hears of a change."""

    def __init__(self, house: House, *, limit: int = 2048) -> None:
        self._house = house
        self._limit = limit
        self._kept: OrderedDict[Key, Grant] = OrderedDict()
        self._refused_until: dict[Key, float] = {}
        self._changes = 0

    def forget(self, _event: object = None) -> None:
        """Look everything up anew."""
        self._changes += 1
        self._kept.clear()
        self._refused_until.clear()

    def recall(self, request: Request, now: float) -> Grant | None:
        """What was found a moment ago, if it still holds."""
        key = _told_by(request)
        grant = self._kept.get(key)
        if grant is None:
            return None
        if now >= grant.until or grant.file.fd < 0:
            del self._kept[key]
            return None
        return grant

    def is_refused(self, request: Request, now: float) -> bool:
        """Whether a moment ago this request turned out to be none for a plain file."""
        refused = self._refused_until
        return now < refused.get(_asked_for(request), 0.0) or now < refused.get(_told_by(request), 0.0)

    async def look(self, request: Request) -> tuple[Grant, Sound] | None:
        """The file and its sound (`close` it), or None when it is no file or somebody objects.

        A refusal is left to the application to repeat and to word.
        """
        house, changes, began = self._house, self._changes, self._house.clock.monotonic()
        key = _told_by(request)
        try:
            ticket = house.tickets.open(request.ticket, request.song_id)
            viewer = await house.accounts.viewer_of_session(ticket.user_id, ticket.session_id)
            sound = await house.deliveries.open(
                viewer,
                request.song_id,
                request.quality,
                wished=request.wished,
                accepted=accepted_sound(request.fields.get("Accept")),
                ceiling=ticket.quality,
                listens=True,
            )
        except TuttiError:
            self._refuse(key, began)
            return None
        if sound.file is None:
            # For everybody: the next one who asks the same need not come in only to be sent out again.
            sound.close()
            self._refuse(_asked_for(request), began)
            return None
        try:
            described = "".join([f"{name}: {value}\r\n" for name, value in sound_headers(_WHOLE, sound)[:-1]])
        except ValueError:
            sound.close()
            raise
        left_s = (ticket.expires_ms - house.clock.epoch_ms()) / 1000
        until = min(min(began, sound.file.checked_at) + FRESH_S, began + left_s)
        grant = Grant(sound, sound.file, sound.target, described, until, ticket.session_id)
        # What was heard while we looked may be about this very song: then it is good for this request only.
        if changes == self._changes:
            self._kept[key] = grant
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        return grant, sound

    def _refuse(self, key: Key, now: float) -> None:
        if len(self._refused_until) >= self._limit:
            self._refused_until.clear()
        self._refused_until[key] = now + FRESH_S


def _told_by(request: Request) -> Key:
    return request.target, request.fields.get("Accept")


def _asked_for(request: Request) -> Key:
    return request.song_id, request.quality, request.wished, request.fields.get("Accept")
