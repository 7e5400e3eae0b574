"""Preferences: what a listener chose about sound, queue, language, time zone, explicit songs and being heard.

Owns their reading and changing. Refuses to know what follows from them: viewers, streams and now-playing ask again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.details import read_language
from services.accounts.people_access import ProfileVisibility
from services.accounts.sessions import Sessions
from services.accounts.time_zones import read_time_zone
from services.accounts.tokens import token_invalid
from services.audio.renditions import Quality
from services.clock import Clock
from services.errors import Denied
from services.events import Bus, UserChanged
from services.now_playing import NowPlaying
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import UserPreferences


@dataclass(frozen=True, slots=True)
class PreferencesEdit:
    """What somebody wants changed; None leaves it as it is. An empty `time_zone` takes the choice back."""

    audio_quality: Quality | None = None
    explicit_content: bool | None = None
    autoplay: bool | None = None
    language: str | None = None
    private_session: bool | None = None
    presence_visibility: ProfileVisibility | None = None
    time_zone: str | None = None


class Preferences:
    """The viewer's own preferences; nobody else's can be asked for."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, sessions: Sessions, now_playing: NowPlaying) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._sessions = sessions
        self._now_playing = now_playing

    async def of(self, viewer: Viewer) -> UserPreferences:
        """What the viewer chose, or an account starts with."""
        user = await self._store.users.get(viewer.require(Role.LISTENER))
        if user is None or not self._sessions.admits(user):
            raise token_invalid()
        return user.preferences

    async def update(self, viewer: Viewer, edit: PreferencesEdit) -> UserPreferences:
        """The viewer's preferences after the edit. Invalid (`language`, `timeZone`) for what is none; Denied
        (PARENTAL_LOCK) for explicit songs where a lock keeps them off.

        They hold at once in this process, within five seconds in another. Who begins a private session has stopped
        playing for everybody who hears them.
        """
        user_id = viewer.require(Role.LISTENER)
        changes = self._read(edit)
        if not changes:
            return await self.of(viewer)
        if edit.private_session:
            # Before the write: afterwards nobody may be told anything, this last word included.
            await self._now_playing.clear(viewer)
        update = {"$set": {**changes, "updated_at": self._clock.now()}}
        which: dict[str, Any] = {"_id": user_id, "is_suspended": False}
        if edit.explicit_content:
            # In the filter: a lock that is set in the same moment holds.
            which["$or"] = [{"explicit_locked": {"$ne": True}}, {"preferences.explicit_content": True}]
        user = await self._store.users.update_and_get(which, update)
        if user is None:
            if edit.explicit_content and await self._store.users.count({"_id": user_id, "explicit_locked": True}):
                raise Denied("A parental lock keeps explicit songs off.", field="explicitContent", code="PARENTAL_LOCK")
            raise token_invalid()
        self._bus.publish(UserChanged(user_id))
        return user.preferences

    def _read(self, edit: PreferencesEdit) -> dict[str, Any]:
        given = {
            "audio_quality": None if edit.audio_quality is None else edit.audio_quality.value,
            "explicit_content": edit.explicit_content,
            "autoplay": edit.autoplay,
            "language": None if edit.language is None else read_language(edit.language),
            "private_session": edit.private_session,
            "presence_visibility": None if edit.presence_visibility is None else edit.presence_visibility.value,
            "time_zone": None if edit.time_zone is None else read_time_zone(edit.time_zone) if edit.time_zone else "",
        }
        return {f"preferences.{name}": value for name, value in given.items() if value is not None}
