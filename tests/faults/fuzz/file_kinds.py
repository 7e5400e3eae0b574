"""Garbage in files that an operator hands over: settings, lists of documents, archives, folders of music."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import ClassVar

from graph.persisted import BadAllowList, read_allow_list
from server.config import BadConfiguration, load_settings
from storage.archive.layout import BadArchive
from storage.archive.reading import ArchiveReader
from tests.faults.fuzz.graphql_kinds import documents
from tests.faults.fuzz.house import FuzzedHouse
from tests.faults.fuzz.kinds import Kind, Trouble
from tests.faults.fuzz.mutator import Mutator
from tests.faults.fuzz.samples import LYRICS, MARKUP, RSS, TTML, configurations, pictures, sounds
from tests.faults.fuzz.wire import Hang
from tests.server.conftest import Process


class Files(Kind):
    """Files for the functions that read them, and now and then for the command itself."""

    def __init__(self, house: FuzzedHouse, lane: int) -> None:
        super().__init__(house, lane)
        self.folder = house.folder / f"{type(self).__name__.lower()}{lane}"
        self.folder.mkdir(exist_ok=True)

    async def command(self, process: Process, *words: str) -> str:
        """A command's outcome: 0, or a refusal in words. Trouble for a traceback."""
        try:
            done = await asyncio.to_thread(process.command, *words)
        except Exception as late:
            raise Hang(f"{words} does not end: {late}") from late
        if "Traceback" in done.stderr or done.returncode not in (0, 1, 2):
            raise Trouble(f"{words} ended with {done.returncode}: {done.stderr[-1500:]}")
        return f"command {done.returncode}"


class Configurations(Files):
    """`config.yaml`, `TUTTI_*` variables and lists of documents."""

    name, share, lanes, door = "config.yaml, allow-lists", 4, 1, "load_settings, run.py check"

    async def throw(self, by: Mutator) -> str:
        if by.chance.random() < 0.25:
            return await asyncio.to_thread(self._list, by)
        made = by.text(by.of(configurations()), configurations(), 3)
        path = self.folder / "config.yaml"
        path.write_bytes(made.encode("utf-8", "surrogatepass"))
        if by.chance.random() < 0.01:
            process = Process(self.folder / "data", {"TUTTI_STORAGE_DATA_DIR": str(self.folder / "data")})
            return await self.command(process, "check", "--config", str(path))
        environ = {}
        if by.chance.random() < 0.3:
            name = by.of(
                ["SERVER_PORT", "SERVER_PROXIES", "LIBRARY_FOLDERS", "GRAPHQL_MAX_COST", "SERVER_NO", "BILLING_PRICES"]
            )
            environ[f"TUTTI_{name}"] = by.text(by.of(["8000", "[a, b]", "true", "1e5", "a,b"])).replace("\0", "")
        return await asyncio.to_thread(self._read, path, environ)

    @staticmethod
    def _read(path: Path, environ: dict[str, str]) -> str:
        try:
            load_settings(path, environ)
        except BadConfiguration:
            return "refused"
        return "taken"

    def _list(self, by: Mutator) -> str:
        path = self.folder / "list.json"
        made = by.json(
            by.of([documents()[:5], {"operations": [{"id": "a", "body": documents()[0]}]}, {"a" * 64: "{ a }"}])
        )
        path.write_bytes(
            by.data(made.encode("utf-8", "replace"), most=1)
            if by.chance.random() < 0.3
            else made.encode("utf-8", "replace")
        )
        try:
            read_allow_list(path)
        except BadAllowList:
            return "list refused"
        return "list taken"


class Archives(Files):
    """Archives of a house."""

    name, share, lanes, door = "backup archives", 2, 1, "run.py backup --verify, restore"
    whole: ClassVar[dict[str, bytes]] = {}

    async def _whole(self) -> bytes:
        key = str(self.house.folder)
        if key not in self.whole:
            target = self.folder / "whole.tar"
            done = await asyncio.to_thread(self.house.process.command, "backup", str(target))
            assert done.returncode == 0, done.stderr
            self.whole[key] = target.read_bytes()
            target.unlink()
        return self.whole[key]

    async def throw(self, by: Mutator) -> str:
        path = self.folder / "spoiled.tar"
        path.write_bytes(by.data(await self._whole()))
        if by.chance.random() < 0.02:
            data = self.folder / "data"
            try:
                return await self.command(Process(data), "restore", str(path))
            finally:
                shutil.rmtree(data, ignore_errors=True)
        return await asyncio.to_thread(self._verify, path)

    @staticmethod
    def _verify(path: Path) -> str:
        try:
            with ArchiveReader(path) as archive:
                archive.verify(lambda *_: None)
        except BadArchive:
            return "refused"
        return "whole"


class MusicFolders(Files):
    """Folders of spoiled sounds, their lyrics and their covers, imported by the command."""

    name, share, lanes, door = "music folders", 3, 1, "run.py import"
    batch = 30

    async def throw(self, by: Mutator) -> str:
        music = self.folder / "music"
        shutil.rmtree(music, ignore_errors=True)
        music.mkdir()
        for number in range(self.batch // 3):
            name = by.of(list(sounds()))
            path = music / f"{number} {by.of(['a', 'ü', chr(0x202E), '%s', '-x'])}.{name.partition('.')[2]}"
            path.write_bytes(by.data(sounds()[name], list(sounds().values())))
            ending = by.of([".lrc", ".ttml", ".srt"])
            words = by.xml(TTML, MARKUP) if ending == ".ttml" else by.text(by.of([*LYRICS, RSS]))
            path.with_suffix(ending).write_bytes(words.encode(by.of(["utf-8", "utf-8", "utf-16"]), "surrogatepass"))
            cover = music / f"folder {number}"
            cover.mkdir()
            (cover / by.of(["cover.jpg", "folder.png", "front.webp"])).write_bytes(
                by.data(by.of(pictures()), pictures())
            )
            (cover / f"song.{name.partition('.')[2]}").write_bytes(by.data(sounds()[name]))
        process = Process(self.folder / "data")
        try:
            return await self.command(process, "import", str(music))
        finally:
            shutil.rmtree(self.folder / "data", ignore_errors=True)
