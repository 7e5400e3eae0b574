"""Words of other scripts as they are typed in Latin letters: `кино` kino, `θεοδωρακησ` theodorakis, `周杰倫`
zhoujielun.

Owns which scripts have a spelling that people use, and its usual variants. Refuses to know names and questions; words
arrive folded. Raise folding's VERSION when anything here changes.

No spelling for Arabic, Hebrew, Thai and the scripts of India, whose letters alone leave out vowels, and none for
Chinese characters beside kana: those are read in Japanese ways that no table of characters knows.
"""

from __future__ import annotations

import re

from anyascii import anyascii

LENGTH_LIMIT = 40

_PLAIN = re.compile("[\u0370-\u03ff\u0400-\u052f\u0531-\u058f\u10a0-\u10ff\u1c90-\u1cbf\uac00-\ud7a3a-z0-9]+")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc]+")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_LETTERS = re.compile("[^a-z0-9]+")
# As modern Greek is spelt abroad, where the library goes letter by letter.
_GREEK_PAIRS = (("ου", "ou"), ("γγ", "ng"), ("τσ", "ts"), ("τζ", "tz"))
_GREEK_STARTS = (("μπ", "b"), ("ντ", "d"), ("γκ", "g"))
# How people shorten what a table spells out: Tchaikovskii is Tchaikovsky, Khachaturian is Hachaturian.
_SHORTER = ((re.compile("(?:ii|yi)$"), "y"), (re.compile("kh"), "h"), (re.compile("shch"), "sch"))
_SMALL = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo", "ぁ": "a", "ぃ": "i", "ぅ": "u", "ぇ": "e", "ぉ": "o"}
_WITHOUT_Y = ("shi", "chi", "ji")


def latin_forms(word: str) -> tuple[str, ...]:
    """At most three spellings of a folded word in Latin letters, the likeliest first; none where none is in use."""
    if word.isascii():
        return ()
    if _PLAIN.fullmatch(word):
        return _alphabet(word)
    if _KANA.fullmatch(word):
        return _bounded(_romaji(word))
    if _HAN.fullmatch(word):
        return _bounded(_letters(word))
    return ()


def latin_parts(run: str) -> tuple[str, ...]:
    """The family name and the given name of a run of Chinese characters that is as long as a person's name is.

    Of longer ones the syllables are no words: `you`, `long` and `men` would find half of all Chinese songs.
    """
    if not 2 <= len(run) <= 4 or not _HAN.fullmatch(run):
        return ()
    return _bounded(_letters(run[0]), _letters(run[1:]))


def _alphabet(word: str) -> tuple[str, ...]:
    spelt = word
    for pair, letters in _GREEK_PAIRS:
        spelt = spelt.replace(pair, letters)
    begun = spelt
    for pair, letters in _GREEK_STARTS:
        if begun.startswith(pair):
            begun = letters + begun.removeprefix(pair)
    forms = [_letters(begun), _letters(spelt)]
    shorter = forms[0]
    for pattern, letters in _SHORTER:
        shorter = pattern.sub(letters, shorter)
    return _bounded(*forms, shorter)


def _romaji(word: str) -> str:
    """Kana as Hepburn writes them, without marks for long vowels."""
    sounds: list[str] = []
    doubled = False
    for character in word:
        kana = chr(ord(character) - 0x60) if "ァ" <= character <= "ヶ" else character
        before = sounds[-1] if sounds else ""
        if kana == "ー":
            continue
        if kana == "っ":
            doubled = True
            continue
        small = _SMALL.get(kana)
        if small is not None and before:
            # Sounded with the consonant before it: ki and ya are kya, u and i are wi, shi and e are she.
            onset = "w" if before == "u" else before[:-1]
            sounds[-1] = onset + (small[-1] if before in _WITHOUT_Y else small)
            continue
        sound = _letters(character)
        if doubled and sound:
            sound = ("t" if sound.startswith("ch") else sound[0]) + sound
        doubled = False
        sounds.append(sound)
    return "".join(sounds)


def _letters(text: str) -> str:
    return _LETTERS.sub("", anyascii(text).lower())


def _bounded(*forms: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form[:LENGTH_LIMIT] for form in forms if form))
