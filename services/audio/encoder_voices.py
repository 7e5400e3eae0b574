"""What an encoder makes of a short fixed sound: by it an encoder is known again, whatever library stands behind it.

ffmpeg tells its own version but not those of libmp3lame and libopus, which a system may replace under it. Owns the
sound and what is concluded from the answer. Refuses to know renditions; a change that this sound does not show stays
unseen.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass

from services.audio.codecs.geometry import SAMPLE_RATE, Codec
from services.audio.ffmpeg import Ffmpeg, FfmpegFailed
from services.errors import Unavailable

# Half a second of noise over a gliding tone, then a quarter of silence, in which LAME writes its name.
_SOUND = (
    f"aevalsrc=0.3*sin(900*t+4000*t*t)|0.3*sin(1300*t+2500*t*t):s={SAMPLE_RATE}:d=0.5[tone];"
    f"anoisesrc=r={SAMPLE_RATE}:d=0.5:a=0.3:seed=7,aformat=channel_layouts=stereo[noise];"
    "[tone][noise]amix=inputs=2,apad=pad_dur=0.25"
)
_BITRATE = 64_000
_MOST_BYTES = 1 << 20
_TIMEOUT_S = 20.0
_LAME = re.compile(rb"LAME(\d{1,2}\.\d{1,3})")


@dataclass(frozen=True, slots=True)
class Voice:
    """How an encoder is known: `digest` of its answer, and its own short name where the answer says it."""

    digest: str
    name: str


class EncoderVoices:
    """The voices of the encoders behind one ffmpeg, each asked for once, when it is first needed (0.1 s)."""

    def __init__(self, ffmpeg: Ffmpeg) -> None:
        self._ffmpeg = ffmpeg
        self._asked: dict[str, asyncio.Task[Voice]] = {}

    async def stop(self) -> None:
        """End what is still being asked. Safe to call twice."""
        asked = list(self._asked.values())
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    async def of(self, name: str, codec: Codec) -> Voice:
        """The voice of the encoder that `codec` has. Unavailable when this ffmpeg does not have it."""
        task = self._asked.get(name)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._asked[name] = asyncio.create_task(self._ask(codec), name=f"voice-{name}")
        # Whoever leaves while it is asked leaves the question to the others.
        return await asyncio.shield(task)

    async def _ask(self, codec: Codec) -> Voice:
        settings = codec.geometry(_BITRATE, SAMPLE_RATE, 2, "0" * 32).encoder_arguments()
        args = ["-f", "lavfi", "-i", _SOUND, "-map", "0:a:0", *settings, "pipe:1"]
        try:
            answer = await self._ffmpeg.capture(args, limit_bytes=_MOST_BYTES, timeout_s=_TIMEOUT_S)
        except FfmpegFailed as failure:
            raise Unavailable("The server cannot encode this format just now.", code="ENCODER_MISSING") from failure
        named = _LAME.search(answer)
        return Voice(hashlib.sha256(answer).hexdigest()[:12], named[0].decode("ascii") if named else "")
