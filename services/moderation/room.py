"""The room of moderation: reports, the queue, decisions, appeals, and who is kept out."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.accounts.room import PeopleRoom
from services.catalogue.room import Catalogue, EditingRoom
from services.catalogue.withdrawals import CatalogueKind
from services.ground import Ground
from services.interactions.room import InteractionRoom
from services.lyrics.room import LyricsRoom
from services.mail.room import MailRoom
from services.moderation.appeal_links import AppealLinks
from services.moderation.appeals import Appeals
from services.moderation.carrying_out import CarryingOut
from services.moderation.case_desk import CaseDesk
from services.moderation.deciding import Deciding
from services.moderation.flags.same_sounds import SameSounds
from services.moderation.flags.watch import Watch
from services.moderation.policy import ReportedKind
from services.moderation.queue import ModerationQueue
from services.moderation.reports import Reports
from services.moderation.subjects.catalogue import CatalogueSubject
from services.moderation.subjects.looking import PictureLooks
from services.moderation.subjects.messages import MessageSubject
from services.moderation.subjects.people import PersonSubject
from services.moderation.subjects.pictures import PictureSubject
from services.moderation.subjects.playlists import PlaylistSubject
from services.moderation.subjects.subject import SubjectShelf
from services.moderation.subjects.words import LyricsSubject, ReviewSubject
from services.moderation.suspensions import Suspensions
from services.moderation.telling import ModerationNews
from services.notifications.room import NotificationRoom
from services.pictures.room import PictureRoom
from services.playlists.room import PlaylistRoom
from services.rooms.room import ListeningRooms


@dataclass
class ModerationRoom:
    """What stands in `services/moderation`."""

    reports: Reports
    moderation_queue: ModerationQueue
    deciding: Deciding
    appeals: Appeals
    carrying_out: CarryingOut
    suspensions: Suspensions
    moderation_watch: Watch
    same_sounds: SameSounds


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The rooms whose nouns can be reported."""

    catalogue: Catalogue
    editing: EditingRoom
    lyrics: LyricsRoom
    people: PeopleRoom
    pictures: PictureRoom
    playlists: PlaylistRoom
    interactions: InteractionRoom
    rooms: ListeningRooms


async def build_moderation(
    ground: Ground, beside: Neighbours, notifications: NotificationRoom, mail: MailRoom, undo: AsyncExitStack
) -> ModerationRoom:
    """The room, with its watch at work; `undo` stops it."""
    store, clock, audit = ground.store, ground.clock, ground.audit
    shelves = _shelves(ground, beside)
    desk = CaseDesk(store)
    links = AppealLinks(ground.mail_rules.keys, public_url=ground.public_url)
    news = ModerationNews(store, notifications.notifications, mail.outbox, links)
    suspensions = Suspensions(store, clock, ground.bus, ground.accounts.sessions, audit)
    carrying_out = CarryingOut(store, clock, shelves, suspensions, news, audit)
    deciding = Deciding(store, clock, desk, shelves, carrying_out)
    reports = Reports(store, clock, desk, shelves, ground.attention)
    watch = Watch(store, clock, ground.bus, ground.attention, ground.flag_rules, shelves, reports)
    undo.push_async_callback(watch.stop)
    await watch.start()
    return ModerationRoom(
        reports=reports,
        moderation_watch=watch,
        same_sounds=SameSounds(store, clock, shelves, reports, is_on=ground.flag_rules.duplicates),
        moderation_queue=ModerationQueue(store, clock, desk),
        deciding=deciding,
        appeals=Appeals(store, clock, desk, deciding, news, links, audit),
        carrying_out=carrying_out,
        suspensions=suspensions,
    )


def _shelves(ground: Ground, beside: Neighbours) -> dict[ReportedKind, SubjectShelf]:
    store, withdrawals, blocked = ground.store, beside.editing.withdrawals, beside.pictures.blocked_pictures
    catalogue = beside.catalogue
    looks = PictureLooks(store, catalogue.albums, catalogue.artists, beside.playlists.playlists, ground.accounts)
    return {
        ReportedKind.SONG: CatalogueSubject(store, CatalogueKind.SONG, catalogue.songs, withdrawals),
        ReportedKind.ALBUM: CatalogueSubject(store, CatalogueKind.ALBUM, catalogue.albums, withdrawals),
        ReportedKind.ARTIST: CatalogueSubject(store, CatalogueKind.ARTIST, catalogue.artists, withdrawals),
        ReportedKind.LYRICS: LyricsSubject(catalogue.songs, beside.lyrics.lyrics, beside.lyrics.lyric_edits, store),
        ReportedKind.PLAYLIST: PlaylistSubject(beside.playlists.playlists, beside.playlists.playlist_making),
        ReportedKind.REVIEW: ReviewSubject(store, beside.interactions.reviews),
        ReportedKind.ROOM_MESSAGE: MessageSubject(beside.rooms.rooms, beside.rooms.chat_cleaning),
        ReportedKind.USER: PersonSubject(ground.accounts, beside.people.profile_cleaning),
        ReportedKind.ALBUM_COVER: PictureSubject(looks.album, blocked),
        ReportedKind.ARTIST_PICTURE: PictureSubject(looks.artist, blocked),
        ReportedKind.PLAYLIST_COVER: PictureSubject(looks.playlist, blocked),
        ReportedKind.PROFILE_PICTURE: PictureSubject(looks.person, blocked),
    }
