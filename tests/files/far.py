"""A store of files that is not on this machine as far as anybody can tell, for tests without a server."""

from __future__ import annotations

from pathlib import Path

from storage.files import FilesAway, LocalFiles


class FarFolder(LocalFiles):
    """A folder that only hands out bytes; `asked` has every range read, `is_away` makes it refuse, `open` counts."""

    name = "far"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked: list[tuple[int, int | None]] = []
        self.is_away = False
        self.open = 0
        self.break_at: int | None = None
        self.signs = False

    def local_path(self, key):
        return None

    async def url(self, key, expires_s, *, method="GET", content_type="", disposition=""):
        return f"https://store.example/{key}?for={method}&type={content_type}&life={expires_s}" if self.signs else None

    async def read(self, key, start=0, end=None):
        self.asked.append((start, end))
        if self.is_away:
            raise FilesAway("The object store does not answer (test).")
        at = start
        self.open += 1
        try:
            async for piece in super().read(key, start, end):
                if self.break_at is not None and at >= self.break_at:
                    raise FilesAway("The object store broke off (test).")
                at += len(piece)
                yield piece
        finally:
            self.open -= 1
