"""Who may see what of a person: the one rule for accounts, profiles and activity, for GraphQL and sockets alike.

Somebody suspended is as good as absent, except to moderators. Of a closed profile a stranger sees the id, the username,
the picture and how it is closed; nothing else. Refuses to know how people are listed and what an activity is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import User, UserPreferences


class ProfileVisibility(StrEnum):
    """To whom a profile is open, beside its owner and the moderators."""

    EVERYONE = "everyone"
    FOLLOWERS = "followers"
    ONLY_ME = "only_me"


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose presence a viewer may see, and of whom what they play; `hidden` people look as if they were not here."""

    present: frozenset[str] = frozenset()
    heard: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


class PeopleAccess:
    """The rule. `admits` says which accounts may be signed in at all."""

    def __init__(self, store: Store, admits: Callable[[User], bool]) -> None:
        self._store = store
        self._admits = admits

    def is_there(self, viewer: Viewer, user: User) -> bool:
        """Whether the account exists for this viewer: those who may be signed in do, the others for moderators.

        Of two of whom one blocks the other, neither exists for the other, unless a moderator looks.
        """
        if viewer.has(Role.MODERATOR):
            return True
        return self._admits(user) and not self._parted(viewer, user)

    async def standing(self, user_id: str) -> User | None:
        """The account as it is stored, for the house's own use; None when absent or not admitted."""
        user = await self._store.users.get(user_id) if is_id(user_id) else None
        return user if user is not None and self._admits(user) else None

    async def standing_many(self, user_ids: Sequence[str]) -> dict[str, User]:
        """Those of these accounts that are there, as `standing`; one store command."""
        found = await self._store.users.get_many([id for id in user_ids if is_id(id)])
        return {id: user for id, user in found.items() if self._admits(user)}

    async def whose_activity_shows(self, viewer: Viewer, users: Iterable[User]) -> frozenset[str]:
        """The ids of those whose bio, lists, likes and follows this viewer may see.

        Oneself and moderators always; others by `profile_visibility`. At most one store command for all of them, and
        none when no profile among them is for followers alone. The records may come from `seen`.
        """
        open_ids: set[str] = set()
        to_followers: list[str] = []
        for user in users:
            if not self.is_there(viewer, user):
                continue
            anyway = user.id == viewer.user_id or viewer.has(Role.MODERATOR)
            if anyway or user.profile_visibility == ProfileVisibility.EVERYONE:
                open_ids.add(user.id)
            elif user.profile_visibility == ProfileVisibility.FOLLOWERS:
                to_followers.append(user.id)
        open_ids |= await self._followed_by(viewer, to_followers)
        return frozenset(open_ids)

    async def open_among(self, viewer: Viewer, user_ids: Sequence[str]) -> frozenset[str]:
        """Those of these ids whose activity this viewer may see, as `whose_activity_shows`.

        No store command for the viewer's own id; for others one, and one more where profiles are for followers alone.
        """
        others = [id for id in dict.fromkeys(user_ids) if id != viewer.user_id and is_id(id)]
        found = await self._store.users.get_many(others) if others else {}
        shown = await self.whose_activity_shows(viewer, found.values())
        return frozenset(id for id in user_ids if id in shown or id == viewer.user_id)

    async def may_see_activity(self, viewer: Viewer, user: User) -> bool:
        """Whether this viewer may see what one person does; `whose_activity_shows` answers for many at once."""
        return bool(await self.whose_activity_shows(viewer, [user]))

    async def may_hear(self, viewer: Viewer, user_id: str) -> bool:
        """Whether this viewer may know what somebody plays at present.

        Oneself always; else only those who follow them, unless profile or presence are for nobody or the session is
        private. No role changes that: what somebody listens to is nobody's business to moderate.
        """
        if viewer.user_id is None:
            return False
        if viewer.user_id == user_id:
            return True
        if not is_id(user_id):
            return False
        user, followed = await asyncio.gather(self.standing(user_id), self._followed_by(viewer, [user_id]))
        return (
            user is not None
            and not self._unheard(viewer, user)
            and user_id in followed
            and ProfileVisibility.ONLY_ME not in (user.profile_visibility, user.preferences.presence_visibility)
            and not user.preferences.private_session
        )

    async def whose_presence_shows(self, viewer: Viewer, users: Iterable[User]) -> Shown:
        """Of whom this viewer may know whether they are here; one store command at most.

        Oneself always; else as `presence_visibility` says, and to nobody to whom the profile is not open. No role
        changes that. Somebody in a private session looks as if they were not here. What they play is for those who
        follow them, as `may_hear`.
        """
        if viewer.user_id is None:
            return Shown()
        there = [
            user
            for user in users
            if user.id == viewer.user_id or (self._admits(user) and not self._unheard(viewer, user))
        ]
        followed = await self._followed_by(viewer, [user.id for user in there if user.id != viewer.user_id])
        present: set[str] = set()
        hidden: set[str] = set()
        for user in there:
            wishes = (user.profile_visibility, user.preferences.presence_visibility)
            if user.id == viewer.user_id:
                present.add(user.id)
            elif ProfileVisibility.ONLY_ME in wishes:
                continue
            elif user.id in followed or ProfileVisibility.FOLLOWERS not in wishes:
                (hidden if user.preferences.private_session else present).add(user.id)
        heard = present & (followed | {viewer.user_id})
        return Shown(frozenset(present), frozenset(heard), frozenset(hidden))

    async def seen(self, viewer: Viewer, users: Iterable[User]) -> dict[str, User]:
        """Copies of those that exist for this viewer, by id, with what they may not see left blank.

        One store command at most, as `whose_activity_shows`.
        """
        there = [user for user in users if self.is_there(viewer, user)]
        shows = await self.whose_activity_shows(viewer, there)
        return {user.id: seen_by(viewer, user, profile=user.id in shows) for user in there}

    @staticmethod
    def _parted(viewer: Viewer, user: User) -> bool:
        # The record says it too: the viewer's own may be some seconds old, and holds a bounded number of those.
        return user.id in viewer.unseen or viewer.user_id in user.blocked_ids

    def _unheard(self, viewer: Viewer, user: User) -> bool:
        return user.id in viewer.muted or self._parted(viewer, user)

    async def _followed_by(self, viewer: Viewer, user_ids: Sequence[str]) -> frozenset[str]:
        if viewer.user_id is None or not user_ids:
            return frozenset()
        edges = await self._store.followed_users.get_many([f"{viewer.user_id}:{id}" for id in user_ids])
        return frozenset(edge.target_id for edge in edges.values())


def seen_by(viewer: Viewer, user: User, *, profile: bool = True) -> User:
    """A copy of the account with what this viewer may not see left blank: of others, all but the public profile.

    Nobody sees hashes and keys; e-mail, birth date, subscription, preferences and the time of the last change are for
    oneself and admins. Without `profile`, names, bio and country are blank as well.
    """
    blank: dict[str, Any] = {
        "password_hash": "",
        "email_key": "",
        "username_key": "",
        "blocked_ids": [],
        "blocked_by_ids": [],
        "muted_ids": [],
    }
    if viewer.user_id == user.id or viewer.has(Role.ADMIN):
        return replace(user, **blank)
    blank |= {
        "email": "",
        "birth_date": None,
        "subscription_type": "free",
        "subscription_start": None,
        "subscription_end": None,
        "subscription_later": [],
        "subscription_turn_at": None,
        # A change of preferences moves this time too, and those are nobody else's business.
        "updated_at": user.created_at,
        "preferences": UserPreferences(),
    }
    if not profile:
        blank |= {"first_name": "", "last_name": "", "bio": "", "country": None}
    return replace(user, **blank)
