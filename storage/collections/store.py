"""The shelves: one collection per noun over one engine. Services are handed this, never an engine."""

from __future__ import annotations

from storage.collections.audit import AuditShelf
from storage.collections.collection import Collection
from storage.collections.downloads import DownloadShelf
from storage.collections.notifications import NotificationShelf
from storage.collections.play_queues import PlayQueueShelf
from storage.collections.playlists import PlaylistShelf
from storage.collections.rooms import RoomShelf
from storage.collections.sessions import Sessions
from storage.collections.uploads import Uploads
from storage.collections.users import Users
from storage.engine import Engine
from storage.records import (
    Album,
    Artist,
    ArtistListener,
    AudioFile,
    Chart,
    DayListen,
    Edge,
    Fold,
    Genre,
    GenreTree,
    Image,
    Lease,
    Listen,
    MonthListen,
    Play,
    PlaylistInvite,
    Song,
    SongDay,
    SongTotal,
)
from storage.records.access_key import AccessKey
from storage.records.account_export import AccountExport
from storage.records.artist_claim import ArtistClaim
from storage.records.audit_entry import AuditMark
from storage.records.billing import BillingCustomer, BillingSubscription, BillingWalk, StripeEvent
from storage.records.device import DeviceList
from storage.records.download import DownloadDevice, RenditionSums
from storage.records.family import Family, FamilyInvitation, FamilyMember, FamilySwitch
from storage.records.figures import FigureDay, FigureRow, ListenerNumber
from storage.records.fingerprint import Fingerprint
from storage.records.grant import Grant
from storage.records.identity import Identity
from storage.records.image import BlockedPicture
from storage.records.known_places import KnownPlaces
from storage.records.lyric_sheet import LyricSheet
from storage.records.mail import OutgoingMail
from storage.records.mailed_link import EmailChange, MailedLink
from storage.records.moderation import ModerationCase, ModerationDecision, ModerationMark, Report
from storage.records.notification import Broadcast, NotificationChoices, NotificationMark, NotificationPlace
from storage.records.offer import Coupon, TrialNote
from storage.records.office import JobRun, LoggedError, SlowAsk
from storage.records.parental_lock import ParentalLock
from storage.records.payment import Payment
from storage.records.push import PushSubscription
from storage.records.radio import Radio, StationSkips
from storage.records.review import Review
from storage.records.room import RoomInvite
from storage.records.search_query import SearchQuery
from storage.records.search_trends import SearchTrends
from storage.records.second_factor import SecondFactor, SignInChallenge
from storage.records.share_link import ShareLink
from storage.records.sign_in_code import SignInCode
from storage.records.sound_analysis import SoundAnalysis, Waveform
from storage.records.sound_group import SoundGroup
from storage.records.student import StudentApplication, StudentCode, StudentProof
from storage.records.taste import DailyMixes, Taste, WeeklyList


class Store:
    """Every collection of the product."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.users = Users(engine)
        self.sessions = Sessions(engine)
        self.second_factors = Collection(engine, "second_factors", SecondFactor)
        self.sign_in_codes = Collection(engine, "sign_in_codes", SignInCode)
        self.identities = Collection(engine, "identities", Identity)
        self.access_keys = Collection(engine, "access_keys", AccessKey)
        self.known_places = Collection(engine, "known_places", KnownPlaces)
        self.sign_in_challenges = Collection(engine, "sign_in_challenges", SignInChallenge)
        self.artists = Collection(engine, "artists", Artist)
        self.albums = Collection(engine, "albums", Album)
        self.songs = Collection(engine, "songs", Song)
        self.audio_files = Collection(engine, "audio_files", AudioFile)
        self.genres = Collection(engine, "genres", Genre)
        self.plays = Collection(engine, "plays", Play)
        self.images = Collection(engine, "images", Image)
        self.leases = Collection(engine, "leases", Lease)
        self.liked_songs = Collection(engine, "liked_songs", Edge)
        self.saved_albums = Collection(engine, "saved_albums", Edge)
        self.followed_artists = Collection(engine, "followed_artists", Edge)
        self.followed_users = Collection(engine, "followed_users", Edge)
        self.playlist_followers = Collection(engine, "playlist_followers", Edge)
        self.notifications = NotificationShelf(engine)
        self.broadcasts = Collection(engine, "broadcasts", Broadcast)
        self.notification_marks = Collection(engine, "notification_marks", NotificationMark)
        self.unlisted_notifications = NotificationShelf(engine, "unlisted_notifications")
        self.notification_choices = Collection(engine, "notification_choices", NotificationChoices)
        self.notification_places = Collection(engine, "notification_places", NotificationPlace)
        self.outbox = Collection(engine, "outbox", OutgoingMail)
        self.mailed_links = Collection(engine, "mailed_links", MailedLink)
        self.email_changes = Collection(engine, "email_changes", EmailChange)
        self.account_exports = Collection(engine, "account_exports", AccountExport)
        self.push_subscriptions = Collection(engine, "push_subscriptions", PushSubscription)
        self.reviews = Collection(engine, "reviews", Review)
        self.review_votes = Collection(engine, "review_votes", Edge)
        self.share_links = Collection(engine, "share_links", ShareLink)
        self.playlists = PlaylistShelf(engine)
        self.playlist_invites = Collection(engine, "playlist_invites", PlaylistInvite)
        self.uploads = Uploads(engine)
        self.genre_tree = Collection(engine, "genre_tree", GenreTree)
        self.search_queries = Collection(engine, "search_queries", SearchQuery)
        self.search_trends = Collection(engine, "search_trends", SearchTrends)
        self.tastes = Collection(engine, "tastes", Taste)
        self.weekly_lists = Collection(engine, "weekly_lists", WeeklyList)
        self.daily_mixes = Collection(engine, "daily_mixes", DailyMixes)
        self.radios = Collection(engine, "radios", Radio)
        self.station_skips = Collection(engine, "station_skips", StationSkips)
        self.plays_by_day = Collection(engine, "plays_by_day", SongDay)
        self.listens_by_day = Collection(engine, "listens_by_day", DayListen)
        self.plays_ever = Collection(engine, "plays_ever", SongTotal)
        self.listens = Collection(engine, "listens", Listen)
        self.listens_by_month = Collection(engine, "listens_by_month", MonthListen)
        self.artist_listeners = Collection(engine, "artist_listeners", ArtistListener)
        self.folds = Collection(engine, "folds", Fold)
        self.charts = Collection(engine, "charts", Chart)
        self.lyric_sheets = Collection(engine, "lyric_sheets", LyricSheet)
        self.sound_analyses = Collection(engine, "sound_analyses", SoundAnalysis)
        self.waveforms = Collection(engine, "waveforms", Waveform)
        self.fingerprints = Collection(engine, "fingerprints", Fingerprint)
        self.sound_groups = Collection(engine, "sound_groups", SoundGroup)
        self.downloads = DownloadShelf(engine)
        self.download_devices = Collection(engine, "download_devices", DownloadDevice)
        self.rendition_sums = Collection(engine, "rendition_sums", RenditionSums)
        self.rooms = RoomShelf(engine)
        self.room_invites = Collection(engine, "room_invites", RoomInvite)
        self.play_queues = PlayQueueShelf(engine)
        self.device_lists = Collection(engine, "device_lists", DeviceList)
        self.grants = Collection(engine, "grants", Grant)
        self.student_proofs = Collection(engine, "student_proofs", StudentProof)
        self.student_codes = Collection(engine, "student_codes", StudentCode)
        self.student_applications = Collection(engine, "student_applications", StudentApplication)
        self.artist_claims = Collection(engine, "artist_claims", ArtistClaim)
        self.coupons = Collection(engine, "coupons", Coupon)
        self.trials = Collection(engine, "trials", TrialNote)
        self.families = Collection(engine, "families", Family)
        self.family_members = Collection(engine, "family_members", FamilyMember)
        self.family_switches = Collection(engine, "family_switches", FamilySwitch)
        self.family_invitations = Collection(engine, "family_invitations", FamilyInvitation)
        self.payments = Collection(engine, "payments", Payment)
        self.billing_customers = Collection(engine, "billing_customers", BillingCustomer)
        self.billing_subscriptions = Collection(engine, "billing_subscriptions", BillingSubscription)
        self.billing_walks = Collection(engine, "billing_walks", BillingWalk)
        self.stripe_events = Collection(engine, "stripe_events", StripeEvent)
        self.audit_entries = AuditShelf(engine)
        self.audit_marks = Collection(engine, "audit_marks", AuditMark)
        self.reports = Collection(engine, "reports", Report)
        self.moderation_cases = Collection(engine, "moderation_cases", ModerationCase)
        self.moderation_decisions = Collection(engine, "moderation_decisions", ModerationDecision)
        self.blocked_pictures = Collection(engine, "blocked_pictures", BlockedPicture)
        self.job_runs = Collection(engine, "job_runs", JobRun)
        self.logged_errors = Collection(engine, "logged_errors", LoggedError)
        self.slow_asks = Collection(engine, "slow_asks", SlowAsk)
        self.parental_locks = Collection(engine, "parental_locks", ParentalLock)
        self.moderation_marks = Collection(engine, "moderation_marks", ModerationMark)
        self.figure_days = Collection(engine, "figure_days", FigureDay)
        self.figures_by_day = Collection(engine, "figures_by_day", FigureRow)
        self.listener_numbers = Collection(engine, "listener_numbers", ListenerNumber)
