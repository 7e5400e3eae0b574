"""Settings of what is sent to people: mail, and pushes to their browsers.

Owns names, defaults and meanings. Refuses to know where a value came from.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.sections.setting import setting


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
