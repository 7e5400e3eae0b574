"""The room of people: who they are, what they show of themselves and want, and what they hear just now."""

from __future__ import annotations

from dataclasses import dataclass

from services.accounts.accounts import Accounts
from services.accounts.preferences import Preferences
from services.accounts.profile_cleaning import ProfileCleaning
from services.accounts.profiles import Profiles
from services.accounts.tickets import Tickets
from services.ground import Ground
from services.now_playing import NowPlaying
from services.pictures.pictures import Pictures


@dataclass
class PeopleRoom:
    """What stands in `services/accounts`, with what people are playing."""

    accounts: Accounts
    tickets: Tickets
    profiles: Profiles
    profile_cleaning: ProfileCleaning
    preferences: Preferences
    now_playing: NowPlaying


def build_people(ground: Ground, pictures: Pictures) -> PeopleRoom:
    """The room, ready."""
    store, clock, bus, accounts = ground.store, ground.clock, ground.bus, ground.accounts
    now_playing = NowPlaying(users=store.users.get, may_hear=accounts.people.may_hear, clock=clock, bus=bus)
    return PeopleRoom(
        accounts=accounts,
        tickets=ground.tickets,
        profiles=Profiles(store, clock, bus, accounts.people, pictures, ground.attention),
        profile_cleaning=ProfileCleaning(store, clock, bus),
        preferences=Preferences(store, clock, bus, accounts.sessions, now_playing),
        now_playing=now_playing,
    )
