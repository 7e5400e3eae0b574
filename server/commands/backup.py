"""`python run.py backup TARGET`: the whole house into one file, while it runs; `--verify` reads such a file again."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from server.office import version
from server.settings import Settings
from server.stores import make_engine, make_files
from server.terminal import Bar, fail, say
from services.clock import Clock
from services.errors import TuttiError
from services.leaving.shelves import SHELVES
from services.steady_files import steady_files
from services.uploads.moved import NOTE
from storage.archive.layout import FILES, KEPT_FOLDERS, SECRET, BadArchive, Manifest, as_line
from storage.archive.reading import ArchiveReader
from storage.archive.writing import ArchiveWriter
from storage.engine import Engine, EngineAway
from storage.files import Files, FilesAway, LocalFiles
from storage.files.interface import NoSuchFile
from storage.migrations.runner import RECORD
from storage.sqlite import SqliteEngine
from storage.sqlite_snapshot import snapshot

LEFT_OUT = ("leases",)
"""What living processes hold of one another means nothing tomorrow."""
LAST = ("songs", "albums", "artists", "genres", "playlists", "audio_files", "images", "users")
"""Read after whatever names them, where no one moment can be read: who is named is there too."""
_BATCH = 500


async def backup(settings: Settings, asked: argparse.Namespace) -> int:
    """Write the archive, or with `--verify` read it. 1 when it could not be, or is not whole."""
    target: Path = asked.target
    try:
        if asked.verify:
            return await asyncio.to_thread(_verify, target)
        if target.is_dir():  # noqa: ASYNC240 - one look, before anything else is done
            return fail(f"{target} is a folder; name the file to write, such as {target / 'tutti.tar'}")
        manifest = await _write(settings, target)
    except (TuttiError, EngineAway, FilesAway) as fault:
        return fail(f"Nothing was backed up: {fault}")
    except BadArchive as fault:
        return fail(f"{target} is not whole: {fault}")
    files = sum(name.startswith(FILES) for name in manifest.members)
    say(f"{sum(manifest.documents.values())} documents and {files} files are in {target}.")
    if not settings.server.secret:
        say("It holds the house's secret: whoever has it can sign in as anybody. Keep it as such.")
    return 0


def collections() -> list[str]:
    """Every collection, in the order in which they are read."""
    first = sorted({*SHELVES, RECORD} - {*LAST, *LEFT_OUT})
    return [*first, *(name for name in LAST if name in SHELVES)]


def _verify(source: Path) -> int:
    with Bar("Verifying", "members") as bar, ArchiveReader(source) as archive:
        archive.verify(bar.show)
        manifest = archive.manifest
        say(f"{source} is whole: {sum(manifest.documents.values())} documents, {len(archive.keys)} files,")
        say(f"made {manifest.made_at} by Tutti {manifest.version} from {manifest.engine}.")
    return 0


async def _write(settings: Settings, target: Path) -> Manifest:
    async with AsyncExitStack() as undo:
        files = steady_files(make_files(settings))
        await files.start()
        undo.push_async_callback(files.stop)
        manifest = Manifest(version(), Clock().now().isoformat(timespec="seconds"), "", [])
        writer = undo.enter_context(ArchiveWriter(target, manifest))
        bar = undo.enter_context(Bar("Backing up", "files"))
        # Files first and once more at the end: whatever the documents name was there before, or is there after.
        await _copy_files(settings, files, writer, bar)
        async with _one_moment(settings, target.parent) as engine:
            manifest.engine = (await engine.ping())["product"]
            for collection in collections():
                await _copy_documents(engine, collection, writer, bar)
            manifest.migrations = [each["_id"] for each in await engine.find(RECORD, {}, limit=10_000)]
        await _copy_files(settings, files, writer, bar)
        await asyncio.to_thread(writer.finish)
        return manifest


@asynccontextmanager
async def _one_moment(settings: Settings, folder: Path) -> AsyncIterator[Engine]:
    """The store to read: of the embedded one a copy of this moment, else the server itself."""
    async with AsyncExitStack() as undo:
        engine = make_engine(settings)
        if isinstance(engine, SqliteEngine):
            source = settings.storage.data_dir / "tutti.db"
            if not source.exists():
                raise EngineAway(f"there is no store at {source}")
            place = undo.enter_context(tempfile.TemporaryDirectory(prefix=".part-", dir=folder))
            await asyncio.to_thread(snapshot, source, Path(place) / "copy.db")
            engine = SqliteEngine(Path(place) / "copy.db")
        undo.push_async_callback(engine.stop)
        await engine.start()
        yield engine


async def _copy_documents(engine: Engine, collection: str, writer: ArchiveWriter, bar: Bar) -> None:
    count = 0
    await asyncio.to_thread(writer.begin_documents)
    async for batch in engine.scan(collection, {}, batch=_BATCH):
        lines = [as_line(document) for document in batch]
        await asyncio.to_thread(writer.add_lines, lines)
        count += len(batch)
        bar.show(count, None, collection)
    await asyncio.to_thread(writer.end_documents, collection, count)


async def _copy_files(settings: Settings, files: Files, writer: ArchiveWriter, bar: Bar) -> None:
    have = writer.written
    keys = [facts.key for folder in KEPT_FOLDERS async for facts in files.list(folder)]
    if await files.exists(NOTE):
        keys.append(NOTE)
    for number, key in enumerate(keys):
        name = f"{FILES}{key}"
        bar.show(number, len(keys), key)
        if name in have or name in writer.written:
            continue
        try:
            await _copy_file(files, key, name, writer)
        except (NoSuchFile, FileNotFoundError):
            continue  # removed since it was listed, and so named by nothing
    secret = settings.storage.data_dir / "secret.key"
    if SECRET not in writer.written and secret.exists():
        await asyncio.to_thread(writer.add_file, SECRET, secret)


async def _copy_file(files: Files, key: str, name: str, writer: ArchiveWriter) -> None:
    path = files.local_path(key) if isinstance(files, LocalFiles) else None
    if path is not None:
        await asyncio.to_thread(writer.add_file, name, path)
        return
    with tempfile.NamedTemporaryFile(dir=writer.folder, prefix=".part-") as staged:
        reading = files.read(key)
        try:
            async for piece in reading:
                await asyncio.to_thread(staged.write, piece)
        finally:
            await reading.aclose()
        staged.flush()
        await asyncio.to_thread(writer.add_file, name, Path(staged.name))
