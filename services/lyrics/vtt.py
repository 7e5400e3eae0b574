"""Timed lyrics as WebVTT, for `<track>` elements and players of subtitles.

Owns the writing of W3C WebVTT (https://www.w3.org/TR/webvtt1/): cues, cue timestamps for words (section 4.2.1), voices
(`<v Name>`), escapes. Refuses to read it.
"""

from __future__ import annotations

from services.lyrics.model import Lyrics
from storage.records.lyric_sheet import SheetLine

LAST_LINE_MS = 5_000
"""How long a line is shown that neither says when it ends nor is followed by another."""


def write_vtt(lyrics: Lyrics, *, duration_ms: int | None = None) -> str:
    """WebVTT with a cue for each line that has words; one ends where the next begins unless it says its own end.

    Word times that do not lie inside their cue, or do not follow one another, are left out as the format demands.
    """
    names = {agent.id: agent.name for agent in lyrics.agents if agent.name}
    cues: list[str] = []
    for line, end_ms in zip(lyrics.lines, _ends(lyrics.lines, duration_ms), strict=True):
        if not line.text:
            continue
        voice = f"<v {_escaped(names[line.agent])}>" if line.agent in names else ""
        cues.append(f"{_time(line.at_ms)} --> {_time(end_ms)}\n{voice}{_payload(line, end_ms)}\n")
    return "\n".join(["WEBVTT\n", *cues])


def _ends(lines: list[SheetLine], duration_ms: int | None) -> list[int]:
    """Where each line ends: for those that do not say so, at the next later one of the same layer."""
    ends: list[int] = []
    later: dict[bool, tuple[int, int | None]] = {}
    for line in reversed(lines):
        next_ms, after_ms = later.get(line.is_background, (-1, None))
        if next_ms != line.at_ms:
            after_ms = next_ms if next_ms >= 0 else None
            later[line.is_background] = (line.at_ms, after_ms)
        if line.end_ms is not None:
            ends.append(line.end_ms)
        elif after_ms is not None:
            ends.append(after_ms)
        else:
            last_ms = line.at_ms + LAST_LINE_MS
            ends.append(min(last_ms, duration_ms) if duration_ms and duration_ms > line.at_ms else last_ms)
    return ends[::-1]


def _payload(line: SheetLine, end_ms: int) -> str:
    if not line.words:
        return _escaped(line.text)
    written, last_ms = "", line.at_ms
    for word in line.words:
        if last_ms < word.at_ms < end_ms:
            written += f"<{_time(word.at_ms)}>"
            last_ms = word.at_ms
        written += _escaped(word.text)
    return written


def _time(at_ms: int) -> str:
    return f"{at_ms // 3_600_000:02}:{at_ms // 60_000 % 60:02}:{at_ms // 1000 % 60:02}.{at_ms % 1000:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
