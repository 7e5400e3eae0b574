"""Text as it is looked up: one folding for what is indexed and what is asked, and words taken apart.

Owns what makes two spellings the same word: letter case, marks, ligatures, width, apostrophes, signs used as letters
(`P!nk`), scripts written without spaces. Refuses to know indexes. Raise VERSION when anything here changes.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from services.search.synonyms import BUILT_IN, JOINERS, Synonyms, settled
from services.search.transliteration import latin_forms, latin_parts

VERSION = "2"
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
# Between a song and those who made it: people put it where files do not, and write it differently.
_CREDITS = frozenset({"feat", "ft", "featuring", "by"})
PARTS_LIMIT = 12
"""How many pairs of letters of one run without spaces count in a question, and how many words it has."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a question: the ways to find it, the others that mean the same, whether it must be there.

    The first way is how it was typed. An `exact` one is not misspelt, and is typed to its end.
    """

    ways: tuple[tuple[str, ...], ...]
    needed: bool
    exact: bool = False
    others: tuple[tuple[str, ...], ...] = ()


def fold(text: str) -> str:
    """The text in the form in which it is compared: case, width, ligatures, marks and apostrophes do not count."""
    plain = text[:NAME_LIMIT]
    if plain.isascii():
        plain = plain.lower()
    else:
        plain = unicodedata.normalize("NFKD", plain).casefold()
        plain = _without_marks(unicodedata.normalize("NFKD", plain)).translate(_LETTERS)
    return _SPACES.sub(" ", _APOSTROPHES.sub("", plain)).strip()


def _without_marks(text: str) -> str:
    """Marks on letters of alphabets dropped; those of other scripts (Japanese voicing, Indic vowels) are letters.

    What only says how a sign is drawn (a heart in colour) is dropped too, and so are joiners and marks of direction.
    """
    if text.isascii():
        return text
    kept: list[str] = []
    plain_base = False
    for character in text:
        category = unicodedata.category(character)
        if category == "Mn":
            if not plain_base and not "\ufe00" <= character <= "\ufe0f":
                kept.append(character)
        elif category != "Cf":
            plain_base = unicodedata.name(character, "").startswith(_MARKED_SCRIPTS)
            kept.append(character)
    # Composed again, or Hangul would stay in its letters.
    return unicodedata.normalize("NFC", "".join(kept))


def whole(text: str) -> str:
    """The name as one word, to tell whether it is exactly the one that was asked for; of signs alone, these signs.

    In Latin letters where people spell it so, without blanks, a leading article and words such as `and`; numbers and
    shortened words as their synonyms are: `AC/DC` is `acdc`, `Simon & Garfunkel` and `simon and garfunkel` are one.
    """
    words = [word for spaced in fold(text).split(" ") for word in (_joined(lettered(spaced)),) if word]
    if not words:
        return fold(text).replace(" ", "")
    if len(words) > 1 and words[0] in _ARTICLES and words[1] not in _ARTICLES:
        words = words[1:]
    kept = [word for word in words if word not in JOINERS] or words
    return "".join(settled(next(iter(latin_forms(word)), word)) for word in kept)


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
    read = lettered(spaced)
    pieces = _PIECES.findall(read)
    if not pieces:
        return [spaced]
    tokens: list[str] = []
    for piece in pieces:
        for run, unspaced in runs_of(piece):
            tokens += [*run, *(run[at : at + 2] for at in range(len(run) - 1))] if unspaced else [run]
            tokens += [*latin_forms(run), *latin_parts(run)]
    if len(pieces) > 1:
        tokens += ["".join(pieces), *latin_forms("".join(pieces))]
    if read != spaced:
        plain = _PIECES.findall(spaced)
        tokens += [*plain, "".join(plain)]
    return tokens


def ask_words(text: str, synonyms: Synonyms = BUILT_IN) -> list[Token]:
    """The words of a question, at most 12. Articles, `and` and signs are not needed when there are other words."""
    words = [spaced for spaced in fold(text).split(" ") if spaced]
    tokens: list[Token] = []
    at = 0
    while at < len(words) and len(tokens) < PARTS_LIMIT:
        phrase, length = _phrase(words, at, synonyms)
        tokens += _ask_tokens(words[at], synonyms) if phrase is None else [phrase]
        at += length
    tokens = tokens[:PARTS_LIMIT]
    if any(token.needed for token in tokens):
        return tokens
    return [Token(token.ways, True, token.exact, token.others) for token in tokens]


def asked_phrase(text: str) -> tuple[str, ...]:
    """The words of a synonym as questions have them: in one piece each, without `and` and signs between them."""
    words = (_joined(lettered(spaced)) for spaced in fold(text).split(" ") if spaced not in JOINERS)
    return tuple(word[:TOKEN_LENGTH_LIMIT] for word in words if word)


def _phrase(words: list[str], at: int, synonyms: Synonyms) -> tuple[Token | None, int]:
    """Several words from here on that have synonyms together, as one; and how many words of the question they are."""
    parts: list[str] = []
    found: tuple[Token | None, int] = (None, 1)
    for length, word in enumerate(words[at : at + 2 * synonyms.longest], start=1):
        if word not in JOINERS or not parts:
            parts.append(word)
            others = synonyms.others(tuple(parts)) if len(parts) > 1 else ()
            if others:
                found = Token((tuple(parts),), True, others=others), length
    return found


def _ask_tokens(spaced: str, synonyms: Synonyms) -> list[Token]:
    read = lettered(spaced)
    pieces = _PIECES.findall(read)
    if not pieces:
        return [Token(((spaced[:TOKEN_LENGTH_LIMIT],),), False, True, synonyms.others((spaced,)))]
    if any(_UNSPACED.search(piece) for piece in pieces):
        return [_run_token(run, unspaced) for piece in pieces for run, unspaced in runs_of(piece)]
    joined = "".join(pieces)[:TOKEN_LENGTH_LIMIT]
    ways: dict[tuple[str, ...], None] = {(joined,): None}
    if len(pieces) > 1:
        ways[tuple(piece[:TOKEN_LENGTH_LIMIT] for piece in pieces[:PARTS_LIMIT])] = None
    if read != spaced:
        ways[("".join(_PIECES.findall(spaced))[:TOKEN_LENGTH_LIMIT],)] = None
    for form in latin_forms(joined):
        ways[(form,)] = None
    needed = joined not in _ARTICLES and joined not in JOINERS and joined not in _CREDITS
    return [Token(tuple(ways), needed, joined.isdigit(), synonyms.others((joined,)))]


def _run_token(run: str, unspaced: bool) -> Token:
    if not unspaced:
        return Token(((run[:TOKEN_LENGTH_LIMIT],),), True)
    pairs = tuple(run[at : at + 2] for at in range(len(run) - 1))[:PARTS_LIMIT] or (run,)
    # Of a single character there are too many that sound the same.
    ways = [pairs, *((form,) for form in latin_forms(run) if len(run) > 1)]
    return Token(tuple(ways), True, True)


def runs_of(piece: str) -> list[tuple[str, bool]]:
    """A piece cut where a script without spaces begins or ends; whether each part is of such a script."""
    runs: list[tuple[str, bool]] = []
    at = 0
    for match in _UNSPACED.finditer(piece):
        if match.start() > at:
            runs.append((piece[at : match.start()], False))
        runs.append((match[0], True))
        at = match.end()
    if at < len(piece):
        runs.append((piece[at:], False))
    return runs


def pieces_of(text: str) -> list[tuple[int, int]]:
    """Where letters and digits stand together in a folded text: from, to."""
    return [match.span() for match in _PIECES.finditer(text)]


def _joined(spaced: str) -> str:
    return "".join(_PIECES.findall(spaced))


def lettered(text: str) -> str:
    """The folded text with signs between letters as the letters they stand for; as long as it was."""
    return _AS_LETTERS.sub(lambda sign: _LETTER_OF[sign[0]], text)


def typos_for(token: str) -> int:
    """How many letters of a word may be wrong: none below 4, one up to 7, two from 8; none in a number."""
    if token.isdigit() or len(token) < 4:
        return 0
    return 1 if len(token) <= 7 else 2
