"""Key material on disk: a secret made at the first start, for installations that have not been given one.

Owns the file. Refuses to know the configuration: a production server is told its secrets and never calls this.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from pathlib import Path

from services.accounts.tokens import SHORTEST_SECRET_BYTES

log = logging.getLogger("tutti.accounts")


def load_or_create_secret(path: Path) -> str:
    """The secret kept in `path`, made there (mode 0600, 48 random bytes) when the file is absent.

    Two processes that start together end with the same secret, and a crash leaves a whole file or none. ValueError
    when the file is there but holds fewer than 32 bytes. Blocks on the disk: call it at start.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_urlsafe(48).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _put_in_place(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return _read(path)


def _put_in_place(draft: Path, path: Path) -> None:
    """Give the finished draft its name; a file that came there meanwhile stays and wins."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:
        # A file system without hard links: the narrow race left there is between two first starts.
        if not path.exists():
            os.replace(draft, path)
    with contextlib.suppress(OSError):
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _read(path: Path) -> str:
    secret = path.read_text("utf-8").strip()
    if len(secret.encode()) < SHORTEST_SECRET_BYTES:
        raise ValueError(f"{path} must hold a secret of at least {SHORTEST_SECRET_BYTES} bytes")
    if path.stat().st_mode & 0o077:
        log.warning("the secret file can be read by others", extra={"path": str(path)})
    return secret
