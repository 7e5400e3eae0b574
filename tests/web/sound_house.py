"""The player's sound in a real browser: a real stream door, a page that has nothing but the sound, a tap on its end."""

from __future__ import annotations

import base64
import contextlib
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from tornado.web import RequestHandler

from handlers.base import SECURITY_HEADERS
from handlers.pages import PAGE_POLICY, WebFileHandler
from handlers.squeezed import Squeezed
from server.doors import WEB
from tests.stream.stage import Stage, describe, encode, stage
from tests.web.chromium import Chromium, Page, chromium

HERE = Path(__file__).parent / "sound"
Samples = npt.NDArray[np.float32]


class BarePage(RequestHandler):
    """Under the very policy that the player's page has."""

    def get(self) -> None:
        for name, value in SECURITY_HEADERS.items():
            self.set_header(name, value)
        self.set_header("Content-Security-Policy", PAGE_POLICY)
        self.write((HERE / "page.html").read_bytes())


def write_wav(path: Path, sound: npt.NDArray[np.int16], rate: int) -> Path:
    """A WAV of 16 bits; `sound` has a row a frame."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(sound.astype("<i2").tobytes())
    return path


def recording(seconds: float, rate: int, seed: int = 5) -> npt.NDArray[np.int16]:
    """Two channels of a wandering hiss and tones, no two moments of it alike."""
    random = np.random.default_rng(seed)
    count = int(seconds * rate)
    t = np.arange(count) / rate
    noise = random.standard_normal((count, 2))
    soft = np.stack([np.convolve(noise[:, side], np.ones(8) / 8, "same") for side in (0, 1)], 1)
    tones = np.stack([np.sin(2 * np.pi * (300 + 40 * side + 20 * t) * t) for side in (0, 1)], 1)
    return np.asarray((0.25 * soft + 0.25 * tones).clip(-1, 1) * 32767, np.int16)


@dataclass
class SoundHouse:
    """A stage with songs on it, and a browser."""

    stage: Stage
    browser: Chromium
    folder: Path

    def song(self, name: str, sound: npt.NDArray[np.int16], rate: int, kind: str = "flac") -> dict[str, Any]:
        """Put a song on; the player's item of it."""
        path = encode(write_wav(self.folder / f"{name}.wav", sound, rate), kind)
        self.stage.songs[name] = describe(path, kind=kind, rate=rate, channels=sound.shape[1], samples=len(sound))
        return {"key": name, "songId": name, "durationMs": len(sound) * 1000 / rate, "gainDb": 0, "next": None}

    async def page(self, **options: Any) -> Page:
        """A page with a player in it; `options` go to the player."""
        page = await self.browser.page(f"http://127.0.0.1:{self.stage.port}/test")
        await page.until("window.readyToPlay")
        tickets = {name: self.stage.ticket(name) for name in self.stage.songs}
        await page.run(f"make({orjson.dumps(tickets).decode()}, {orjson.dumps(options).decode()})")
        return page


def said(value: object) -> str:
    """A value as JavaScript."""
    return orjson.dumps(value).decode()


async def heard(page: Page) -> Samples:
    """All that has left the player; a row a frame."""
    return np.frombuffer(base64.b64decode(await page.run("recording()")), "<f4").reshape(-1, 2)


def place_of(part: Samples, whole: Samples) -> int:
    """Where `part` lies in `whole`, by cross-correlation."""
    size = 1 << (len(whole) + len(part)).bit_length()
    product = np.zeros(size)
    for side in range(part.shape[1]):
        product += np.fft.irfft(np.fft.rfft(whole[:, side], size) * np.conj(np.fft.rfft(part[:, side], size)), size)
    return int(np.argmax(product[: len(whole)]))


@contextlib.asynccontextmanager
async def sound_house(folder: Path) -> AsyncIterator[SoundHouse]:
    """A house for one module's tests."""
    (folder / "songs").mkdir(parents=True)
    doors = [
        (r"/test/(.+)", WebFileHandler, {"path": str(HERE), "squeezed": Squeezed()}),
        (r"/test", BarePage),
        (r"/web/(.+)", WebFileHandler, {"path": str(WEB), "squeezed": Squeezed()}),
    ]
    async with (
        stage(folder, express=True, more_doors=doors) as street,
        chromium(folder / "browser") as browser,
    ):
        yield SoundHouse(street, browser, folder / "songs")
