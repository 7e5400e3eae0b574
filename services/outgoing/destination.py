"""Where a request goes, read from a URL and held against what the house allows.

Owns the shape of URLs we ask for. Refuses to look names up (`addresses.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.outgoing.addresses import Forbidden

LONGEST = 4096
_USUAL = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class OutgoingRules:
    """`inside` are hosts of our own network that the operator's own settings may name, as `host` or `host:port`.

    They may be asked without TLS and on any port. `everything` lets every host be such a one: for tests.
    `ca_file` holds certificates (PEM) that are trusted beside the machine's.
    """

    inside: Sequence[str] = ()
    everything: bool = False
    ca_file: str = ""

    def allows(self, host: str, port: int) -> bool:
        """Whether this host may be one inside."""
        name = f"[{host}]" if ":" in host else host
        return self.everything or any(each.lower() in (name, f"{name}:{port}", host) for each in self.inside)


@dataclass(frozen=True, slots=True)
class Destination:
    """One place to ask: `inside` says that the rules let it be in our own network."""

    scheme: str
    host: str
    port: int
    target: str
    inside: bool

    @property
    def origin(self) -> tuple[str, str, int]:
        """What credentials are bound to."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """The address again, made from its parts, so that nobody reads it differently."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _USUAL[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{name}{port}{self.target}"


def read_destination(url: str, rules: OutgoingRules) -> Destination:
    """The parts of a URL. Forbidden unless it is https on the usual port of a host, without credentials.

    Hosts that the rules allow may have any port, and plain http.
    """
    if len(url) > LONGEST or not url.isascii() or any(sign <= " " or sign in '\\\x7f"<>^`{|}' for sign in url):
        raise Forbidden("no address of the web")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Forbidden("no address of the web") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _USUAL or not host or "%" in host or "@" in parts.netloc or port == 0:
        raise Forbidden("no address of the web, or one with credentials")
    port = port or _USUAL[parts.scheme]
    inside = rules.allows(host, port)
    if not inside and (parts.scheme, port) != ("https", 443):
        raise Forbidden("not https on the usual port")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme, host, port, target, inside)
