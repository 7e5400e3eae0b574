"""The desk where cases are read and stepped on: each step one write, guarded by the revision it was worked out on.

Owns the guard and who may see a case at all. Refuses to know what a step does (`case.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from services.errors import Conflict, NotFound
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records.moderation import ModerationCase

TRIES = 20
CaseStep = Callable[[ModerationCase], ModerationCase]
_NAMES = [spec.name for spec in fields(ModerationCase) if spec.name not in ("id", "rev")]


class CaseDesk:
    """Reads and steps single cases."""

    def __init__(self, store: Store) -> None:
        self._cases = store.moderation_cases

    async def read(self, viewer: Viewer, case_id: str) -> ModerationCase:
        """A case, for moderators. NotFound when absent, and for whoever it is about: reporters stay unknown."""
        viewer.require(Role.MODERATOR)
        case = await self._cases.get(case_id) if is_id(case_id) else None
        if case is None or case.owner_id == viewer.user_id:
            raise no_such_case()
        return case

    async def step(self, case_id: str, step: CaseStep) -> ModerationCase:
        """The case after a step; whatever the step raises. Conflict (BUSY) when others were faster each time."""
        for _ in range(TRIES):
            case = await self._cases.get(case_id)
            if case is None:
                raise no_such_case()
            after = step(case)
            if after == case:
                return case
            if await self._write(case, after):
                return replace(after, rev=case.rev + 1)
        raise Conflict("Others work on this case just now; try again.", code="BUSY")

    async def _write(self, case: ModerationCase, after: ModerationCase) -> bool:
        before, document = self._cases.codec.encode(case), self._cases.codec.encode(after)
        put: dict[str, Any] = {
            name: document[name] for name in _NAMES if name in document and document[name] != before.get(name)
        }
        gone = {name: "" for name in _NAMES if name in before and name not in document}
        update: dict[str, Any] = {"$inc": {"rev": 1}}
        if put:
            update["$set"] = put
        if gone:
            update["$unset"] = gone
        return (await self._cases.update({"_id": case.id, "rev": case.rev}, update)).matched == 1


def no_such_case() -> NotFound:
    """The one answer for absent and not to be seen."""
    return NotFound("There is no such case.", field="caseId")
