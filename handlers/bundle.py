"""The player's modules put together into few files, by esbuild, where `make web` has brought it.

Made from the files as they lie in `web/` when a page is first asked for, and anew when one of them was changed: nobody
runs a build. Each module is in one file only and runs once. Knows no request.

What every page begins with, and what many pages need, comes in one file; esbuild puts into a file of its own whatever
the same pages need, and what is imported later.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import os
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handlers.module_graph import WEB, page_modules, pages, static_modules, style_sheets

log = logging.getLogger("tutti.http")

PREFIX = "/web/bundle/"
LOOK_S = 2.0
"""How long files are taken to be as they were."""
BUILD_TIMEOUT_S = 30.0
MANY_PAGES = 8
"""A module that so many pages need comes with what every page begins with."""
BY_NAME = ("player/offline/downloads.js", "player/together/seated.js")
"""Modules to be had by their name (`/web/bundle/…`) beside those that every page begins with."""
_SOURCES = ("player", "room", "timing", "page")
_KINDS = frozenset({".js", ".css"})


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file, whole and compressed."""

    plain: bytes
    squeezed: bytes


@dataclass(frozen=True, slots=True)
class Bundled:
    """What was put together. Addresses have the hash of what is behind them in their name."""

    files: dict[str, BundleFile]
    main: str
    sheet: str
    named: dict[str, str]
    """Addresses of modules by their path below `web/`: the same module, however it is come by."""
    before: dict[str, list[str]]
    """What each of `named` imports before it runs."""
    shell: list[str]
    """All that can come of the first page: without a network it opens every page."""

    def modules_for(self, page: Path | None, web: Path = WEB) -> list[str]:
        """What a browser will need for this page, the largest first."""
        found = dict.fromkeys(self.before["player/main.js"])
        name = None if page is None else page.relative_to(web).as_posix()
        if name in self.named:
            found |= dict.fromkeys([self.named[name], *self.before[name]])
        return list(found)


class Bundle:
    """The player put together; None while it cannot be, and its files go out one by one."""

    def __init__(self, *, wanted: bool = True, web: Path = WEB) -> None:
        self._web = web
        self._esbuild = find_esbuild(web) if wanted else None
        self._made: Bundled | None = None
        self._earlier: dict[str, BundleFile] = {}
        self._version: tuple[int, int] | None = None
        self._looked = 0.0
        self._lock = asyncio.Lock()

    async def latest(self) -> Bundled | None:
        """What the files of `web/` are now, put together."""
        if self._esbuild is None:
            return None
        async with self._lock:
            if self._version is None or time.monotonic() - self._looked > LOOK_S:
                version = await asyncio.to_thread(_version, self._web)
                if version != self._version:
                    self._version = version
                    await self._make(self._esbuild)
                self._looked = time.monotonic()
        return self._made

    async def file(self, address: str) -> BundleFile | None:
        """The file at an address, of this or the former making; None for none."""
        if self._made is None:
            await self.latest()
        made = self._made.files if self._made else {}
        return made.get(address) or self._earlier.get(address)

    async def _make(self, esbuild: Path) -> None:
        earlier = self._made
        try:
            self._made = await asyncio.to_thread(put_together, self._web, esbuild)
        except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
            told = getattr(error, "stderr", None)
            log.warning("the player's files go out one by one: %s", (told or str(error)).strip())
            self._made = None
        if earlier is not None:
            # Pages that are open may still ask for a part of what they began with.
            self._earlier = earlier.files


def find_esbuild(web: Path = WEB) -> Path | None:
    """The program in the package of this machine's kind; None where it was not installed."""
    for program in sorted((web / "node_modules" / "@esbuild").glob("*/bin/esbuild")):
        if os.access(program, os.X_OK):
            return program
    return None


def first_modules(web: Path = WEB) -> list[Path]:
    """The player's modules that come with every page, in the order in which they are to run."""
    needed = Counter(address for _, own in page_modules(web) for address in own)
    many = [address for address, count in needed.items() if count >= MANY_PAGES]
    own = [*static_modules(web / "player" / "main.js", web=web), *many]
    return [web / address.removeprefix("/web/") for address in own if "/node_modules/" not in address]


def put_together(web: Path, esbuild: Path) -> Bundled:
    """Run esbuild over the player. Raises subprocess.SubprocessError for modules that do not fit together."""
    first = first_modules(web)
    named = {path for path in (*first, *(page for _, page in pages(web))) if path.is_relative_to(web / "player")}
    named |= {web / name for name in BY_NAME if (web / name).is_file()}
    with tempfile.TemporaryDirectory(prefix="tutti-bundle-") as name:
        folder = Path(name).resolve()
        (folder / "first.js").write_text("".join(f"import {json.dumps(str(path))};\n" for path in first))
        sheets = (web / address.removeprefix("/web/") for address in style_sheets(web))
        look = "".join(f"@import {json.dumps(str(path))};\n" for path in sheets if path.is_file())
        (folder / "look.css").write_text(look)
        command = [
            str(esbuild), "player/main.js", *sorted(path.relative_to(web).as_posix() for path in named),
            f"look={folder / 'look.css'}", f"--inject:{folder / 'first.js'}", "--bundle", "--splitting", "--minify",
            "--format=esm", "--target=es2022", "--charset=utf8", "--legal-comments=none", "--external:/web/*",
            "--outbase=.", f"--outdir={folder / 'out'}", f"--metafile={folder / 'meta.json'}",
            "--entry-names=[dir]/[name]-[hash]", "--chunk-names=part-[hash]", "--log-level=error",
        ]  # fmt: skip
        subprocess.run(command, cwd=web, check=True, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S)
        meta = json.loads((folder / "meta.json").read_text())
        return _read(web.resolve(), folder / "out", meta["outputs"])


def _read(web: Path, out: Path, outputs: dict[str, Any]) -> Bundled:
    files, imports, named, sheet = dict[str, BundleFile](), dict[str, list[tuple[str, str]]](), dict[str, str](), ""

    def address_of(path: str) -> str:
        return PREFIX + Path(os.path.normpath(web / path)).relative_to(out).as_posix()

    for path, told in outputs.items():
        address, plain = address_of(path), (web / path).read_bytes()
        files[address] = BundleFile(plain, gzip.compress(plain, 9, mtime=0))
        imports[address] = [
            (address_of(each["path"]), each["kind"]) for each in told["imports"] if each["path"] in outputs
        ]
        entry = told.get("entryPoint", "")
        if address.endswith(".css"):
            sheet = address
        elif entry:
            named[entry] = address
    before = {name: _reached([address], imports, later=False)[1:] for name, address in named.items()}
    main = named["player/main.js"]
    shell = sorted([*_reached([main], imports, later=True), sheet])
    return Bundled(files, main, sheet, named, before, shell)


def _reached(begin: Iterable[str], imports: dict[str, list[tuple[str, str]]], *, later: bool) -> list[str]:
    found = dict.fromkeys(begin)
    waiting = list(found)
    while waiting:
        for address, kind in imports[waiting.pop(0)]:
            if address not in found and (later or kind == "import-statement"):
                found[address] = None
                waiting.append(address)
    return list(found)


def _version(web: Path) -> tuple[int, int]:
    """Differs when a module or a style sheet was changed, came or went."""
    files = [path for folder in _SOURCES for path in (web / folder).rglob("*") if path.suffix in _KINDS]
    return hash(tuple((str(path), path.stat().st_mtime_ns) for path in sorted(files))), len(files)
