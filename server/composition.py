"""Builds the services from the settings: what a server and a maintenance command both stand on.

Owns the order of starting, and its exact reverse for stopping, from any half-started state. Knows no door.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from server.billing_rules import billing_rules
from server.moderating import attention_of, flag_rules
from server.sections.discovery import DiscoverySettings
from server.settings import AudioSettings, Settings
from server.sign_in_providers import providers_of
from server.stores import make_files, make_live_state, make_shared_time, open_store
from server.tier_rules import family_rules, offer_rules, student_rules, tier_table
from services.accounts.accounts import SECOND_FACTORS, Accounts
from services.accounts.gate import Gate
from services.accounts.passwords import Passwords
from services.accounts.secrets import load_or_create_secret
from services.accounts.sessions import Sessions
from services.accounts.tickets import Tickets
from services.accounts.time_zones import read_time_zone
from services.accounts.tokens import Tokens
from services.audio.cache_folder import claim_cache_folder, share_of
from services.audio.delivery import Deliveries
from services.audio.far_sounds import FarSounds
from services.audio.ffmpeg import Ffmpeg, FfmpegFailed, find_ffmpeg
from services.audio.segment_cache import SegmentCache
from services.building import build_house
from services.catalogue.room import build_catalogue
from services.clock import Clock
from services.discovery.learning.rules import TrainingRules
from services.downloads.rules import DownloadRules
from services.errors import Invalid, Unavailable
from services.events import Bus, Event, SessionEnded
from services.ground import Ground
from services.house import House
from services.leases import Leases
from services.library.importer import Importer
from services.loop_lag import LoopLag
from services.mail.rules import MailRules
from services.outgoing.destination import OutgoingRules
from services.outgoing.outgoing import Outgoing
from services.push.rules import PushRules
from services.sealing import Seals
from services.search.rules import SearchRules, SearchServer, read_rules
from services.steady_files import steady_files
from services.timing.house_time import HouseTime
from services.uploads.limits import UploadLimits
from services.warming.limits import IdleLimits
from storage.collections.store import Store
from storage.files import Files, Folder
from storage.live.interface import LiveState


@dataclass(slots=True)
class Household:
    """The house with what only the server's own room may touch."""

    house: House
    store: Store
    importer: Importer
    leases: Leases
    ffmpeg: Ffmpeg
    files: Files
    folder: Folder
    loop_lag: LoopLag
    house_time: HouseTime


@asynccontextmanager
async def open_household(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Household]:
    """The started services, stopped on leaving. EngineAway or Unavailable when a part cannot be had."""
    async with AsyncExitStack() as undo:
        yield await _build(settings, clock or Clock(), undo)


async def _build(settings: Settings, clock: Clock, undo: AsyncExitStack) -> Household:
    data = settings.storage.data_dir
    bus = Bus()
    ffmpeg = Ffmpeg(find_ffmpeg(settings.audio.ffmpeg or None))
    store = await open_store(settings, clock)
    undo.push_async_callback(store.engine.stop)
    folder = Folder(data)
    files = steady_files(make_files(settings))
    await files.start()
    undo.push_async_callback(files.stop)

    secrets = [part.strip() for part in settings.server.secret.split(",") if part.strip()]
    secrets = secrets or [_kept_secret(data / "secret.key")]
    live = make_live_state(settings, clock)
    await live.start()
    undo.push_async_callback(live.stop)
    accounts = _accounts(settings, clock, bus, store, secrets, live)
    undo.callback(accounts.stop)
    tickets = Tickets(_ticket_key(secrets[0]), clock=clock, lifetime_s=settings.accounts.ticket_seconds)
    undo.callback(bus.hear(SessionEnded, lambda event: _end_tickets(tickets, event)))

    catalogue = build_catalogue(store, clock)
    processes = settings.server.processes
    cache_folder, give_back = claim_cache_folder(data)
    undo.callback(give_back)
    cache = SegmentCache(cache_folder, share_of(settings.audio.cache_bytes, processes), clock=clock)
    far = FarSounds(files, cache, redirect_s=settings.files.redirect_seconds if settings.files.redirect else 0)
    tiers = tier_table(settings)
    deliveries = Deliveries(
        clock=clock,
        tiers=tiers,
        sources=catalogue.songs.sources,
        ffmpeg=ffmpeg,
        cache=cache,
        far=far,
        encoders=settings.audio.encoders,
        encoder_queue=settings.audio.encoder_queue,
        preference=accounts.audio_quality,
        ready_encoders=settings.audio.ready_encoders,
    )
    undo.push_async_callback(deliveries.stop)
    try:
        await deliveries.start()
    except FfmpegFailed as fault:
        raise Unavailable(f"{ffmpeg.path} does not work as ffmpeg: {' '.join(str(fault).split())}") from fault
    uploads = settings.uploads
    limits = UploadLimits(uploads.max_bytes, uploads.max_base64_bytes, uploads.max_open, uploads.keep_hours)
    downloads = settings.downloads
    rules = DownloadRules(
        downloads.lists,
        downloads.licence_days,
        keys=[_download_key(secret) for secret in secrets],
    )
    loop_lag = LoopLag()
    shared_time = make_shared_time(settings)
    if shared_time is not None:
        undo.push_async_callback(shared_time.stop)
    looks_for = flag_rules(settings.moderation)
    ground = Ground(
        store,
        files,
        clock,
        bus,
        accounts,
        tickets,
        upload_limits=limits,
        public_url=settings.server.public_url,
        ffmpeg_path=ffmpeg.path,
        analysis_workers=settings.analysis.workers or max(1, ((os.cpu_count() or 1) - 1) // processes),
        download_rules=rules,
        folder=folder,
        idle_limits=_idle_limits(settings.audio),
        loop_lag=loop_lag,
        live=live,
        push_rules=_push_rules(settings, secrets),
        mail_rules=_mail_rules(settings, secrets),
        house_time=HouseTime(clock),
        time_reference=None if shared_time is None else shared_time.now_ms,
        search_rules=_search_rules(settings),
        training_rules=_training_rules(settings.discovery),
        time_zone=_house_zone(settings),
        leaving_days=settings.accounts.leaving_days,
        attention=attention_of(settings.moderation, looks_for),
        flag_rules=looks_for,
        tiers=tiers,
        offer_rules=offer_rules(settings, secrets),
        student_rules=student_rules(settings, secrets),
        family_rules=family_rules(settings, secrets),
        billing_rules=billing_rules(settings.billing),
        outgoing=_outgoing(settings),
        providers=providers_of(settings.sign_in),
    )
    house = await build_house(ground, catalogue, deliveries, undo)
    deliveries.gains = house.song_loudness.gains_q8
    workers = settings.library.workers or os.cpu_count() or 1
    importer = Importer(store, files, folder, ffmpeg, clock, bus, workers=workers, hear=house.ears.hear)
    house.import_now.ready([Path(folder) for folder in settings.library.folders], importer.run)
    return Household(house, store, importer, Leases(store, clock), ffmpeg, files, folder, loop_lag, ground.house_time)


def _house_zone(settings: Settings) -> str:
    try:
        return read_time_zone(settings.accounts.time_zone)
    except Invalid as refusal:
        raise Unavailable(f"accounts.time_zone: {refusal.message}") from refusal


def _outgoing(settings: Settings) -> Outgoing:
    try:
        return Outgoing(OutgoingRules(settings.outgoing.inside, ca_file=settings.outgoing.ca_file))
    except OSError as fault:  # ssl.SSLError is one of them
        raise Unavailable("outgoing.ca_file holds no certificates that can be read") from fault


def _push_rules(settings: Settings, secrets: list[str]) -> PushRules:
    seeds = [hashlib.sha256(b"tutti push\0" + secret.encode()).digest() for secret in secrets]
    return PushRules(settings.push.contact, settings.push.allow_private, seeds)


def _mail_rules(settings: Settings, secrets: list[str]) -> MailRules:
    mail = settings.mail
    return MailRules(
        mail.host,
        mail.port,
        mail.tls,
        mail.user,
        mail.password,
        mail.sender,
        mail.timeout_seconds,
        keys=[hashlib.sha256(b"tutti unsubscribe\0" + secret.encode()).digest() for secret in secrets],
    )


def _search_rules(settings: Settings) -> SearchRules:
    search = settings.search
    rules = read_rules(search.synonyms, search.never_trending, search.trending_people)
    if not search.typesense_url:
        return rules
    patience_s = float(search.typesense_timeout_seconds)
    server = SearchServer(search.typesense_url, search.typesense_api_key, search.typesense_prefix, patience_s)
    return replace(rules, server=server)


def _training_rules(discovery: DiscoverySettings) -> TrainingRules:
    return TrainingRules(
        discovery.training,
        discovery.least_listeners,
        most_rows=discovery.training_rows,
        memory_bytes=discovery.training_memory_mb * 1_000_000,
        seconds=discovery.training_seconds,
    )


def _idle_limits(audio: AudioSettings) -> IdleLimits:
    return IdleLimits(audio.idle_quality, audio.idle_cache_percent / 100, audio.idle_load)


def _accounts(
    settings: Settings, clock: Clock, bus: Bus, store: Store, secrets: list[str], live: LiveState
) -> Accounts:
    tokens = Tokens(
        secrets,
        clock,
        access_seconds=settings.accounts.access_token_seconds,
        refresh_seconds=settings.accounts.refresh_token_seconds,
    )
    wanted = settings.accounts.verification == "required"
    sessions = Sessions(store, clock, bus, tokens, production=settings.production, proof_wanted=wanted)
    registration_open = settings.accounts.registration_open
    return Accounts(
        store,
        clock,
        bus,
        Passwords(least_score=settings.accounts.password_score),
        tokens,
        sessions,
        registration_open=registration_open,
        gate=Gate(clock, live=live),
        seals=Seals(secrets, SECOND_FACTORS),
    )


def _kept_secret(path: Path) -> str:
    try:
        return load_or_create_secret(path)
    except ValueError as fault:
        raise Unavailable(
            f"{path} holds no secret; remove it and another is made (everybody signs in again)"
        ) from fault


def _ticket_key(secret: str) -> bytes:
    """A key of its own for tickets, so that no signature made for one purpose serves another."""
    return hashlib.sha256(b"tutti tickets\0" + secret.encode()).digest()


def _download_key(secret: str) -> bytes:
    """The seed of the key that signs downloads' manifests; its public half tells nothing of the secret."""
    return hashlib.sha256(b"tutti downloads\0" + secret.encode()).digest()


def _end_tickets(tickets: Tickets, event: Event) -> None:
    if isinstance(event, SessionEnded):
        tickets.end_session(event.session_id)
