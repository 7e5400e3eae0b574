"""Time expressions of TTML, and whose beginning they count from.

Owns W3C TTML2, section 12.3.1 (`<timeExpression>`) save wall-clock times, with two additions from lyrics as Apple Music
has them: `1:02.345` (minutes) and bare seconds. Refuses to know lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.errors import Invalid
from services.lyrics.model import TIME_LIMIT_MS
from services.lyrics.xml_tree import Element

_CLOCK = re.compile(r"(\d{1,4}):(\d{2}):(\d{2})(?:(\.\d{1,12})|:(\d{1,4})(?:\.\d{1,4})?)?", re.ASCII)
_MINUTES = re.compile(r"(\d{1,5}):(\d{1,2}(?:\.\d{1,12})?)", re.ASCII)
_OFFSET = re.compile(r"(\d{1,15}(?:\.\d{1,12})?)(h|ms|m|s|f|t)?", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,6})\s+(\d{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Timing:
    """How one document counts. Rates are in frames and ticks a second; `is_absolute`: from the song's beginning."""

    frame_rate: float = 30.0
    tick_rate: float = 1.0
    is_absolute: bool = False

    def milliseconds(self, text: str) -> int:
        """What an expression says. Invalid for anything else than a time, or one past the model's last moment."""
        seconds = self._seconds(text.strip())
        if seconds is None or seconds * 1000 > TIME_LIMIT_MS:
            raise Invalid(f"{text.strip()[:40]!r} is no time that TTML lyrics can have.")
        return round(seconds * 1000)

    def span(self, element: Element, base_ms: int) -> tuple[int | None, int | None]:
        """Begin and end of an element in the song, where it says them; `base_ms` is its parent's begin."""
        begin, end, lasting = (self._attribute(element, name) for name in ("begin", "end", "dur"))
        shift = 0 if self.is_absolute else base_ms
        begin_ms = None if begin is None else begin + shift
        if end is not None:
            return begin_ms, end + shift
        return begin_ms, None if lasting is None else (base_ms if begin_ms is None else begin_ms) + lasting

    def _attribute(self, element: Element, name: str) -> int | None:
        text = element.attributes.get(name)
        return None if text is None else self.milliseconds(text)

    def _seconds(self, text: str) -> float | None:
        clock = _CLOCK.fullmatch(text)
        if clock is not None:
            hours, minutes, seconds, fraction, frames = clock.groups()
            whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
            return whole + float(fraction or 0) + int(frames or 0) / self.frame_rate
        short = _MINUTES.fullmatch(text)
        if short is not None:
            return int(short[1]) * 60 + float(short[2])
        offset = _OFFSET.fullmatch(text)
        if offset is None:
            return None
        number = float(offset[1])
        match offset[2]:
            case "h":
                return number * 3600
            case "m":
                return number * 60
            case "ms":
                return number / 1000
            case "f":
                return number / self.frame_rate
            case "t":
                return number / self.tick_rate
            case _:
                return number


def timing_of(root: Element) -> Timing:
    """How a document counts. Invalid for rates that are no numbers above 0, and for containers that run in sequence.

    A time counts from its parent's beginning (TTML2, 12.2.1). Lyrics in Apple's manner count from the song's instead:
    those that use its `itunes:` words, and those where something would begin only when what holds it is over.
    """
    rate = _rate(root, "frameRate", 30.0)
    multiplier = root.attributes.get("frameRateMultiplier")
    if multiplier is not None:
        parts = _NUMBERS.fullmatch(multiplier.strip())
        if parts is None or not int(parts[1]) or not int(parts[2]):
            raise Invalid("frameRateMultiplier must be two numbers above 0.")
        rate *= int(parts[1]) / int(parts[2])
    ticks = _rate(root, "tickRate", rate if "frameRate" in root.attributes else 1.0)
    timing = Timing(rate, ticks)
    is_absolute = any(name.startswith(("itunes:", "xmlns:itunes")) for name in root.raw) or _overruns(root, timing)
    return Timing(rate, ticks, is_absolute)


def _rate(root: Element, name: str, usual: float) -> float:
    text = root.attributes.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise Invalid(f"{name} must be a number above 0.")
    return float(text)


def _overruns(root: Element, timing: Timing) -> bool:
    for element in root.everything():
        if element.attributes.get("timeContainer") == "seq":
            raise Invalid("TTML with timeContainer='seq' is not read.")
        begin_ms, end_ms = timing.span(element, 0)
        if not begin_ms or end_ms is None:
            continue
        for child in element.elements():
            child_ms, _ = timing.span(child, 0)
            if child_ms is not None and child_ms >= end_ms - begin_ms and child_ms >= begin_ms:
                return True
    return False
