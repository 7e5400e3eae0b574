"""What the pages of the player tell of themselves to whoever draws previews of links.

Owns which pages have a card. A card is what somebody may see of the thing by its own rules. Refuses to know how it
looks.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.accounts.accounts import Accounts
from services.interactions.share_cards import Card, SharedKind, page_of
from services.viewer import Viewer
from storage.records import User


class PageCards:
    """Cards of things by the address of their page. `kinds` are songs, albums, artists and playlists."""

    def __init__(self, kinds: Mapping[str, SharedKind], accounts: Accounts) -> None:
        self._kinds = kinds
        self._accounts = accounts

    async def card(self, viewer: Viewer, noun: str, name: str) -> Card | None:
        """The card of the page `/{noun}/{name}`; None for a page of no thing, and for what the viewer may not see.

        Two store commands at most, and one more for what somebody is called.
        """
        if noun == "user":
            return await self._person(viewer, name)
        kind = self._kinds.get(noun)
        thing = None if kind is None else await kind.by_slug(viewer, name)
        return None if kind is None or thing is None else await kind.draw(viewer, thing)

    async def _person(self, viewer: Viewer, username: str) -> Card | None:
        """Somebody whose profile is open to the viewer; a closed one tells nothing."""
        user = await self._accounts.find(viewer, username=username)
        if user is None or not await self._accounts.people.whose_activity_shows(viewer, [user]):
            return None
        return _person_card(user)


def _person_card(user: User) -> Card:
    followers = (
        f"{user.follower_count} follower{'' if user.follower_count == 1 else 's'}" if user.follower_count else ""
    )
    facts = (("profile:username", user.username),)
    place = page_of("user", user.username)
    return Card("Listener", user.username, "", (followers,), user.profile_image_id, place, "profile", facts)
