"""The operations of notifications: following them from a device's place, keeping that place, marking them read.

Owns the words (`docs/protocol/notifications.md`). Refuses to know the rules: each operation is one call of a service.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from realtime.player.frames import Body
from realtime.player.verbs import Answer, Followed, Player, Verbs
from services.errors import Invalid, NotFound
from services.notifications.places import LONGEST_PLACE, Place, read_place
from storage.records import Notification

NOTIFICATIONS = Verbs()

_DEVICE_CHARACTERS = 64


class PageSource:
    """A trail's pages as frames. `aclose` lets the news go."""

    def __init__(self, trail: Any) -> None:
        self._trail: AsyncIterator[Any] = trail

    def __aiter__(self) -> PageSource:
        return self

    async def __anext__(self) -> Mapping[str, Any]:
        """The next page: new ones, or what was read or removed elsewhere."""
        page = await anext(self._trail)
        told: dict[str, Any] = {
            "items": [shown(each) for each in page.items],
            "place": page.place.written(),
            "more": page.more,
            "unread": page.unread,
        }
        if page.all_read:
            told["allRead"] = True
        elif page.read:
            told["read"] = list(page.read)
        return told

    async def aclose(self) -> None:
        """Let go."""
        close = getattr(self._trail, "aclose", None)
        if close is not None:
            await close()


def shown(one: Notification) -> dict[str, Any]:
    """A notification as `/ws` tells it; what is not known is left out."""
    told = {
        "id": one.id,
        "type": one.kind.upper(),
        "title": one.title,
        "message": one.message,
        "createdAt": one.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "read": one.read,
        "actorId": one.actor_id,
        "targetType": None if one.target_kind is None else one.target_kind.upper(),
        "targetId": one.target_id,
    }
    return {name: value for name, value in told.items() if value is not None}


@NOTIFICATIONS.topic("notifications")
async def opened(player: Player, id: str, body: Body) -> Followed:
    """One's own: what this device was not told yet, a page at a time; then each new one, and what is read elsewhere."""
    if id not in ("", player.viewer.user_id):
        raise NotFound("There is no such topic.", field="topic")
    device_id = _device(player, body)
    place = _place(body, "lastSeen")
    if place is not None and device_id is not None:
        await player.house.notifications.keep_place(player.viewer, device_id, place)
    elif device_id is not None:
        place = await player.house.notifications.place_of_device(player.viewer, device_id)
    return Followed(PageSource(await player.feeds.notification_trail(player.viewer, place)), each=True)


@NOTIFICATIONS.verb("notifications.follow", price=2)
async def follow(player: Player, _: str, body: Body) -> Answer:
    """As `follow` with the topic `notifications`."""
    player.follow("notifications", (await opened(player, "", body)).source, each=True)
    return {"topic": "notifications"}


@NOTIFICATIONS.verb("notifications.seen")
async def seen(player: Player, _: str, body: Body) -> Answer:
    """This device holds everything up to a place; it is gone on from there when the device comes back without one."""
    device_id, place = _device(player, body), _place(body, "place")
    if device_id is None:
        raise Invalid("deviceId is a text of 1 to 64 characters.", field="deviceId")
    if place is None:
        raise Invalid(f"place is a text of 1 to {LONGEST_PLACE} characters.", field="place")
    await player.house.notifications.keep_place(player.viewer, device_id, place)
    return None


@NOTIFICATIONS.verb("notifications.read")
async def read(player: Player, _: str, body: Body) -> Answer:
    """Mark one as read (`notificationId`), or all (`all`); how many are unread now."""
    house = player.house
    if body.flag("all"):
        await house.notifications.mark_all_read(player.viewer)
    else:
        await house.notifications.mark_read(player.viewer, body.text("notificationId", most=64))
    return {"unread": await house.notifications.unread(player.viewer)}


def _device(player: Player, body: Body) -> str | None:
    return body.maybe_text("deviceId", most=_DEVICE_CHARACTERS) or player.device_id


def _place(body: Body, name: str) -> Place | None:
    text = body.maybe_text(name, most=LONGEST_PLACE)
    if text is None:
        return None
    try:
        return read_place(text)
    except Invalid as wrong:
        raise Invalid(wrong.message, field=name) from None
