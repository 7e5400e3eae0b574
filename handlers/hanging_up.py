"""Hanging up on somebody who may hear no more: what the kernel holds for them is thrown away too."""

from __future__ import annotations

import contextlib
import socket
import struct

_NO_LINGER = struct.pack("ii", 1, 0)


def drop_unsent(raw: socket.socket) -> None:
    """Let the coming close of this socket reset the connection.

    An ordinary one would go on to deliver what lies in the kernel's buffer: a minute and more of music.
    """
    with contextlib.suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
