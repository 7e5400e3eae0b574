"""What people type about a playlist: its name and description. Each refusal names its field."""

from __future__ import annotations

from enum import StrEnum

from services.errors import Invalid
from services.typed_text import read_plain, read_prose, says_something

NAME_LIMIT = 200
DESCRIPTION_LIMIT = 2000


class Duplicates(StrEnum):
    """Whether the same song may be in a playlist twice."""

    ALLOW = "allow"
    REFUSE = "refuse"


def read_name(text: str) -> str:
    """A name of 1 to 200 printable characters, in NFC and without the spaces around it."""
    name = read_plain(text, "name", "A playlist's name", NAME_LIMIT)
    if not says_something(name):
        raise Invalid("A playlist needs a name.", field="name")
    return name


def read_description(text: str) -> str:
    """Up to 2,000 characters that may hold line breaks, but no other control characters."""
    return read_prose(text, "description", "A description", DESCRIPTION_LIMIT)
