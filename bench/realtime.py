"""What sockets cost: the players' door beside a plain Tornado broadcast loop, Socket.IO and Centrifuge, on loopback.

    python -m bench.realtime [--idle 5000] [--followers 1000] [--reconnect 2000] [--only fan-out,slow] [--of tutti]

For each: the memory of an idle socket; messages a second to a thousand followers, and the p50 and p99 from publishing
to delivery; the same between two processes on one Redis; what a client that reads nothing costs the others, and when it
is gone; the loop's lag while two thousand clients come back at once. Each server is a process of its own on one core,
the clients are others on another core. Without node, Go or Redis, what needs them is left out with a word.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.figures import tell
from bench.sockets import contestants, installed
from bench.sockets.contestants import Contestant, Speaker
from bench.sockets.crowd import Crowds
from tests.services.redis_server import RedisServer

SLOW_ROUNDS, SLOW_PAD, SLOW_EVERY_S = 400, 60_000, 0.03
OTHERS = 20
"""Beside the slow client."""
CONTESTANTS = ("tutti", "plain", "socket.io", "centrifuge")
PARTS = ("idle", "fan-out", "quiet", "between", "slow", "reconnect")


def percentile_ms(delays_s: list[float], share: float) -> float:
    """In milliseconds."""
    ordered = sorted(delays_s)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def idle(server: Contestant, crowds: Crowds, count: int) -> tuple[str, float]:
    """What an idle socket costs of the server's memory."""
    crowds.come(server.port, server.dialect_name, 50, follow=False)
    before = server.rss_bytes
    crowds.come(server.port, server.dialect_name, count, follow=False)
    grown = max(0, server.rss_bytes - before)
    crowds.leave()
    return f"{grown / count / 1024:6.1f} KiB an idle socket, of {count}", grown / count


def told_to_all(
    speaking: Contestant, hearing: Contestant, crowds: Crowds, count: int, rounds: int
) -> tuple[str, float]:
    """One message after the other, each when all have the one before."""
    speaker = Speaker(speaking)
    crowds.come(hearing.port, hearing.dialect_name, count, follow=True)
    for _ in range(3):
        crowds.expect_each()
        speaker.say(100)
        crowds.wait()
    crowds.told()
    used, began = hearing.cpu_s, time.monotonic()
    for _ in range(rounds):
        crowds.expect_each()
        speaker.say(100)
        crowds.wait()
    took_s, used = time.monotonic() - began, hearing.cpu_s - used
    delays, _ = crowds.told()
    crowds.leave()
    speaker.close()
    told = (
        f"{rounds * count / took_s:8.0f} messages/s, {1e6 * used / (rounds * count):5.1f} µs CPU each, "
        f"p50 {percentile_ms(delays, 0.5):6.1f} ms, p99 {percentile_ms(delays, 0.99):6.1f} ms"
    )
    return told, used


def paced(speaking: Contestant, hearing: Contestant, crowds: Crowds, count: int, rounds: int) -> tuple[str, float]:
    """A message now and then to a few."""
    speaker = Speaker(speaking)
    crowds.come(hearing.port, hearing.dialect_name, count, follow=True)
    crowds.expect_each(rounds)
    for _ in range(rounds):
        speaker.say(100)
        time.sleep(0.02)
    crowds.wait()
    delays, _ = crowds.told()
    crowds.leave()
    speaker.close()
    p99 = percentile_ms(delays, 0.99)
    return f"p50 {percentile_ms(delays, 0.5):5.2f} ms, p99 {p99:5.2f} ms", p99


def beside_a_slow_one(server: Contestant, crowds: Crowds, lazy: Crowds) -> tuple[str, float]:
    """The p99 of the others without and with a client that reads nothing, and what became of that."""
    p99s: list[float] = []
    gone_after = None
    for slow in (False, True):
        speaker = Speaker(server)
        crowds.come(server.port, server.dialect_name, OTHERS, follow=True)
        if slow:
            lazy.come(server.port, server.dialect_name, 1, follow=True)
            lazy.stop_reading()
        began, before = time.monotonic(), server.rss_bytes
        crowds.expect_each(SLOW_ROUNDS)
        for n in range(SLOW_ROUNDS):
            speaker.say(SLOW_PAD)
            if slow and gone_after is None and speaker.ask("figures")["sockets"] == OTHERS + 1:
                gone_after = time.monotonic() - began
            time.sleep(max(0.0, began + (n + 1) * SLOW_EVERY_S - time.monotonic()))
        crowds.wait()
        p99s.append(percentile_ms(crowds.told()[0], 0.99))
        grown = max(0, server.rss_bytes - before)
        crowds.leave()
        speaker.close()
    lazy.leave()
    fate = f"gone after {gone_after:.1f} s" if gone_after else f"never gone, {grown / 2**20:.1f} MiB grown"
    return f"p99 of the others {p99s[0]:.1f} ms, beside it {p99s[1]:.1f} ms; {fate}", p99s[1]


def thunder(server: Contestant, crowds: Crowds, count: int) -> tuple[str, float]:
    """All leave and come back at once, and follow again."""
    crowds.come(server.port, server.dialect_name, count, follow=True)
    watcher = Speaker(server)
    watcher.ask("figures")
    crowds.leave()
    began, used = time.monotonic(), server.cpu_s
    crowds.come(server.port, server.dialect_name, count, follow=True)
    settled, used = time.monotonic() - began, server.cpu_s - used
    figures = watcher.ask("figures")
    lag, work = figures["lag"], figures.get("work", [])
    crowds.leave()
    watcher.close()
    told = (
        f"{count} in {settled:.1f} s, {1e6 * used / count:.0f} µs CPU each, "
        f"loop lag p99 {percentile_ms(lag, 0.99):.1f} ms, most {1000 * max(lag):.1f} ms, "
        f"by own work p99 {percentile_ms(work, 0.99):.1f} ms"
    )
    return told, percentile_ms(lag, 0.99)


def settled(server: Contestant) -> None:
    """Return when those who left are forgotten and the server does nothing more for them, or after ten seconds."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        used = server.cpu_s
        time.sleep(0.5)
        if server.cpu_s - used <= 0.03:
            return


def load() -> str:
    """How busy the machine is, beside every number."""
    return f"(load {os.getloadavg()[0]:.1f})"


def alone(wanted: argparse.Namespace, make: Callable[[], Contestant], crowds: Crowds, lazy: Crowds) -> dict[str, float]:
    """Everything that one process shows; of each part the figure that is compared."""
    parts: dict[str, Callable[[Contestant], tuple[str, float]]] = {
        "idle": lambda server: idle(server, crowds, wanted.idle),
        "fan-out": lambda server: told_to_all(server, server, crowds, wanted.followers, wanted.rounds),
        "quiet": lambda server: paced(server, server, crowds, 50, 100),
        "slow": lambda server: beside_a_slow_one(server, crowds, lazy),
        "reconnect": lambda server: thunder(server, crowds, wanted.reconnect),
    }
    server, figures = make(), dict[str, float]()
    try:
        for part, measure in parts.items():
            if part in wanted.only:
                settled(server)
                told, figures[part] = measure(server)
                print(f"{part:10} {server.name:10} {told} {load()}", flush=True)
    finally:
        server.stop()
    return figures


COMPARED = {
    "idle": "memory of an idle socket",
    "fan-out": "CPU of a delivery",
    "quiet": "p99 of a quiet delivery",
    "slow": "p99 beside a slow client",
    "reconnect": "p99 of the loop's lag while all come back",
}
UNITS = {"idle": "bytes", "fan-out": "s for all deliveries", "quiet": "ms", "slow": "ms", "reconnect": "ms"}


def compare(figures: dict[str, dict[str, float]]) -> None:
    """Ours as a multiple of each other's."""
    ours = figures.get("tutti", {})
    for part, own in ours.items():
        tell(COMPARED[part], UNITS[part], {name: told[part] for name, told in figures.items() if told.get(part)})
        others = {name: told[part] for name, told in figures.items() if name != "tutti" and told.get(part)}
        ratios = ", ".join(f"{own / other:.2f} of {name}'s" for name, other in others.items())
        if ratios:
            print(f"ratio      {COMPARED[part]}: {ratios}")


def between(wanted: argparse.Namespace, make: Callable[[str], Contestant], url: str, crowds: Crowds) -> None:
    """Said in one process, heard in the other."""
    one, two = make(url), make(url)
    try:
        many, _ = told_to_all(one, two, crowds, wanted.followers, wanted.rounds)
        settled(two)
        few, _ = paced(one, two, crowds, 50, 100)
        print(f"between    {one.name:10} {many}; quiet {few} {load()}", flush=True)
    finally:
        one.stop()
        two.stop()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--idle", type=int, default=5000)
    parser.add_argument("--followers", type=int, default=1000)
    parser.add_argument("--reconnect", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--only", type=lambda told: told.split(","), default=PARTS)
    parser.add_argument("--of", type=lambda told: told.split(","), default=CONTESTANTS)
    wanted = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    serving, calling = (cores[0], cores[-1]) if len(cores) > 1 else (None, None)
    makers: dict[str, Callable[..., Contestant]] = {
        "tutti": partial(contestants.python, "tutti", serving),
        "plain": partial(contestants.python, "plain", serving),
    }
    for name, find, make in (
        ("socket.io", installed.socket_io, contestants.socket_io),
        ("centrifuge", installed.centrifuge, contestants.centrifuge),
    ):
        if name in wanted.of:
            found = find()
            if isinstance(found, Path):
                makers[name] = partial(make, found, serving)
            else:
                print(f"{name} is left out: {found}")
    crowds, lazy = Crowds(2, calling), Crowds(1, calling)
    try:
        compare({name: alone(wanted, makers[name], crowds, lazy) for name in makers if name in wanted.of})
        if "between" in wanted.only:
            with_redis(wanted, {name: makers[name] for name in makers if name in wanted.of and name != "plain"}, crowds)
    finally:
        crowds.end()
        lazy.end()
    return 0


def with_redis(wanted: argparse.Namespace, makers: dict[str, Callable[..., Contestant]], crowds: Crowds) -> None:
    """Two processes of each, on a Redis of our own."""
    if shutil.which("redis-server") is None:
        print("between    left out: redis-server is not installed")
        return
    with tempfile.TemporaryDirectory() as place:
        redis = RedisServer(Path(place))
        asyncio.run(redis.start())
        try:
            for make in makers.values():
                between(wanted, make, redis.url, crowds)
        finally:
            redis.kill()


if __name__ == "__main__":
    sys.exit(main())
