"""What a person types about themselves: e-mail, username, names. Checked, and folded into the keys that are unique.

Owns the shapes and the folding. Refuses to know whether anything is taken. Each refusal names its field.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from services.errors import Invalid
from services.typed_text import is_printable, read_plain

EMAIL_LIMIT_BYTES = 254
LOCAL_PART_LIMIT_BYTES = 64
NAME_LIMIT = 100
BIO_LIMIT = 1000
LANGUAGE_LIMIT = 35
OLDEST_YEARS = 125
USERNAME_SHORTEST = 3
USERNAME_LONGEST = 30

# Quoted local parts and comments are legal and unheard of; dots stand alone and inside.
_LOCAL_PART = re.compile(r"[^\s@\"(),:;<>\[\\\].]+(?:\.[^\s@\"(),:;<>\[\\\].]+)*")
# ASCII on purpose: a username stands in addresses and mentions, and no two alphabets share letters that look alike.
_USERNAME = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
# Within ASCII these still look alike: I, l and 1; O and 0.
_LOOK_ALIKE = str.maketrans({"l": "i", "1": "i", "0": "o"})
_HOUSE_NAMES = """
    admin administrator api help me mod moderator nobody official root security staff support system tutti
"""
_LANGUAGE = re.compile(
    r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
)


def fold(text: str) -> str:
    """The form in which two texts that people call the same are equal: NFKC, case folded, NFKC again."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def read_email(text: str, field: str = "email") -> str:
    """The e-mail as written, without the spaces around it. Invalid unless it looks like `somebody@place.tld`.

    At most 254 bytes in all and 64 before the @; domains may be international. Only a mail that arrives proves it.
    """
    too_long = Invalid(f"An e-mail address has at most {EMAIL_LIMIT_BYTES} characters.", field=field)
    # Before any work in proportion to the length; the rest leaves room for spaces around it.
    if len(text) > 2 * EMAIL_LIMIT_BYTES:
        raise too_long
    email = text.strip(" ")
    # Invisible format characters would make two addresses that look the same.
    if not is_printable(email) or any(unicodedata.category(character) == "Cf" for character in email):
        raise Invalid("An e-mail address cannot hold invisible characters.", field=field)
    if len(email.encode()) > EMAIL_LIMIT_BYTES:
        raise too_long
    # The folded form must be an address too: a full-width @ or a sign that folds to several characters makes two.
    if not (_is_address(email) and _is_address(email_key(email))):
        raise Invalid("This is not an e-mail address.", field=field)
    return email


def _is_address(text: str) -> bool:
    local, _, domain = text.rpartition("@")
    if len(local.encode()) > LOCAL_PART_LIMIT_BYTES or not _LOCAL_PART.fullmatch(local):
        return False
    labels = domain.split(".")
    return len(labels) >= 2 and all(_is_label(label) for label in labels) and not labels[-1].isdecimal()


def _is_label(label: str) -> bool:
    """Letters, digits and (as many scripts need them) combining marks, with hyphens inside."""
    letters = label.replace("-", "")
    return (
        1 <= len(label) <= 63
        and not (label.startswith("-") or label.endswith("-"))
        and all(letter.isalnum() or unicodedata.category(letter).startswith("M") for letter in letters)
    )


def email_key(email: str) -> str:
    """The form of an e-mail that must be unique."""
    return fold(email)


def read_username(text: str, field: str = "username", *, house: bool = False) -> str:
    """The username as written: 3 to 30 ASCII letters and digits, with single `.`, `_` or `-` between them.

    Names that sound like the house (`admin`, `support`, …) are kept for the house itself.
    """
    if not USERNAME_SHORTEST <= len(text) <= USERNAME_LONGEST:
        raise Invalid(f"A username has {USERNAME_SHORTEST} to {USERNAME_LONGEST} characters.", field=field)
    if not _USERNAME.fullmatch(text):
        raise Invalid("A username is made of letters a to z and digits, with single . _ - between them.", field=field)
    if not house and username_key(text) in _HOUSE_KEYS:
        raise Invalid("This username is kept for the house.", field=field)
    return text


def username_key(username: str) -> str:
    """The form of a username that must be unique: letter case folded, look-alikes (I l 1, O 0) made one."""
    return fold(username).translate(_LOOK_ALIKE)


_HOUSE_KEYS = frozenset(username_key(name) for name in _HOUSE_NAMES.split())


def read_name(text: str, field: str) -> str:
    """A first or last name: anything printable up to 100 characters (NFC, spaces around it removed), or nothing."""
    return read_plain(text, field, "A name", NAME_LIMIT)


def read_language(text: str, field: str = "language") -> str:
    """A language as BCP 47 writes it: `en`, `pt-BR`, `zh-Hant-TW`. Letter case and `_` are put right.

    Only the shape is checked (language, then script, then region, then variants), not whether somebody speaks it.
    """
    parts = text.strip().replace("_", "-").split("-") if len(text) <= LANGUAGE_LIMIT else []
    tag = "-".join(
        part.title()
        if at and len(part) == 4 and part.isalpha()
        else part.upper()
        if at and len(part) == 2
        else part.lower()
        for at, part in enumerate(parts)
    )
    if not _LANGUAGE.fullmatch(tag):
        raise Invalid("A language is written like en, pt-BR or zh-Hant.", field=field)
    return tag


def read_birth_date(born: date, today: date, field: str = "birthDate") -> date:
    """A day on which somebody who is alive may have been born: not after today, not over 125 years ago."""
    if not today.year - OLDEST_YEARS <= born.year or born > today:
        raise Invalid(f"A birth date lies within the last {OLDEST_YEARS} years.", field=field)
    return born


def read_device(text: str, limit: int) -> str:
    """What a client says of itself (user agent, address), made printable and cut to `limit` characters."""
    return "".join(character for character in text[:limit] if is_printable(character))
