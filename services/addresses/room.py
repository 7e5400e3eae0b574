"""The room of addresses: proving, changing, and the way back in."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.addresses.email_change import EmailChanges
from services.addresses.letters import Letters
from services.addresses.links import MailedLinks
from services.addresses.password_change import PasswordChange
from services.addresses.verification import Verification
from services.ground import Ground
from services.mail.room import MailRoom


@dataclass
class AddressRoom:
    """What stands in `services/addresses`."""

    mailed_links: MailedLinks
    verification: Verification
    password_change: PasswordChange
    email_changes: EmailChanges


def build_addresses(ground: Ground, mail: MailRoom, undo: AsyncExitStack) -> AddressRoom:
    """The room, taking requests; `undo` stops it."""
    links = MailedLinks(ground.store, ground.clock, ground.mail_rules.keys)
    every = (ground.store, ground.clock, ground.bus, ground.accounts, links, mail.outbox, Letters(ground.public_url))
    passwords = PasswordChange(*every)
    passwords.start()
    undo.push_async_callback(passwords.stop)
    return AddressRoom(links, Verification(*every), passwords, EmailChanges(*every))
