"""Two contestants of `bench/realtime.py`: the players' door over a hub, and a broadcast loop over plain handlers.

    python -m bench.sockets.servers tutti|plain [REDIS_URL]

Both speak as much of the protocol as the clients do, publish on `bench.say`, and watch their own loop. With a Redis,
what one process of ours is asked to say the others hear through the broker, as in a house of several processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import Rule
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from graph.feeds import Feeds
from handlers.base import Manners
from handlers.player_socket import PlayerSocket
from handlers.websocket_base import SocketManners, SocketPath
from realtime.broker import Broker, LocalBroker
from realtime.hub import Hub, Subscription
from realtime.player import core_verbs
from realtime.player.crowd import Crowd, CrowdLimits
from realtime.player.encoded import EncodedFrames
from realtime.player.frames import Body
from realtime.player.limits import PlayerLimits
from realtime.player.parts import PlayerParts
from realtime.player.verbs import Answer, Followed, Player, Verbs
from realtime.redis_broker import RedisBroker
from realtime.sockets import OpenSockets
from server.even_loop import WAITING_TO_BE_LET_IN, even_listeners, even_loop
from server.memory import settle_memory
from services.clock import Clock
from services.events import Bus
from services.presence.board import PresenceBoard
from services.presence.watching import PresenceWatch
from services.rates import Rate
from services.timing.house_time import HouseTime
from services.viewer import Viewer
from storage.live.memory import MemoryLiveState

TOPIC = "queue:bench"
SLOW_CLIENT_S = 2.0
LAG_EVERY_S = 0.005


class LoopWatch:
    """How late the loop ran since somebody last asked, and how much of that was the server's own work."""

    def __init__(self) -> None:
        self._ticks: deque[tuple[float, float]] = deque(maxlen=100_000)

    async def run(self) -> None:
        """For ever."""
        while True:
            before, used = time.monotonic(), time.thread_time()
            await asyncio.sleep(LAG_EVERY_S)
            self._ticks.append((max(0.0, time.monotonic() - before - LAG_EVERY_S), time.thread_time() - used))

    def taken(self) -> dict[str, list[float]]:
        """Seconds, and begin anew; the largest thousandth part is what matters, so small ones are told coarsely."""
        told = {"lag": [round(lag, 5) for lag, _ in self._ticks], "work": [round(work, 5) for _, work in self._ticks]}
        self._ticks.clear()
        return told


async def serve(kind: str, redis_url: str | None) -> None:
    """Until killed; prints the port."""
    watch, clock = LoopWatch(), Clock()
    broker: Broker = LocalBroker() if redis_url is None else RedisBroker(redis_url, clock=clock)
    rules = ours(watch, clock, broker) if kind == "tutti" else plain(watch)
    listeners = bind_sockets(0, "127.0.0.1", backlog=WAITING_TO_BE_LET_IN)
    [listening] = even_listeners(listeners) if kind == "tutti" else listeners
    settle_memory()
    await broker.start()
    if isinstance(broker, RedisBroker):
        await broker.wait_connected()
    server = HTTPServer(Application(rules, log_function=lambda _: None))
    server.add_sockets([listening])
    print(listening.getsockname()[1], flush=True)
    await watch.run()


def ours(watch: LoopWatch, clock: Clock, broker: Broker) -> list[Any]:
    """The players' door as it is served; only the states and the tokens are made up."""
    hub, sockets = Hub(), OpenSockets()

    def heard(topic: str, told: dict[str, Any]) -> None:
        hub.publish(topic, told)

    broker.listen(heard)

    people = itertools.count()

    async def viewer_for(_: str) -> Viewer:
        number = next(people)
        return Viewer(user_id=f"bench-{number}", session_id=f"session-{number}")

    async def renewed(viewer: Viewer) -> Viewer:
        return viewer

    verbs = Verbs(core_verbs.verbs)

    @verbs.topic("queue")
    async def open_topic(player: Player, id: str, _: Body) -> Followed:
        return Followed(_states(hub.subscribe(f"queue:{id}")), seen_as="everybody")

    @verbs.verb("bench.say")
    async def say(player: Player, _: str, body: Body) -> Answer:
        said = {"rev": body.integer("n", 0, 2**53), "at": body.number("at", 0, 1e12)}
        broker.publish(TOPIC, {**said, "pad": "x" * body.integer("pad", 0, 10**6)})
        return None

    @verbs.verb("bench.figures")
    async def figures(player: Player, _: str, body: Body) -> Answer:
        return {"sockets": len(sockets), **watch.taken()}

    board = PresenceBoard(MemoryLiveState(clock.monotonic), HouseTime(clock))
    house: Any = SimpleNamespace(
        clock=clock,
        accounts=SimpleNamespace(viewer_for=viewer_for, renewed=renewed),
        presence_watch=PresenceWatch(clock, Bus(), board),
    )
    free = Rate(0, 1)
    parts = PlayerParts(
        house,
        Feeds(),
        HouseTime(clock),
        verbs,
        sockets,
        Crowd(clock, CrowdLimits(100_000, 100_000, free, free)),
        EncodedFrames(),
        PlayerLimits(slow_client_s=SLOW_CLIENT_S, hello_s=60),
    )
    shared = {"house": house, "manners": Manners(), "parts": parts, "socket_manners": SocketManners()}
    return [Rule(SocketPath(r"/ws"), PlayerSocket, shared)]


async def _states(subscription: Subscription) -> AsyncIterator[dict[str, Any]]:
    try:
        async for item in subscription:
            yield item
    finally:
        subscription.close()


def plain(watch: LoopWatch) -> list[Any]:
    """Tornado's own way: a set of handlers, and a loop that writes to each."""
    followers: set[WebSocketHandler] = set()
    open_: set[WebSocketHandler] = set()

    class PlainSocket(WebSocketHandler):
        def open(self, *_: str, **__: str) -> None:
            self.set_nodelay(True)
            open_.add(self)

        async def on_message(self, message: str | bytes) -> None:
            asked = json.loads(message)
            answer: dict[str, Any] = {"re": asked["id"], "ok": True}
            match asked["op"]:
                case "follow":
                    followers.add(self)
                case "bench.say":
                    told = {"ev": "queue", "rev": asked["n"], "at": asked["at"], "pad": "x" * asked["pad"]}
                    text = json.dumps(told, separators=(",", ":"))
                    for follower in list(followers):
                        follower.write_message(text)
                case "bench.figures":
                    answer |= {"sockets": len(open_), **watch.taken()}
            self.write_message(json.dumps(answer))

        def on_close(self) -> None:
            followers.discard(self)
            open_.discard(self)

    return [(r"/ws", PlainSocket)]


def main(kind: str, redis_url: str | None = None) -> None:
    """The command line."""
    turns = even_loop if kind == "tutti" else None
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=turns) as runner:
        runner.run(serve(kind, redis_url))


if __name__ == "__main__":
    main(*sys.argv[1:])
