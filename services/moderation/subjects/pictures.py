"""Pictures as things that can be reported: covers of albums and playlists, pictures of artists and people.

Each is named by what it is a picture of, and hidden by its content: wherever the same picture is, it is shown no more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.errors import NotFound
from services.moderation.subjects.subject import Subject, facts_of
from services.pictures.blocked import BlockedPictures
from services.viewer import SYSTEM, Viewer


@dataclass(frozen=True, slots=True)
class Pictured:
    """Something with pictures: who answers for it, its name, the ids of its pictures by what they are."""

    owner_id: str | None
    name: str
    pictures: dict[str, str | None]


class PictureSubject:
    """The pictures of one noun; `look` finds them as a viewer sees them, NotFound when absent or invisible."""

    def __init__(self, look: Callable[[Viewer, str], Awaitable[Pictured]], blocked: BlockedPictures) -> None:
        self._look = look
        self._blocked = blocked

    async def seen(self, viewer: Viewer, id: str, place_id: str | None) -> Subject:
        """The pictures. NotFound where there is none to be seen."""
        found = await self._look(viewer, id)
        shown = {name: image for name, image in found.pictures.items() if image and image not in self._blocked}
        if not shown:
            raise NotFound("There is no such picture.")
        return Subject(found.owner_id, f"the picture of {found.name}", facts_of(of=found.name, **shown))

    async def before_hiding(self, id: str, place_id: str | None) -> dict[str, Any]:
        """Which pictures there are now."""
        try:
            found = await self._look(SYSTEM, id)
        except NotFound:
            return {}
        return {name: image for name, image in found.pictures.items() if image and image not in self._blocked}

    async def hide(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """Blocked: its address answers no more, and nobody hands it in again."""
        await self._blocked.block((await self.before_hiding(id, place_id)).values())

    async def restore(self, by: Viewer, id: str, place_id: str | None, undo: Mapping[str, Any]) -> None:
        """Shown again."""
        await self._blocked.unblock([str(image) for image in undo.values()])

    async def remove(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """As hiding, for good."""
        await self.hide(by, id, place_id, why)
