"""What the code itself may do: reach other servers, run programs, unpack. Whoever adds a way says here why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("services", "server", "handlers", "graph", "realtime", "storage")

REACHES = (
    "socket",
    "ssl",
    "http.client",
    "urllib.request",
    "ftplib",
    "smtplib",
    "imaplib",
    "poplib",
    "telnetlib",
    "xmlrpc",
    "aiohttp",
    "requests",
    "httpx",
    "urllib3",
    "websockets",
    "aiosmtplib",
    "asyncio.streams",
    "multiprocessing.connection",
    "tornado.httpclient",
    "tornado.curl_httpclient",
    "tornado.simple_httpclient",
    "tornado.tcpclient",
    "tornado.iostream",
    "tornado.netutil",
    "tornado.websocket",
    "stripe",
    "pymongo",
    "motor",
    "redis",
    "aiobotocore",
    "botocore",
    "boto3",
    "typesense",
)
"""Modules that open connections, or hold what does."""

WAYS = {
    "handlers/csv_export.py": "nobody: the error of a line that a reader closed",
    "services/outgoing/outgoing.py": "the one way to whatever a person or another server names",
    "services/outgoing/addresses.py": "names looked up, and held against what is outside",
    "services/billing/speaking/line.py": "Stripe, at the address its library has",
    "services/billing/speaking/stripe_api.py": "Stripe's own library, over that line",
    "services/mail/couriers.py": "the mail server that the settings name",
    "storage/mongo.py": "MongoDB, as the settings name it",
    "storage/mongo_bulk.py": "MongoDB",
    "storage/mongo_driver.py": "MongoDB",
    "storage/files/s3.py": "the object store that the settings name",
    "storage/files/s3_bucket.py": "the object store",
    "storage/live/redis.py": "Redis, as the settings name it",
    "storage/live/redis_time.py": "Redis",
    "storage/search_index/typesense_index.py": "Typesense, as the settings name it",
    "storage/search_index/typesense_client.py": "Typesense",
    "storage/search_index/typesense_generations.py": "Typesense",
    "realtime/redis_broker.py": "Redis",
    "server/commands/check.py": "asks Redis whether it is there, for the operator",
    "server/app.py": "listens",
    "server/departure.py": "looks whether somebody who came in has asked for more",
    "server/even_loop.py": "listens",
    "server/commands/supervise.py": "listens",
    "server/supervisor.py": "hands on the listening socket, and speaks with its own processes",
    "server/siblings.py": "speaks with its own supervisor",
    "server/control.py": "the line between the two",
    "handlers/event_stream.py": "who came in",
    "handlers/strict_protocol.py": "who came in",
    "handlers/websocket_base.py": "who came in",
    "handlers/incremental.py": "who came in",
    "handlers/hanging_up.py": "who came in",
    "handlers/sendfile.py": "who came in",
    "handlers/express/connection.py": "who came in",
    "handlers/express/lane.py": "who came in",
    "handlers/express/outgoing.py": "who came in",
    "handlers/express/returned.py": "who came in",
    "services/analysis/worker.py": "a pipe to the server that started it",
    "services/analysis/workers.py": "pipes to its own processes",
}
CONNECTS = {
    "open_connection",
    "create_connection",
    "create_datagram_endpoint",
    "open_unix_connection",
    "create_unix_connection",
    "sock_connect",
    "urlopen",
    "urlretrieve",
    "websocket_connect",
    "TCPClient",
    "ClientSession",
    "AsyncHTTPClient",
}

UNPACKS = {
    "storage/archive/writing.py": "writes archives and reads none",
    "storage/archive/reading.py": "members by the names they must have, lines with a bound, sums before belief",
    "handlers/squeezed.py": "packs our own pages and unpacks nothing",
    "handlers/bundle.py": "the same, put together",
    "handlers/compressed.py": "packs answers and unpacks nothing",
    "services/leaving/exporting.py": "writes archives and reads none",
    "services/discovery/collaborative/model.py": "reads our own arrays, without pickles; the error of a broken one",
    "services/discovery/collaborative/steps.py": "our own arrays, the same",
    "services/discovery/collaborative/paper.py": "our own book of ids, that this machine wrote",
    "services/audio/tags/id3_sieve.py": "packed frames, each with its bound",
    "services/audio/formats/ogg_pages.py": "checksums",
    "services/analytics/crowds.py": "our own bits, that this house wrote",
    "services/demo/studio.py": "checksums",
    "storage/search_index/tantivy_files.py": "checksums",
}
PACKED = ("zipfile", "tarfile", "gzip", "bz2", "lzma", "zlib")
NEVER = (
    "pickle",
    "marshal",
    "shelve",
    "dill",
    "joblib",
    "xml.etree",
    "xml.dom",
    "xml.sax.expatreader",
    "lxml",
    "plistlib",
)
RUNS = {
    "handlers/bundle.py": "esbuild, over our own modules",
    "server/supervisor.py": "this program again, to serve beside others",
    "services/audio/ffmpeg.py": "ffmpeg, with a list of words and never through a shell",
    "services/discovery/learning/learner.py": "this program again, to learn in a process of its own",
}


COMPILES = {
    "graph/plan.py": "Python that we wrote, with nothing of a client's text but GraphQL's names",
    "storage/collections/record_codec.py": "how a record is read: nothing but the names of its own fields",
}

_IMPORT = re.compile(r"^ *(?:import ([\w.]+)|from ([\w.]+) import \(?([\w, ]*))", re.MULTILINE)


@cache
def texts() -> dict[str, str]:
    """Every file of the product."""
    paths = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return {str(path.relative_to(ROOT)): path.read_text() for path in paths}


def imported(text: str) -> Iterator[str]:
    """The full names of what a file imports, anywhere in it."""
    for module, source, names in _IMPORT.findall(text):
        yield module or source
        yield from (f"{source}.{name.strip()}" for name in names.split(",") if source)


def importing(modules: tuple[str, ...]) -> set[str]:
    """The files that import any of these, or a part of them."""
    roots = tuple(f"{module}." for module in modules)
    return {
        path
        for path, text in texts().items()
        if any(name in modules or name.startswith(roots) for name in imported(text))
    }


def saying(pattern: str, *words: str) -> set[str]:
    """The files in which something is called that is written like this; one of the words is in it, if any are told."""
    looked_at = (each for each in texts().items() if not words or any(word in each[1] for word in words))
    return {path for path, text in looked_at if re.search(pattern, text)}


def test_nothing_reaches_other_servers_but_by_the_ways_that_are_named() -> None:
    assert importing(REACHES) == set(WAYS)
    assert saying(rf"\b({'|'.join(CONNECTS)})\(", *CONNECTS) == set()
    asking = importing(("tornado.simple_httpclient",))
    assert asking == {"services/outgoing/outgoing.py", "services/billing/speaking/line.py"}


def test_nothing_is_unpacked_or_run_but_what_is_named() -> None:
    assert importing(PACKED) == set(UNPACKS)
    assert importing(NEVER) == set()
    begun = r"\b(create_subprocess_exec|Popen|subprocess\.(run|call|check_\w+|getoutput))\("
    assert saying(begun, "subprocess") == set(RUNS)
    assert saying(r"create_subprocess_shell|\bos\.(system|popen|exec\w+|spawn\w+)\(", "shell", "import os") == set()
    written = (
        r"\bshell=True|(?<![\w.])(eval|__import__)\(|\byaml\.(?!safe_|YAMLError)\w+",
        "shell=",
        "eval(",
        "__import__",
        "yaml",
    )
    assert saying(*written) == set()
    assert saying(r"(?<![\w.])exec\(", "exec(") == set(COMPILES)
    assert saying(r"\bnp\.load\((?!.*allow_pickle=False)", "np.load") == set()
