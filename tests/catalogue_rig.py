"""What the graph and catalogue tests stand on: a whole small house over the real embedded engine, and its doors."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from graph.build import build_executor, build_schema
from graph.documents import Documents
from graph.execute import Executor, Request
from graph.limits import Limits
from handlers.account_export import AccountExportHandler
from handlers.base import Manners
from handlers.covers import CoversHandler
from handlers.csv_export import CsvExportHandler
from handlers.graphql import GraphqlHandler
from handlers.lyrics import LyricsHandler
from handlers.playlist_files import PlaylistFileHandler
from handlers.share import ShareHandler
from handlers.waveform import WaveformHandler
from realtime.broker import LocalBroker
from realtime.hub import Hub
from realtime.newsroom import Newsroom
from realtime.sockets import OpenSockets
from services.accounts.accounts import SECOND_FACTORS, Accounts, SignedIn
from services.accounts.passwords import Passwords
from services.accounts.sessions import Sessions
from services.accounts.tickets import Tickets
from services.accounts.tokens import Tokens
from services.audio.delivery import Deliveries
from services.audio.ffmpeg import Ffmpeg
from services.audio.segment_cache import SegmentCache
from services.building import build_house
from services.catalogue.room import build_catalogue
from services.clock import SetClock
from services.entitlements.table import TierTable
from services.events import Bus
from services.ground import Ground
from services.house import House
from services.sealing import Seals
from services.search.rules import SearchRules
from services.timing.house_time import HouseTime
from services.viewer import NOBODY, SYSTEM, Role, Viewer
from storage.collections.store import Store
from storage.files import LocalFiles
from storage.live.memory import MemoryLiveState
from storage.records import Album, Artist, AudioFile, Credit, Edge, Genre, LyricLine, Song
from storage.sqlite import SqliteEngine
from tests.sound_tool import QUICK_FFMPEG
from tests.template_store import open_empty_store

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
PASSWORD = "SecurePass123!"
SECRET = "a secret for tests that is long enough, 0002"


class CountingEngine:
    """The real engine, counting the commands of each collection: `asked["songs"]`."""

    def __init__(self, engine: SqliteEngine) -> None:
        self._engine = engine
        self.asked: Counter[str] = Counter()
        self.heard: list[tuple[str, str]] | None = None

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._engine, name)
        if not callable(method):
            return method

        def counted(collection: str = "", *arguments: Any, **options: Any) -> Any:
            self.asked[collection] += 1
            if self.heard is not None:
                self.heard.append((collection, name))
            return method(*([collection] if collection else []), *arguments, **options)

        return counted


@dataclass
class Rig:
    """One test's house and shortcuts."""

    house: House
    store: Store
    engine: CountingEngine
    clock: SetClock
    files: LocalFiles
    executor: Executor
    made: list[str] = field(default_factory=list)

    async def ask(self, query: str, viewer: Viewer = NOBODY, **variables: Any) -> dict[str, Any]:
        """The whole response."""
        return await self.executor.execute(Request(query, variables), viewer)

    async def data(self, query: str, viewer: Viewer = NOBODY, **variables: Any) -> dict[str, Any]:
        """The response's data; fails on errors."""
        response = await self.ask(query, viewer, **variables)
        assert "errors" not in response, response["errors"]
        return cast(dict[str, Any], response["data"])

    async def errors(self, query: str, viewer: Viewer = NOBODY, **variables: Any) -> list[dict[str, Any]]:
        """The extensions of the response's errors."""
        response = await self.ask(query, viewer, **variables)
        return [error["extensions"] for error in response["errors"]]

    async def listen(self, query: str, viewer: Viewer = NOBODY, **variables: Any) -> Any:
        """A subscription's stream, or the response that refuses it."""
        return await self.executor.subscribe(Request(query, variables), viewer)

    async def sign_up(self, name: str, *roles: Role) -> Viewer:
        """A new account, signed in, as a viewer."""
        signed_in = await self.sign_in(name, *roles)
        return await self.house.accounts.viewer_for(signed_in.token)

    async def sign_in(self, name: str, *roles: Role) -> SignedIn:
        """A new account, signed in, with its tokens."""
        email = f"{name}@example.com"
        await self.house.accounts.create(SYSTEM, email=email, username=name, password=PASSWORD, roles=roles)
        return await self.house.accounts.signing_in.log_in(NOBODY, email=email, password=PASSWORD)

    async def following(self, user_id: str, target_id: str) -> None:
        """One person follows another from now on."""
        edge = Edge(f"{user_id}:{target_id}", user_id, target_id, self.clock.now())
        await self.store.followed_users.insert(edge)

    async def artist(self, id: str, **more: Any) -> Artist:
        """An artist on the shelf."""
        name = more.pop("name", id)
        made = Artist(id, name, name, f"slug-{id}", f"key-{id}", self.clock.now(), self.clock.now())
        return await self._put(self.store.artists, made, more)

    async def album(self, id: str, artist_id: str, **more: Any) -> Album:
        """An album on the shelf."""
        title = more.pop("title", id)
        now = self.clock.now()
        made = Album(id, title, title, f"slug-{id}", f"key-{id}", artist_id, artist_id, now, now)
        return await self._put(self.store.albums, made, more)

    async def song(self, id: str, artist_id: str, **more: Any) -> Song:
        """A song on the shelf; `featured` adds artists."""
        title, featured = more.pop("title", id), more.pop("featured", [])
        now = self.clock.now()
        made = Song(id, title, title, f"slug-{id}", artist_id, artist_id, now, now, duration_ms=200_000)
        made.credits = [Credit(artist_id, artist_id), *(Credit(each, each, "featured") for each in featured)]
        made.artist_ids = [artist_id, *featured]
        return await self._put(self.store.songs, made, more)

    async def genre(self, id: str, parent: Genre | None = None, **more: Any) -> Genre:
        """A genre below another, or at the top."""
        made = Genre(id, id, id, f"slug-{id}", self.clock.now(), self.clock.now())
        if parent is not None:
            made.parent_id, made.ancestor_ids = parent.id, [*parent.ancestor_ids, parent.id]
        return await self._put(self.store.genres, made, more)

    async def _put(self, collection: Any, record: Any, more: dict[str, Any]) -> Any:
        for name, value in more.items():
            assert hasattr(record, name), name
            setattr(record, name, value)
        await collection.insert(record)
        self.clock.turn(1)
        return record


@cache
def _read_documents() -> Documents:
    return Documents(build_schema(), Limits())


@asynccontextmanager
async def small_house(
    folder: Path, search_rules: SearchRules | None = None, tiers: TierTable | None = None, **more: Any
) -> AsyncIterator[Rig]:
    """A house over an embedded store of its own."""
    engine = await open_empty_store(folder / "tutti.db")
    counting = CountingEngine(engine)
    store, clock, bus = Store(cast(Any, counting)), SetClock(START), Bus()
    tokens = Tokens([SECRET], clock)
    sessions = Sessions(store, clock, bus, tokens)
    passwords = Passwords(time_cost=1, memory_kib=8, least_score=0)
    seals = Seals([SECRET], SECOND_FACTORS)
    accounts = Accounts(store, clock, bus, passwords, tokens, sessions, seals=seals)
    files = LocalFiles(folder)
    tickets = Tickets(b"0123456789abcdef", clock=clock, lifetime_s=3600)
    live, house_time = MemoryLiveState(clock.monotonic), HouseTime(clock)
    rules = search_rules or SearchRules()
    ground = Ground(
        store, files, clock, bus, accounts, tickets,
        folder=files.folder, live=live, house_time=house_time, search_rules=rules,
        tiers=tiers or TierTable(), **more,
    )  # fmt: skip
    undo = AsyncExitStack()
    catalogue = build_catalogue(store, clock)
    deliveries = Deliveries(
        clock=clock,
        sources=catalogue.songs.sources,
        ffmpeg=Ffmpeg(Path(QUICK_FFMPEG)),
        cache=SegmentCache(folder / "segments", 10**8, clock=clock, threads=1),
        encoders=1,
        encoder_queue=4,
    )
    undo.push_async_callback(deliveries.stop)
    house = await build_house(ground, catalogue, deliveries, undo)
    newsroom = Newsroom(house, hub=Hub(), broker=LocalBroker(), sockets=OpenSockets())
    newsroom.start()
    try:
        executor = build_executor(house, newsroom.stream_feeds)
        # What a document's text means is the same in every house with these limits: each is read once in a process.
        executor.documents = _read_documents()
        yield Rig(house, store, counting, clock, files, executor)
    finally:
        newsroom.stop()
        await undo.aclose()
        accounts.stop()
        await engine.stop()


async def furnish(rig: Rig) -> None:
    """A little catalogue: two artists, a hidden one, albums, songs, genres, an explicit song and a hidden one."""
    rock = await rig.genre("rock", description="Guitars.")
    indie = await rig.genre("indie", rock)
    await rig.genre("shoegaze", indie)
    await rig.artist("anna", name="Anna", genre_ids=["indie"], monthly_listeners=5, country="DE", bio="Sings.",
                     website="https://anna.example", social_links={"spotify": "https://s.example/anna"})  # fmt: skip
    await rig.artist("bert", name="Bert", old_slugs=["bertram"], monthly_listeners=9, verified=True)
    await rig.artist("ghost", name="Ghost", is_hidden=True)
    await rig.album("dawn", "anna", title="Dawn", release_date="2024-05-03", cover_id="c0ffee", genre_ids=["indie"],
                    total_duration_ms=800_600, total_tracks=4)  # fmt: skip
    await rig.album("dusk", "anna", title="Dusk", release_date="2026", album_type="ep")
    await rig.album("noon", "bert", title="Noon", release_date="2025-11", is_explicit=True, play_count=7)
    await rig.album("future", "bert", title="Future", release_date="2027-01-01")
    await rig.album("lost", "bert", title="Lost", release_date="2025-12", is_hidden=True)
    on_dawn: dict[str, Any] = {"album_id": "dawn", "album_title": "Dawn", "cover_id": "c0ffee"}
    await rig.song("s3", "anna", title="Third", **on_dawn, disc_number=2, track_number=1, play_count=30, year=2024,
                   genre_id="shoegaze", genre_ids=["shoegaze"], duration_ms=240_400)  # fmt: skip
    await rig.song("s1", "anna", title="First", **on_dawn, disc_number=1, track_number=1, play_count=10, year=2024,
                   genre_id="indie", genre_ids=["indie"], featured=["bert", "ghost"],
                   lyrics="la", synced_lyrics=[LyricLine(1500, "la")])  # fmt: skip
    await rig.song("s2", "anna", title="Second", **on_dawn, disc_number=1, track_number=2, play_count=20, year=2024,
                   is_explicit=True)  # fmt: skip
    await rig.song("s4", "anna", title="Hidden", **on_dawn, disc_number=2, track_number=2, is_hidden=True)
    await rig.song("b1", "bert", title="Bees", album_id="noon", track_number=1, play_count=25, year=2025)


@asynccontextmanager
async def serving(rig: Rig, **manners: Any) -> AsyncIterator[Client]:
    """The doors on a real socket."""
    shared = {"house": rig.house, "manners": Manners(**manners)}
    application = Application(
        [
            (r"/graphql", GraphqlHandler, {**shared, "executor": rig.executor}),
            (r"/lyrics/([^/]+)\.(lrc|vtt|ttml)", LyricsHandler, shared),
            (r"/covers/([^/]+)", CoversHandler, shared),
            (r"/share/([^/]+)", ShareHandler, shared),
            (r"/waveform/([^/]+)", WaveformHandler, shared),
            (r"/export/([a-z-]+)\.csv", CsvExportHandler, shared),
            (r"/playlists/([^/]+)\.(m3u8|jspf)", PlaylistFileHandler, shared),
            (r"/account-export/([^/]+)\.zip", AccountExportHandler, shared),
        ],
        log_function=lambda handler: None,
    )
    socket, port = bind_unused_port()
    server = HTTPServer(application)
    server.add_sockets([socket])
    client = AsyncHTTPClient(force_instance=True)
    try:
        yield Client(f"http://127.0.0.1:{port}", client)
    finally:
        server.stop()
        await server.close_all_connections()
        client.close()


@dataclass
class Client:
    """Somebody outside."""

    base: str
    http: AsyncHTTPClient

    async def fetch(self, path: str, **options: Any) -> HTTPResponse:
        """Any answer, never raising."""
        options.setdefault("follow_redirects", False)
        return await self.http.fetch(self.base + path, raise_error=False, **options)

    async def post(self, body: Any, token: str | None = None, **headers: str) -> HTTPResponse:
        """A POST of JSON."""
        sent = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return await self.fetch("/graphql", method="POST", headers=sent, body=data)

    async def ask(self, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """The parsed answer to a query."""
        return cast(dict[str, Any], json.loads((await self.post({"query": query, "variables": variables}, token)).body))


def file_of(song_id: str, **more: Any) -> AudioFile:
    """An audio file record."""
    made = AudioFile(f"f-{song_id}", f"/music/{song_id}.flac", 10, 1, "present", START, song_id=song_id)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def days(number: int) -> timedelta:
    """That many days."""
    return timedelta(days=number)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """An empty house."""
    async with small_house(tmp_path) as rig:
        yield rig


@pytest.fixture
def finds(rig: Rig) -> Callable[..., AbstractAsyncContextManager[None]]:
    """`async with finds(3): …` or `finds(3, songs=2)`: exactly so many store commands, told apart when it differs.

    Named collections must be asked exactly so often; the number is that of all commands together.
    """

    @asynccontextmanager
    async def counting(number: int, **collections: int) -> AsyncIterator[None]:
        heard: list[tuple[str, str]] = []
        before, rig.engine.heard = rig.engine.heard, heard
        try:
            yield
        finally:
            rig.engine.heard = before
        asked = Counter(collection for collection, _ in heard)
        wrong = [
            f"{name}: {asked[name]} instead of {count}" for name, count in collections.items() if asked[name] != count
        ]
        if len(heard) != number or wrong:
            commands = Counter(f"{collection}.{command}" for collection, command in heard)
            listed = "\n".join(f"  {count} × {command}" for command, count in sorted(commands.items())) or "  none"
            told = "".join(f"\n{line}" for line in wrong)
            pytest.fail(f"{len(heard)} store commands instead of {number}{told}\n{listed}", pytrace=False)

    return counting


@pytest.fixture
async def music(rig: Rig) -> Rig:
    """A house with a little catalogue."""
    await furnish(rig)
    return rig


@pytest.fixture
async def client(music: Rig) -> AsyncIterator[Client]:
    """Somebody outside a furnished house."""
    async with serving(music) as client:
        yield client
