"""Settings of what the house asks other servers for.

Owns names, defaults, bounds and meanings. Refuses to know where a value came from.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.sections.setting import setting


@dataclass(frozen=True, slots=True)
class OutgoingSettings:
    """Fetching from servers that the settings name."""

    inside: tuple[str, ...] = setting(
        [],
        "Hosts of your own network that may be asked, as `host` or `host:port`, without TLS too; all other private "
        "addresses are refused.",
    )
    ca_file: str = setting("", "Path of certificates (PEM) that are trusted beside the machine's.")
