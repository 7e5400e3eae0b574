"""The player's sound, listened to in a real browser: joints, seeks, fades, gains, cut lines, moments."""

from __future__ import annotations

import numpy as np
import pytest

from tests.web.sound_house import heard, place_of, recording, said, sound_house

pytestmark = pytest.mark.services
ENDED = "news.some(({ name }) => name === 'ended')"
# What a time in double precision is beside a frame moves a sample by so much at most: it rounds to the very 24 bits.
SAME = 1e-9


def as_floats(sound):
    return sound.astype(np.float32) / 32768


def exact(sound, source, at):
    part = sound[at : at + len(source)]
    return part.shape == source.shape and float(np.abs(part - source).max()) < SAME


async def test_joints_and_seeks_are_the_recording_to_the_sample(tmp_path):
    rate, whole = 44100, recording(5, 44100)
    source, cut = as_floats(whole), 2 * rate + 777
    async with sound_house(tmp_path) as house:
        items = [house.song("one", whole[:cut], rate), house.song("two", whole[cut:], rate)]
        items[0]["next"] = {"kind": "GAPLESS"}
        page = await house.page(quality="lossless", rate=rate)
        await page.run(f"sound.line({said(items)}, 0)")
        await page.until(ENDED)
        sound = await heard(page)
        at = place_of(source[:rate], sound)
        assert exact(sound, source, at)
        assert np.array_equal(np.round(sound[at : at + len(source)] * 32768).astype(np.int16), whole)
        assert not page.errors
        told = await page.run("news.filter(({ name }) => name === 'item' || name === 'ended')")
        assert [(each["name"], each["item"], each.get("before"), each["why"]) for each in told] == [
            ("item", "one", None, None),
            ("item", "two", "one", "ended"),
            ("ended", "two", None, "ended"),
        ]
        assert told[1]["heardMs"] == pytest.approx(cut / rate * 1000, abs=2)
        assert told[2]["heardMs"] == pytest.approx((len(whole) - cut) / rate * 1000, abs=2)
        # One request a song: head and sound together.
        assert [each["range"] for each in await page.run("requests.filter(({ url }) => url.includes('stream'))")] == [
            "bytes=0-1048575"
        ] * 2

        # A place in the middle: what sounds first after the rise of 10 ms is the sample asked for.
        await page.run(f"heard.length = 0, news.length = 0, sound.line({said(items)}, 0, {{ atMs: 1000 }})")
        await page.until("sound.state === 'playing' && sound.positionMs() > 1500")
        await page.run("sound.pause()")
        sound = await heard(page)
        first = int(np.nonzero(np.abs(sound).max(1))[0][0])
        rise = int(0.02 * rate)
        at = place_of(source[rate + rise : rate + rise + 8192], sound)
        assert abs(at - rise - first) <= 2
        assert exact(sound, source[rate + rise : rate + rise + 8192], at)


async def test_an_album_joint_of_opus_has_no_sample_more_or_less(tmp_path):
    rate, whole = 48000, recording(4, 48000)
    source, cut = as_floats(whole), 2 * rate + 123
    async with sound_house(tmp_path) as house:
        items = [house.song("one", whole[:cut], rate), house.song("two", whole[cut:], rate)]
        items[0]["next"] = {"kind": "GAPLESS"}
        page = await house.page(quality="high", rate=rate)
        await page.run(f"sound.line({said(items)}, 0)")
        await page.until(ENDED)
        sound = await heard(page)
        at = place_of(source[: rate // 2], sound)
        part = sound[at : at + len(source)]
        for begin in (rate // 2, cut - 6000, cut, cut + 6000, len(source) - 9000):
            window = source[begin : begin + 6000]
            assert place_of(window, part[max(0, begin - 3000) : begin + 9000]) == min(begin, 3000)
        noise = ((part - source) ** 2).mean() / (source**2).mean()
        joint = slice(cut - 480, cut + 480)
        at_joint = ((part - source)[joint] ** 2).mean() / (source[joint] ** 2).mean()
        # The recording is mostly hiss: what the codec leaves of it is no worse at the joint than elsewhere.
        assert 10 * np.log10(noise) < -15
        assert 10 * np.log10(at_joint / noise) < 3


async def test_a_cut_line_is_taken_up_at_the_very_byte(tmp_path):
    rate, whole = 44100, recording(26, 44100)
    source = as_floats(whole)
    async with sound_house(tmp_path) as house:
        item = house.song("one", whole, rate)
        page = await house.page(quality="lossless", rate=rate)
        await page.send("Network.enable")
        line = {"latency": 5, "downloadThroughput": 400_000, "uploadThroughput": 100_000}
        await page.send("Network.emulateNetworkConditions", offline=False, **line)
        await page.run(f"sound.line({said([item])}, 0)")
        await page.until("sound.state === 'playing'")
        await page.send("Network.emulateNetworkConditions", offline=True, **line)
        await page.until("sound.state === 'waiting'")
        waited = await page.run("sound.positionMs()")
        tried = await page.run("requests.length")
        await page.until(f"requests.length >= {tried + 1}")
        assert await page.run("sound.positionMs()") == pytest.approx(waited, abs=1)
        line = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        await page.send("Network.emulateNetworkConditions", offline=False, **line)
        await page.until(f"sound.state === 'playing' && sound.positionMs() > 4000 + {waited}")
        await page.run("sound.pause()")
        sound = await heard(page)
        stop = int(waited / 1000 * rate)
        at = place_of(source[: rate // 2], sound)
        assert exact(sound, source[: stop - 10], at)
        again = place_of(source[stop : stop + rate], sound)
        assert exact(sound, source[stop - 10 + 20 : stop + 2 * rate], again + 10)
