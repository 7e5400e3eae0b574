"""Frames are heard while their segment is still encoded, and are those it has in the end."""

import asyncio

import numpy as np
import pytest

from services.audio.codecs import flac, mp3, opus
from services.viewer import Viewer
from tests.stream.stage import children, describe, stage, until

ADA = Viewer(user_id="ada", session_id="s1")


def answer(layout, index):
    """What an encoder might have made of the window, sound that is no sound in frames that are frames."""
    if isinstance(layout, mp3.Geometry):
        frames = len(layout.segment_frames(index)) + min(mp3.WARMUP_FRAMES, layout.segment_frames(index).start)
        head = layout.head(LABEL)[:4] + bytes(2)
        return b"".join(head + n.to_bytes(2) + bytes(layout.frame_bytes - 8) for n in range(frames + 3))
    if isinstance(layout, opus.Geometry):
        packets = layout.segment_packets(index)
        count = len(packets) + min(opus.WARMUP_PACKETS, packets.start)
        return b"".join(b"\xfc" + n.to_bytes(2) + bytes(layout.packet_bytes - 3) for n in range(count))
    window = layout.window(index)
    return np.random.default_rng(index).bytes(window.most_bytes)


LABEL = mp3.Label("LAME3.100")


@pytest.mark.parametrize(
    "layout",
    [
        *(mp3.Geometry(rate, 25 * 48000) for rate in (96_000, 320_000)),
        *(opus.Geometry(rate, 25 * 48000 + 77, 2, 9) for rate in (64_000, 192_000)),
        *(flac.Geometry(44100, 25 * 44100 + 5, 2, 16), flac.Geometry(192_000, 9 * 192_000, 1, 8)),
    ],
    ids=lambda layout: f"{type(layout).__module__.split('.')[-1]}-{layout.bitrate}",
)
def test_pieces_in_a_row_begin_what_is_assembled(layout):
    chance = np.random.default_rng(5)
    for index in range(layout.segments):
        encoded = answer(layout, index)
        made = layout.assemble(index, encoded)
        assert len(made) == len(layout.segment_bytes(index))
        came, at = b"", 0
        while at < len(encoded):
            at += int(chance.integers(1, 60_000))
            came += layout.further(index, bytearray(encoded[:at]), len(came))
            assert made.startswith(came)
        # Only FLAC keeps back the last frame of a song, which is shorter than the others.
        kept_back = layout.length - layout.frame_start(layout.frames - 1) if isinstance(layout, flac.Geometry) else 0
        assert len(came) == len(made) - (kept_back if index == layout.segments - 1 else 0)


@pytest.mark.parametrize(("form", "quality"), [("mp3", "high"), ("opus", "high"), ("flac", "lossless")])
async def test_the_beginning_is_heard_before_the_end_is_made(tmp_path, tunes, form, quality):
    async with stage(tmp_path) as running:
        kind = "alac.m4a" if form == "flac" else "flac"
        running.songs["x"] = describe(tunes(kind), kind=kind, rate=44100, samples=22 * 44100)
        sound = await running.deliveries.open(ADA, "x", quality, wished=form)
        place = sound.made_from.geometry.segment_bytes(0)
        chunks = sound.read(place.start, place.stop)
        first = await anext(chunks)
        assert running.deliveries.admission.running == 1, "it is still being encoded"
        assert 0 < len(first) < len(place)
        rest = b"".join([chunk async for chunk in chunks])
        assert running.deliveries.admission.running == 0
        again = sound.read(place.start, place.stop)
        assert first + rest == b"".join([chunk async for chunk in again])
        assert running.deliveries.encoder.encoded == 1
        assert running.deliveries._growing._growing == {}


async def test_two_listeners_share_what_grows_and_the_last_to_leave_ends_it(tmp_path, tunes):
    async with stage(tmp_path) as running:
        running.songs["x"] = describe(tunes("flac"), kind="flac", rate=44100, samples=22 * 44100)
        sound = await running.deliveries.open(ADA, "x", "high", wished="mp3")
        other = await running.deliveries.open(Viewer(user_id="eve", session_id="s2"), "x", "high", wished="mp3")
        place = sound.made_from.geometry.segment_bytes(0)
        one, two = sound.read(place.start, place.stop), other.read(place.start, place.stop)
        first, second = await asyncio.gather(anext(one), anext(two))
        assert first[: len(second)] == second[: len(first)]
        assert running.deliveries.encoder.encoded == 1
        await one.aclose()
        assert running.deliveries.admission.running == 1
        await two.aclose()
        assert running.deliveries.admission.running == 0
        assert children() == []
        assert running.deliveries._growing._growing == {}


async def test_whoever_has_heard_enough_leaves_the_rest_to_be_made(tmp_path, tunes):
    async with stage(tmp_path) as running:
        running.songs["x"] = describe(tunes("flac"), kind="flac", rate=44100, samples=22 * 44100)
        sound = await running.deliveries.open(ADA, "x", "high", wished="mp3")
        place = sound.made_from.geometry.segment_bytes(0)
        chunks = sound.read(place.start, place.start + 100)
        assert len(await anext(chunks)) == 100
        going = asyncio.create_task(anext(chunks, None), name="listener")
        await asyncio.sleep(0)
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        await until(lambda: running.deliveries.holds(sound, 0))
        await until(lambda: not running.deliveries._growing._finishing)
