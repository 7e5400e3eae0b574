"""The room by which people leave: the archive of their things, and their account's end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.addresses.room import AddressRoom
from services.families.room import FamilyRoom
from services.ground import Ground
from services.leaving.erasing import Erasing
from services.leaving.exporting import AccountExports
from services.leaving.leaving import LeavingHouse
from services.mail.room import MailRoom
from services.playlists.room import PlaylistRoom
from services.rooms.room import ListeningRooms


@dataclass
class LeavingRoom:
    """What stands in `services/leaving`."""

    leaving: LeavingHouse
    account_exports: AccountExports


def build_leaving(
    ground: Ground,
    mail: MailRoom,
    addresses: AddressRoom,
    playlists: PlaylistRoom,
    rooms: ListeningRooms,
    families: FamilyRoom,
) -> LeavingRoom:
    """The room, ready; whoever signs in to an account that is to be erased is offered the way back."""
    store, clock, bus = ground.store, ground.clock, ground.bus
    leaving = LeavingHouse(
        store,
        clock,
        bus,
        ground.accounts,
        addresses.mailed_links,
        mail.outbox,
        Erasing(store, clock, bus, ground.files, playlists.playlist_making, rooms.rooms, families.families),
        grace=timedelta(days=ground.leaving_days),
        public_url=ground.public_url,
    )
    ground.accounts.signing_in.way_back = leaving.way_back
    exports = AccountExports(
        store,
        clock,
        ground.files,
        ground.folder,
        playlists.playlist_exports,
        ground.tickets,
        mail.outbox,
        public_url=ground.public_url,
    )
    return LeavingRoom(leaving, exports)
