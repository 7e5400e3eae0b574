"""Every setting of the product: its name, default, bounds and meaning, as frozen dataclasses.

Owns the table that `config.yaml`, the `TUTTI_*` variables and `docs/configuration.md` are held against. Refuses to
know where a value came from; that is `server/config.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def setting(
    default: Any,
    meaning: str,
    *,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
    schemes: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:
    """One setting: its default, its meaning, what it may be (`schemes`: of a URL). A secret one is never shown."""
    details = {
        "meaning": meaning, "least": least, "most": most, "choices": choices, "schemes": schemes, "secret": secret,
    }  # fmt: skip
    if isinstance(default, list):
        return field(default_factory=lambda: tuple(default), metadata=details, repr=not secret)
    return field(default=default, metadata=details, repr=not secret)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The process and its doors."""

    host: str = setting("127.0.0.1", "Address to listen on; `0.0.0.0` for every network of the machine.")
    port: int = setting(8000, "Port to listen on; 0 takes a free one and prints it.", least=0, most=65535)
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
    behind_proxy: bool = setting(False, "Believe X-Forwarded-For and X-Forwarded-Proto; only behind your own proxy.")
    cors_origins: tuple[str, ...] = setting(
        [], "Origins of other web pages that may call the API and open sockets, such as `http://localhost:3000`."
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
class MongoSettings:
    """MongoDB, or anything that speaks its protocol."""

    uri: str = setting(
        "",
        "`mongodb://…` to keep documents there; empty keeps them in SQLite under the data folder.",
        schemes=("mongodb", "mongodb+srv"),
        secret=True,
    )
    database: str = setting("tutti", "Name of the database.")
    driver: str = setting(
        "pymongo", "PyMongo's own async client, or Motor (which MongoDB has retired).", choices=("pymongo", "motor")
    )
    pool_size: int = setting(50, "Most connections at once.", least=1, most=1000)
    timeout_ms: int = setting(
        5000, "How long one operation, or finding a server, may take, in milliseconds.", least=100, most=120_000
    )


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """Where things are kept."""

    data_dir: Path = setting(  # noqa: RUF009 - a field, not a value
        Path("data"), "Folder for the embedded store, covers, caches and the demo; relative to the config file."
    )
    mongodb: MongoSettings = field(default_factory=MongoSettings)


@dataclass(frozen=True, slots=True)
class S3Settings:
    """An object store that speaks S3."""

    endpoint: str = setting(
        "", "Address of the store, such as `https://minio.example.org`; empty means AWS.", schemes=("https", "http")
    )
    bucket: str = setting("", "Name of the bucket; it must be there already.")
    region: str = setting("us-east-1", "Region of the bucket; most other stores take any.")
    access_key: str = setting(
        "", "Access key; empty takes what the machine itself has been given (AWS role, profile).", secret=True
    )
    secret_key: str = setting("", "The access key's secret.", secret=True)
    prefix: str = setting("", "Folder inside the bucket under which everything is kept, such as `tutti`.")
    addressing: str = setting(
        "auto", "How the bucket is named: in the path or in the host name.", choices=("auto", "path", "virtual")
    )
    connect_seconds: float = setting(5.0, "How long connecting may take.", least=0.1, most=120)
    read_seconds: float = setting(30.0, "How long the store may be silent.", least=0.1, most=600)
    attempts: int = setting(4, "How often a request is tried, with growing waits between.", least=1, most=20)
    connections: int = setting(
        100, "Most connections at once; one listener of an original holds one.", least=10, most=10_000
    )
    part_bytes: int = setting(
        8_388_608,
        "Files larger than this are sent in parts of this size, two at a time, each held in memory.",
        least=5_242_880,
        most=1_000_000_000,
    )


@dataclass(frozen=True, slots=True)
class FileSettings:
    """Where covers and uploaded songs are kept, and who hands them out."""

    backend: str = setting("local", "`local`: in the data folder; `s3`: in an object store.", choices=("local", "s3"))
    redirect: bool = setting(
        False, "Send listeners of originals in S3 to signed addresses of the store instead of passing the bytes on."
    )
    redirect_seconds: int = setting(
        21_600, "Life of a signed address; whoever has it can use it until then.", least=60, most=604_800
    )
    accel: tuple[str, ...] = setting(
        [],
        "Folders that the nginx in front hands out itself (`X-Accel-Redirect`), each as `/internal-place=/folder`, "
        "such as `/tutti-music=/srv/music`.",
    )
    s3: S3Settings = field(default_factory=S3Settings)


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
class SearchSettings:
    """The search engine."""

    typesense_url: str = setting(
        "",
        "`http://host:8108` of a Typesense server; `run.py check` tells whether it answers.",
        schemes=("http", "https"),
    )
    typesense_api_key: str = setting("", "Its API key.", secret=True)


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


@dataclass(frozen=True, slots=True)
class LibrarySettings:
    """Importing music."""

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
class GraphqlSettings:
    """Bounds of the GraphQL door."""

    max_depth: int = setting(15, "Deepest nesting of a query.", least=2, most=100)
    max_cost: int = setting(
        20_000, "Highest price of a query, about one per record it may touch.", least=100, most=10_000_000
    )
    timeout_seconds: float = setting(15.0, "How long one operation may run.", least=0.1, most=600)
    introspection: str = setting(
        "auto",
        "Whether clients may read the schema; `auto` says yes except in production.",
        choices=("auto", "on", "off"),
    )
    max_tokens: int = setting(2_000, "Most words and signs in a document.", least=50, most=1_000_000)
    max_characters: int = setting(50_000, "Longest document, in characters.", least=500, most=10_000_000)
    max_aliases: int = setting(200, "Most aliases in a document.", least=1, most=100_000)
    max_directives: int = setting(100, "Most directives in a document; one place takes five.", least=1, most=100_000)
    max_root_fields: int = setting(100, "Most fields that one operation asks at its top.", least=1, most=10_000)
    max_batch: int = setting(10, "Most requests in one JSON array.", least=1, most=1_000)
    report_cost: bool = setting(
        False, "Tell the price of every answer in `extensions.cost`; clients can ask for it themselves too."
    )
    rate_per_second: float = setting(
        2_000.0,
        "Cost a second that one signed-in person may ask for, on average; 0 means no bound.",
        least=0,
        most=10_000_000,
    )
    rate_burst: int = setting(200_000, "Cost that they may ask for at once.", least=100, most=1_000_000_000)
    anonymous_rate_per_second: float = setting(
        1_000.0,
        "The same for people who are not signed in, by address (IPv6 by its network of 64 bits).",
        least=0,
        most=10_000_000,
    )
    anonymous_rate_burst: int = setting(100_000, "Cost that they may ask for at once.", least=100, most=1_000_000_000)
    persisted_queries: int = setting(
        1_000,
        "How many documents are remembered by the hash under which a client registered them; 0 remembers none.",
        least=0,
        most=100_000,
    )
    allow_list: str = setting(
        "",
        "A folder of `*.graphql` files or a JSON file: only the documents in it may run. Empty lets every one run. "
        "Relative to the working folder.",
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

    devices: int = setting(5, "Devices on which one person may keep downloads.", least=1, most=100)
    songs: int = setting(10_000, "Songs that one device may keep.", least=1, most=100_000)
    lists: int = setting(500, "Downloads (lists, albums, sets of songs) one person may have.", least=1, most=10_000)
    licence_days: int = setting(
        30, "Days a device may play what it keeps without coming online; each sync begins them anew.", least=1, most=365
    )


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Mail: digests of notifications."""

    host: str = setting(
        "", "SMTP server that takes our mail; empty writes mails as files to `outbox` in the data folder instead."
    )
    port: int = setting(587, "Its port.", least=1, most=65535)
    tls: str = setting(
        "starttls",
        "How the line is made secret: `starttls` (587), `tls` from the first byte (465), or `none`.",
        choices=("starttls", "tls", "none"),
    )
    user: str = setting("", "Account at the server; empty signs in as nobody.")
    password: str = setting("", "The account's password.", secret=True)
    sender: str = setting("Tutti <tutti@localhost>", "What mails are from, such as `Tutti <music@example.org>`.")
    timeout_seconds: float = setting(20.0, "How long the server may be silent.", least=0.1, most=300)


@dataclass(frozen=True, slots=True)
class PushSettings:
    """Web push to browsers; its keys follow from `server.secret`."""

    contact: str = setting(
        "", "How push services reach you, such as `mailto:music@example.org`; some refuse pushes without it."
    )
    allow_private: bool = setting(
        False, "Push to addresses inside your own network and without TLS too; for tests and nothing else."
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
    mail: MailSettings = field(default_factory=MailSettings)
    push: PushSettings = field(default_factory=PushSettings)

    @property
    def production(self) -> bool:
        """Whether the server runs for strangers."""
        return self.server.mode == "production"

    @property
    def may_introspect(self) -> bool:
        """Whether GraphQL clients may read the schema."""
        return self.graphql.introspection == "on" or (self.graphql.introspection == "auto" and not self.production)
