"""`python run.py check`: configuration, ffmpeg, stores and versions, each with its verdict."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shutil
from collections.abc import Awaitable, Callable
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from server.billing_rules import billing_rules
from server.settings import Settings
from server.stores import make_engine, make_files
from server.terminal import say
from services.audio.ffmpeg import Ffmpeg, FfmpegFailed, find_ffmpeg
from services.audit.audit import Audit
from services.billing.prices import Prices
from services.billing.speaking.stripe_api import StripeApi
from services.clock import Clock
from services.errors import TuttiError, Unavailable
from storage.collections.store import Store
from storage.engine import EngineAway
from storage.files import FilesAway

NEEDED_ENCODERS = ("libmp3lame", "libopus", "aac", "flac")
LEAST_FREE_BYTES = 1_000_000_000
PACKAGES = (
    "tornado", "graphql-core", "pymongo", "motor", "redis", "aiobotocore", "pydub", "mutagen", "pyjwt", "typesense",
    "stripe", "argon2-cffi", "orjson", "numpy", "pillow",
)  # fmt: skip


class Wrong(Exception):
    """A part does not work; the message says why."""


async def check(settings: Settings, asked: argparse.Namespace) -> int:
    """Look at every part; 1 when one that is needed does not work."""
    say(f"configuration  ok    {getattr(asked, 'config', 'config.yaml')}, {settings.server.mode}")
    looks: list[tuple[str, Callable[[Settings], Awaitable[str]]]] = [
        ("python", _python),
        ("packages", _packages),
        ("data folder", _data_folder),
        ("ffmpeg", _ffmpeg),
        ("documents", _documents),
        ("audit log", _audit_log),
        ("files", _files),
        ("redis", _redis),
        ("typesense", _typesense),
        ("stripe", _stripe),
    ]
    wrong = 0
    for name, look in looks:
        try:
            verdict = f"ok    {await look(settings)}"
        except Wrong as fault:
            verdict = f"WRONG {fault}"
            wrong += 1
        say(f"{name:<14} {verdict}")
    say("All is well." if not wrong else f"{wrong} part{'s' if wrong > 1 else ''} must be put right.")
    return 1 if wrong else 0


async def _python(_: Settings) -> str:
    return f"{platform.python_version()} on {platform.system()}"


async def _packages(_: Settings) -> str:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            raise Wrong(f"{name} is not installed; run: pip install -r requirements.txt") from None
    return ", ".join(f"{name} {version}" for name, version in found.items())


async def _data_folder(settings: Settings) -> str:
    folder = settings.storage.data_dir

    def look() -> str:
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise Wrong(f"{nearest} cannot be written to")
        free = shutil.disk_usage(nearest).free
        if free < LEAST_FREE_BYTES:
            raise Wrong(f"{folder} has only {free / 1e6:.0f} MB left")
        return f"{folder}, {free / 1e9:.0f} GB free"

    return await asyncio.to_thread(look)


async def _ffmpeg(settings: Settings) -> str:
    def look() -> str:
        path: Path = find_ffmpeg(settings.audio.ffmpeg or None)
        ffmpeg = Ffmpeg(path)
        encoders = ffmpeg.run(["-hide_banner", "-encoders"], timeout_s=20).decode(errors="replace")
        missing = [name for name in NEEDED_ENCODERS if f" {name} " not in encoders]
        if missing:
            raise Wrong(f"{path} cannot encode with {', '.join(missing)}")
        return f"{ffmpeg.version()} at {path}"

    try:
        return await asyncio.to_thread(look)
    except Unavailable as fault:
        raise Wrong(fault.message) from fault
    except (FfmpegFailed, OSError) as fault:
        raise Wrong(f"does not work: {' '.join(str(fault).split())}") from fault


async def _documents(settings: Settings) -> str:
    try:
        engine = make_engine(settings)
    except OSError as fault:
        raise Wrong(f"{fault.filename}: {fault.strerror}") from fault
    try:
        await engine.start()
        answer = await engine.ping()
    except EngineAway as fault:
        raise Wrong(str(fault)) from fault
    finally:
        await engine.stop()
    return f"{engine.name}: " + ", ".join(f"{key} {value}" for key, value in answer.items())


async def _audit_log(settings: Settings) -> str:
    engine = make_engine(settings)
    try:
        await engine.start()
        proof = await Audit(Store(engine), Clock()).prove()
    except EngineAway:
        return "not read; the documents do not answer"
    finally:
        await engine.stop()
    if not proof.is_whole:
        raise Wrong(f"{proof.fault_count} faults: {'; '.join(proof.faults)}")
    return f"{proof.lines} lines, none missing, none altered"


async def _files(settings: Settings) -> str:
    files = make_files(settings)
    try:
        await files.start()
        return f"{files.name}: {await files.ping()}"
    except FilesAway as fault:
        raise Wrong(str(fault)) from fault
    finally:
        await files.stop()


async def _redis(settings: Settings) -> str:
    if not settings.realtime.redis_url:
        return "not configured; events stay inside this process"
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    try:
        client = Redis.from_url(settings.realtime.redis_url, socket_connect_timeout=3, socket_timeout=3)
    except ValueError as fault:
        raise Wrong("realtime.redis_url must look like redis://host:6379/0") from fault
    try:
        answer = await client.info("server")
    except (RedisError, OSError, ValueError) as fault:
        raise Wrong(f"does not answer: {type(fault).__name__}") from fault
    finally:
        await client.aclose()
    return f"version {answer['redis_version']}"


async def _stripe(settings: Settings) -> str:
    if not settings.billing.secret_key:
        return "not configured, nothing is for sale"
    rules = billing_rules(settings.billing)
    api = StripeApi(rules)
    try:
        found = await Prices(Clock(), api, rules).all()
    except TuttiError as fault:
        raise Wrong(fault.message) from fault
    finally:
        await api.close()
    if len(found) < len(rules.prices):
        raise Wrong("billing.prices names a price that is not there, or not active")
    if not rules.webhook_secrets:
        raise Wrong("billing.webhook_secrets is empty: no payment would be heard of")
    return f"{'live' if rules.is_live else 'test'} mode, {len(found)} prices"


async def _typesense(settings: Settings) -> str:
    if not settings.search.typesense_url:
        return "not configured"
    from storage.search_index.index import IndexAway
    from storage.search_index.typesense_client import open_client
    from storage.search_index.typesense_index import reaching

    at = urlsplit(settings.search.typesense_url)
    if at.scheme not in ("http", "https") or not at.hostname:
        raise Wrong("search.typesense_url must look like http://host:8108")
    client = open_client(settings.search.typesense_url, settings.search.typesense_api_key or "none", patience_s=3.0)

    def ask() -> int:
        # Its health is told to anybody: only a list shows that the key is the right one.
        with reaching():
            return len(client.collections.retrieve())

    try:
        return f"answers, with {await asyncio.to_thread(ask)} collections"
    except IndexAway as fault:
        raise Wrong(f"does not answer, or not to this key: {fault}") from fault
