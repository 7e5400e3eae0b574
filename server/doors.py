"""The table of doors: every path there is, and the handler that answers it. Owns nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tornado.routing import Rule

from handlers.account_export import AccountExportHandler
from handlers.admin import OfficePageHandler
from handlers.appeal import AppealHandler
from handlers.billing_pages import BillingPageHandler
from handlers.bundle import Bundle
from handlers.bundle_file import BundleFileHandler
from handlers.covers import CoversHandler
from handlers.csv_export import CsvExportHandler
from handlers.download import DownloadHandler, DownloadKeysHandler, DownloadManifestHandler
from handlers.graphql import GraphqlHandler
from handlers.health import LiveHandler, MetricsHandler, ReadyHandler
from handlers.hls import HlsHandler
from handlers.join import JoinHandler
from handlers.lyrics import LyricsHandler
from handlers.mailed_link import MailedLinkHandler
from handlers.module_graph import player_paths
from handlers.pages import WebFileHandler
from handlers.player_page import PlayerHandler, PlayerPage
from handlers.player_socket import PlayerSocket
from handlers.playlist_files import PlaylistFileHandler
from handlers.service_worker import ServiceWorker, ServiceWorkerHandler
from handlers.share import ShareHandler
from handlers.sign_in import SignInCallbackHandler, SignInHandler
from handlers.socket import GraphqlSocket
from handlers.squeezed import Squeezed
from handlers.stream import StreamHandler
from handlers.stripe_webhook import StripeWebhookHandler
from handlers.unsubscribe import UnsubscribeHandler
from handlers.upload import UploadHandler
from handlers.waveform import WaveformHandler
from handlers.websocket_base import SocketManners, SocketPath
from realtime.player.session import PlayerParts
from realtime.sockets import OpenSockets
from realtime.streams import OpenStreams
from realtime.transport import Limits as SocketLimits
from server.routes import door

WEB = Path(__file__).parent.parent / "web"


def make_rules(
    shared: dict[str, Any],
    *,
    executor: Any,
    sockets: OpenSockets,
    streams: OpenStreams,
    limits: SocketLimits,
    players: PlayerParts,
    socket_manners: SocketManners,
    readiness: Any,
    figures: Any,
    demo: bool,
    bundled: bool,
) -> list[Any]:
    """The rules, in the order in which they are tried; `shared` is what every handler is composed with."""
    ticketed = {**shared, "streams": streams}
    bundle = Bundle(wanted=bundled)
    return [
        Rule(
            SocketPath(r"/graphql"),
            GraphqlSocket,
            {
                **shared,
                "visits": None,
                "executor": executor,
                "sockets": sockets,
                "limits": limits,
                "crowd": players.crowd,
                "socket_manners": socket_manners,
            },
        ),
        Rule(
            SocketPath(r"/ws"),
            PlayerSocket,
            {**shared, "visits": None, "parts": players, "socket_manners": socket_manners},
        ),
        door(r"/graphql", GraphqlHandler, **shared, executor=executor, sockets=sockets, crowd=players.crowd),
        door(r"/stream/([^/]+)", StreamHandler, **ticketed),
        door(r"/hls/([^/]+)/(.+)", HlsHandler, **ticketed),
        door(r"/lyrics/([^/]+)\.(lrc|vtt|ttml)", LyricsHandler, **shared),
        door(r"/covers/([^/]+)", CoversHandler, **shared),
        door(r"/waveform/([^/]+)", WaveformHandler, **shared),
        door(r"/download/([^/]+)/manifest\.json", DownloadManifestHandler, **shared),
        door(r"/download/([^/]+)/([^/]+)", DownloadHandler, **ticketed),
        door(r"/\.well-known/jwks\.json", DownloadKeysHandler, **shared),
        door(r"/share/([^/]+)", ShareHandler, **shared),
        door(r"/join/([^/]+)", JoinHandler, **shared),
        door(r"/playlists/([^/]+)\.(m3u8|jspf)", PlaylistFileHandler, **shared),
        door(r"/upload/([^/]+)", UploadHandler, **shared),
        door(r"/auth/([^/]+)", SignInHandler, **shared),
        door(r"/auth/([^/]+)/callback", SignInCallbackHandler, **shared),
        door(r"/(verify|reset|email|forgot|keep)", MailedLinkHandler, **shared),
        door(r"/account-export/([^/]+)\.zip", AccountExportHandler, **shared),
        door(r"/unsubscribe/([^/]+)", UnsubscribeHandler, **shared),
        door(r"/appeal/([^/]+)", AppealHandler, **shared),
        door(r"/webhooks/stripe", StripeWebhookHandler, **shared),
        door(r"/billing/(success|cancelled)", BillingPageHandler, **shared),
        door(r"/export/([a-z-]+)\.csv", CsvExportHandler, **shared),
        door(r"/healthz", LiveHandler, **shared),
        door(r"/readyz", ReadyHandler, **shared, readiness=readiness),
        door(r"/metrics", MetricsHandler, **shared, figures=figures),
        door(r"/(admin|studio)", OfficePageHandler, **shared),
        door(r"/web/bundle/(.+)", BundleFileHandler, **shared, bundle=bundle),
        door(r"/web/(.+)", WebFileHandler, path=str(WEB), squeezed=Squeezed()),
        door(r"/service-worker\.js", ServiceWorkerHandler, **shared, worker=ServiceWorker(bundle)),
        door(player_paths(), PlayerHandler, **shared, page=PlayerPage(demo=demo, bundle=bundle)),
    ]
