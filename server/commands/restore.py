"""`python run.py restore SOURCE`: a house as an archive holds it. All of the archive is read and proven before."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import tempfile
from pathlib import Path

from server.commands.backup import collections
from server.composition import open_household
from server.observe import set_up_logging
from server.settings import Settings
from server.stores import make_engine, make_files
from server.terminal import Bar, fail, say
from services.audio.cache_folder import FOLDER, LOCK
from services.errors import TuttiError
from services.steady_files import steady_files
from storage.archive.layout import FILES, BadArchive
from storage.archive.reading import ArchiveReader
from storage.engine import Engine, Insert, StorageError
from storage.files import FilesAway
from storage.migrations.runner import MIGRATIONS
from storage.sqlite import SqliteEngine

TELLS_OF_LIFE = ("users", "songs", "audio_files", "playlists")
"""A house in which none of these has a document is empty."""
_SMALL_BYTES = 1 << 20


class Refused(Exception):
    """Why nothing was restored."""


async def restore(settings: Settings, asked: argparse.Namespace) -> int:
    """Prove the archive, then put files, documents and secret in place, then the search index. 1 when refused."""
    set_up_logging(settings.server.log_format, "error")
    source: Path = asked.source
    try:
        with ArchiveReader(source) as archive:
            with Bar("Verifying", "members") as bar:
                await asyncio.to_thread(archive.verify, bar.show)
            await _refuse_unfit(settings, archive, replace=asked.replace)
            with Bar("Restoring", "files") as bar:
                await _put_files(settings, archive, bar)
                await _put_documents(settings, archive, bar)
            if archive.secret is not None and not settings.server.secret:
                await asyncio.to_thread(_put_secret, settings.storage.data_dir / "secret.key", archive.secret)
            count, files = sum(archive.manifest.documents.values()), len(archive.keys)
        wrong = await _open_once(settings)
    except (BadArchive, Refused) as fault:
        return fail(f"Nothing was restored: {fault}")
    except (TuttiError, StorageError, FilesAway) as fault:
        return fail(f"The restoring was broken off: {fault}")
    say(f"{count} documents and {files} files are restored, and the search index is made.")
    if wrong:
        say(f"{wrong} counters did not follow from their rows and were put right.")
    return 0


async def _refuse_unfit(settings: Settings, archive: ArchiveReader, *, replace: bool) -> None:
    unknown = {*archive.manifest.migrations} - {each.id for each in MIGRATIONS}
    if unknown:
        raise Refused(f"the archive is a newer program's (migration {max(unknown)}); restore it with that one")
    strange = {*archive.manifest.documents} - {*collections()}
    if strange:
        raise Refused(f"this program does not know the collection {min(strange)}")
    if _in_use(settings.storage.data_dir):
        raise Refused("a server or command works in this data folder; stop it first")
    if replace:
        return
    engine = make_engine(settings)
    try:
        await engine.start()
        found = [name for name in TELLS_OF_LIFE if await engine.count(name, {}, limit=1)]
    finally:
        await engine.stop()
    if found:
        raise Refused(f"this house is not empty (it has {found[0]}); --replace puts the archive in place of all of it")


def _in_use(data: Path) -> bool:
    for lock in sorted(data.glob(f"{FOLDER}*/{LOCK}")):
        handle = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(handle)
    return False


async def _put_files(settings: Settings, archive: ArchiveReader, bar: Bar) -> None:
    files = steady_files(make_files(settings))
    await files.start()
    settings.storage.data_dir.mkdir(parents=True, exist_ok=True)
    keys = archive.keys
    try:
        for number, key in enumerate(keys):
            bar.show(number, len(keys), key)
            name = f"{FILES}{key}"
            if archive.manifest.members[name][0] <= _SMALL_BYTES:
                await files.put(key, await asyncio.to_thread(lambda name=name: b"".join(archive.pieces(name))))
                continue
            with tempfile.NamedTemporaryFile(dir=settings.storage.data_dir, prefix=".part-") as staged:
                await asyncio.to_thread(lambda name=name, staged=staged: staged.writelines(archive.pieces(name)))
                staged.flush()
                await files.put_file(key, Path(staged.name))
    finally:
        await files.stop()


async def _put_documents(settings: Settings, archive: ArchiveReader, bar: Bar) -> None:
    engine = make_engine(settings)
    if not isinstance(engine, SqliteEngine):
        try:
            await engine.start()
            await _fill(engine, archive, bar, empty_first=True)
        finally:
            await engine.stop()
        return
    # The embedded store is made beside the old one and takes its place in one step.
    place = settings.storage.data_dir / "tutti.db"
    part = place.with_name(".part-tutti.db")
    _remove(part)
    fresh = SqliteEngine(part)
    try:
        await fresh.start()
        await _fill(fresh, archive, bar, empty_first=False)
        await fresh.stop()
        with part.open("rb") as made:
            os.fsync(made.fileno())
        for log in ("-wal", "-shm"):
            place.with_name(place.name + log).unlink(missing_ok=True)
        part.replace(place)
    finally:
        await fresh.stop()
        _remove(part)


async def _fill(engine: Engine, archive: ArchiveReader, bar: Bar, *, empty_first: bool) -> None:
    done, whole = 0, sum(archive.manifest.documents.values())
    for collection in collections():
        if empty_first:
            await engine.delete(collection, {}, many=True)
        if collection not in archive.manifest.documents:
            continue
        batches = archive.documents(collection)
        while batch := await asyncio.to_thread(next, batches, None):
            told = await engine.bulk(collection, [Insert(document) for document in batch])
            if told.duplicates:
                raise StorageError(f"{len(told.duplicates)} documents of {collection} are there twice")
            done += len(batch)
            bar.show(done, whole, collection)


def _remove(part: Path) -> None:
    for end in ("", "-wal", "-shm"):
        part.with_name(part.name + end).unlink(missing_ok=True)


def _put_secret(path: Path, secret: bytes) -> None:
    draft = path.with_name(".part-secret.key")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


async def _open_once(settings: Settings) -> int:
    """Migrate, index, prove the counters; how many were wrong. A copy of one moment has none."""
    async with open_household(settings) as household:
        house = household.house
        with Bar("Indexing", "entries") as bar:
            await house.indexing.rebuild(lambda done, total: bar.show(done, total))
        return (
            await house.play_counts.recount(settle_s=0)
            + await house.edge_counts.recount(settle_s=0)
            + await house.playlist_upkeep.recount()
        )
