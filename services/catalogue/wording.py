"""What people write about music: titles, texts, links, dates and codes, checked and brought into one form.

Owns the shapes and their bounds; each refusal names its field. Refuses to know what the words are about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from services.errors import Invalid
from services.library.names import fold
from services.typed_text import is_printable

TITLE_LIMIT = 200
TEXT_LIMIT = 5_000
LYRICS_LIMIT = 100_000
LINK_LIMIT = 500
WORD_LIMIT = 50
LINK_PLACES = ("spotify", "instagram", "twitter")

_BREAKS = str.maketrans({"\n": " ", "\t": " "})
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", re.ASCII)
_UPC = re.compile(r"[0-9]{8}|[0-9]{12,14}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)


def read_line(text: str | None, field: str, *, limit: int = TITLE_LIMIT) -> str:
    """One line that says something: spaces joined, NFC. Invalid for nothing, too much, or control characters."""
    if text is None:
        raise Invalid(f"{field} cannot be empty.", field=field)
    _bound(text, limit, field)
    if not is_printable(text):
        raise Invalid(f"{field} cannot hold control characters.", field=field)
    line = " ".join(unicodedata.normalize("NFC", text).split())
    _bound(line, limit, field)
    if not any(unicodedata.category(character)[0] in "LNPS" for character in line):
        raise Invalid(f"{field} cannot be empty.", field=field)
    return line


def read_optional_line(text: str | None, field: str, *, limit: int = TITLE_LIMIT) -> str | None:
    """One line, or None for nothing at all."""
    return None if text is None or not text.strip(" ") else read_line(text, field, limit=limit)


def read_text(text: str | None, field: str, *, limit: int = TEXT_LIMIT) -> str:
    """Several lines or none, with `\\n` for every line end. Invalid for too much, or other control characters."""
    if text is None:
        return ""
    _bound(text, limit, field)
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    if not is_printable(whole.translate(_BREAKS)):
        raise Invalid(f"{field} cannot hold control characters.", field=field)
    return unicodedata.normalize("NFC", whole).strip()


def read_link(text: str | None, field: str) -> str | None:
    """A web address, or None for nothing. Invalid unless it begins with http:// or https:// and names a host."""
    link = read_optional_line(text, field, limit=LINK_LIMIT)
    if link is None:
        return None
    try:
        parts = urlsplit(link)
        fits = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in link and "@" not in parts.netloc
        )
        if parts.port is not None and parts.port < 1:
            fits = False
    except ValueError:
        fits = False
    if not fits or any(sign in link for sign in "<>\"'`\\"):
        raise Invalid(f"{field} must be a web address that begins with https://.", field=field)
    return link


def read_country(text: str | None, field: str = "country") -> str | None:
    """Two capital letters of ISO 3166, or None for nothing."""
    return _code(text, field, _COUNTRY, "two letters, like DE", upper=True)


def read_language(text: str | None, field: str = "language") -> str | None:
    """An ISO 639 code, with its region where one is given: `en`, `pt-BR`. None for nothing."""
    return _code(text, field, _LANGUAGE, "an ISO 639 code, like en")


def read_isrc(text: str | None, field: str = "isrc") -> str | None:
    """An ISRC without its hyphens, or None for nothing."""
    return _code(text, field, _ISRC, "12 letters and digits, like USRC17607839", upper=True)


def read_upc(text: str | None, field: str = "upc") -> str | None:
    """A barcode of 8, 12, 13 or 14 digits, or None for nothing."""
    return _code(text, field, _UPC, "8, 12, 13 or 14 digits")


def read_release_date(text: str | None, field: str = "releaseDate") -> str | None:
    """`2026`, `2026-03` or `2026-03-14`, a day that exists, from the year 1000; None for nothing."""
    if text is None or not text.strip(" "):
        return None
    found = _DATE.fullmatch(text.strip(" ")) if len(text) < 20 else None
    try:
        if found is None or int(found[1]) < 1000:
            raise ValueError(text)
        date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        raise Invalid(f"{field} is written 2026, 2026-03 or 2026-03-14.", field=field) from None
    return found[0]


def read_number(value: int | None, field: str, *, most: int) -> int | None:
    """A whole number from 1 to `most`, or None for nothing."""
    if value is not None and not 1 <= value <= most:
        raise Invalid(f"{field} must be from 1 to {most}.", field=field)
    return value


def read_names(names: Sequence[str | None] | None, field: str, *, most: int, limit: int = TITLE_LIMIT) -> list[str]:
    """Lines that differ by more than their spelling, in the order given. Invalid for more than `most`."""
    if names is None:
        return []
    if len(names) > most:
        raise Invalid(f"{field} can hold at most {most}.", field=field)
    read = [read_line(name, field, limit=limit) for name in names]
    return list({fold(name): name for name in reversed(read)}.values())[::-1]


def _code(text: str | None, field: str, shape: re.Pattern[str], told: str, *, upper: bool = False) -> str | None:
    if text is None or not text.strip(" "):
        return None
    code = text.strip(" ") if len(text) < 100 else ""
    if field in ("isrc", "upc"):
        code = code.replace("-", "").replace(" ", "")
    code = code.upper() if upper else code
    if not shape.fullmatch(code):
        raise Invalid(f"{field} must be {told}.", field=field)
    return code


def _bound(text: str, limit: int, field: str) -> None:
    if len(text) > limit:
        raise Invalid(f"{field} can have at most {limit} characters.", field=field)
