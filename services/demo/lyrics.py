"""The words of the demo songs, and when each line is sung.

Owns the texts and their timing, which follows the melody itself: a line begins with the first note of its
two bars. Refuses to know how tags or `.lrc` files are written to disk.
"""

from __future__ import annotations

from services.demo.composer import Piece

_BARS_A_LINE = 2

WORDS: dict[str, tuple[str, ...]] = {
    "umbrella": (
        "The street lamps hum in the colour of tea",
        "and the rain keeps time on the bus with me",
        "I count the stops by the shops that close",
        "and where they go, well, nobody knows",
        "Umbrella weather, walk me slow",
        "half of it yours, so the shoulder will show",
        "The last bus yawns at the end of the line",
        "your half is dry, and I don't mind mine",
    ),
    "salt": (
        "I wrote you a letter in salt on the stair",
        "the tide took the words, but the paper's still there",
        "The harbour was sleeping, the kettle was on",
        "the gulls read it twice and by then it was gone",
        "So write to me, write to me, wave after wave",
        "there's room for a word in each pocket you save",
        "I kept every answer you never did send",
        "they sound like the sea with a bell at the end",
        "And when you come home with the wind in your coat",
        "I'll read you the letter the harbour wrote",
    ),
    "barco": (
        "Fiz um barco de papel",
        "com a carta que não li",
        "pus-lhe um mastro de saudade",
        "e soltei-o por aí",
        "Vai, barquinho, vai ao mar",
        "leva a noite devagar",
        "se encontrares quem partiu",
        "diz que o rio não fugiu",
        "Fiz um barco de papel",
        "e a maré trouxe-o a mim",
        "vinha cheio de silêncio",
        "e de flores de jardim",
    ),
    "motel": (
        "Blue light on the pool at the edge of the town",
        "the sign spells your name with one letter down",
        "I paid for the night with a pocket of sand",
        "and the tide kept the change in the palm of its hand",
        "Motel Aquamarine, leave the radio on",
        "we'll drive with the windows until it is gone",
        "The morning checks in and the neon checks out",
        "and nobody's asking what that was about",
    ),
    "dear-moon": (
        "Dear Moon, I am writing from under the pier",
        "the signal is poor but the water is clear",
        "You pull at the boats and you pull at the bay",
        "and something in me that was going your way",
        "If you look down between two and three",
        "the small light left on is me",
        "Dear Moon, keep the tide on a longer string",
        "it takes such a while to say anything",
    ),
}
"""Lines by the score they are sung to."""


def plain(score: str) -> str:
    """The whole text, one line under the other."""
    return "\n".join(WORDS[score])


def timed(score: str, piece: Piece) -> list[tuple[int, str]]:
    """(milliseconds, line) for every line, in order; ValueError when the melody is too short for the
    words."""
    return [(notes[0], line) for notes, line in _sung(score, piece)]


def timed_words(score: str, piece: Piece) -> list[tuple[int, str]]:
    """(milliseconds, line) as `timed` has them, the line with a `<mm:ss.xx>` before each of its words.

    The words of a line are spread evenly over its notes; where it has fewer notes than words, some share one.
    """
    lines: list[tuple[int, str]] = []
    for notes, line in _sung(score, piece):
        words = line.split()
        starts = [notes[place * len(notes) // len(words)] for place in range(len(words))]
        text = " ".join(f"<{_clock(at)}>{word}" for at, word in zip(starts, words, strict=True))
        lines.append((notes[0], text))
    return lines


def _sung(score: str, piece: Piece) -> list[tuple[list[int], str]]:
    """Each line after the milliseconds at which its notes begin."""
    beats = piece.score.beats_per_bar * _BARS_A_LINE
    phrases: list[list[int]] = []
    for section in piece.sections:
        if section.role not in ("verse", "lift", "peak"):
            continue
        for phrase in range(section.bars // _BARS_A_LINE):
            begin = section.start + phrase * beats
            sung = [note.start for note in section.melody if begin <= note.start < begin + beats]
            if sung:
                phrases.append([round(piece.seconds(piece.swung(start)) * 1000) for start in sung])
    words = WORDS[score]
    if len(phrases) < len(words):
        raise ValueError(f"{score} has {len(words)} lines but only {len(phrases)} phrases")
    return list(zip(phrases, words, strict=False))


def as_lrc(lines: list[tuple[int, str]], *, title: str, artist: str, album: str, length_ms: int) -> str:
    """An `.lrc` text: a few header tags, then `[mm:ss.xx]line` in hundredths of a second."""
    minutes, rest = divmod(round(length_ms / 1000), 60)
    head = [f"[ti:{title}]", f"[ar:{artist}]", f"[al:{album}]", f"[length:{minutes:02d}:{rest:02d}]"]
    return "\n".join(head + [_stamp(at_ms) + line for at_ms, line in lines]) + "\n"


def _stamp(at_ms: int) -> str:
    return f"[{_clock(at_ms)}]"


def _clock(at_ms: int) -> str:
    hundredths = round(at_ms / 10)
    return f"{hundredths // 6000:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"
