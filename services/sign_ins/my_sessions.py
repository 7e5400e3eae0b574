"""The viewer's own sign-ins: listed with their devices, ended one by one or all at once.

Owns what is shown of them. Refuses to know tokens (`services/accounts/sessions.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.accounts.gate import network_of
from services.accounts.sessions import Sessions
from services.clock import Clock
from services.errors import NotFound
from services.keys.access_keys import AccessKeys
from services.sign_ins.device_names import device_name
from services.sign_ins.known_places import KnownPlaces
from services.typed_text import is_id
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Session


@dataclass(frozen=True, slots=True)
class SignIn:
    """One open session as its owner sees it. `last_used_at` is when its tokens were last renewed, so up to a quarter of
    an hour behind."""

    id: str
    device_name: str
    network: str
    created_at: datetime
    last_used_at: datetime
    is_current: bool
    is_app_password: bool


class MySessions:
    """Lists and ends the viewer's sessions."""

    def __init__(self, store: Store, clock: Clock, sessions: Sessions, keys: AccessKeys, places: KnownPlaces) -> None:
        self._store = store
        self._clock = clock
        self._sessions = sessions
        self._keys = keys
        self._places = places

    async def listing(self, viewer: Viewer) -> list[SignIn]:
        """The open ones, newest first; at most 100."""
        user_id, now = viewer.require_oneself(), self._clock.now()
        found = await self._store.sessions.open_of(user_id)
        return [_shown(session, viewer) for session in found if session.expires_at > now]

    async def revoke(self, viewer: Viewer, id: str) -> None:
        """End one: its tokens are refused and its streams and sockets close. NotFound when the viewer has none such."""
        user_id = viewer.require_oneself()
        if not is_id(id) or not await self._sessions.end_one(user_id, id):
            raise NotFound("There is no such session.", field="id")

    async def log_out_everywhere(self, viewer: Viewer, *, except_this: bool = True, keys_too: bool = False) -> int:
        """End all of them, but the one that asks if it is to stay; how many. With `keys_too` the viewer's keys and app
        passwords go as well. Every place is new again afterwards."""
        user_id = viewer.require_oneself()
        if keys_too:
            await self._keys.revoke_all(user_id)
        ended = await self._sessions.end_all(user_id, but=viewer.session_id if except_this else None)
        await self._places.forget(user_id)
        return ended

    async def end_everything(self, user_id: str, *, reason: str) -> int:
        """Put everybody out of an account whose owner got it back (a recovered password, say): sessions, log-ins that
        wait for a code, keys and app passwords end, and every place is new again. The second factor stays. How many
        sessions there were. Asks nobody: the caller has."""
        await self._store.sign_in_challenges.delete({"user_id": user_id}, many=True)
        ended = await self._sessions.end_all(user_id, reason=reason)
        await self._keys.revoke_all(user_id)
        await self._places.forget(user_id)
        return ended


def _shown(session: Session, viewer: Viewer) -> SignIn:
    return SignIn(
        id=session.id,
        device_name=device_name(session.user_agent),
        network=network_of(session.address),
        created_at=session.created_at,
        last_used_at=session.refreshed_at,
        is_current=session.id == viewer.session_id,
        is_app_password=session.key_id is not None,
    )
