"""Settings of where things are kept: documents, files and the search index.

Owns names, defaults, bounds and meanings. Refuses to know where a value came from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from server.sections.setting import setting


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
class SearchSettings:
    """The search engine."""

    typesense_url: str = setting(
        "",
        "`http://host:8108` of a Typesense server that keeps the search index; without one it lies in the data folder.",
        schemes=("http", "https"),
    )
    typesense_api_key: str = setting("", "Its API key.", secret=True)
    typesense_prefix: str = setting("tutti", "What the names of its collections begin with; one for each house.")
    typesense_timeout_seconds: int = setting(2, "How long an answer of it may take.", least=1, most=60)
    synonyms: tuple[str, ...] = setting(
        [], "Words that mean the same in your library, a group each: `xmas = christmas = noel`; up to 500 groups."
    )
    never_trending: tuple[str, ...] = setting([], "Words and phrases: no search with one of them is told as trending.")
    trending_people: int = setting(
        3, "How many people must have searched for the same before others are told.", least=2, most=1_000_000
    )
