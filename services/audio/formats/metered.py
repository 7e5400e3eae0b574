"""A file that only so much may be read from, so that no file costs more than its place is worth.

A stranger can make a sound out of millions of empty pieces, each of which would be an object in memory and a turn of a
loop. Owns the count. Refuses to know formats.
"""

from __future__ import annotations

from typing import BinaryIO, cast

PIECES_LIMIT = 200_000
"""Reads that the chunks, blocks, atoms and tags of one file may take; a large album's track takes some hundred."""
FRAMES_LIMIT = 10_000_000
"""Reads for what has to be walked frame by frame: three days of MP3, or weeks of Ogg's pages."""
READ_LIMIT_BYTES = 160 << 20
PIECE_LIMIT_BYTES = 64 << 20
"""Bytes of it that are read for what it says of itself, in all and at once; the sound itself is not among them."""


class TooManyPieces(OSError):
    """This file would take too many reads, or too many bytes, to be understood."""


class MeteredFile:
    """An open file, of which at most `reads` pieces and 160 MB can be read, 64 MB at once. TooManyPieces beyond."""

    def __init__(self, file: BinaryIO, reads: int = PIECES_LIMIT) -> None:
        self._file = file
        self._reads = reads
        self._bytes = READ_LIMIT_BYTES
        self.seek = file.seek
        self.tell = file.tell

    def read(self, length: int = -1) -> bytes:
        """Up to `length` bytes from here; all that is left for -1."""
        self._reads -= 1
        if self._reads < 0:
            raise TooManyPieces("the file is made of too many pieces")
        data = self._file.read(length if 0 <= length <= PIECE_LIMIT_BYTES else PIECE_LIMIT_BYTES + 1)
        self._bytes -= len(data)
        if self._bytes < 0 or len(data) > PIECE_LIMIT_BYTES:
            raise TooManyPieces("what the file says of itself is too long")
        return data


def metered(file: BinaryIO, reads: int = PIECES_LIMIT) -> BinaryIO:
    """The file with its bounds, for readers that read and seek and do nothing else."""
    return cast(BinaryIO, MeteredFile(file, reads))
