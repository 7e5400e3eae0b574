"""Folders whose files the web server in front hands out itself: where in its own address space a path is.

Owns the mapping, by text alone: whatever is not plainly inside a named folder is not mapped. Refuses to know HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import quote

_PLACE = re.compile(r"(/[A-Za-z0-9_-]{1,64}){1,4}", re.ASCII)


class AccelFolders:
    """`/place` in the web server's address space, by the folder that lies there."""

    def __init__(self, places: dict[str, str]) -> None:
        # The innermost folder first: it knows a path inside it best.
        self._places = sorted(places.items(), key=lambda each: len(each[0]), reverse=True)
        self.place = lru_cache(maxsize=4096)(self._place)

    @classmethod
    def parse(cls, settings: Iterable[str]) -> AccelFolders:
        """From `/place=/folder`, one each. ValueError says what is wrong."""
        places: dict[str, str] = {}
        for text in settings:
            place, equals, folder = text.partition("=")
            path = PurePosixPath(folder)
            if not equals or not _PLACE.fullmatch(place):
                raise ValueError(f"accel must be written /place=/folder, not {text!r}")
            if not path.is_absolute() or ".." in path.parts or path == PurePosixPath("/"):
                raise ValueError(f"accel needs a full path of a folder behind the equals sign, not {folder!r}")
            places[str(path)] = place
        return cls(places)

    def __bool__(self) -> bool:
        return bool(self._places)

    def _place(self, path: str) -> str | None:
        """Where the web server finds this file, percent-encoded; None when it is in none of the folders."""
        pure = PurePosixPath(path)
        if not pure.is_absolute() or ".." in pure.parts or "\0" in path or "\n" in path or "\r" in path:
            return None
        for folder, place in self._places:
            if pure.is_relative_to(folder) and str(pure) != folder:
                inside = str(pure.relative_to(folder))
                return f"{place}/{quote(inside.encode('utf-8', 'surrogateescape'), safe='/')}"
        return None
