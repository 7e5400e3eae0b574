"""Names as keys: what makes two spellings the same, how they sort, how they look in a URL.

Owns folding, sort names and slugs. Refuses to know what the names belong to and which are taken.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

SLUG_LIMIT = 80
KEY_LIMIT = 300
OLD_SLUGS_LIMIT = 50
"""How many former slugs a record goes on answering to."""

# Letters that Unicode does not take apart, though listeners type them without their stroke or as two.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t", "ẞ": "ss"}
)
_DROPPED = re.compile("[.'`´‘’ʼ\u201b\u2032\"“”„«»\u00ad\u200b-\u200f\u2060\ufeff]")
_SPACED = re.compile(r"[\s_/\\|,;:(){}\[\]<>~·•…‐-―−\-]+")
_SHOUTED = re.compile(r"(?<=\w)[!?]+(?=\s|$)")
_ARTICLE = re.compile(r"^(the|an|a)\s+(?=\S)", re.IGNORECASE)
_NOT_SLUG = re.compile(r"[^\w]+")


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """The key under which spellings of a name meet; folding a key again changes nothing. At most 300 characters.

    Case, compatibility forms, Latin and Greek marks, quotes, dots, dashes and spaces do not count; `&` is `and`. Marks
    that make another letter (Japanese voicing, Indic vowels, й) do. A name of nothing but signs keeps its signs.
    """
    key = name
    # Case folding and normalisation can each enable the other; a few rounds always reach the fixed point.
    for _ in range(6):
        folded = _fold_once(key)
        if folded == key:
            break
        key = folded
    return key


def _fold_once(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).casefold()
    text = _without_marks(text).translate(_LETTERS)
    text = text.replace("&", " and ")
    stripped = _SPACED.sub(" ", _DROPPED.sub("", text))
    stripped = " ".join(_SHOUTED.sub("", stripped).split())
    if not any(character.isalnum() for character in stripped):
        stripped = " ".join(text.split())
    return stripped[:KEY_LIMIT].strip()


def _without_marks(text: str) -> str:
    """Marks on Latin and Greek letters dropped, and ё's dots; every other mark makes a letter of its own."""
    kept: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFD", text):
        if unicodedata.category(character) != "Mn":
            base = character
            kept.append(character)
        elif not (_is_marked_for_show(base) or (base == "е" and character == "\u0308")):
            kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


def _is_marked_for_show(base: str) -> bool:
    """Whether marks on this letter are left out by people who type in a hurry: Latin and Greek."""
    if not base:
        return False
    return base < "\u0250" or "\u0370" <= base < "\u0400" or "\u1e00" <= base < "\u2000"


def name_key(artist: str, title: str) -> str:
    """24 hex digits under which songs of one folded artist and title meet, on whatever album."""
    text = "\0".join((fold(artist), fold(title)))
    return hashlib.blake2b(text.encode(), digest_size=12, person=b"tutti.name").hexdigest()


def sort_name(name: str) -> str:
    """How a name sorts when its tags do not say: a leading English article goes to the end (`Beatles, The`)."""
    clean = " ".join(name.split())
    article = _ARTICLE.match(clean)
    return f"{clean[article.end() :]}, {article[1]}" if article else clean


def slug(name: str, otherwise: str) -> str:
    """The name as one piece of a URL: folded letters and digits of any script, joined by `-`; at most 80 characters.

    `otherwise` stands in for a name without letters.
    """
    words = _NOT_SLUG.sub("-", fold(name)).replace("_", "-")
    return re.sub("-{2,}", "-", words).strip("-")[:SLUG_LIMIT].strip("-") or otherwise


def free_slug(wanted: str, taken: set[str], first: int = 2) -> str:
    """`wanted`, or with the lowest free number from `first` up behind it; the answer is added to `taken`."""
    candidate = wanted
    number = first
    while candidate in taken:
        candidate = f"{wanted}-{number}"
        number += 1
    taken.add(candidate)
    return candidate


def fits(slug: str, wanted: str) -> bool:
    """Whether a slug is the wanted one, numbered or not."""
    return re.fullmatch(rf"{re.escape(wanted)}(-\d+)?", slug) is not None


def plain_year(date: str | None) -> int | None:
    """The year of a `2020`, `2020-03` or `2020-03-14`."""
    return int(date[:4]) if date and date[:4].isdigit() else None
