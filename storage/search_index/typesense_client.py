"""Opens the client of a Typesense server by its address.

Owns what is asked of the connection: how long an answer may take, and that a failed request is not tried again by
itself, for whoever asks has another way.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import typesense

_PORTS = {"http": 80, "https": 443}


def open_client(url: str, api_key: str, *, patience_s: float = 5.0) -> Any:
    """The client; nothing is asked yet. `url` is `http://host:8108`, perhaps with a path before the API's own."""
    parts = urlsplit(url)
    node: Any = {
        "host": parts.hostname or "",
        "port": str(parts.port or _PORTS.get(parts.scheme, 80)),
        "protocol": parts.scheme,
        "path": parts.path.rstrip("/"),
    }
    return typesense.Client(
        {
            "nodes": [node],
            "api_key": api_key,
            "connection_timeout_seconds": patience_s,
            "num_retries": 0,
            "suppress_deprecation_warnings": True,
        }
    )
