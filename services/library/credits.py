"""Who made it: a printed credit split once, with what is printed between the names kept.

Owns the evidence for a split, in this order: names the file keeps apart, as many MusicBrainz ids as parts, the words
feat., ft. and featuring. Without evidence a credit is one artist: AC/DC, Simon & Garfunkel, Earth, Wind & Fire.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

NAMES_LIMIT = 50

# Without a dot only in lower case: Little Feat is a band.
_FEATURING = re.compile(
    r"\s*(?:[(\[]\s*)?(?<![\w])((?:[Ff][Ee][Aa][Tt]|[Ff][Tt])\.|feat|ft|[Ff]eaturing|FEATURING)\s+(?=\S)"
)
_SEPARATORS = re.compile(
    r"(\s*[;/]\s*|\s*,\s+(?:and\s+|&\s*)?|\s+(?:&|\+|x|×|and|with|vs\.?|versus|und|et|y|e|con|meets|presents)\s+"
    r"|\s*[(\[]?(?<!\w)(?:[Ff]eat\.?|[Ff]t\.?|[Ff]eaturing)\s+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NamedCredit:
    """One name of a credit, what is printed after it, its role and, where known, its MusicBrainz id."""

    name: str
    role: str = "main"
    join: str = ""
    musicbrainz_id: str | None = None


def split_credit(printed: str | None, apart: list[str], ids: list[str]) -> tuple[str, list[NamedCredit]]:
    """The credit as printed, and its parts: names and joins put together give the printed text again."""
    names = list(dict.fromkeys(name.strip() for name in apart if name.strip()))[:NAMES_LIMIT]
    if len(names) > 1:
        pieces = _located(printed, names) if printed else None
        if pieces is None:
            pieces = _listed(names)
            printed = printed or "".join(name + join for name, join in pieces)
        return printed or "", _roles(pieces, ids)
    text = (printed or (names[0] if names else "")).strip()
    if not text:
        return "", []
    if len(ids) > 1:
        pieces = _parts(text, _SEPARATORS)
        if len(pieces) == len(ids):
            return text, _roles(pieces, ids)
    return text, _roles(_featured(text), ids if len(ids) == 1 else [])


def _located(printed: str, names: list[str]) -> list[tuple[str, str]] | None:
    """Names with what is printed between them; None unless all appear in this order and begin the credit."""
    found: list[tuple[int, int]] = []
    at = 0
    lowered = printed.lower()
    if len(lowered) != len(printed):
        return None
    for name in names:
        start = lowered.find(name.lower(), at)
        if start < 0 or (not found and printed[:start].strip()):
            return None
        at = start + len(name)
        found.append((start, at))
    ends = [start for start, _ in found[1:]] + [len(printed)]
    return [(printed[start:end], printed[end:until]) for (start, end), until in zip(found, ends, strict=True)]


def _listed(names: list[str]) -> list[tuple[str, str]]:
    """`A, B & C`: how a list of names is printed when the file does not say."""
    joins = [", "] * (len(names) - 2) + [" & ", ""]
    return list(zip(names, joins[-len(names) :], strict=True))


def _parts(text: str, separators: re.Pattern[str]) -> list[tuple[str, str]]:
    pieces: list[tuple[str, str]] = []
    at = 0
    for match in separators.finditer(text):
        if match.start() > at:
            pieces.append((text[at : match.start()], match[0]))
            at = match.end()
    tail = text[at:]
    bare = tail.rstrip(")] ") if pieces and "(" in pieces[-1][1] + pieces[-1][1].replace("[", "(") else tail
    pieces.append((bare, tail[len(bare) :]))
    return [piece for piece in pieces if piece[0].strip()]


def _featured(text: str) -> list[tuple[str, str]]:
    """The credit split at the first feat., ft. or featuring that stands between two names; else whole."""
    for match in _FEATURING.finditer(text):
        head, tail = text[: match.start()], text[match.end() :]
        if not head.strip():
            continue
        opened = "(" in match[0] or "[" in match[0]
        bare = tail.rstrip(" )]") if opened else tail
        if bare.strip():
            return [(head, match[0]), (bare, tail[len(bare) :])]
    return [(text, "")]


def _roles(pieces: list[tuple[str, str]], ids: list[str]) -> list[NamedCredit]:
    """Main until something like feat. is printed, featured after it; ids by position when there are as many."""
    matched = ids if len(ids) == len(pieces) or (len(ids) == 1 and len(pieces) == 1) else []
    if len(ids) == 1 and len(pieces) > 1:
        matched = ids
    credits: list[NamedCredit] = []
    role = "main"
    for (name, join), known in zip_longest(pieces, matched[: len(pieces)]):
        credits.append(NamedCredit(name.strip(), role, join, known))
        if _FEATURING.search(join + "x"):
            role = "featured"
    return credits
