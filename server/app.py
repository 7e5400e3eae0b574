"""The composition root: doors, sockets and schedule around the services. The only file that may enter every room.

Owns the order in which a server starts, and how it stops: no new work, then streams and sockets get their time, then
everything that was started is stopped in reverse, from any half-started state.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from tornado.netutil import bind_sockets
from tornado.web import Application

from graph.execute import Executor
from graph.kept_answers import KeptAnswers
from handlers.base import Manners, NowhereHandler
from handlers.express.lane import ExpressLane
from handlers.proxies import FrontedServer, Proxies
from handlers.visits import Visits
from handlers.websocket_base import SocketManners
from realtime.answer_news import AnswerNews
from realtime.broker import Broker, LocalBroker
from realtime.hub import Hub
from realtime.newsroom import Newsroom
from realtime.player.session import PlayerParts
from realtime.sockets import FAREWELL_S, OpenSockets
from realtime.streams import OpenStreams
from realtime.transport import Limits as SocketLimits
from server.answers import make_answers
from server.composition import Household
from server.departure import Departure
from server.doors import make_rules
from server.endings import Endings
from server.even_loop import WAITING_TO_BE_LET_IN, even_listeners
from server.figures import watch_answers, watch_figures
from server.insisting import insist
from server.jobs import FINISH_S, Jobs
from server.metrics import Metrics
from server.observe import log_request
from server.office import open_office, version
from server.players import make_players
from server.routes import audit
from server.schedule import schedule
from server.settings import Settings
from server.siblings import Siblings
from server.telling import Telling
from services.audio.accel import AccelFolders
from services.clock import Clock
from services.errors import Unavailable
from services.events import AlbumReleased, CatalogueChanged, SessionEnded, UserChanged

log = logging.getLogger("tutti.server")

WINDING_UP_S = 1.0
"""Kept back from the time for draining: what is left by then is closed within it."""
LINGER_S = 1.0
"""With siblings, how long a connection without a request is kept: its next one is answered with `Connection: close`."""
IDLE_CONNECTION_SECONDS, BODY_SECONDS = 75, 60
HEADER_BYTES = 32_768


class App:
    """One serving process around a household. `start` tells the port; `stop` may be called in any state, and twice."""

    def __init__(
        self, settings: Settings, household: Household, *, demo: bool = False, siblings: Siblings | None = None
    ) -> None:
        self.settings = settings
        self.siblings = siblings
        self.household = household
        self.house = household.house
        self.demo = demo
        self.visits = Visits()
        self.metrics = Metrics()
        self.sockets = OpenSockets(limit=settings.realtime.max_sockets)
        self.streams = OpenStreams()
        self.house.playing_places.streaming = self.streams.sessions
        self.hub = Hub()
        self.broker = _make_broker(settings, self.house.clock)
        self._server: FrontedServer | None = None
        self._lane: ExpressLane | None = None
        self._jobs: Jobs | None = None
        self._undo = AsyncExitStack()
        self._telling = Telling(settings.observing, version(), self.house.clock)

    async def start(self) -> int:
        """Start every part, then open the doors; the port that is listened on. OSError when it is taken."""
        realtime = self.settings.realtime
        await self.broker.start()
        self._undo.push_async_callback(self.broker.stop)
        newsroom = Newsroom(
            self.house,
            hub=self.hub,
            broker=self.broker,
            sockets=self.sockets,
            ends_with_session=(self.house.tickets, self.streams),
        )
        newsroom.start()
        self._undo.callback(newsroom.stop)
        executor, kept = make_answers(self.settings, self.house, newsroom.stream_feeds, self.broker)
        answer_news = AnswerNews(kept.forget, bus=self.house.bus, broker=self.broker)
        answer_news.start()
        self._undo.callback(answer_news.stop)
        self.household.loop_lag.start()
        self._undo.push_async_callback(self.household.loop_lag.stop)
        watch_figures(
            self.metrics, self.household, sockets=self.sockets, streams=self.streams, hub=self.hub, visits=self.visits
        )
        watch_answers(self.metrics, executor, kept)
        self._undo.callback(open_office(self.household, self.readiness))
        await self.house.indexing.start()
        self._undo.push_async_callback(self.house.indexing.stop)
        if self.settings.analysis.background:
            self.house.analysing.start()
            self._undo.push_async_callback(self.house.analysing.stop)
        self.house.billing_working.start()
        self._undo.push_async_callback(self.house.billing_working.stop)
        self.house.billing_leaving.start()
        self._undo.push_async_callback(self.house.billing_leaving.stop)
        self.house.pusher.start()
        self._undo.push_async_callback(self.house.pusher.stop)
        await self.house.download_preparing.start()
        self._undo.push_async_callback(self.house.download_preparing.stop)
        rows = schedule(self.house)
        await self._look_back([row.name for row in rows if row.after_a_kill])
        self._jobs = jobs = Jobs(rows, self.household.leases, self.metrics, self.house.job_board)
        jobs.start()
        self._undo.push_async_callback(jobs.stop)
        limits = SocketLimits(
            init_wait_s=realtime.init_seconds,
            max_message_bytes=realtime.max_message_bytes,
            max_operations=realtime.max_operations,
            messages_per_s=realtime.max_messages_per_second,
            message_burst=4 * realtime.max_messages_per_second,
            outbox_frames=realtime.queue_length,
            slow_client_s=realtime.slow_client_seconds,
        )
        if self.siblings is not None:
            self.siblings.tell_figures(self.metrics.text)
        players = make_players(self.settings, self.household, newsroom.feeds, self.sockets)
        return self._listen(self._application(executor, kept, limits, players))

    async def _look_back(self, jobs: Sequence[str]) -> None:
        """Have these jobs run at once when a process was killed: counters would be off, and uploads held, for long."""
        endings = Endings(self.household.folder.root)
        killed = await asyncio.to_thread(endings.begin)
        self._undo.push_async_callback(asyncio.to_thread, endings.end)
        if killed:
            log.info("a process was killed: what it left is looked through", extra={"killed": killed})
            await self.house.job_board.want(jobs)
            await asyncio.to_thread(endings.settled)

    async def stop(self) -> None:
        """Drain: no new connections, no more background work, time for streams and sockets, the rest in reverse. Over
        within `server.drain_seconds`, and as soon as nobody is inside.
        """
        server, self._server = self._server, None
        if server is not None:
            await self._see_out(server)
        await asyncio.to_thread(self._telling.stop)
        self.hub.close()
        insisting = asyncio.create_task(insist(), name="insist on the end")
        await self._undo.aclose()
        insisting.cancel()
        await asyncio.gather(insisting, return_exceptions=True)

    async def _see_out(self, server: FrontedServer) -> None:
        server.stop()
        self.visits.draining = True
        whole = self.settings.server.drain_seconds
        grace = whole - min(WINDING_UP_S, whole / 4)
        farewell = min(FAREWELL_S, grace / 3)
        linger = 0.0 if self.siblings is None else min(LINGER_S, whole / 4)
        assert self._lane is not None and self._jobs is not None
        _, emptied, _, *_ = await asyncio.gather(
            self.sockets.drain(grace - farewell, farewell),
            Departure(server, self._lane).over(linger, grace),
            self._jobs.finish(min(FINISH_S, grace)),
            # Who still listens needs the processor.
            self.house.download_preparing.stop(),
            self.house.analysing.stop(),
        )
        if not emptied:
            log.info("requests were cut off", extra={"requests": len(self.visits)})
        await server.close_all_connections()

    async def readiness(self) -> dict[str, str]:
        """Each part that requests need, and `ok` or what is wrong with it."""
        parts = {"server": "stopping" if self.visits.draining else "ok"}
        try:
            await self.household.store.engine.ping()
            parts["documents"] = "ok"
        except Unavailable:
            parts["documents"] = "away"
        if self.settings.files.backend != "local":
            try:
                await self.household.files.ping()
                parts["files"] = "ok"
            except Unavailable:
                parts["files"] = "away"
        if self.settings.realtime.redis_url:
            parts["redis"] = "ok" if self.broker.connected else "away"
        return parts

    @property
    def _max_frame_bytes(self) -> int:
        # Refused by its head, before any of it is kept.
        return self.settings.realtime.max_message_bytes

    def _listen(self, application: ExpressLane) -> int:
        wanted = self.settings.server
        given = self.siblings and self.siblings.listening
        own = given or bind_sockets(wanted.port, wanted.host or None, backlog=WAITING_TO_BE_LET_IN)
        listening = even_listeners(own)
        server = FrontedServer(
            application,
            max_body_size=wanted.max_body_bytes,
            # A socket's frame is read in one piece too.
            max_buffer_size=max(wanted.max_body_bytes, self._max_frame_bytes) + HEADER_BYTES,
            max_header_size=HEADER_BYTES,
            idle_connection_timeout=IDLE_CONNECTION_SECONDS,
            body_timeout=BODY_SECONDS,
        )
        server.proxies = self._proxies()
        application.serve_on(server)
        server.add_sockets(listening)
        self._server = server
        port: int = listening[0].getsockname()[1]
        return port

    def _proxies(self) -> Proxies:
        server = self.settings.server
        return Proxies(server.proxies if server.behind_proxy else ())

    def _application(
        self, executor: Executor, kept: KeptAnswers, limits: SocketLimits, players: PlayerParts
    ) -> ExpressLane:
        server = self.settings.server
        manners = Manners(
            cors_origins=frozenset(server.cors_origins),
            secure=server.behind_proxy,
            proxies=self._proxies(),
            max_json_bytes=server.max_body_bytes,
            accel=AccelFolders.parse(self.settings.files.accel),
        )
        shared = {"house": self.house, "manners": manners, "visits": self.visits}
        rules = make_rules(
            shared,
            executor=executor,
            kept=kept,
            sockets=self.sockets,
            streams=self.streams,
            limits=limits,
            players=players,
            socket_manners=SocketManners(max_frame_bytes=self._max_frame_bytes),
            readiness=self.readiness,
            figures=self._figures,
            demo=self.demo,
            bundled=server.bundle,
        )
        audit(rules)
        application = Application(
            rules,
            default_handler_class=NowhereHandler,
            default_handler_args=shared,
            log_function=self._answered,
            compress_response=False,
        )
        lane = self._lane = ExpressLane(
            application,
            house=self.house,
            manners=manners,
            visits=self.visits,
            streams=self.streams,
            answered=self._answered,
        )
        self._undo.push_async_callback(lane.stop)
        for kind in (SessionEnded, UserChanged, CatalogueChanged, AlbumReleased):
            self._undo.callback(self.house.bus.hear(kind, lane.forget))
        return lane

    async def _figures(self) -> bytes:
        return self.metrics.text() if self.siblings is None else await self.siblings.figures()

    def _answered(self, handler: Any) -> None:
        self.metrics.count_request(handler)
        self._telling.answered(handler)
        log_request(handler)


def _make_broker(settings: Settings, clock: Clock) -> Broker:
    if settings.realtime.redis_url:
        from realtime.redis_broker import RedisBroker

        return RedisBroker(settings.realtime.redis_url, clock=clock)
    return LocalBroker()
