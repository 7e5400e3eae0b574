"""People as they can be reported: what they say of themselves. What becomes of accounts is `suspensions.py`'s."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.accounts.accounts import Accounts
from services.accounts.profile_cleaning import ProfileCleaning
from services.moderation.subjects.subject import Subject, facts_of
from services.viewer import Viewer


class PersonSubject:
    """Somebody's profile: names and bio."""

    def __init__(self, accounts: Accounts, cleaning: ProfileCleaning) -> None:
        self._accounts = accounts
        self._cleaning = cleaning

    async def seen(self, viewer: Viewer, id: str, place_id: str | None) -> Subject:
        """Somebody, as the viewer sees them."""
        user = await self._accounts.user(viewer, id)
        facts = facts_of(
            username=user.username, firstName=user.first_name, lastName=user.last_name, bio=user.bio,
            picture=user.profile_image_id,
        )  # fmt: skip
        return Subject(user.id, user.username, facts)

    async def before_hiding(self, id: str, place_id: str | None) -> dict[str, Any]:
        """The names and the bio."""
        return await self._cleaning.words(id)

    async def hide(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """Names and bio are empty."""
        await self._cleaning.clear_words(id)

    async def restore(self, by: Viewer, id: str, place_id: str | None, undo: Mapping[str, Any]) -> None:
        """Those that are still empty are as they were."""
        await self._cleaning.put_words_back(id, undo)

    async def remove(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """As hiding; nothing is kept."""
        await self.hide(by, id, place_id, why)
