"""A username for somebody who comes from elsewhere and was not asked for one. Refuses to know who is there."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterator

from services.accounts.details import USERNAME_LONGEST, USERNAME_SHORTEST, read_username
from services.errors import Invalid

TRIES = 6


def suggested_usernames(*hints: str) -> Iterator[str]:
    """Usernames to try in turn, the nearest to a hint first: as it is, then with digits nobody can foresee."""
    base = next((made for made in map(_shaped, hints) if made), "listener")
    yield base
    for _ in range(TRIES - 1):
        yield f"{base[: USERNAME_LONGEST - 7]}-{secrets.randbelow(900_000) + 100_000}"


def _shaped(hint: str) -> str:
    plain = unicodedata.normalize("NFKD", hint[:200].partition("@")[0]).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:USERNAME_LONGEST].strip("-")
    try:
        return read_username(name) if len(name) >= USERNAME_SHORTEST else ""
    except Invalid:
        return ""
