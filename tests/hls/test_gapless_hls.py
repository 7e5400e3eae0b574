"""One recording cut in two anywhere, each half a song of its own: by HLS in a row it is the recording again."""

import asyncio
import subprocess
import wave

import numpy as np
import pytest

from services.audio.ffmpeg import find_ffmpeg
from tests.hls.reading import boxes, decode, number, snr_db
from tests.hls.test_hls_handler import ask, download, follow, master_of
from tests.sound_tool import QUICK_FFMPEG
from tests.stream.stage import describe, music, stage

RATE = 48000


def halves(folder, cut):
    """The whole recording's samples, and its two halves as FLAC."""
    music(folder / "whole.wav", rate=RATE, seconds=7)
    with wave.open(str(folder / "whole.wav")) as file:
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    made = []
    for name, part in (("one", frames[:cut]), ("two", frames[cut:])):
        made.append(folder / f"{name}.flac")
        command = [str(find_ffmpeg(None)), "-v", "error", "-f", "s16le", "-ar", str(RATE), "-ac", "2", "-i", "-"]
        subprocess.run([*command, str(made[-1])], input=part.tobytes(), check=True)
    return frames / 32768, made


@pytest.mark.parametrize("cut", [RATE * 3 + 777, 1024 * 270 - 1024])
async def test_two_halves_are_the_recording_to_the_sample(tmp_path, cut):
    whole, files = await asyncio.to_thread(halves, tmp_path, cut)
    lengths = [cut, len(whole) - cut]
    async with stage(tmp_path, ffmpeg=find_ffmpeg(None)) as running:
        for name, path, samples in zip(("one", "two"), files, lengths, strict=True):
            running.songs[name] = describe(path, kind="flac", rate=RATE, samples=samples)
            running.songs[name].bits_per_sample = 16
        for name in ("fmp4-high", "opus-high", "flac-lossless"):
            form, _, quality = name.partition("-")
            # The older decoder overlooks the edit list of a fragment, which only AAC depends on.
            ears = {str(find_ffmpeg(None)), QUICK_FFMPEG} if name == "fmp4-high" else {QUICK_FFMPEG}
            heard: dict[str, list] = {ffmpeg: [] for ffmpeg in ears}
            for song, samples in zip(("one", "two"), lengths, strict=True):
                url = master_of(running, song, f"&format={form}&quality={quality}")
                durations, data = await download(running, *(await follow(running, url))[name])
                assert round(sum(durations) * RATE) == samples
                check_times(data, samples)
                for ffmpeg, parts in heard.items():
                    parts.append(await asyncio.to_thread(decode, b"".join(data), samples=samples, ffmpeg=ffmpeg))
            for parts in heard.values():
                assert [len(part) for part in parts] == lengths
                joined = np.concatenate(parts)
                around = slice(cut - 2400, cut + 2400)
                if name == "flac-lossless":
                    assert np.array_equal(joined, whole)
                    continue
                # A sample too many or too few would bring this below 0 dB on one side of the joint or the other.
                assert snr_db(joined[around], whole[around]) > 10
                assert snr_db(joined[cut:], whole[cut:]) > 10
                shifted = joined[cut - 2400 + 1 : cut + 2400 + 1]
                assert snr_db(shifted, whole[around]) < snr_db(joined[around], whole[around]) - 3


def check_times(data, samples):
    """The file's own numbers: no gap between fragments, and delay, song and padding are all there is."""
    read = boxes(data[0])
    edits = read.find("moov/trak/edts/elst").body
    delay, frame = number(edits, 16, 8), number(read.find("moov/mvex/trex").body, 12)
    assert number(edits, 8, 8) == samples
    at = 0
    for segment in data[1:]:
        fragment = boxes(segment)
        assert number(fragment.find("moof/traf/tfdt").body, 4, 8) == at
        run = fragment.find("moof/traf/trun").body
        count, flags = number(run, 4), number(run, 1, 3)
        columns = bool(flags & 0x100) + bool(flags & 0x200)
        rows = [number(run, 12 + 4 * columns * row) for row in range(count)] if flags & 0x100 else [frame] * count
        at += sum(rows)
    assert at == delay + samples


async def test_a_song_of_one_sample_is_one_segment_of_one_sample(tmp_path):
    # As WAV: newer encoders refuse a FLAC of one sample.
    with wave.open(str(tmp_path / "one.wav"), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes(b"\x00\x10\x00\xf0")
    async with stage(tmp_path, ffmpeg=find_ffmpeg(None)) as running:
        running.songs["one"] = describe(tmp_path / "one.wav", kind="wav", rate=RATE, samples=1)
        for form in ("ts", "fmp4", "opus", "flac"):
            listed = await follow(running, master_of(running, "one", f"&format={form}"))
            address, playlist = next(iter(listed.values()))
            durations, data = await download(running, address, playlist)
            assert len(durations) == 1
            if form != "ts":
                check_times(data, 1)
                assert len(await asyncio.to_thread(decode, b"".join(data), samples=1)) == 1
        assert (await ask(running, "/hls/one/ts-low/1.ts", Authorization="Bearer ada")).code == 404
