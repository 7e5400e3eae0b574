"""What a page lets sound: which song, and where in it, told from the samples alone."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import fftconvolve

from tests.web.chromium import Navigated, Page
from tests.web.songbook import EAR_RATE, RATE, Samples, Tune, for_the_ear, sound_of

EAR = (Path(__file__).parent / "ear.js").read_text(encoding="utf-8")
"""Runs in a page before its own scripts."""
SILENT, PIECES = 1e-4, 16
LIKE = 0.5
"""How much alike (as cosine) a sound and a song have to be: codecs and gains leave 0.9, another song makes 0.2."""
PATIENCE_S = 25


@dataclass(frozen=True)
class Heard:
    """A song, and how many milliseconds of it had sounded at a moment, in milliseconds since 1970."""

    song: str
    at_ms: float
    moment_ms: float

    def behind(self, other: Heard) -> float:
        """By how many milliseconds this is behind what the other was or will be at the same moment."""
        return (other.at_ms - self.at_ms) - (other.moment_ms - self.moment_ms)


class Ear:
    """Knows some tunes by heart."""

    def __init__(self, tunes: Iterable[Tune]) -> None:
        self._known = {tune.title: for_the_ear(sound_of(tune), RATE) for tune in tunes}

    async def listening(self, page: Page) -> Heard | None:
        """What the page sounds like now; None is silence. Two sounds at once, or one that is no song, fail the test."""
        found = []
        for each, raw in await self._whole(page):
            song, at_ms, like = self.recognise(for_the_ear(raw, round(each["rate"])))
            assert like > LIKE, f"a sound that is none of the songs: {like:.2f} like {song} at {at_ms:.0f} ms"
            found.append(Heard(song, at_ms, each["at"]))
        assert len(found) <= 1, f"two sounds at once: {found}"
        return found[0] if found else None

    @staticmethod
    async def _whole(page: Page) -> list[tuple[Any, Samples]]:
        """What sounds now, from first to last: while something is just beginning or ending, it is listened to again."""
        while True:
            try:
                told = await page.run("window.earHears()")
            except Navigated:
                await asyncio.sleep(0.05)
                continue
            heard = [(each, np.frombuffer(base64.b64decode(each["sound"]), "<f4")) for each in told]
            loud = [np.sqrt(np.mean(raw.reshape(PIECES, -1) ** 2, 1)) > SILENT for _, raw in heard]
            if all(each.all() or not each.any() for each in loud):
                return [one for one, each in zip(heard, loud, strict=True) if each.any()]

    def recognise(self, sound: Samples) -> tuple[str, float, float]:
        """The song that is most like it, how many milliseconds into it the sound ends, and how much alike they are."""
        best = ("", 0.0, -1.0)
        size = float(np.linalg.norm(sound))
        for title, known in self._known.items():
            # A sound may begin before the song does, or end after it.
            whole = np.pad(known, len(sound))
            alike = fftconvolve(whole, sound[::-1], "valid")
            sizes = np.sqrt(np.maximum(fftconvolve(whole**2, np.ones(len(sound), np.float32), "valid"), 1e-6))
            at = int(np.argmax(alike / sizes / size * (sizes > 0.3 * size)))
            like = float(alike[at] / sizes[at] / size)
            if like > best[2]:
                best = (title, at / EAR_RATE * 1000, like)
        return best

    async def until_heard(self, page: Page, tune: Tune, from_ms: float = 0, to_ms: float = float("inf")) -> Heard:
        """Wait until this sounds, between these places of it; songs on their way are passed over."""
        wanted = f"{tune.title} from {from_ms} to {to_ms} ms"
        return await self._until(page, wanted, lambda it: it.song == tune.title and from_ms <= it.at_ms <= to_ms)

    async def until_another(self, page: Page, tune: Tune) -> Heard:
        """Wait until a song sounds that is not this one."""
        return await self._until(page, f"another than {tune.title}", lambda it: it.song != tune.title)

    async def _until(self, page: Page, wanted: str, is_it: Callable[[Heard], bool]) -> Heard:
        last: Heard | None = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    try:
                        last = await self.listening(page)
                    except AssertionError as strange:
                        # Between two songs, or in the midst of a leap.
                        if "none of the songs" not in str(strange):
                            raise
                        continue
                    if last and is_it(last):
                        return last
        except TimeoutError:
            raise AssertionError(f"{wanted} is not heard, but {last}") from None

    async def until_silent(self, page: Page) -> None:
        """Wait until nothing sounds, and see that it stays so for a second."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    try:
                        if await self.listening(page) is None:
                            break
                    except AssertionError:
                        continue
        except TimeoutError:
            raise AssertionError("it goes on sounding") from None
        for _ in range(3):
            assert (heard := await self.listening(page)) is None, f"{heard} came after silence"
