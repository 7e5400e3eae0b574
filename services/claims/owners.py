"""Whose an artist is: giving one to an account, with role and badge, and taking it back.

An artist has one owner, for every rule of the catalogue asks one field. Owns the change of owner in one atomic write.
Refuses to know claims and why it is done.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from services.accounts.accounts import Accounts
from services.catalogue.artist_edits import OWNED_ARTISTS_LIMIT
from services.clock import Clock
from services.errors import TooMany
from services.events import Bus, CatalogueChanged, UserChanged
from services.security_events import SecurityMattered, SecurityStep
from services.viewer import Role
from storage.collections.store import Store
from storage.records import Artist

log = logging.getLogger("tutti.claims")


@dataclass(frozen=True, slots=True)
class Given:
    """An artist after it was given; `gave_role`: the account was no artist before."""

    artist: Artist
    gave_role: bool


class ArtistOwners:
    """The owners of the catalogue's artists."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, accounts: Accounts) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._accounts = accounts

    async def require_room(self, user_id: str) -> None:
        """Return if somebody may own one artist more; TooMany (TOO_MANY_ARTISTS) otherwise."""
        owned = await self._store.artists.count({"owner_id": user_id}, limit=OWNED_ARTISTS_LIMIT)
        if owned >= OWNED_ARTISTS_LIMIT:
            raise TooMany(f"An account has at most {OWNED_ARTISTS_LIMIT} artists.", code="TOO_MANY_ARTISTS")

    async def give(self, artist_id: str, user_id: str, *, before: str | None) -> Given | None:
        """The artist is somebody's, verified, and they act as an artist. None when it is not `before`'s any more.

        Safe to repeat: what is theirs already stays theirs.
        """
        now = self._clock.now()
        change = {"$set": {"owner_id": user_id, "verified": True, "updated_at": now}}
        free = {"_id": artist_id, "owner_id": before}
        artist = await self._store.artists.update_and_get(free, change)
        if artist is None:
            artist = await self._store.artists.update_and_get({"_id": artist_id, "owner_id": user_id}, change)
        if artist is None:
            return None
        without = {"_id": user_id, "roles": {"$ne": Role.ARTIST.value}}
        roles = {"$addToSet": {"roles": Role.ARTIST.value}, "$set": {"updated_at": now}}
        gave_role = await self._store.users.update_and_get(without, roles) is not None
        self._tell(artist, [user_id, before], roles_of=user_id if gave_role else None)
        log.info("an artist has an owner", extra={"artist_id": artist_id, "user_id": user_id})
        return Given(artist, gave_role)

    async def take(self, artist_id: str, *, before: str) -> Artist | None:
        """The artist is nobody's, and no longer verified. None when it is not `before`'s any more."""
        change = {
            "$set": {"verified": False, "updated_at": self._clock.now()},
            "$unset": {"owner_id": ""},
        }
        artist = await self._store.artists.update_and_get({"_id": artist_id, "owner_id": before}, change)
        if artist is not None:
            self._tell(artist, [before])
            log.info("an artist has no owner", extra={"artist_id": artist_id, "user_id": before})
        return artist

    async def take_role(self, user_id: str) -> bool:
        """Somebody acts as an artist no more, unless they still own one; whether they did until now."""
        if await self._store.artists.count({"owner_id": user_id}, limit=1):
            return False
        acting = {"_id": user_id, "roles": Role.ARTIST.value}
        change = {"$pull": {"roles": Role.ARTIST.value}, "$set": {"updated_at": self._clock.now()}}
        taken = await self._store.users.update_and_get(acting, change) is not None
        if taken:
            self._role_changed(user_id)
        return taken

    def _tell(self, artist: Artist, user_ids: list[str | None], roles_of: str | None = None) -> None:
        self._bus.publish(CatalogueChanged(artist_ids=(artist.id,)))
        for user_id in user_ids:
            if user_id is not None:
                self._accounts.forget(user_id)
                self._bus.publish(UserChanged(user_id))
        if roles_of is not None:
            self._role_changed(roles_of)

    def _role_changed(self, user_id: str) -> None:
        self._accounts.forget(user_id)
        self._bus.publish(UserChanged(user_id))
        self._bus.publish(SecurityMattered(user_id, SecurityStep.ROLES_CHANGED, self._clock.now()))
