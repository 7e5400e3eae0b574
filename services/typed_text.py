"""What people type, whatever it is about: which characters it may hold, how much of it, and what could be an id.

Owns the bounds that every noun shares, so that the same text is taken or refused everywhere. Refuses to know what the
words are for; each noun hands in the name of its field and how it is called.
"""

from __future__ import annotations

import unicodedata

from services.errors import Invalid

ID_LIMIT = 64
# Marks that turn the reading direction around: a name carrying one rewrites the words beside it.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


MARKS_HARMLESS = 500
"""Characters of a text that may hold any number of marks: bringing so many into order takes no time."""
MARKS_LIMIT = 30
"""Combining marks in a row: as Unicode's Stream-Safe Text Format has it (UAX #15, section 13). Bringing more of them
into order takes time that grows with the square of their number, during which nothing else runs."""


def has_endless_marks(text: str) -> bool:
    """Whether more than 30 combining marks follow one another, in a text of more than 500 characters."""
    if text.isascii() or len(text) <= MARKS_HARMLESS:
        return False
    row = 0
    for character in text:
        row = row + 1 if unicodedata.combining(character) else 0
        if row > MARKS_LIMIT:
            return True
    return False


def is_printable(text: str) -> bool:
    """Whether the text has no control character (NUL, line ends, …), lone surrogate or direction-turning mark.

    Nor an endless row of combining marks.
    """
    if text.isascii():
        # Python calls exactly the control characters unprintable there.
        return text.isprintable()
    return not has_endless_marks(text) and not any(
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _TURNING for character in text
    )


def is_id(text: object) -> bool:
    """Whether a store can be asked for this id: 1 to 64 printable characters. Clients send whatever they like."""
    return isinstance(text, str) and 0 < len(text) <= ID_LIMIT and is_printable(text)


def refuse_unprintable(text: str, field: str, what: str) -> None:
    """Invalid, naming the field, for a text that `is_printable` refuses."""
    if not is_printable(text):
        raise Invalid(f"{what} cannot hold control characters.", field=field)


def read_plain(text: str, field: str, what: str, limit: int) -> str:
    """One line of printable characters, up to `limit` (NFC, the blanks around it removed), or nothing."""
    too_long = Invalid(f"{what} has at most {limit:,} characters.", field=field)
    # Before any work in proportion to the length; the rest leaves room for blanks and combining marks.
    if len(text) > 4 * limit:
        raise too_long
    refuse_unprintable(text, field, what)
    plain = unicodedata.normalize("NFC", text).strip()
    if len(plain) > limit:
        raise too_long
    return plain


def read_prose(text: str, field: str, what: str, limit: int) -> str:
    """Text of several lines, up to `limit` characters (NFC, the blanks around it removed), or nothing.

    Line ends become line feeds, tabs become spaces; Invalid, naming the field, for other control characters, marks that
    turn the direction, and beyond the limit.
    """
    too_long = Invalid(f"{what} has at most {limit:,} characters.", field=field)
    if len(text) > 4 * limit:
        raise too_long
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    for line in lines:
        refuse_unprintable(line, field, what)
    prose = unicodedata.normalize("NFC", "\n".join(lines)).strip()
    if len(prose) > limit:
        raise too_long
    return prose


def says_something(text: str) -> bool:
    """Whether there is a character that can be seen: a letter, digit, sign or emoji, and not only blanks."""
    return any(unicodedata.category(character)[0] not in "ZC" for character in text)
