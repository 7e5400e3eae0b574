"""Asks one document as one viewer, and tells what came of it in the words of the table.

One house answers questions and refuses; each change that the table allows happens in a copy of its own. Nothing is ever
written by a refusal: a connection beside the engine sees every commit, and compares what is stored if there was one.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Coroutine
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from services.viewer import Viewer
from tests.access.documents import Asked
from tests.access.people import Cast, prepare
from tests.catalogue_rig import Rig, small_house

Answer = TypeVar("Answer")
CODES = {
    "UNAUTHENTICATED": "SIGN IN",
    "DENIED": "DENIED",
    "NOT_FOUND": "NOT FOUND",
    "OWNER_CANNOT_LEAVE": "CONFLICT",
    "SECOND_FACTOR_NOT_BEGUN": "CONFLICT",
    "SECOND_FACTOR_OFF": "CONFLICT",
    "SECOND_FACTOR_ON": "CONFLICT",
    "REVIEW_HIDDEN": "CONFLICT",
    "LAST_ADMIN": "CONFLICT",
    "ADDRESS_MISMATCH": "INVALID",
    "APPLICATION_OPEN": "CONFLICT",
    "CLAIM_OPEN": "CONFLICT",
    "HAVE_IT_ALREADY": "CONFLICT",
    "NO_TRIAL": "DENIED",
    "STUDENTS_CLOSED": "DENIED",
    "WRONG_CODE": "INVALID",
    "OTHER_MODERATOR": "DENIED",
    "LOCKED_ALREADY": "CONFLICT",
    "NOT_LOCKED": "CONFLICT",
    "CODE_NOT_GOOD": "INVALID",
    "INVALID": "INVALID",
    "PAYMENT_REQUIRED": "PAY",
    "BILLING_OFF": "OFF",
}


@dataclass
class Outcome:
    """What came of it: the table's `word`, the whole `answer`, and the answer about an id that `never_was`."""

    word: str
    answer: Any
    never_was: Any = None
    wrote: bool = False


@dataclass
class Houses:
    """The shared house on a loop of its own, for tests that are many and short."""

    folder: Path
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    cast: Cast = field(default_factory=Cast)
    _shared: Rig | None = None
    _watch: _Watch = field(init=False)
    _undo: AsyncExitStack = field(default_factory=AsyncExitStack)
    _copies: int = 0

    def outcome(self, asked: Asked, kind: str, *, changes: bool) -> Outcome:
        """What `kind` gets; in a copy of the house when it `changes` something."""
        return self.run(self._in_a_copy(asked, kind) if changes else self._in_the_shared_one(asked, kind))

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Run on the house's own loop."""
        return self.loop.run_until_complete(work)

    async def open(self) -> None:
        """Make and furnish it."""
        origin = self.folder / "origin"
        origin.mkdir()
        self.cast = await prepare(origin)
        await self._open_shared()

    async def close(self) -> None:
        """Close what is open."""
        await self._undo.aclose()
        self._shared = None

    async def _open_shared(self) -> None:
        self._shared = await self._undo.enter_async_context(small_house(self._copied()))
        self._go_on(self._shared)
        # Who asks is not the one who tells: nothing may be written while nobody changes anything.
        await self._shared.house.announcer.stop()
        await self._shared.house.security_notices.stop()
        self._watch = self._undo.enter_context(closing(_Watch(self._shared.files.root / "tutti.db")))

    def _go_on(self, rig: Rig) -> None:
        """From a moment after the origin was closed: a room notices a clock turned back, and a licence that was
        given just now is not renewed."""
        rig.clock.turn((self.cast.ended_ms - rig.clock.epoch_ms()) / 1000 + 1)

    def _copied(self) -> Path:
        self._copies += 1
        return Path(shutil.copytree(self.folder / "origin", self.folder / f"copy-{self._copies}"))

    async def _in_the_shared_one(self, asked: Asked, kind: str) -> Outcome:
        assert self._shared is not None
        outcome = await self._ask(self._shared, asked, kind)
        never_was = asked.about_nothing(self.cast.things)
        if outcome.word in ("NOT FOUND", "null") and never_was is not None and kind not in asked.seen_by:
            outcome.never_was = await _answer(self._shared, asked, never_was, self.cast.viewers[kind])
        outcome.wrote = self._watch.changed()
        if outcome.wrote and asked.mutates:
            # What comes after must not suffer for it.
            await self.close()
            await self._open_shared()
        return outcome

    async def _in_a_copy(self, asked: Asked, kind: str) -> Outcome:
        folder = self._copied()
        async with small_house(folder) as rig:
            self._go_on(rig)
            with closing(_Watch(folder / "tutti.db")) as watch:
                outcome = await self._ask(rig, asked, kind)
                await rig.house.password_change.settled()
                outcome.wrote = watch.changed()
        shutil.rmtree(folder)
        return outcome

    async def _ask(self, rig: Rig, asked: Asked, kind: str) -> Outcome:
        answer = await _answer(rig, asked, asked.named(self.cast.things), self.cast.viewers[kind])
        return Outcome(_word(answer, asked.marked(self.cast.things)), answer)


async def _answer(rig: Rig, asked: Asked, text: str, viewer: Viewer) -> dict[str, Any]:
    if not asked.listens:
        return await rig.ask(text, viewer)
    stream = await rig.listen(text, viewer)
    if isinstance(stream, dict):
        return stream
    await stream.aclose()
    return {"data": {"listening": True}}


def _word(answer: dict[str, Any], mark: str | None) -> str:
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    if codes:
        return " ".join(CODES.get(code, code) for code in sorted(codes))
    [value] = answer["data"].values()
    if value is None:
        return "null"
    return "ok" if mark is None or mark in json.dumps(value, ensure_ascii=False) else "without"


class _Watch:
    """Whether anything was stored since: by SQLite's count of commits first, then by what is there."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._version, self._digest = self._read(), self._content()

    def changed(self) -> bool:
        """Whether anything was, since it was asked last."""
        version, self._version = self._version, self._read()
        if self._version == version:
            return False
        digest, self._digest = self._digest, self._content()
        return self._digest != digest

    def close(self) -> None:
        self._connection.close()

    def _read(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _content(self) -> str:
        digest = hashlib.blake2b()
        tables = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        for (name,) in tables.fetchall():
            for row in self._connection.execute(f'SELECT * FROM "{name}" ORDER BY 1'):
                digest.update(repr((name, row)).encode())
        return digest.hexdigest()
