"""Taking one's things along: an archive of all that is kept of somebody, as JSON for each noun and M3U8 for playlists.

Made by a periodic job, one at a time, in a file of this machine that then goes to the store of files; kept for some
days. Owns what is inside and who may fetch it. What is others' private business is not in it.
"""

from __future__ import annotations

import asyncio
import logging
import zipfile
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from services.accounts.tickets import Tickets
from services.clock import Clock
from services.errors import NotFound, TooMany
from services.leaving.shelves import SHELVES, Shelf
from services.mail.letter import Button, letter
from services.mail.outbox import Outbox
from services.mail.wording import Wording
from services.playlists.exporting import Exports
from services.playlists.formats import Format
from services.typed_text import is_id
from services.viewer import Viewer
from storage.collections.store import Store
from storage.engine import Document
from storage.files import Files, FilesAway, Folder
from storage.records import User
from storage.records.account_export import AccountExport

log = logging.getLogger("tutti.accounts")

KEPT = timedelta(days=7)
BETWEEN = timedelta(hours=24)
"""So long after one archive another may be asked for."""
IN_HAND = timedelta(minutes=10)
ATTEMPTS = 5
_BATCH = 500
_README = """What Tutti keeps of you, as of {at}.

Each file named after a noun holds one JSON object a line. `playlists/` has your playlists as M3U8 files too.
Left out are secrets (hashes of passwords and keys) and what belongs to others.
"""


class AccountExports:
    """The archives of this house."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        files: Files,
        folder: Folder,
        playlists: Exports,
        tickets: Tickets,
        outbox: Outbox,
        *,
        public_url: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._files = files
        self._folder = folder
        self._playlists = playlists
        self._tickets = tickets.for_purpose(b"account export", lifetime_s=3600)
        self._outbox = outbox
        self._home = public_url.rstrip("/") or "http://localhost"

    async def ask(self, viewer: Viewer) -> AccountExport:
        """An archive that will be made; the one under way if there is one. TooMany within a day of the last."""
        user_id = viewer.require_oneself()
        last = await self._latest(user_id)
        now = self._clock.now()
        if last is not None and last.state in ("waiting", "making"):
            return last
        if last is not None and last.state == "ready" and last.requested_at + BETWEEN > now:
            wait = (last.requested_at + BETWEEN - now).total_seconds()
            raise TooMany("One archive a day: fetch the last one, or ask tomorrow.", retry_after=wait)
        export = AccountExport(id=self._clock.new_id(), user_id=user_id, requested_at=now, due_at=now)
        await self._store.account_exports.insert(export)
        return export

    async def mine(self, viewer: Viewer) -> AccountExport | None:
        """The viewer's newest archive."""
        return await self._latest(viewer.require_oneself())

    def url(self, viewer: Viewer, export: AccountExport) -> str | None:
        """Where the archive is fetched for an hour by whoever has the address; None until it is ready."""
        if export.state != "ready":
            return None
        ticket = self._tickets.issue(
            user_id=export.user_id, session_id=viewer.session_id or "", song_id=export.id, quality=""
        )
        return f"/account-export/{export.id}.zip?ticket={ticket}"

    async def open(self, export_id: str, ticket: str) -> tuple[AccountExport, AsyncIterator[bytes]]:
        """The archive and its bytes. Unauthenticated for a bad ticket, NotFound once it is gone."""
        owner = self._tickets.open(ticket, export_id)
        export = await self._store.account_exports.get(export_id) if is_id(export_id) else None
        if export is None or export.user_id != owner.user_id or export.key is None:
            raise NotFound("There is no such archive (any more).")
        return export, self._files.read(export.key)

    async def make_due(self) -> int:
        """Make the archives that wait, one after another; how many were made. A periodic job."""
        made = 0
        while export := await self._claim():
            made += await self._try_to_make(export)
        return made

    async def sweep(self) -> int:
        """Remove archives of over seven days ago, with their files; how many. A periodic job."""
        old = await self._store.account_exports.find({"expires_at": {"$lt": self._clock.now()}}, limit=_BATCH)
        for export in old:
            if export.key is not None:
                await self._files.delete(export.key)
            await self._store.account_exports.delete({"_id": export.id})
        return len(old)

    async def _latest(self, user_id: str) -> AccountExport | None:
        return await self._store.account_exports.first({"user_id": user_id}, sort=[("requested_at", -1)])

    async def _claim(self) -> AccountExport | None:
        now = self._clock.now()
        due = await self._store.account_exports.find({"due_at": {"$lte": now}}, sort=[("due_at", 1)], limit=1)
        if not due:
            return None
        mine = {"$set": {"state": "making", "due_at": now + IN_HAND, "progress": 0.0}, "$inc": {"attempts": 1}}
        return await self._store.account_exports.update_and_get({"_id": due[0].id, "due_at": due[0].due_at}, mine)

    async def _try_to_make(self, export: AccountExport) -> bool:
        user = await self._store.users.get(export.user_id)
        if user is None:
            await self._store.account_exports.delete({"_id": export.id})
            return False
        path = self._folder.root / "exports" / f"unfinished-{export.id}.zip"
        try:
            await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
            await self._write(export, user, path)
            key = f"exports/{export.id}.zip"
            facts = await self._files.put_file(key, path)
        except (OSError, FilesAway) as trouble:
            await self._failed(export, type(trouble).__name__)
            return False
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        now = self._clock.now()
        done = {
            "state": "ready",
            "progress": 1.0,
            "key": key,
            "size": facts.size,
            "ready_at": now,
            "expires_at": now + KEPT,
        }
        ready = {"$set": done, "$unset": {"due_at": ""}}
        kept = await self._store.account_exports.update_and_get({"_id": export.id}, ready)
        if kept is None:
            # They were erased meanwhile.
            await self._files.delete(key)
            return False
        await self._outbox.put(f"export:{export.id}", user.email, self._letter(user))
        log.info("an archive is ready", extra={"user_id": user.id, "bytes": facts.size})
        return True

    async def _failed(self, export: AccountExport, reason: str) -> None:
        if export.attempts >= ATTEMPTS:
            log.warning("an archive was given up", extra={"user_id": export.user_id, "reason": reason})
            failed = {"state": "failed", "reason": reason, "expires_at": self._clock.now() + KEPT}
            over = {"$set": failed, "$unset": {"due_at": ""}}
            await self._store.account_exports.update({"_id": export.id}, over)
            return
        log.info("an archive was not made, it is tried again", extra={"user_id": export.user_id, "reason": reason})

    async def _write(self, export: AccountExport, user: User, path: Path) -> None:
        shelves = [(name, shelf) for name, shelf in SHELVES.items() if shelf.exported]
        archive = await asyncio.to_thread(zipfile.ZipFile, path, "w", zipfile.ZIP_DEFLATED)
        try:
            at = self._clock.now()
            await asyncio.to_thread(archive.writestr, "README.txt", _README.format(at=f"{at:%Y-%m-%d %H:%M} UTC"))
            for number, (name, shelf) in enumerate(shelves):
                await self._write_noun(archive, name, shelf, user.id)
                await self._tell(export, (number + 1) / (len(shelves) + 1))
            await self._write_playlists(archive, user.id)
        finally:
            await asyncio.to_thread(archive.close)

    async def _write_noun(self, archive: zipfile.ZipFile, name: str, shelf: Shelf, user_id: str) -> None:
        hidden = {*shelf.hidden, *(() if shelf.owner == "_id" else (shelf.owner,))}
        lines: list[bytes] = []
        async for rows in self._store.engine.scan(name, {shelf.owner: user_id}, batch=_BATCH):
            lines.append(await asyncio.to_thread(_lines, rows, hidden))
        if lines:
            await asyncio.to_thread(archive.writestr, f"{name}.jsonl", b"".join(lines))

    async def _write_playlists(self, archive: zipfile.ZipFile, user_id: str) -> None:
        viewer, names = Viewer(user_id=user_id), set[str]()
        async for rows in self._store.engine.scan("playlists", {"user_id": user_id}, batch=_BATCH):
            for row in rows:
                found = await self._playlists.export(viewer, row["_id"], Format.M3U8)
                name = found.file_name if found.file_name not in names else f"{row['_id']}-{found.file_name}"
                names.add(name)
                await asyncio.to_thread(archive.writestr, f"playlists/{name}", found.text)

    async def _tell(self, export: AccountExport, progress: float) -> None:
        # Said again while it is at work: whoever else looks leaves it alone.
        said = {"progress": round(progress, 3), "due_at": self._clock.now() + IN_HAND}
        await self._store.account_exports.update({"_id": export.id, "state": "making"}, {"$set": said})

    def _letter(self, user: User) -> Wording:
        lines = [f"The archive of your things is ready. It is kept for {KEPT.days} days; sign in to fetch it."]
        button = Button("To my settings", f"{self._home}/settings/data")
        return letter(user.username, "Your archive is ready", lines, home=f"{self._home}/", button=button)


def _lines(rows: list[Document], hidden: set[str]) -> bytes:
    shown = (
        {("id" if key == "_id" else key): value for key, value in row.items() if key not in hidden} for row in rows
    )
    return b"".join(orjson.dumps(row, default=_plain, option=orjson.OPT_APPEND_NEWLINE) for row in shown)


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
