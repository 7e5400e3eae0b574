"""The room of mail: the outbox, digests, and the links that end them."""

from __future__ import annotations

from dataclasses import dataclass

from services.ground import Ground
from services.mail.couriers import Courier, FolderCourier, SmtpCourier
from services.mail.digests import Digests
from services.mail.outbox import Outbox
from services.mail.unsubscribing import Unsubscribing
from services.notifications.room import NotificationRoom


@dataclass
class MailRoom:
    """What stands in `services/mail`."""

    outbox: Outbox
    digests: Digests
    unsubscribing: Unsubscribing


def build_mail(ground: Ground, notifications: NotificationRoom) -> MailRoom:
    """The room, ready; jobs of the schedule work in it."""
    store, clock, rules = ground.store, ground.clock, ground.mail_rules
    courier: Courier = SmtpCourier(rules) if rules.host else FolderCourier(ground.folder)
    outbox = Outbox(store, clock, courier, sender=rules.sender)
    unsubscribing = Unsubscribing(notifications.notification_preferences, rules.keys, public_url=ground.public_url)
    digests = Digests(store, clock, notifications.notifications, outbox, unsubscribing)
    return MailRoom(outbox, digests, unsubscribing)
