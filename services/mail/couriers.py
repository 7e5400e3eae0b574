"""Who carries a mail away: an SMTP server, or a folder of files for a house without one.

Owns the translation of a server's answers: whether trying again makes sense, and why not. Refuses to know what mails
say and when they are tried again.
"""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from typing import Protocol

import aiosmtplib

from services.mail.rules import MailRules
from storage.files import Folder

OUTBOX = "outbox"
_REASON_CHARACTERS = 200


class Undelivered(Exception):
    """A mail that was not taken. `is_final`: no later try will do. The text names no address."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final


class Courier(Protocol):
    """Carries mails."""

    async def deliver(self, id: str, message: EmailMessage) -> None:
        """Hand a mail over, whole or not at all. Undelivered when it was not taken."""


class SmtpCourier:
    """Hands mails to an SMTP server, a connection each."""

    def __init__(self, rules: MailRules) -> None:
        self._rules = rules

    async def deliver(self, id: str, message: EmailMessage) -> None:
        """As `Courier.deliver`. An answer of 5xx about this mail is final; about our account it is not."""
        rules = self._rules
        try:
            await aiosmtplib.send(
                message,
                hostname=rules.host,
                port=rules.port,
                username=rules.user or None,
                password=rules.password or None,
                use_tls=rules.tls == "tls",
                start_tls=rules.tls == "starttls",
                timeout=rules.timeout_s,
            )
        except aiosmtplib.SMTPAuthenticationError as refused:
            raise Undelivered(f"{refused.code} the server refuses our account", is_final=False) from None
        except aiosmtplib.SMTPRecipientsRefused as refused:
            first = refused.recipients[0]
            raise Undelivered(_said(first.code, first.message, message), is_final=first.code >= 500) from None
        except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPServerDisconnected) as trouble:
            raise Undelivered(f"no connection ({type(trouble).__name__})", is_final=False) from None
        except aiosmtplib.SMTPResponseException as refused:
            raise Undelivered(_said(refused.code, refused.message, message), is_final=refused.code >= 500) from None
        except (aiosmtplib.SMTPException, OSError) as trouble:
            raise Undelivered(type(trouble).__name__, is_final=False) from None


class FolderCourier:
    """Writes each mail as `outbox/ID.eml` in the data folder, for a house without an SMTP server."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def place(self, id: str) -> str:
        """Where a mail is written, from the data folder on."""
        return f"{OUTBOX}/{id}.eml"

    async def deliver(self, id: str, message: EmailMessage) -> None:
        """As `Courier.deliver`; a full disk is not final."""
        try:
            await asyncio.to_thread(self._folder.put, self.place(id), bytes(message))
        except OSError as trouble:
            raise Undelivered(f"not written ({type(trouble).__name__})", is_final=False) from None


def _said(code: int, said: str, message: EmailMessage) -> str:
    words = " ".join(said.replace(str(message["To"]), "…").split())
    return f"{code} {words}"[:_REASON_CHARACTERS]
