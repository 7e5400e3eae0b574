"""Who was let into a playlist: invited by name or by link, as editors or viewers; changed, removed, gone.

Owns the roles and the links. A link's token is shown once and kept as a digest; unknown, expired and revoked ones are
one answer.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.accounts.accounts import Accounts
from services.clock import Clock
from services.errors import Conflict, Invalid, NotFound, TooLarge
from services.events import Bus, PlaylistInvited
from services.playlists.access import PlaylistRole, require_change, role_in
from services.playlists.desk import Desk
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Collaborator, Playlist, PlaylistInvite

COLLABORATORS_LIMIT = 100
INVITES_LIMIT = 20
LIFETIME_HOURS = 168
LONGEST_HOURS = 720
TOKEN_BYTES = 24
TOKEN_LIMIT = 100


@dataclass(frozen=True, slots=True)
class FreshInvite:
    """A new link, and the token that nobody can be shown again."""

    invite: PlaylistInvite
    token: str

    def __repr__(self) -> str:
        # Tokens never reach a log through this.
        return f"FreshInvite(invite_id={self.invite.id!r})"


class Collaborators:
    """Lets people into playlists and out of them."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, accounts: Accounts, desk: Desk) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._accounts = accounts
        self._desk = desk

    async def invite(
        self, viewer: Viewer, playlist_id: str, username: str, role: PlaylistRole
    ) -> tuple[Playlist, Collaborator]:
        """Let somebody in by name; who is in already gets the role. An editor makes the playlist collaborative.

        NotFound for nobody of that name; Invalid for the owner; TooLarge beyond 100 collaborators.
        """
        viewer.require_proven()
        refuse_owner_role(role)
        require_change(viewer, await self._desk.frame(viewer, playlist_id))
        user = await self._accounts.by_username(viewer, username)
        playlist = await self._admit(
            viewer, playlist_id, user.id, role, lambda playlist: require_change(viewer, playlist), opens=True
        )
        if viewer.user_id != user.id:
            self._bus.publish(PlaylistInvited(playlist.id, user.id, viewer.user_id or ""))
        return playlist, _of(playlist, user.id)

    async def create_link(
        self, viewer: Viewer, playlist_id: str, role: PlaylistRole, hours: int | None = None
    ) -> FreshInvite:
        """A link that lets in whoever has it, for 1 to 720 hours (168 unless told).

        One for editors makes the playlist collaborative. TooLarge beyond 20 links that are still good.
        """
        user_id = viewer.require_proven()
        refuse_owner_role(role)
        hours = LIFETIME_HOURS if hours is None else hours
        if not 1 <= hours <= LONGEST_HOURS:
            raise Invalid(f"expiresInHours must be from 1 to {LONGEST_HOURS}.", field="expiresInHours")
        playlist = await self._desk.frame(viewer, playlist_id)
        require_change(viewer, playlist)
        now = self._clock.now()
        if len(await self._good_links(playlist.id)) >= INVITES_LIMIT:
            raise TooLarge(f"A playlist has at most {INVITES_LIMIT} links; revoke one.", code="TOO_MANY_INVITES")
        if role == PlaylistRole.EDITOR and not playlist.is_collaborative:
            await self._open(viewer, playlist.id)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        invite = PlaylistInvite(
            id=self._clock.new_id(),
            playlist_id=playlist.id,
            token_hash=_digest(token),
            role=role.value,
            by_id=user_id,
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
        await self._store.playlist_invites.insert(invite)
        return FreshInvite(invite, token)

    async def links(self, viewer: Viewer, playlist_id: str) -> list[PlaylistInvite]:
        """The links that are still good, the newest first; at most 20. For those who may change the playlist."""
        viewer.require(Role.LISTENER)
        playlist = await self._desk.frame(viewer, playlist_id)
        require_change(viewer, playlist)
        return await self._good_links(playlist.id)

    async def revoke(self, viewer: Viewer, playlist_id: str, invite_id: str) -> None:
        """End a link; those who came in by it stay. NotFound when the playlist has no such link."""
        viewer.require(Role.LISTENER)
        playlist = await self._desk.frame(viewer, playlist_id)
        require_change(viewer, playlist)
        went = is_id(invite_id) and await self._store.playlist_invites.delete(
            {"_id": invite_id, "playlist_id": playlist.id}
        )
        if not went:
            raise NotFound("There is no such invitation.", field="inviteId")

    async def join(self, viewer: Viewer, token: str) -> Playlist:
        """Come in by a link. It never takes a right away: an editor or owner stays what they are.

        NotFound for an unknown, revoked or expired token, and when its playlist is gone or hidden by a moderator.
        """
        user_id = viewer.require(Role.LISTENER)
        refused = NotFound("This invitation is not good, or not any more.", field="token")
        if not token or len(token) > TOKEN_LIMIT or not token.isascii():
            raise refused
        invite = await self._store.playlist_invites.first({"token_hash": _digest(token)})
        if invite is None or invite.expires_at <= self._clock.now():
            raise refused

        def permit(playlist: Playlist) -> None:
            if playlist.is_hidden and role_in(viewer, playlist) is None:
                raise refused

        try:
            return await self._admit(
                viewer, invite.playlist_id, user_id, PlaylistRole(invite.role), permit, invited=True
            )
        except NotFound:
            raise refused from None

    async def set_role(
        self, viewer: Viewer, playlist_id: str, user_id: str, role: PlaylistRole
    ) -> tuple[Playlist, Collaborator]:
        """Make a collaborator a viewer, or an editor, which makes the playlist collaborative. NotFound for others."""
        viewer.require(Role.LISTENER)
        refuse_owner_role(role)

        async def decide(playlist: Playlist) -> dict[str, Any] | None:
            require_change(viewer, playlist)
            there = _of(playlist, user_id)
            if there.role == role:
                return None
            there.role = role.value
            update = self._written(playlist)
            if role == PlaylistRole.EDITOR:
                playlist.is_collaborative = update["$set"]["is_collaborative"] = True
            return update

        playlist = await self._desk.change(viewer, playlist_id, decide)
        return playlist, _of(playlist, user_id)

    async def remove(self, viewer: Viewer, playlist_id: str, user_id: str) -> Playlist:
        """Let somebody out; what they added stays. NotFound when they are no collaborator."""
        viewer.require(Role.LISTENER)

        async def decide(playlist: Playlist) -> dict[str, Any] | None:
            if user_id != viewer.user_id:
                require_change(viewer, playlist)
            there = _of(playlist, user_id)
            playlist.collaborators = [each for each in playlist.collaborators if each is not there]
            return self._written(playlist)

        return await self._desk.change(viewer, playlist_id, decide)

    async def leave(self, viewer: Viewer, playlist_id: str) -> None:
        """Leave a playlist that was opened to the viewer. Conflict for its owner; NotFound for everybody else."""
        user_id = viewer.require(Role.LISTENER)
        playlist = await self._desk.frame(viewer, playlist_id)
        if playlist.user_id == user_id:
            raise Conflict("The owner cannot leave; delete the playlist instead.", code="OWNER_CANNOT_LEAVE")
        await self.remove(viewer, playlist_id, user_id)

    async def _admit(
        self,
        viewer: Viewer,
        playlist_id: str,
        user_id: str,
        role: PlaylistRole,
        permit: Callable[[Playlist], None],
        *,
        opens: bool = False,
        invited: bool = False,
    ) -> Playlist:
        """Let `user_id` in. `opens` makes the playlist collaborative for an editor; by a link nobody loses a role."""

        async def decide(playlist: Playlist) -> dict[str, Any] | None:
            permit(playlist)
            if playlist.user_id == user_id:
                if invited:
                    return None
                raise Invalid("The owner is in already.", field="username")
            opening = opens and role == PlaylistRole.EDITOR and not playlist.is_collaborative
            there = next((each for each in playlist.collaborators if each.user_id == user_id), None)
            if there is None:
                if len(playlist.collaborators) >= COLLABORATORS_LIMIT:
                    raise TooLarge(
                        f"A playlist has at most {COLLABORATORS_LIMIT} collaborators.", code="TOO_MANY_COLLABORATORS"
                    )
                playlist.collaborators.append(Collaborator(user_id, role.value, self._clock.now()))
            elif there.role == role or (invited and there.role == PlaylistRole.EDITOR):
                if not opening:
                    return None
            else:
                there.role = role.value
            update = self._written(playlist)
            if opening:
                playlist.is_collaborative = update["$set"]["is_collaborative"] = True
            return update

        return await self._desk.change(viewer, playlist_id, decide, invited=invited)

    async def _open(self, viewer: Viewer, playlist_id: str) -> None:
        async def decide(playlist: Playlist) -> dict[str, Any] | None:
            require_change(viewer, playlist)
            if playlist.is_collaborative:
                return None
            playlist.is_collaborative = True
            return {"$set": {"is_collaborative": True}}

        await self._desk.change(viewer, playlist_id, decide)

    async def _good_links(self, playlist_id: str) -> list[PlaylistInvite]:
        return await self._store.playlist_invites.find(
            {"playlist_id": playlist_id, "expires_at": {"$gt": self._clock.now()}},
            sort=[("created_at", -1)],
            limit=INVITES_LIMIT,
        )

    def _written(self, playlist: Playlist) -> dict[str, Any]:
        playlist.collaborator_ids = [each.user_id for each in playlist.collaborators]
        written = self._store.playlists.written_collaborators(playlist.collaborators)
        return {"$set": {"collaborators": written, "collaborator_ids": playlist.collaborator_ids}}


def refuse_owner_role(role: PlaylistRole) -> None:
    """Invalid for `OWNER`, which nobody is made."""
    if role == PlaylistRole.OWNER:
        raise Invalid("A collaborator is an editor or a viewer.", field="role")


def _of(playlist: Playlist, user_id: str) -> Collaborator:
    for collaborator in playlist.collaborators:
        if collaborator.user_id == user_id:
            return collaborator
    raise NotFound("This playlist has no such collaborator.", field="userId")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
