"""The composition root: doors, sockets and schedule around the services. The only file that may enter every room.

Owns the order in which a server starts, and how it stops: no new work, then streams and sockets get their time, then
everything that was started is stopped in reverse, from any half-started state.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import Rule
from tornado.web import Application

from graph.execute import Executor
from handlers.base import BaseHandler, Manners, NowhereHandler
from handlers.covers import CoverHandler
from handlers.graphql import GraphqlHandler
from handlers.health import LiveHandler, MetricsHandler, ReadyHandler
from handlers.pages import PlayerHandler, WebFileHandler
from handlers.socket import GraphqlSocket
from handlers.stream import StreamHandler
from handlers.visits import Visits
from handlers.websocket_base import SocketManners, SocketPath
from realtime.broker import Broker, LocalBroker
from realtime.hub import Hub
from realtime.now_playing import NowPlayingNews
from realtime.session_ends import SessionEnds
from realtime.sockets import OpenSockets
from realtime.transport import Limits
from server.composition import Household
from server.jobs import Jobs
from server.metrics import Metrics
from server.observe import log_request
from server.routes import audit, door
from server.schedule import schedule
from server.settings import Settings
from storage.engine import EngineAway

log = logging.getLogger("tutti.server")

WEB = Path(__file__).parent.parent / "web"
