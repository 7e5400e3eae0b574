"""The house's word list: read from a file, and found in texts however they are dressed up.

Owns the folding of dressed-up words and the bounds. A word counts as a whole only: `ass` is not in `class`. Refuses to
know where texts come from. Pure, but for reading the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from services.moderation.policy import ReasonCode
from services.search.folding import fold

MOST_ENTRIES = 5_000
ENTRY_CHARACTERS = 60
FILE_BYTES = 1_000_000
WORDS_READ = 2_000
"""So many words of a text are looked at."""
WORD_CHARACTERS = 60
_PHRASE_WORDS = 8
# Letters of other alphabets that look like Latin ones.
_LOOKS = str.maketrans(
    "авсԁеһіјкӏмпорԛгѕтуԝхуαβεηικνορτυχω", "abcdehijklmnopqrstuwxyabehikvoptuxw"
)  # fmt: skip
_SIGNS = str.maketrans("013456789@$!|+€", "oieasgtbgasiite")
_TOKEN = re.compile(r"[^\s.,;:?\"“”„«»()\[\]{}<>/\\*_~#&=^-]+")
_SEPARATED = re.compile(r"(?<!\w)(?:\w[\s.\-_*·•]{1,2}){2,30}\w(?!\w)")
_SEPARATOR = re.compile(r"[\s.\-_*·•]")
_REPEATED = re.compile(r"(\w)\1{2,}")
_LATIN = re.compile(r"[a-z]")
_OTHER_LETTER = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")
_SIGN = re.compile(r"[0-9@$!|+€]")
_LINK = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|\b[a-z0-9-]{2,63}\.(?:com|net|org|info|biz|ru|io|xyz|shop|top|site|link|click|me|co)\b",
    re.IGNORECASE,
)


class BadWordList(Exception):
    """The file is no word list; the text says which line."""


@dataclass(frozen=True, slots=True)
class WordList:
    """Entries by their folded words: whole ones, and those that a `*` leaves open at the end."""

    whole: dict[tuple[str, ...], ReasonCode] = field(default_factory=dict)
    open_ended: dict[str, ReasonCode] = field(default_factory=dict)
    _cuts: set[int] = field(default_factory=set)
    _lengths: dict[str, set[int]] = field(default_factory=dict)

    def find(self, text: str) -> tuple[str, ReasonCode] | None:
        """The first entry that is in the text, and its reason. Up to five milliseconds for 5,000 characters."""
        if not self.whole and not self.open_ended:
            return None
        rows = [_ways(word) for word in _words(text)]
        for at, ways in enumerate(rows):
            for way in ways:
                for cut in self._cuts:
                    if (reason := self.open_ended.get(way[:cut])) is not None:
                        return f"{way[:cut]}*", reason
                for length in self._lengths.get(way, ()):
                    for phrase in _phrases(rows[at : at + length]):
                        if (found := self.whole.get(phrase)) is not None:
                            return " ".join(phrase), found
        for run in _SEPARATED.finditer(text):
            joined = _SEPARATOR.sub("", run[0])
            for way in _ways(joined):
                if (reason := self.whole.get((way,))) is not None:
                    return way, reason
        return None

    def add(self, words: tuple[str, ...], reason: ReasonCode, *, is_open: bool) -> None:
        """One more entry."""
        if is_open:
            self.open_ended[words[0]] = reason
            self._cuts.add(len(words[0]))
        else:
            self.whole[words] = reason
            self._lengths.setdefault(words[0], set()).add(len(words))


def read_words(text: str) -> WordList:
    """The list in a text: an entry a line, as `words` or `reason: words`; `#` begins a remark, a last `*` is any end.

    BadWordList names the line that is none.
    """
    words = WordList()
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        name, colon, rest = entry.partition(":")
        reason = ReasonCode.HARASSMENT
        if colon:
            try:
                reason = ReasonCode(name.strip().lower())
            except ValueError:
                raise BadWordList(f"line {number}: {name.strip()[:40]!r} is no reason") from None
            entry = rest.strip()
        folded = tuple(fold(word) for word in entry.rstrip("*").split())
        is_open = entry.endswith("*")
        if not folded or len(folded) > _PHRASE_WORDS or len(entry) > ENTRY_CHARACTERS or "*" in entry[:-1]:
            raise BadWordList(f"line {number}: an entry has 1 to {_PHRASE_WORDS} words and a * only at its end")
        if is_open and (len(folded) > 1 or len(folded[0]) < 3):
            raise BadWordList(f"line {number}: before a * stands one word of 3 letters or more")
        words.add(folded, reason, is_open=is_open)
        if len(words.whole) + len(words.open_ended) > MOST_ENTRIES:
            raise BadWordList(f"line {number}: a list has at most {MOST_ENTRIES:,} entries")
    return words


def read_word_file(path: Path) -> WordList:
    """The list in a file. BadWordList when it cannot be read or is none. Blocking."""
    try:
        if path.stat().st_size > FILE_BYTES:
            raise BadWordList(f"{path.name} is larger than {FILE_BYTES:,} bytes")
        return read_words(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise BadWordList(f"{path.name} cannot be read: {type(fault).__name__}") from fault


def count_links(text: str) -> int:
    """How many addresses of the web a text has."""
    return sum(1 for _ in _LINK.finditer(text))


def _words(text: str) -> list[str]:
    return [found[0][:WORD_CHARACTERS] for found, _ in zip(_TOKEN.finditer(text), range(WORDS_READ), strict=False)]


def _ways(word: str) -> list[str]:
    """A word as it is, and as what it is dressed up as; plain words, numbers and other alphabets are left alone."""
    if word.isascii() and word.isalpha():
        plain = word.lower()
        shorter = _REPEATED.sub(r"\1", plain)
        return [plain] if shorter == plain else [plain, shorter]
    folded = fold(word)
    plain = folded.strip("!'|+")
    ways = [plain]
    seen = plain
    if _LATIN.search(plain) and _OTHER_LETTER.search(plain):
        seen = plain.translate(_LOOKS)
        folded = folded.translate(_LOOKS)
        ways.append(seen)
    if _SIGN.search(folded) and _LATIN.search(folded):
        ways.append(folded.rstrip("!|+").translate(_SIGNS))
    shorter = _REPEATED.sub(r"\1", seen)
    if shorter != seen:
        ways.append(shorter)
    return ways


def _phrases(rows: list[list[str]]) -> Iterator[tuple[str, ...]]:
    """A few readings of neighbouring words: all plain, and all as far undressed as they go."""
    yield tuple(ways[0] for ways in rows)
    if len(rows) == 1:
        for way in rows[0][1:]:
            yield (way,)
    elif any(len(ways) > 1 for ways in rows):
        yield tuple(ways[-1] for ways in rows)
