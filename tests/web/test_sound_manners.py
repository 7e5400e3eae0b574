"""How the player's sound behaves in a real browser: fades, gains, moments, tickets, songs that fail, bounds, pace."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.web.sound_house import heard, place_of, recording, said, sound_house
from tests.web.test_sound_in_a_browser import ENDED, as_floats, exact

pytestmark = pytest.mark.services
RATE = 44100


def hiss(seconds: float, seed: int):
    """Noise of one steady power, like no other seed's."""
    sound = np.random.default_rng(seed).standard_normal((int(seconds * RATE), 2)) * 0.1
    return np.asarray(sound.clip(-1, 1) * 32767, np.int16)


def decibels(sound) -> float:
    return float(10 * np.log10((sound.astype(np.float64) ** 2).mean()))


async def test_fades_keep_their_power_gains_are_exact_and_a_moment_is_kept(tmp_path):
    async with sound_house(tmp_path) as house:
        one, two = hiss(4, 1), hiss(4, 2)
        items = [house.song("one", one, RATE), house.song("two", two, RATE)]
        items[0]["next"] = {"kind": "CROSSFADE", "fromEndMs": 3500, "toStartMs": 500, "overlapMs": 1500}
        page = await house.page(quality="lossless", rate=RATE)
        await page.run(f"sound.line({said(items)}, 0)")
        await page.until(ENDED)
        sound = await heard(page)
        at = place_of(as_floats(one)[: RATE // 2], sound)
        steady = decibels(sound[at : at + RATE])
        # The second is begun half a second into itself, a second and a half before the first is over.
        whole = sound[at : at + int(5.5 * RATE)]
        window = RATE // 5
        powers = [decibels(whole[begin : begin + window]) - steady for begin in range(0, len(whole) - window, window)]
        assert max(map(abs, powers)) < 0.5, powers
        second = as_floats(two)[int(2.6 * RATE) : int(3.6 * RATE)]
        assert exact(sound, second, at + 2 * RATE + int(2.1 * RATE))

        # Half the amplitude, to the last bit; and a gain that would clip is held at full scale.
        for gain_db, many in ((-20 * math.log10(2), 1), (40, 1)):
            loud = {**items[0], "gainDb": gain_db, "next": None}
            await page.run(f"heard.length = 0, news.length = 0, sound.line({said([loud])}, 0)")
            await page.until("sound.positionMs() > 1200")
            await page.run("sound.stop()")
            sound = await heard(page)
            assert float(np.abs(sound).max()) <= many
            if gain_db < 0:
                half = as_floats(one)[:RATE] / 2
                assert np.abs(sound[place_of(half, sound) :][:RATE] - half).max() < 1e-7

        # A given sample at a given moment of performance.now().
        told = await page.run(f"""(async () => {{
            heard.length = 0;
            begins = null;
            const at = performance.now() + 1500;
            const told = await sound.startAt({said({**items[1], "next": None})}, 1000, at);
            const stamp = sound.output.context.getOutputTimestamp();
            return {{ at, told, frame: (stamp.contextTime + (at - stamp.performanceTime) / 1000) * {RATE} }};
        }})()""")
        await page.until("sound.state === 'playing' && sound.positionMs() > 2000")
        sound, begins = await heard(page), await page.run("begins")
        await page.run("sound.stop()")
        probe = as_floats(two)[RATE + 2000 : RATE + 12000]
        sounded = begins + place_of(probe, sound) - 2000
        assert abs(sounded - told["frame"]) < RATE / 1000
        assert told["told"]["atMs"] == 1000
        assert not page.errors


async def test_tickets_failures_bounds_and_what_comes_next(tmp_path):
    async with sound_house(tmp_path) as house:
        long = np.tile(recording(10, RATE), (6, 1))
        first, last = house.song("long", long, RATE), house.song("last", hiss(2, 4), RATE)
        broken = house.song("broken", hiss(3, 3), RATE)
        changed = house.folder / "broken.flac"
        changed.write_bytes(b"fLaC" + bytes(200_000))
        written = changed.stat()
        house.stage.songs["broken"] = replace(
            house.stage.songs["broken"], size=written.st_size, mtime_ns=written.st_mtime_ns
        )
        gone = {**last, "key": "gone", "songId": "gone"}
        page = await house.page(quality="lossless", rate=RATE)
        # The first address has a ticket that ran out.
        await page.run("""{ const ask = sound.addressOf; let first = true;
            sound.addressOf = async (item, given) => {
              const { url } = await ask(item, given), wrong = first;
              first = false;
              return { url: wrong ? url.replace(/ticket=[^&]+/, 'ticket=old') : url };
            }; }""")
        await page.run(f"sound.line({said([first, broken, gone, last])}, 0)")
        await page.until("sound.state === 'playing'")
        assert await page.run("asked") == ["long", "long"]
        await page.until("sound.current.pcm.to - sound.current.pcm.from > 15 * 44100")
        most = (20 + 10 + 5) * RATE * 8
        assert await page.run("sound.current.pcm.bytes") < most
        # What is there already is entered without anything being begun anew.
        run = await page.run("sound.current.run")
        await page.run("sound.seek(12000)")
        await page.until("sound.state === 'playing' && sound.positionMs() > 12100")
        assert await page.run("sound.current.run") == run
        for ms in (36_000, 8_000):
            await page.run(f"sound.seek({ms})")
            await page.until(f"sound.state === 'playing' && sound.positionMs() > {ms + 100}")
            assert await page.run("sound.current.pcm.bytes") < most
        assert await page.run("asked.filter((each) => each !== 'long')") == []
        # Near the end the next is looked for; two that cannot be played are told and passed over.
        await page.run("sound.seek(57500)")
        await page.until("news.some(({ name, item }) => name === 'item' && item === 'last')")
        problems = await page.run("news.filter(({ name }) => name === 'problem')")
        assert [(each["item"], each["code"]) for each in problems] == [("broken", "MALFORMED"), ("gone", "REFUSED")]
        await page.until(ENDED)
        assert not page.errors


async def test_pace_fallback_and_sleep(tmp_path):
    async with sound_house(tmp_path) as house:
        t = np.arange(RATE * 12) / RATE
        tone = np.asarray(np.stack([np.sin(2 * np.pi * 441 * t)] * 2, 1) * 16000, np.int16)
        item = house.song("tone", tone, RATE)
        page = await house.page(quality="lossless", rate=RATE)
        await page.run(f"sound.rate = 1.5, sound.line({said([item])}, 0)")
        await page.until("sound.state === 'playing' && sound.positionMs() > 500")
        went = await page.run("""(async () => {
            const ms = sound.positionMs(), at = performance.now();
            await new Promise((done) => setTimeout(done, 1500));
            return (sound.positionMs() - ms) / (performance.now() - at);
        })()""")
        assert went == pytest.approx(1.5, rel=0.03)
        sound = await heard(page)
        part = sound[-RATE:, 0]
        assert np.abs(np.fft.rfft(part * np.hanning(RATE))).argmax() == pytest.approx(441, abs=3)

        # Paused, it stands still; the sleep timer fades and pauses.
        await page.run("sound.pause()")
        stood = await page.run("sound.positionMs()")
        await page.run("sound.rate = 1, sound.play()")
        await page.until("sound.state === 'playing'")
        assert await page.run("sound.positionMs()") < stood + 1500
        await page.run("""import('/web/player/sound/sleep.js').then(({ createSleep }) => {
            window.sleep = createSleep(sound, { fadeMs: 300 });
            sleep.after(0.01);
        })""")
        await page.until("sound.state === 'paused'")

        # Without WebCodecs the song is decoded at once, and says so.
        await page.run("delete window.AudioDecoder")
        await page.run(f"heard.length = 0, sound.stop(), sound.line({said([item])}, 0, {{ atMs: 2000 }})")
        await page.until("sound.state === 'playing' && sound.positionMs() > 3000")
        assert await page.run("sound.current.why") == "Decoded at once: this browser has no decoder for it."

        # Where that fails too, an element plays it; the machine is told of the song all the while.
        await page.run("""import('/web/player/sound/media_session.js').then(({ createMediaSession }) => {
            window.keys = {};
            const setActionHandler = (name, act) => { keys[name] = act; };
            window.machine = { setActionHandler, setPositionState: (told) => { window.place = told; } };
            createMediaSession(sound, ({ key }) => ({ title: key }), machine);
            sound.output.context.decodeAudioData = () => Promise.reject(new Error('no'));
        })""")
        await page.run(f"sound.stop(), sound.line({said([item])}, 0, {{ atMs: 1000 }})")
        await page.until("sound.state === 'playing' && sound.positionMs() > 1500")
        assert await page.run("[sound.why, machine.metadata.title, machine.playbackState, place.duration]") == [
            "This browser cannot decode the song.",
            "tone",
            "playing",
            12,
        ]
        await page.run("keys.pause()")
        await page.until("sound.state === 'paused' && machine.playbackState === 'paused'")
        assert not page.errors
