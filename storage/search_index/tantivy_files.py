"""The files of a tantivy index on disk, held against the checksum each of them ends with.

The library itself looks at its checksums never: a byte that flipped would be a word that nobody finds. Refuses to
know what is in the files.
"""

from __future__ import annotations

import json
import mmap
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from storage.search_index.index import IndexDamaged
from storage.search_index.tantivy_index import TantivyIndex

MAGIC = 1337
_TAIL_BYTES = 8


def open_index(folder: Path, *, checked: bool) -> TantivyIndex:
    """The index in a folder that has one; `checked` by whoever writes it, for under all others files come and go."""
    if checked:
        verify(folder)
    return TantivyIndex(folder)


def verify(folder: Path) -> None:
    """Read every file that the index in `folder` is made of. IndexDamaged when one is missing or not what it was."""
    try:
        described = json.loads((folder / "meta.json").read_bytes())
        for path in _files(folder, described["segments"]):
            _verify_file(path)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise IndexDamaged(f"{type(fault).__name__}: {fault}") from fault


def _files(folder: Path, segments: list[dict[str, Any]]) -> Iterator[Path]:
    """The files of these segments; others are left from a crash, and nobody reads them."""
    for segment in segments:
        name = str(segment["segment_id"]).replace("-", "")
        found = [path for path in folder.glob(f"{name}.*") if path.suffix != ".del"]
        if not found:
            raise ValueError(f"segment {name} is missing")
        yield from found
        if segment.get("deletes"):
            yield folder / f"{name}.{segment['deletes']['opstamp']}.del"


def _verify_file(path: Path) -> None:
    """A file ends with a line about itself, the line's length and a magic number."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        length, magic = (int.from_bytes(whole[at : at + 4], "little") for at in (len(whole) - 8, len(whole) - 4))
        end = len(whole) - _TAIL_BYTES - length
        if magic != MAGIC or end < 0:
            raise ValueError(f"{path.name} has no end")
        told = json.loads(whole[end : end + length])["crc"]
        with memoryview(whole) as bytes_read, bytes_read[:end] as body:
            if zlib.crc32(body) != told:
                raise ValueError(f"{path.name} is not what was written")
