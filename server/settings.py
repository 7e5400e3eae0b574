"""Every setting of the product: its name, default, bounds and meaning, as frozen dataclasses.

Owns the table that `config.yaml`, the `TUTTI_*` variables and `docs/configuration.md` are held against. Refuses to
know where a value came from; that is `server/config.py`. The larger sections are in `server/sections`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from server.sections.billing import BillingSettings
from server.sections.discovery import DiscoverySettings
from server.sections.graphql import GraphqlSettings
from server.sections.mail import MailSettings as MailSettings
from server.sections.mail import PushSettings as PushSettings
from server.sections.moderation import ModerationSettings
from server.sections.observing import ObservingSettings
from server.sections.outgoing import OutgoingSettings
from server.sections.setting import setting
from server.sections.sign_in import SignInSettings
from server.sections.storage import FileSettings, SearchSettings, StorageSettings
from server.sections.tiers import FamilyPlanSettings, StudentSettings, TierSettings, TrialSettings


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The process and its doors."""

    host: str = setting("127.0.0.1", "Address to listen on; `0.0.0.0` for every network of the machine.")
    port: int = setting(8000, "Port to listen on; 0 takes a free one and prints it.", least=0, most=65535)
    processes: int = setting(
        1,
        "How many processes serve the port, about one per core; more than one share what happens through "
        "`realtime.redis_url`. One of them that dies is started again.",
        least=1,
        most=64,
    )
    mode: str = setting(
        "development",
        "In `production` a secret must be set, the demo does not exist and the schema is not shown.",
        choices=("development", "production"),
    )
    secret: str = setting(
        "",
        "Signs tokens and tickets; at least 32 characters. Several, separated by commas, let keys rotate: the first "
        "signs, all verify. In development an empty one is made once and kept in the data folder.",
        secret=True,
    )
    public_url: str = setting(
        "",
        "Where people reach the server, such as `https://music.example.org`, for addresses that leave the house (share "
        "links and their previews); empty takes the Host that a request names.",
        schemes=("https", "http"),
    )
    behind_proxy: bool = setting(
        False, "Believe X-Forwarded-For and X-Forwarded-Proto of the web servers that `server.proxies` names."
    )
    proxies: tuple[str, ...] = setting(
        ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
        "Addresses or networks of your own web servers in front, for `server.behind_proxy`: what others say of "
        "themselves is not believed.",
    )
    cors_origins: tuple[str, ...] = setting(
        [], "Origins of other web pages that may call the API and open sockets, such as `http://localhost:3000`."
    )
    bundle: bool = setting(
        True,
        "Put the player's files together for browsers, with the esbuild that `make web` brings; false hands them out "
        "one by one as they lie in `web/`, for those who work on them.",
    )
    max_body_bytes: int = setting(1_000_000, "Largest request body in bytes.", least=1_000, most=1_000_000_000)
    drain_seconds: float = setting(
        10.0,
        "On SIGTERM, how long streams and sockets get to finish; the last second of it is for closing what is left.",
        least=0,
        most=600,
    )
    log_format: str = setting(
        "text", "`text` for people, `json` for machines: one object a line.", choices=("text", "json")
    )
    log_level: str = setting(
        "info", "Least important line that is logged.", choices=("debug", "info", "warning", "error")
    )


@dataclass(frozen=True, slots=True)
class RealtimeSettings:
    """Sockets and fan-out."""

    redis_url: str = setting(
        "",
        "`redis://…` lets several processes share events; empty keeps them inside this one.",
        schemes=("redis", "rediss", "unix"),
        secret=True,
    )
    max_sockets: int = setting(10_000, "Most open sockets in this process.", least=1, most=1_000_000)
    max_operations: int = setting(100, "Most operations at once on one socket.", least=1, most=10_000)
    max_message_bytes: int = setting(256_000, "Largest message from a client in bytes.", least=1_000, most=16_000_000)
    max_messages_per_second: int = setting(
        100, "Messages a second one socket may send, on average.", least=1, most=10_000
    )
    queue_length: int = setting(256, "Messages waiting for one slow client before it is let go.", least=8, most=100_000)
    init_seconds: float = setting(10.0, "How long a client may take to say connection_init.", least=0.1, most=120)
    max_sockets_per_user: int = setting(32, "Most sockets of one person.", least=1, most=100_000)
    max_sockets_per_address: int = setting(512, "Most sockets of one address.", least=1, most=1_000_000)
    player_rate_per_second: float = setting(
        50.0, "Operations a second of one person's players, on average; 0 for no bound.", least=0, most=100_000
    )
    player_rate_burst: int = setting(200, "Operations of one person's players at once.", least=1, most=1_000_000)
    slow_client_seconds: float = setting(
        15.0, "How long a client may leave a frame of ours unread before it is let go.", least=0.1, most=600
    )


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """Encoding and what is kept of it."""

    ffmpeg: str = setting("", "Path of ffmpeg; empty takes the one on PATH, else the one installed beside Tutti.")
    encoders: int = setting(2, "Encoders that may run at once; about one per core.", least=1, most=128)
    encoder_queue: int = setting(
        64, "Segments that may wait for an encoder; beyond it clients are told 429.", least=1, most=100_000
    )
    ready_encoders: int = setting(
        2,
        "Encoders that are started beforehand and wait (10 MB each), so that a first byte comes sooner; 0 starts none.",
        least=0,
        most=8,
    )
    cache_bytes: int = setting(
        2_000_000_000, "Disk space for encoded segments, in bytes.", least=10_000_000, most=10**15
    )
    idle_cache_percent: int = setting(
        25,
        "When the machine is quiet, likely songs are encoded until the cache is so full; 0 never does that.",
        least=0,
        most=90,
    )
    idle_quality: str = setting(
        "high", "The quality that is encoded then: what listeners prefer.", choices=("low", "normal", "high")
    )
    idle_load: float = setting(
        0.5, "How busy the machine may be for that: its load average of a minute, for each core.", least=0, most=16
    )


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Sign-in."""

    registration_open: bool = setting(True, "Whether anybody may register; an admin can always be made by command.")
    access_token_seconds: int = setting(900, "Life of an access token.", least=30, most=86_400)
    refresh_token_seconds: int = setting(604_800, "Life of a refresh token.", least=60, most=31_536_000)
    ticket_seconds: int = setting(21_600, "Life of the signed ticket inside a stream URL.", least=60, most=604_800)
    leaving_days: int = setting(
        14,
        "For how many days somebody who closed their account may take that back before all is erased.",
        least=0,
        most=365,
    )
    verification: str = setting(
        "optional",
        "Whether an e-mail address must be proven, by the link that is mailed at registration, before somebody "
        "reviews, uploads, publishes playlists, invites or writes messages.",
        choices=("optional", "required"),
    )
    password_score: int = setting(
        3,
        "How hard to guess a new password must be, from 0 (not looked at) to 4; 3 is a hundred million guesses.",
        least=0,
        most=4,
    )
    time_zone: str = setting(
        "UTC", "In which days and weeks begin for people who chose no time zone; an IANA name such as `Europe/Berlin`."
    )


@dataclass(frozen=True, slots=True)
class LibrarySettings:
    """Importing music."""

    folders: tuple[str, ...] = setting(
        [], "Folders of music that admins may have imported from the back office; absolute paths."
    )
    workers: int = setting(0, "Files read side by side during an import; 0 takes one per core.", least=0, most=64)
    demo: bool = setting(
        True, "Fill an empty library with the demo catalogue at the first start (never in production)."
    )


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """Measuring sounds: loudness, silence, outline, tempo, key and feel."""

    background: bool = setting(True, "Measure new songs while the server runs; without it only `run.py analyse` does.")
    workers: int = setting(
        0,
        "Processes that measure at once, each last in line for a core; 0 takes one less than there are cores.",
        least=0,
        most=128,
    )


@dataclass(frozen=True, slots=True)
class UploadSettings:
    """Songs that artists send in."""

    max_bytes: int = setting(
        500_000_000,
        "Largest upload in bytes: of one file, and of all files of one request together.",
        least=1_000,
        most=2_000_000_000,
    )
    max_base64_bytes: int = setting(
        50_000_000,
        "Largest JSON body in bytes from a signed-in artist or admin, who may send sound as base64 in it; held in "
        "memory while it is read. Everybody else's bound is `server.max_body_bytes`.",
        least=1_000,
        most=1_000_000_000,
    )
    max_open: int = setting(10, "Resumable uploads one person may have waiting at once.", least=1, most=10_000)
    keep_hours: int = setting(
        24, "Hours after which a resumable upload is deleted, finished or not.", least=1, most=720
    )


@dataclass(frozen=True, slots=True)
class DownloadSettings:
    """Music that subscribers keep on their devices."""

    lists: int = setting(500, "Downloads (lists, albums, sets of songs) one person may have.", least=1, most=10_000)
    licence_days: int = setting(
        30, "Days a device may play what it keeps without coming online; each sync begins them anew.", least=1, most=365
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All sections."""

    server: ServerSettings = field(default_factory=ServerSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    files: FileSettings = field(default_factory=FileSettings)
    realtime: RealtimeSettings = field(default_factory=RealtimeSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    audio: AudioSettings = field(default_factory=AudioSettings)
    accounts: AccountSettings = field(default_factory=AccountSettings)
    library: LibrarySettings = field(default_factory=LibrarySettings)
    graphql: GraphqlSettings = field(default_factory=GraphqlSettings)
    uploads: UploadSettings = field(default_factory=UploadSettings)
    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    downloads: DownloadSettings = field(default_factory=DownloadSettings)
    tiers: TierSettings = field(default_factory=TierSettings)
    trials: TrialSettings = field(default_factory=TrialSettings)
    students: StudentSettings = field(default_factory=StudentSettings)
    family_plan: FamilyPlanSettings = field(default_factory=FamilyPlanSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    push: PushSettings = field(default_factory=PushSettings)
    discovery: DiscoverySettings = field(default_factory=DiscoverySettings)
    moderation: ModerationSettings = field(default_factory=ModerationSettings)
    billing: BillingSettings = field(default_factory=BillingSettings)
    outgoing: OutgoingSettings = field(default_factory=OutgoingSettings)
    sign_in: SignInSettings = field(default_factory=SignInSettings)
    observing: ObservingSettings = field(default_factory=ObservingSettings)

    @property
    def production(self) -> bool:
        """Whether the server runs for strangers."""
        return self.server.mode == "production"

    @property
    def may_introspect(self) -> bool:
        """Whether GraphQL clients may read the schema."""
        return self.graphql.introspection == "on" or (self.graphql.introspection == "auto" and not self.production)
