"""A library folder walked by names and stats alone; no file is opened.

Owns what counts as a song's file, its lyrics and its folder's cover, and the order (paths as text, which is the
stores' order too, so that walk and catalogue can be merged like two sorted lists). Refuses to know the catalogue.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

AUDIO_SUFFIXES = frozenset(
    {"mp3", "flac", "ogg", "oga", "opus", "m4a", "m4b", "mp4", "aac", "wav", "wave", "aif", "aiff", "aifc"}
)
FOREIGN_SUFFIXES = frozenset(
    {"m4p", "m4v", "mkv", "mka", "webm", "avi", "mov", "wmv", "mpg", "mpeg", "flv", "ogv", "wma", "ape", "wv", "mpc",
     "tta", "dsf", "dff", "mp2", "ra", "ac3", "dts", "spx", "aa", "aax"}
)  # fmt: skip
"""Sound or video that is not imported: looked into, and reported with the reason."""

LYRICS_SUFFIXES = ("ttml", "elrc", "lrc", "srt")
"""Lyrics beside a song, in the order in which they are asked where they are timed alike."""

_PICTURES = frozenset({"jpg", "jpeg", "png", "webp", "gif", "bmp"})
_COVER_NAMES = ("cover", "folder", "front", "album", "albumart", "albumartlarge", "artwork", "art")
_DEPTH_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Found:
    """One audio file as its directory entry shows it. `sidecar_hash` changes when its lyrics or folder cover do."""

    path: str
    size: int
    mtime_ns: int
    sidecar_hash: str | None = None
    lyrics_paths: list[str] = field(default_factory=list)
    cover_path: str | None = None


@dataclass(frozen=True, slots=True)
class Unwalked:
    """Something that was not entered, and why. What the catalogue knows beneath a folder is left as it is."""

    path: str
    reason: str
    is_folder: bool


Report = Callable[[Unwalked], None]


def walk(root: Path, report: Report) -> Iterator[Found]:
    """Audio files under `root` (or `root` itself) in the order of their paths as text.

    Hidden entries and other kinds of files are passed over. Links are followed within the root only, folders never
    twice on one line of descent; what is refused goes to `report`. Nothing when the root is not there.
    """
    if not root.exists():
        return
    real_root = os.path.realpath(root)
    if root.is_file():
        siblings = _listing(str(root.parent), os.path.realpath(root.parent), lambda _: None)
        yield from (found for found in _files(siblings) if found.path == str(root))
        return
    status = root.stat()
    yield from _folder(str(root), real_root, ((status.st_dev, status.st_ino),), report)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    path: str
    is_folder: bool
    size: int
    mtime_ns: int
    identity: tuple[int, int]


def _folder(folder: str, real_root: str, above: tuple[tuple[int, int], ...], report: Report) -> Iterator[Found]:
    entries = _listing(folder, real_root, report)
    audio = {found.path: found for found in _files(entries)}
    # "a.mp3" sorts before "a/x.mp3" because "." comes before "/": order by the text each entry contributes.
    for entry in sorted(entries, key=lambda entry: entry.path + "/" if entry.is_folder else entry.path):
        if not entry.is_folder:
            if entry.path in audio:
                yield audio[entry.path]
        elif entry.identity in above:
            report(Unwalked(entry.path, "a link leads back to a folder above it", is_folder=False))
        elif len(above) >= _DEPTH_LIMIT:
            report(Unwalked(entry.path, f"folders are nested deeper than {_DEPTH_LIMIT}", is_folder=True))
        else:
            yield from _folder(entry.path, real_root, (*above, entry.identity), report)


def _listing(folder: str, real_root: str, report: Report) -> list[_Entry]:
    entries: list[_Entry] = []
    try:
        with os.scandir(folder) as listing:
            for item in listing:
                entry = _entry(item, real_root, report)
                if entry is not None:
                    entries.append(entry)
    except OSError as error:
        report(Unwalked(folder, f"the folder cannot be read: {error.strerror or error}", is_folder=True))
    return entries


def _entry(item: os.DirEntry[str], real_root: str, report: Report) -> _Entry | None:
    if item.name.startswith("."):
        return None
    suffix = _suffix(item.name)
    try:
        item.name.encode()
    except UnicodeEncodeError:
        shown = os.fsencode(item.path).decode("utf-8", "replace")
        report(Unwalked(shown, "the name is not valid UTF-8; rename it", is_folder=False))
        return None
    known = suffix in AUDIO_SUFFIXES or suffix in FOREIGN_SUFFIXES
    try:
        if item.is_symlink() and not _leads_inside(item.path, real_root):
            if known or item.is_dir():
                report(Unwalked(item.path, "a link leads out of the library", is_folder=item.is_dir()))
            return None
        status = item.stat()
    except OSError as error:
        if known:
            report(Unwalked(item.path, f"the file cannot be read: {error.strerror or error}", is_folder=False))
        return None
    is_folder = stat.S_ISDIR(status.st_mode)
    if not is_folder and not stat.S_ISREG(status.st_mode):
        if known:
            report(Unwalked(item.path, "this is a device or a pipe, not a file", is_folder=False))
        return None
    identity = (status.st_dev, status.st_ino)
    return _Entry(item.name, item.path, is_folder, status.st_size, status.st_mtime_ns, identity)


def _leads_inside(path: str, real_root: str) -> bool:
    target = os.path.realpath(path)
    return target == real_root or target.startswith(real_root.rstrip("/") + "/")


def is_audio_name(name: str) -> bool:
    """Whether a file of this name is looked into."""
    return _suffix(name) in AUDIO_SUFFIXES | FOREIGN_SUFFIXES


def _suffix(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def _files(entries: list[_Entry]) -> Iterator[Found]:
    """The audio among a folder's entries, each with its companions."""
    files = [entry for entry in entries if not entry.is_folder]
    lyrics: dict[tuple[str, str], _Entry] = {}
    for entry in files:
        if (suffix := _suffix(entry.name)) in LYRICS_SUFFIXES:
            lyrics.setdefault((entry.name[: -len(suffix) - 1].casefold(), suffix), entry)
    cover = _cover(files)
    for entry in files:
        suffix = _suffix(entry.name)
        if suffix not in AUDIO_SUFFIXES and suffix not in FOREIGN_SUFFIXES:
            continue
        name = entry.name[: -len(suffix) - 1].casefold()
        sung = [found for kind in LYRICS_SUFFIXES if (found := lyrics.get((name, kind))) is not None]
        companions = sung if cover is None else [*sung, cover]
        yield Found(
            entry.path,
            entry.size,
            entry.mtime_ns,
            _stamp(companions, sung) if companions else None,
            [found.path for found in sung],
            None if cover is None else cover.path,
        )


def _stamp(companions: list[_Entry], sung: list[_Entry]) -> str:
    shown = repr([(companion.name, companion.size, companion.mtime_ns) for companion in companions])
    if sung:
        # Lyrics that an earlier version read without the times of their words are read once more.
        shown += " by word"
    return hashlib.blake2b(shown.encode(), digest_size=8).hexdigest()


def _cover(files: list[_Entry]) -> _Entry | None:
    """The folder's cover: `cover`, `folder`, `front`, `album…` in this order, else the only picture there is."""
    pictures = sorted((entry for entry in files if _suffix(entry.name) in _PICTURES and entry.size), key=_by_name)
    for name in _COVER_NAMES:
        for picture in pictures:
            if picture.name.rpartition(".")[0].lower() == name:
                return picture
    for picture in pictures:
        if picture.name.lower().startswith(("cover", "folder", "front", "albumart")):
            return picture
    return pictures[0] if len(pictures) == 1 else None


def _by_name(entry: _Entry) -> str:
    return entry.name.lower()
