"""The room of signing in and staying oneself: second factors, keys, sessions, and what owners are told of them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.factors.setting_up import SecondFactorSetup
from services.ground import Ground
from services.keys.access_keys import AccessKeys
from services.mail.room import MailRoom
from services.notifications.room import NotificationRoom
from services.sign_ins.my_sessions import MySessions
from services.sign_ins.notices import SecurityNotices


@dataclass
class SignInRoom:
    """What stands in `services/sign_ins`, `services/factors` and `services/keys`."""

    second_factor_setup: SecondFactorSetup
    access_keys: AccessKeys
    my_sessions: MySessions
    security_notices: SecurityNotices


def build_sign_ins(ground: Ground, notifications: NotificationRoom, mail: MailRoom, undo: AsyncExitStack) -> SignInRoom:
    """The room, hearing the news; `undo` stops it."""
    store, clock, bus, accounts = ground.store, ground.clock, ground.bus, ground.accounts
    host = urlsplit(ground.public_url).hostname
    notices = SecurityNotices(
        store,
        clock,
        bus,
        notifications.notifications,
        mail.outbox,
        public_url=ground.public_url,
        house_zone=ground.time_zone,
    )
    notices.start()
    undo.push_async_callback(notices.stop)
    return SignInRoom(
        second_factor_setup=SecondFactorSetup(
            store,
            clock,
            bus,
            accounts.second_factors,
            accounts.reproof,
            audit=ground.audit,
            issuer=f"Tutti ({host})" if host else "Tutti",
        ),
        access_keys=accounts.access_keys,
        my_sessions=accounts.my_sessions,
        security_notices=notices,
    )
