"""The operations of every player: `hello`, `renew`, `ping`, `follow`, `unfollow`.

Owns how a player says who it is. Refuses to know what there is to follow: the table's topics say that.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from realtime.messages import CloseCode
from realtime.player.attendance import be_here
from realtime.player.device_verbs import introduction
from realtime.player.frames import Body
from realtime.player.session import PlayerSession
from realtime.player.verbs import Answer, Player, Verbs
from services.errors import Denied, Invalid, NotFound, TooMany, TuttiError, Unauthenticated, Unavailable
from services.scopes import Scope
from services.viewer import Viewer

verbs = Verbs()

MAX_TOKEN_CHARACTERS = 4096


@verbs.verb("hello", anybody=True)
async def hello(player: Player, _: str, body: Body) -> Answer:
    """Say who is there: a person by their token, or the guest of a room by its link's. Who is not let in is closed."""
    session = _session(player)
    try:
        await _let_in(session, body)
    except (Unavailable, TooMany) as trouble:
        session.close(CloseCode.TRY_AGAIN, trouble.message)
        raise
    except Invalid as wrong:
        session.close(CloseCode.BAD_REQUEST, wrong.message)
        raise
    except TuttiError as refused:
        session.close(CloseCode.FORBIDDEN, f"Forbidden: {refused.message}")
        raise
    except BaseException:
        session.close(CloseCode.INTERNAL, "Something went wrong")
        raise
    session.greeted()
    time = session.parts.house_time
    device = {} if session.device_id is None else {"device": session.device_id}
    return {
        "user": None if session.is_guest else session.viewer.user_id,
        "guest": session.is_guest,
        "server": {"epoch": time.epoch, "now": time.now_ms()},
        "limits": session.parts.limits.shown(),
        **device,
        **_expiry(session.viewer),
    }


@verbs.verb("renew", guests=True)
async def renew(player: Player, _: str, body: Body) -> Answer:
    """Stay, by a fresh token of the same person. One that is not good closes the socket."""
    session = _session(player)
    if session.is_guest:
        raise Denied("A guest has nothing to renew.")
    token = body.text("token", most=MAX_TOKEN_CHARACTERS)
    try:
        viewer = await session.house.accounts.viewer_for(token)
        viewer.require_scope(Scope.STREAM)
        session.renew(viewer)
    except (Unauthenticated, Denied) as refused:
        session.close(CloseCode.FORBIDDEN, f"Forbidden: {refused.message}")
        raise
    return _expiry(session.viewer)


@verbs.verb("ping", guests=True, anybody=True)
async def ping(player: Player, _: str, __: Body) -> Answer:
    """Still there? The house's time comes back."""
    return {"now": _session(player).parts.house_time.now_ms()}


@verbs.verb("follow", guests=True, price=2)
async def follow(player: Player, _: str, body: Body) -> Answer:
    """Tell me the state of a topic now and after each change. NotFound for what is not to be seen."""
    session = _session(player)
    topic = body.text("topic")
    kind, _, id = topic.partition(":")
    found = session.parts.verbs.topic_of(kind)
    if found is None:
        raise NotFound("There is no such topic.", field="topic")
    if session.is_guest and not found.guests:
        raise Denied("A guest of a room may not follow this.")
    followed = await found.opener(player, id, body)
    player.follow(topic, followed.source, seen_as=followed.seen_as, each=followed.each)
    return {"topic": topic}


@verbs.verb("unfollow", guests=True)
async def unfollow(player: Player, _: str, body: Body) -> Answer:
    """Tell me no more."""
    topic = body.text("topic")
    return {"topic": topic, "followed": player.unfollow(topic)}


async def _let_in(session: PlayerSession, body: Body) -> None:
    token, room = (
        body.maybe_text("token", most=MAX_TOKEN_CHARACTERS),
        body.maybe_text("room", most=MAX_TOKEN_CHARACTERS),
    )
    if (token is None) == (room is None):
        raise Invalid("hello has a token, or the token of a room's guest link.", field="token")
    if token is not None:
        device = introduction(body.inner("device")) if body.has("device") else None
        viewer = await session.house.accounts.viewer_for(token)
        viewer.require_scope(Scope.STREAM)
        session.admit(viewer)
        await be_here(session, device)
    elif room is not None:
        session.admit(await _guest(session, room), is_guest=True)


async def _guest(session: PlayerSession, token: str) -> Viewer:
    guests: Any = getattr(session.house, "room_guests", None)
    if guests is None:
        raise NotFound("No such room.")
    found: Awaitable[Viewer] = guests.viewer_for(token)
    return await found


def _expiry(viewer: Viewer) -> dict[str, Any]:
    return {} if viewer.expires_at is None else {"expiresAt": viewer.expires_at.isoformat(timespec="milliseconds")}


def _session(player: Player) -> PlayerSession:
    if not isinstance(player, PlayerSession):
        raise TypeError("the core operations need the session itself")
    return player
