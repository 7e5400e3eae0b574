"""The ways in which people are told, and which of them stand open for which kind of news before anybody chose.

Owns the table and what a person's choices make of it. Knows no store.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from services.notifications.kinds import Kind
from storage.records.notification import NotificationChoices


class Channel(StrEnum):
    """A way to be told."""

    IN_APP = "in_app"
    PUSH = "push"
    EMAIL = "email"


class DigestPeriod(StrEnum):
    """How often unread news is mailed."""

    OFF = "off"
    DAILY = "daily"
    WEEKLY = "weekly"


_QUIET = frozenset({Channel.IN_APP})
_APP_AND_MAIL = frozenset({Channel.IN_APP, Channel.EMAIL})
_EVERYWHERE = frozenset(Channel)
DEFAULTS = {
    Kind.FOLLOWED: frozenset({Channel.IN_APP, Channel.PUSH}),
    Kind.PLAYLIST_INVITED: _EVERYWHERE,
    Kind.PLAYLIST_FOLLOWED: _QUIET,
    Kind.PLAYLIST_CHANGED: _QUIET,
    Kind.REVIEW_HELPFUL: _QUIET,
    Kind.REVIEW_HIDDEN: _APP_AND_MAIL,
    Kind.ALBUM_RELEASED: _EVERYWHERE,
    Kind.SUBSCRIPTION_BEGAN: _APP_AND_MAIL,
    Kind.SUBSCRIPTION_RENEWAL_FAILED: _EVERYWHERE,
    Kind.SUBSCRIPTION_ENDS_SOON: _EVERYWHERE,
    Kind.SUBSCRIPTION_ENDED: _APP_AND_MAIL,
    Kind.TRIAL_ENDS_SOON: _EVERYWHERE,
    Kind.CONTENT_HIDDEN: _APP_AND_MAIL,
    Kind.CONTENT_RESTORED: _APP_AND_MAIL,
    Kind.REPORT_RESOLVED: _QUIET,
    # These are mailed at once, by whoever decides: a digest would come late.
    Kind.MODERATION_DECIDED: frozenset({Channel.IN_APP, Channel.PUSH}),
    Kind.APPEAL_ANSWERED: frozenset({Channel.IN_APP, Channel.PUSH}),
    # Over before a digest comes.
    Kind.ROOM_INVITED: frozenset({Channel.IN_APP, Channel.PUSH}),
    # A mail of its own comes at once, whatever is chosen here.
    Kind.SECURITY: frozenset({Channel.IN_APP, Channel.PUSH}),
    # These too are mailed at once.
    Kind.ARTIST_CLAIM_ASKED: frozenset({Channel.IN_APP, Channel.PUSH}),
    Kind.ARTIST_CLAIM_DECIDED: frozenset({Channel.IN_APP, Channel.PUSH}),
    Kind.ARTIST_CLAIM_DISPUTED: frozenset({Channel.IN_APP, Channel.PUSH}),
    Kind.ARTIST_OWNER_CHANGED: frozenset({Channel.IN_APP, Channel.PUSH}),
}
"""What stands open until somebody chooses. Mail also takes a digest, which nobody has who did not ask for one."""
DIGEST_HOUR = 8
"""The hour of the day, where the person lives, from which a digest is sent."""
_COUNTRIES_BY_HOURS = {
    1.0: "DE FR ES IT NL BE LU AT CH PL CZ SK HU SI HR RS BA DK NO SE NG DZ TN MA CM AO",
    2.0: "FI EE LV LT GR BG RO UA MD CY IL EG ZA LB",
    3.0: "TR RU BY SA IQ KE ET QA KW UG TZ",
    4.0: "AE OM GE AM AZ MU",
    5.0: "PK UZ KZ MV",
    5.5: "IN LK",
    6.0: "BD",
    7.0: "TH VN KH LA ID",
    8.0: "CN TW HK MO SG MY PH",
    9.0: "JP KR",
    10.0: "AU PG",
    12.0: "NZ FJ",
    -3.0: "BR AR UY CL",
    -4.0: "BO PY VE DO PR",
    -5.0: "US CA CO PE EC PA CU JM",
    -6.0: "MX CR GT HN SV NI",
}
_HOURS_FROM_UTC = {
    country: hours for hours, countries in _COUNTRIES_BY_HOURS.items() for country in countries.split(" ")
}
"""Roughly, by where most of a country lives and without summer time: a digest is no alarm clock."""


def opens(choices: NotificationChoices | None, kind: Kind, channel: Channel) -> bool:
    """Whether news of this kind goes this way to somebody who chose so."""
    if choices is not None:
        word = choice_word(kind, channel)
        if word in choices.on:
            return True
        if word in choices.off:
            return False
    return channel in DEFAULTS[kind]


def choice_word(kind: Kind, channel: Channel) -> str:
    """How a choice is kept."""
    return f"{kind.value}.{channel.value}"


def next_digest(now: datetime, country: str | None, period: DigestPeriod) -> datetime | None:
    """When somebody's next digest is due after `now`: in their morning; the weekly one on Mondays. None for OFF."""
    if period is DigestPeriod.OFF:
        return None
    offset = timedelta(hours=_HOURS_FROM_UTC.get(country or "", 0.0))
    local = now + offset
    due = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    if due <= local:
        due += timedelta(days=1)
    if period is DigestPeriod.WEEKLY:
        due += timedelta(days=-due.weekday() % 7)
    return due - offset
