"""What each person wants to be told, and how: their choices kept and changed.

Owns the viewer's own choices. Refuses to know what follows: `notifications.py` asks when it tells, the digest when due.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.clock import Clock
from services.errors import Invalid
from services.notifications.channels import Channel, DigestPeriod, choice_word, next_digest, opens
from services.notifications.kinds import Kind
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records.notification import NotificationChoices

_MOST_CHANGES = 100


@dataclass(frozen=True, slots=True)
class KindChoice:
    """How news of one kind is told; in an edit, None leaves a way as it is."""

    type: Kind
    in_app: bool | None = None
    push: bool | None = None
    email: bool | None = None


@dataclass(frozen=True, slots=True)
class ChoicesShown:
    """Somebody's choices, every kind with every way."""

    digest: DigestPeriod
    kinds: list[KindChoice]


class NotificationPreferences:
    """The viewer's own choices; nobody else's can be asked for."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, viewer: Viewer) -> ChoicesShown:
        """What the viewer chose, and what an account starts with for the rest."""
        return _shown(await self._store.notification_choices.get(viewer.require(Role.LISTENER)))

    async def update(
        self, viewer: Viewer, *, digest: DigestPeriod | None = None, kinds: Sequence[KindChoice] = ()
    ) -> ChoicesShown:
        """The viewer's choices after the edit; it holds for what is told from now on. Invalid for over 100 kinds."""
        user_id = viewer.require(Role.LISTENER)
        if len(kinds) > _MOST_CHANGES:
            raise Invalid(f"Change at most {_MOST_CHANGES} kinds at once.", field="kinds")
        on, off = _changes(kinds)
        if digest is None and not on and not off:
            return await self.of(viewer)
        fixed: dict[str, Any] = {"updated_at": self._clock.now()}
        gone: dict[str, Any] = {}
        if digest is not None:
            user = await self._store.users.get(user_id)
            due = next_digest(self._clock.now(), None if user is None else user.country, digest)
            fixed["digest"] = digest.value
            if due is None:
                gone["digest_at"] = ""
            else:
                fixed["digest_at"] = due
        first: dict[str, Any] = {"$set": fixed, "$addToSet": {"on": {"$each": on}, "off": {"$each": off}}}
        if gone:
            first["$unset"] = gone
        shelf = self._store.notification_choices
        await shelf.update({"_id": user_id}, first, upsert=True)
        kept = await shelf.update_and_get({"_id": user_id}, {"$pull": {"on": {"$in": off}, "off": {"$in": on}}})
        return _shown(kept)

    async def has_digest(self, user_id: str) -> bool:
        """Whether digests are mailed to somebody."""
        kept = await self._store.notification_choices.get(user_id)
        return kept is not None and kept.digest != DigestPeriod.OFF

    async def stop_mail(self, user_id: str) -> None:
        """No digest any more, by the word of somebody who holds a mail's own link."""
        await self._store.notification_choices.update(
            {"_id": user_id},
            {"$set": {"digest": DigestPeriod.OFF.value, "updated_at": self._clock.now()}, "$unset": {"digest_at": ""}},
            upsert=True,
        )


def _changes(kinds: Sequence[KindChoice]) -> tuple[list[str], list[str]]:
    wanted: dict[str, bool] = {}
    for each in kinds:
        for channel in Channel:
            value = getattr(each, channel.value)
            if value is not None:
                wanted[choice_word(each.type, channel)] = value
    return [word for word, value in wanted.items() if value], [word for word, value in wanted.items() if not value]


def _shown(choices: NotificationChoices | None) -> ChoicesShown:
    def row(kind: Kind) -> KindChoice:
        ways: Mapping[str, bool] = {channel.value: opens(choices, kind, channel) for channel in Channel}
        return KindChoice(kind, **ways)

    digest = DigestPeriod.OFF if choices is None else DigestPeriod(choices.digest)
    return ChoicesShown(digest, [row(kind) for kind in Kind])
