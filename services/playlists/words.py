"""What people type about a playlist: its name and description. Each refusal names its field."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from services.accounts.details import is_printable, refuse_unprintable
from services.errors import Invalid

NAME_LIMIT = 200
DESCRIPTION_LIMIT = 2000


class Duplicates(StrEnum):
    """Whether the same song may be in a playlist twice."""

    ALLOW = "allow"
    REFUSE = "refuse"


def read_name(text: str) -> str:
    """A name of 1 to 200 printable characters, in NFC and without the spaces around it."""
    too_long = Invalid(f"A playlist's name has at most {NAME_LIMIT} characters.", field="name")
    if len(text) > 4 * NAME_LIMIT:
        raise too_long
    refuse_unprintable(text, "name", "A playlist's name")
    name = unicodedata.normalize("NFC", text).strip()
    if len(name) > NAME_LIMIT:
        raise too_long
    if not any(unicodedata.category(character)[0] not in "ZC" for character in name):
        raise Invalid("A playlist needs a name.", field="name")
    return name


def read_description(text: str) -> str:
    """Up to 2,000 characters that may hold line breaks (made `\\n`) and tabs, but no other control characters."""
    too_long = Invalid(f"A description has at most {DESCRIPTION_LIMIT} characters.", field="description")
    if len(text) > 4 * DESCRIPTION_LIMIT:
        raise too_long
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if not is_printable(plain.replace("\n", "").replace("\t", "")):
        raise Invalid("A description cannot hold control characters.", field="description")
    description = unicodedata.normalize("NFC", plain).strip()
    if len(description) > DESCRIPTION_LIMIT:
        raise too_long
    return description
