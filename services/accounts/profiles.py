"""Profiles: what people say about themselves, and whose profile and activity are open to whom.

Owns the edits and their bounds. Refuses to know how pictures are drawn (`services/pictures/`), and leaves the rule of
who sees what to `people_access.py`, which it speaks for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Final

from services.accounts.countries import read_country
from services.accounts.details import BIO_LIMIT, read_birth_date, read_name
from services.accounts.people_access import PeopleAccess, ProfileVisibility, seen_by
from services.accounts.tokens import token_invalid
from services.attention import Attention, Posted
from services.clock import Clock
from services.events import Bus, UserChanged
from services.pictures.pictures import Pictures
from services.typed_text import read_prose
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import User


class Same(Enum):
    """`UNCHANGED`: the value of an argument that was not given, where None already means to take something away."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Same.UNCHANGED


@dataclass(frozen=True, slots=True)
class ProfileEdit:
    """What somebody wants changed. `""` and None take away what may be absent; `profile_image` is base64."""

    bio: str | Same | None = UNCHANGED
    profile_image: str | Same | None = UNCHANGED
    country: str | Same | None = UNCHANGED
    first_name: str | Same | None = UNCHANGED
    last_name: str | Same | None = UNCHANGED
    birth_date: date | Same | None = UNCHANGED
    profile_visibility: ProfileVisibility | Same | None = UNCHANGED


class Profiles:
    """People's profiles."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        people: PeopleAccess,
        pictures: Pictures,
        attention: Attention | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._people = people
        self._pictures = pictures
        self._attention = attention or Attention()

    async def update(self, viewer: Viewer, edit: ProfileEdit) -> User:
        """The viewer's account after the edit, all of it in one write or, when a part is refused, none.

        Invalid names the field: a bio over 1,000 characters, a name over 100, control characters, no country's code, an
        impossible birth date, a picture that is none; TooLarge for a picture over its bound.
        """
        user_id = viewer.require(Role.LISTENER)
        changes = self._read(edit)
        texts = {name: changes[name] for name in ("bio", "first_name", "last_name") if changes.get(name)}
        for name, text in texts.items():
            self._attention.refuse(name, text)
        if edit.profile_image is not UNCHANGED:
            # Last, for it is the costly part; a picture that is kept and then not used is swept like any other.
            text = edit.profile_image
            changes["profile_image_id"] = await self._pictures.keep_base64(text, field="profileImage") if text else None
        if not changes:
            user = await self._store.users.get(user_id)
        else:
            user = await self._write(user_id, changes)
        if user is None or not self._people.is_there(viewer, user):
            raise token_invalid()
        if changes:
            self._bus.publish(UserChanged(user_id))
            self._attention.note(Posted("user", user_id, user_id, is_new=False, texts=tuple(texts.values())))
        return seen_by(viewer, user)

    async def may_see_activity(self, viewer: Viewer, user: User) -> bool:
        """Whether this viewer may see what one person does: lists, likes, follows, history."""
        return await self._people.may_see_activity(viewer, user)

    async def whose_activity_shows(self, viewer: Viewer, users: Iterable[User]) -> frozenset[str]:
        """The ids of those among many whose activity this viewer may see, by at most one store command."""
        return await self._people.whose_activity_shows(viewer, users)

    def _read(self, edit: ProfileEdit) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if edit.bio is not UNCHANGED:
            changes["bio"] = read_prose(edit.bio or "", "bio", "A bio", BIO_LIMIT)
        if edit.first_name is not UNCHANGED:
            changes["first_name"] = read_name(edit.first_name or "", "firstName")
        if edit.last_name is not UNCHANGED:
            changes["last_name"] = read_name(edit.last_name or "", "lastName")
        if edit.country is not UNCHANGED:
            changes["country"] = read_country(edit.country) if edit.country else None
        if edit.birth_date is not UNCHANGED:
            born = edit.birth_date
            changes["birth_date"] = (
                read_birth_date(born, self._clock.now().date()).isoformat() if born is not None else None
            )
        if edit.profile_visibility is not UNCHANGED:
            changes["profile_visibility"] = (edit.profile_visibility or ProfileVisibility.EVERYONE).value
        return changes

    async def _write(self, user_id: str, changes: dict[str, Any]) -> User | None:
        put = {name: value for name, value in changes.items() if value is not None}
        taken_away = {name: "" for name, value in changes.items() if value is None}
        update: dict[str, Any] = {"$set": {**put, "updated_at": self._clock.now()}}
        if taken_away:
            update["$unset"] = taken_away
        return await self._store.users.update_and_get({"_id": user_id, "is_suspended": False}, update)
