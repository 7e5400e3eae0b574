"""Text as it is looked up: one folding for what is indexed and what is asked, and words taken apart.

Owns what makes two spellings the same word: letter case, marks, ligatures, width, apostrophes, signs used as letters
(`P!nk`), scripts written without spaces. Refuses to know indexes. Raise VERSION when anything here changes.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

VERSION = "1"
TOKENS_LIMIT = 60
TOKEN_LENGTH_LIMIT = 40
NAME_LIMIT = 500

# What Unicode does not take apart, though people type it without its stroke or as two letters.
_LETTERS = str.maketrans(
    {
        "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t",
        "ŋ": "n", "ĸ": "k", "ƒ": "f", "ё": "е", "ς": "σ",
    }
)  # fmt: skip
_MARKED_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC")
_APOSTROPHES = re.compile("['`´‘’ʼʻ′‛]")
_SPACES = re.compile(r"\s+")
# A sign between letters that stands for one: P!nk, Ke$ha, M@trix.
_AS_LETTERS = re.compile(r"(?<=\w)[!$@](?=\w)")
_LETTER_OF = {"!": "i", "$": "s", "@": "a"}
_PIECES = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff]+"
)
_ARTICLES = frozenset({"the", "a", "an"})
# Written between words and meaning nothing alone.
_JOINERS = frozenset({"&", "+", "-", "/", "and"})


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a question: the ways to find it, whether it must be there, whether typing it may not be done."""

    ways: tuple[tuple[str, ...], ...]
    needed: bool
    exact: bool = False


def fold(text: str) -> str:
    """The text in the form in which it is compared: case, width, ligatures, marks and apostrophes do not count."""
    plain = unicodedata.normalize("NFKD", text[:NAME_LIMIT]).casefold()
    plain = _without_marks(unicodedata.normalize("NFKD", plain)).translate(_LETTERS)
    return _SPACES.sub(" ", _APOSTROPHES.sub("", plain)).strip()


def _without_marks(text: str) -> str:
    """Marks on letters of alphabets dropped; those of other scripts (Japanese voicing, Indic vowels) are letters."""
    if text.isascii():
        return text
    kept: list[str] = []
    plain_base = False
    for character in text:
        category = unicodedata.category(character)
        if category == "Mn":
            if not plain_base:
                kept.append(character)
        elif category != "Cf":
            plain_base = unicodedata.name(character, "").startswith(_MARKED_SCRIPTS)
            kept.append(character)
    # Composed again, or Hangul would stay in its letters.
    return unicodedata.normalize("NFC", "".join(kept))


def whole(text: str) -> str:
    """The name in one piece, without signs between its letters; a name of signs alone keeps them."""
    words = _PIECES.findall(_lettered(fold(text)))
    return " ".join(words) if words else fold(text).replace(" ", "")


def index_words(*texts: str | None) -> str:
    """Every word of the texts in each way somebody may type it, with spaces between; at most 60 words each."""
    found: dict[str, None] = {}
    for text in texts:
        for spaced in fold(text or "").split(" ")[:TOKENS_LIMIT]:
            for token in _index_tokens(spaced):
                found.setdefault(token[:TOKEN_LENGTH_LIMIT], None)
    found.pop("", None)
    return " ".join(found)


def _index_tokens(spaced: str) -> list[str]:
    lettered = _lettered(spaced)
    pieces = _PIECES.findall(lettered)
    if not pieces:
        return [spaced]
    tokens: list[str] = []
    for piece in pieces:
        tokens += _unspaced_tokens(piece, alone=True)
    if len(pieces) > 1:
        tokens.append("".join(pieces))
    if lettered != spaced:
        plain = _PIECES.findall(spaced)
        tokens += [*plain, "".join(plain)]
    return tokens


def ask_words(text: str) -> list[Token]:
    """The words of a question, at most 12. Articles, `and` and signs are not needed when there are other words."""
    tokens: list[Token] = []
    for spaced in fold(text).split(" "):
        if spaced:
            tokens += _ask_tokens(spaced)
    tokens = tokens[:12]
    if any(token.needed for token in tokens):
        return tokens
    return [Token(token.ways, True, token.exact) for token in tokens]


def _ask_tokens(spaced: str) -> list[Token]:
    lettered = _lettered(spaced)
    pieces = _PIECES.findall(lettered)
    if not pieces:
        return [Token(((spaced[:TOKEN_LENGTH_LIMIT],),), False, True)]
    runs = [_unspaced_tokens(piece, alone=False) for piece in pieces]
    if any(_UNSPACED.search(piece) for piece in pieces):
        return [Token(((part,),), True, len(part) <= 2 and bool(_UNSPACED.match(part))) for run in runs for part in run]
    joined = "".join(pieces)[:TOKEN_LENGTH_LIMIT]
    ways: dict[tuple[str, ...], None] = {(joined,): None}
    if len(pieces) > 1:
        ways[tuple(piece[:TOKEN_LENGTH_LIMIT] for piece in pieces)] = None
    if lettered != spaced:
        ways[("".join(_PIECES.findall(spaced))[:TOKEN_LENGTH_LIMIT],)] = None
    needed = joined not in _ARTICLES and joined not in _JOINERS
    return [Token(tuple(ways), needed, joined.isdigit())]


def _unspaced_tokens(piece: str, *, alone: bool) -> list[str]:
    """A piece as words: scripts without spaces as pairs of letters (and, `alone`, each letter), others as they are."""
    tokens: list[str] = []
    at = 0
    for match in _UNSPACED.finditer(piece):
        if match.start() > at:
            tokens.append(piece[at : match.start()])
        run = match[0]
        if len(run) == 1 or alone:
            tokens += list(run)
        tokens += [run[i : i + 2] for i in range(len(run) - 1)]
        at = match.end()
    if at < len(piece):
        tokens.append(piece[at:])
    return tokens


def _lettered(text: str) -> str:
    return _AS_LETTERS.sub(lambda sign: _LETTER_OF[sign[0]], text)


def typos_for(token: str) -> int:
    """How many letters of a word may be wrong: none below 4, one up to 7, two from 8; none in a number."""
    if token.isdigit() or len(token) < 4:
        return 0
    return 1 if len(token) <= 7 else 2
