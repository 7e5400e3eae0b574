"""Every service of the product under one roof: what a door is handed so that it can call one method.

Owns nothing: each room of `services/` names what stands in it (`room.py`). Built once, by `services/building.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.accounts.room import PeopleRoom
from services.addresses.room import AddressRoom
from services.analysis.room import AnalysisRoom
from services.analytics.room import AnalyticsRoom
from services.audio.delivery import Deliveries
from services.audio.hls.hls import Hls
from services.audit.room import AuditRoom
from services.billing.room import BillingRoom
from services.catalogue.room import Catalogue, EditingRoom
from services.claims.room import ClaimRoom
from services.clock import Clock
from services.connect.room import ConnectRoom
from services.discovery.room import DiscoveryRoom
from services.downloads.room import DownloadRoom
from services.entitlements.room import EntitlementRoom
from services.events import Bus
from services.families.room import FamilyRoom
from services.files.room import FileRoom
from services.identities.room import IdentityRoom
from services.interactions.room import InteractionRoom
from services.leaving.room import LeavingRoom
from services.listening.room import ListeningRoom
from services.lyrics.room import LyricsRoom
from services.mail.room import MailRoom
from services.moderation.room import ModerationRoom
from services.notifications.room import NotificationRoom
from services.offers.room import OfferRoom
from services.office.room import OfficeRoom
from services.parental.room import ParentalRoom
from services.people.room import MeetingRoom
from services.pictures.room import PictureRoom
from services.playback.room import PlaybackRoom
from services.playlists.room import PlaylistRoom
from services.presence.room import PresenceRoom
from services.push.room import PushRoom
from services.rooms.room import ListeningRooms
from services.search.room import SearchRoom
from services.sign_ins.room import SignInRoom
from services.students.room import StudentRoom
from services.timing.room import TimingRoom
from services.uploads.uploads import Uploads
from services.warming.room import WarmingRoom


@dataclass
class House(
    Catalogue,
    EditingRoom,
    PictureRoom,
    LyricsRoom,
    PeopleRoom,
    EntitlementRoom,
    FamilyRoom,
    StudentRoom,
    ClaimRoom,
    OfferRoom,
    NotificationRoom,
    MailRoom,
    AddressRoom,
    IdentityRoom,
    LeavingRoom,
    PushRoom,
    SignInRoom,
    PlaylistRoom,
    InteractionRoom,
    MeetingRoom,
    ListeningRoom,
    SearchRoom,
    DiscoveryRoom,
    ConnectRoom,
    AnalysisRoom,
    FileRoom,
    PlaybackRoom,
    DownloadRoom,
    WarmingRoom,
    TimingRoom,
    ListeningRooms,
    PresenceRoom,
    OfficeRoom,
    BillingRoom,
    AuditRoom,
    ModerationRoom,
    ParentalRoom,
    AnalyticsRoom,
):
    """The services, by the noun they serve: `house.songs`, `house.playlists`, whichever room they stand in."""

    clock: Clock
    bus: Bus
    deliveries: Deliveries
    hls: Hls
    uploads: Uploads
