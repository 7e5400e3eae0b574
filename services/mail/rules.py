"""How mail leaves the house, from the settings. Owns values alone."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MailRules:
    """An SMTP server, or (with no `host`) files. `tls` is starttls, tls or none.

    `keys` sign the links inside mails: the first signs, all verify.
    """

    host: str = ""
    port: int = 587
    tls: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = "Tutti <tutti@localhost>"
    timeout_s: float = 20.0
    keys: Sequence[bytes] = field(default_factory=lambda: [secrets.token_bytes(32)], repr=False)
