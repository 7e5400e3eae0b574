"""What a person types about themselves: e-mail, username, names. Checked, and folded into the keys that are unique.

Owns the shapes and the folding. Refuses to know whether anything is taken. Each refusal names its field.
"""

from __future__ import annotations

import re
import unicodedata

from services.errors import Invalid

EMAIL_LIMIT_BYTES = 254
LOCAL_PART_LIMIT_BYTES = 64
NAME_LIMIT = 100
USERNAME_SHORTEST = 3
USERNAME_LONGEST = 30

_LOCAL_PART = re.compile(r"[^\s@\"(),:;<>\[\\\]]+")
_DOMAIN_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
# ASCII on purpose: a username stands in addresses and mentions, and no two alphabets share letters that look alike.
_USERNAME = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
# Within ASCII these still look alike: I, l and 1; O and 0.
_LOOK_ALIKE = str.maketrans({"l": "i", "1": "i", "0": "o"})
_HOUSE_NAMES = """
    admin administrator api help me mod moderator nobody official root security staff support system tutti
"""
# Marks that turn the reading direction around: a name carrying one rewrites the words beside it.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def fold(text: str) -> str:
    """The form in which two texts that people call the same are equal: NFKC, case folded, NFKC again."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def is_printable(text: str) -> bool:
    """Whether the text has no control character (NUL, line ends, …), lone surrogate or direction-turning mark."""
    return not any(
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _TURNING for character in text
    )


def refuse_unprintable(text: str, field: str, what: str) -> None:
    """Invalid, naming the field, for a text that `is_printable` refuses."""
    if not is_printable(text):
        raise Invalid(f"{what} cannot hold control characters.", field=field)


def read_email(text: str, field: str = "email") -> str:
    """The e-mail as written, without the spaces around it. Invalid unless it looks like `somebody@place.tld`.

    At most 254 bytes in all and 64 before the @; domains may be international. Only a mail that arrives proves it.
    """
    refused = Invalid("This is not an e-mail address.", field=field)
    email = text.strip(" ") if len(text) <= 2 * EMAIL_LIMIT_BYTES else text
    if not is_printable(email):
        raise refused
    if len(email.encode()) > EMAIL_LIMIT_BYTES:
        raise Invalid(f"An e-mail address has at most {EMAIL_LIMIT_BYTES} characters.", field=field)
    # The folded form must be an address too: a full-width @ or a sign that folds to several characters makes two.
    for form in (email, email_key(email)):
        local, at, domain = form.rpartition("@")
        dots_stand_alone = not (local.startswith(".") or local.endswith(".") or ".." in local)
        labels = domain.split(".")
        if not (
            at
            and len(local.encode()) <= LOCAL_PART_LIMIT_BYTES
            and _LOCAL_PART.fullmatch(local)
            and dots_stand_alone
            and len(labels) >= 2
            and all(_DOMAIN_LABEL.fullmatch(label) for label in labels)
            and not labels[-1].isdecimal()
        ):
            raise refused
    return email


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
    if len(text) > 4 * NAME_LIMIT:
        raise Invalid(f"A name has at most {NAME_LIMIT} characters.", field=field)
    refuse_unprintable(text, field, "A name")
    name = unicodedata.normalize("NFC", text).strip()
    if len(name) > NAME_LIMIT:
        raise Invalid(f"A name has at most {NAME_LIMIT} characters.", field=field)
    return name


def read_device(text: str, limit: int) -> str:
    """What a client says of itself (user agent, address), made printable and cut to `limit` characters."""
    return "".join(character for character in text[:limit] if is_printable(character))
