"""Whom people follow: artists and one another. Refuses to know how a follow is kept; that is `edges.py`'s."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from services.accounts.accounts import Accounts
from services.catalogue.artists import Artists
from services.errors import Invalid, NotFound
from services.events import Bus, UserFollowed, UserUnfollowed
from services.interactions.edges import EdgePage, Edges, End, Wanted
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.records import Artist, User

Nodes = Callable[[list[str]], Awaitable[Mapping[str, Any]]]


class Follows:
    """The follows. Lists of others are empty, and their counts 0, where their profile is closed to the viewer."""

    def __init__(
        self, artist_edges: Edges[Artist], user_edges: Edges[User], artists: Artists, accounts: Accounts, bus: Bus
    ) -> None:
        self.artist_edges = artist_edges
        self.user_edges = user_edges
        self._artists = artists
        self._accounts = accounts
        self._bus = bus

    async def follow_artist(self, viewer: Viewer, artist_id: str) -> Artist:
        """The artist with their new count; the same when followed already. NotFound when absent or invisible."""
        user_id = viewer.require(Role.LISTENER)
        artist = await self._artists.get(viewer, artist_id)
        return await self.artist_edges.add(user_id, artist.id) or artist

    async def unfollow_artist(self, viewer: Viewer, artist_id: str) -> None:
        """The follow is gone afterwards, whether there was one or not; also of artists the viewer sees no more."""
        await self.artist_edges.remove(viewer.require(Role.LISTENER), artist_id)

    async def follow_user(self, viewer: Viewer, target_id: str) -> User:
        """Somebody with their new count, as the viewer may see them; the same when followed already.

        Invalid for oneself; NotFound for somebody absent or suspended. Told as UserFollowed, only when it is new.
        """
        user_id = viewer.require(Role.LISTENER)
        if user_id == target_id:
            raise Invalid("You cannot follow yourself.", field="userId")
        user = await self._accounts.user(viewer, target_id)
        if user.is_suspended:
            raise NotFound("There is no such user.")
        followed = await self.user_edges.add(user_id, user.id)
        if followed is None:
            return user
        self._bus.publish(UserFollowed(user_id, user.id))
        # Seen anew: a profile that is open to followers opens by this.
        return (await self._accounts.people.seen(viewer, [followed]))[user.id]

    async def unfollow_user(self, viewer: Viewer, target_id: str) -> None:
        """The follow is gone afterwards, whether there was one or not; also of people the viewer sees no more.

        Told as UserUnfollowed, also when there was none: an earlier call may have ended before it could tell.
        """
        user_id = viewer.require(Role.LISTENER)
        if is_id(target_id):
            await self.part(user_id, target_id)

    async def part(self, user_id: str, target_id: str) -> None:
        """The first follows the second no more, whoever wanted it so; told as by `unfollow_user`."""
        await self.user_edges.remove(user_id, target_id)
        self._bus.publish(UserUnfollowed(user_id, target_id))

    async def artists_among(self, viewer: Viewer, artist_ids: Sequence[str]) -> dict[str, bool]:
        """True for those of the artists that the viewer follows; one store command, none for nobody."""
        return await self.artist_edges.among(viewer.user_id, artist_ids)

    async def users_among(self, viewer: Viewer, user_ids: Sequence[str]) -> dict[str, bool]:
        """True for those of the people that the viewer follows; one store command, none for nobody."""
        return await self.user_edges.among(viewer.user_id, user_ids)

    async def followed_artists(self, viewer: Viewer, wanted: Sequence[Wanted]) -> dict[Wanted, EdgePage[Artist]]:
        """The artists each owner follows, the latest first; those the viewer may not see are left out."""
        return await self._pages(viewer, wanted, self.artist_edges, lambda ids: self._artists.get_many(viewer, ids))

    async def followed_users(self, viewer: Viewer, wanted: Sequence[Wanted]) -> dict[Wanted, EdgePage[User]]:
        """The people each owner follows, the latest first; those the viewer may not see are left out."""
        return await self._pages(viewer, wanted, self.user_edges, lambda ids: self._accounts.users(viewer, ids))

    async def followers(self, viewer: Viewer, wanted: Sequence[Wanted]) -> dict[Wanted, EdgePage[User]]:
        """The people who follow each owner, the latest first; those the viewer may not see are left out.

        In others' lists, so are those with a closed profile: whom they follow is their own business. Whoever is
        followed sees all who do.
        """

        async def open_users(ids: list[str]) -> Mapping[str, User]:
            found = await self._accounts.users(viewer, ids)
            shown = await self._accounts.people.whose_activity_shows(viewer, found.values())
            return {id: user for id, user in found.items() if id in shown}

        own = [each for each in wanted if each.owner_id == viewer.user_id]
        others = [each for each in wanted if each.owner_id != viewer.user_id]
        edges = self.user_edges
        pages = await self._pages(viewer, own, edges, lambda ids: self._accounts.users(viewer, ids), "target_id")
        return pages | await self._pages(viewer, others, edges, open_users, "target_id")

    async def artist_counts(self, viewer: Viewer, user_ids: Sequence[str]) -> dict[str, int]:
        """How many artists each of them follows."""
        return await self.artist_edges.counts(sorted(await self._accounts.people.open_among(viewer, user_ids)))

    async def user_counts(self, viewer: Viewer, user_ids: Sequence[str]) -> dict[str, int]:
        """How many people each of them follows."""
        return await self.user_edges.counts(sorted(await self._accounts.people.open_among(viewer, user_ids)))

    async def _pages(
        self, viewer: Viewer, wanted: Sequence[Wanted], edges: Edges[Any], nodes: Nodes, end: End = "user_id"
    ) -> dict[Wanted, EdgePage[Any]]:
        seen = await self._accounts.people.open_among(viewer, [each.owner_id for each in wanted])
        shown = [each for each in wanted if each.owner_id in seen]
        pages: dict[Wanted, EdgePage[Any]] = {each: EdgePage([]) for each in wanted}
        return pages | (await edges.pages(shown, nodes, end) if shown else {})
