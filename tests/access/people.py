"""Who is who in the access table, and what they have: one furnished house, made once and copied for each change.

The seven kinds of viewer are the columns of `docs/access.md`. What the owner has, nobody else shares unless a name here
says so; the names (`things`) are what the documents ask about.
"""

from __future__ import annotations

from base64 import b32decode
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from services.addresses.links import Purpose
from services.analysis.measuring import VERSION as ANALYSER
from services.factors.challenges import SecondFactorNeeded
from services.factors.codes import STEP_S, code_at
from services.families.addresses import Address
from services.interactions.review_words import thing_key
from services.keys.key_ring import KeyKind
from services.moderation.deciding import Verdict
from services.moderation.policy import Action, ReasonCode, ReportedKind
from services.paging import Slice
from services.playlists.access import PlaylistRole
from services.playlists.making import PlaylistDraft
from services.viewer import NOBODY, SYSTEM, Role, Viewer
from storage.records import Chart, ChartEntry, Edge, Notification, Play, Review, Upload
from storage.records.account_export import AccountExport
from storage.records.device import Device, DeviceList
from storage.records.identity import Identity
from storage.records.mailed_link import EmailChange
from storage.records.notification import NotificationChoices
from storage.records.play_queue import PlayQueue, QueueItem
from storage.records.search_trends import SearchTrend, SearchTrends
from tests.catalogue_rig import PASSWORD, Rig, days, file_of, furnish, small_house

KINDS = ("anonymous", "listener", "owner", "collaborator", "artist", "moderator", "admin")
ROLES = {"artist": Role.ARTIST, "moderator": Role.MODERATOR, "admin": Role.ADMIN}
NOTE = "01JZZZZZZZZZZZZZZZZZZZZZZZ"
UPLOAD = "01JYYYYYYYYYYYYYYYYYYYYYYY"


@dataclass
class Cast:
    """Everybody as a viewer, and the ids of what there is to ask about; `ended_ms` is when the house was closed."""

    viewers: dict[str, Viewer] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)
    ended_ms: int = 0


async def prepare(folder: Path) -> Cast:
    """Furnish a house in this folder and close it."""
    cast = Cast()
    async with small_house(folder) as rig:
        await furnish(rig)
        await _sign_up(rig, cast)
        secrets = await _ways_in(rig, cast)
        await _hide_some_of_the_catalogue(rig, cast)
        await _playlists(rig, cast)
        await _mailed(rig, cast)
        await _owners_things(rig, cast)
        await _charts(rig)
        await _moderation(rig, cast)
        await rig.house.indexing.catch_up()
        await _waiting_for_codes(rig, cast, secrets)
        await _tiers(rig, cast)
        await _room(rig, cast)
        await rig.house.announcer.settled()
        await rig.house.security_notices.settled()
        await rig.store.notifications.delete({}, many=True)
        now = rig.clock.now()
        note = Notification(NOTE, cast.things["owner"], "k", "followed", "Owner's news", "", now, turn=1)
        await rig.store.notifications.insert(note)
        wants = NotificationChoices(cast.things["owner"], now, digest="weekly")
        await rig.store.notification_choices.insert(wants)
        cast.ended_ms = rig.clock.epoch_ms()
    return cast


async def _sign_up(rig: Rig, cast: Cast) -> None:
    cast.viewers["anonymous"] = NOBODY
    for kind in (*KINDS[1:], "suspended"):
        signed_in = await rig.sign_in(kind, *([ROLES[kind]] if kind in ROLES else []))
        if kind != "collaborator":
            await rig.house.accounts.set_tier(SYSTEM, kind, "premium")
        cast.viewers[kind] = await rig.house.accounts.viewer_for(signed_in.token)
        cast.things[kind] = signed_in.user.id
        tv = Device("tv", "TV", "tv", rig.clock.now(), rig.clock.now())
        stereo = Device("owners-stereo", "Owner's stereo", "speaker", rig.clock.now(), rig.clock.now())
        devices = [tv, stereo] if kind == "owner" else [tv]
        await rig.store.device_lists.insert(DeviceList(signed_in.user.id, 1, devices))
        cast.things["own device"] = "owners-stereo"
        if kind == "owner":
            cast.things["refresh token"] = signed_in.refresh_token
    profile = {"profile_visibility": "followers", "bio": "Owner's bio", "preferences.language": "fi"}
    profile |= {"blocked_ids": [cast.things["suspended"]], "muted_ids": [cast.things["suspended"]]}
    await rig.store.users.update({"_id": cast.things["owner"]}, {"$set": profile})
    await rig.store.users.update({"_id": cast.things["suspended"]}, {"$set": {"is_suspended": True}})
    await rig.following(cast.things["collaborator"], cast.things["owner"])


async def _ways_in(rig: Rig, cast: Cast) -> dict[str, str]:
    """The owner has a key, an app password and a second factor that is only begun; the artist's is confirmed. The
    secrets of both."""
    house, things, owner, artist = rig.house, cast.things, cast.viewers["owner"], cast.viewers["artist"]
    keys, setup = house.access_keys, house.second_factor_setup
    key = await keys.create(owner, KeyKind.API, name="Owner's program", scopes=["read"], password=PASSWORD)
    app = await keys.create(owner, KeyKind.APP, name="Owner's radio", scopes=["read"], password=PASSWORD)
    begun = await setup.begin(owner, password=PASSWORD)
    used = await setup.begin(artist, password=PASSWORD)
    await setup.confirm(artist, _code(rig, used.secret))
    rig.clock.turn(STEP_S)
    things |= {"api key": key.key.id, "app password": app.key.id, "owner session": owner.session_id or ""}
    return {"owner": begun.secret, "artist": used.secret}


async def _waiting_for_codes(rig: Rig, cast: Cast, secrets: dict[str, str]) -> None:
    """The artist's log-in waits for a code."""
    try:
        await rig.house.accounts.signing_in.log_in(NOBODY, email="artist@example.com", password=PASSWORD)
    except SecondFactorNeeded as needed:
        cast.things["challenge"] = needed.challenge
    cast.things |= {f"{kind} code": _code(rig, secret) for kind, secret in secrets.items()}


async def _tiers(rig: Rig, cast: Cast) -> None:
    """The owner's family: the artist is in it, the moderator is asked in. The owner's document waits; a coupon."""
    house, things, owner = rig.house, cast.things, cast.viewers["owner"]
    home = Address("Hauptstraße 5", "Köln", "DE", "50667")
    await house.accounts.set_tier(SYSTEM, "owner", "family")
    await house.families.declare_address(owner, home)
    invite, artist = house.family_invitations.invite, cast.viewers["artist"]
    invited = await invite(owner, username="artist")
    await house.family_invitations.accept(artist, id=invited.id, address=home)
    things["family invitation"] = (await invite(owner, username="moderator")).id
    things["application"] = (await house.student_documents.apply(owner, "Owner's school", "a card")).id
    claim = await house.claims.make(owner, "bert", relation="self", evidence="Owner's evidence")
    things["claim"] = (await house.claim_desk.ask(cast.viewers["moderator"], claim.id, "Where?")).id
    made = await house.coupons.make(SYSTEM, name="Gift", tier="premium", days=3)
    things |= {"coupon": made.coupon.id, "coupon code": made.code}


def _code(rig: Rig, secret: str) -> str:
    return code_at(b32decode(secret), rig.clock.epoch_ms() / 1000)


async def _hide_some_of_the_catalogue(rig: Rig, cast: Cast) -> None:
    """The artist's: Anna in sight, Ghost and Lone hidden; on Anna's, the album Veiled and the song Hidden (s4)."""
    artist = cast.things["artist"]
    await rig.store.artists.update({"_id": {"$in": ["anna", "ghost"]}}, {"$set": {"owner_id": artist}}, many=True)
    await rig.artist("lone", name="Lone", is_hidden=True, owner_id=artist)
    await rig.album("veiled", "anna", title="Veiled", release_date="2026-05-01", is_hidden=True, genre_ids=["indie"])
    await rig.genre("polka")
    await rig.store.audio_files.insert(file_of("s4", payload_hash="sound of s4", analysed_version=ANALYSER))
    await rig.store.songs.update({"_id": "s4"}, {"$set": {"genre_ids": ["indie"], "play_count": 90, "lyrics": "Hush"}})
    member = {"id": "m1", "name": "Gus"}
    await rig.store.artists.update({"_id": "ghost"}, {"$set": {"members": [member], "genre_ids": ["indie"]}})


async def _playlists(rig: Rig, cast: Cast) -> None:
    """The owner's: Secret, private, with the collaborator as editor; the house's: one that a moderator hid."""
    owner, things, house = cast.viewers["owner"], cast.things, rig.house
    draft = PlaylistDraft("Secret", is_public=False, is_collaborative=True)
    secret = await house.playlist_making.create(owner, draft)
    await house.playlist_editing.add_songs(owner, secret.id, ["s1", "s3"])
    await house.playlist_collaborators.invite(owner, secret.id, "collaborator", PlaylistRole.EDITOR)
    link = await house.playlist_collaborators.create_link(owner, secret.id, PlaylistRole.VIEWER)
    await house.playlist_following.follow(cast.viewers["collaborator"], secret.id)
    things |= {"secret": secret.id, "invite": link.invite.id, "invite token": link.token}
    opened = await house.playlist_making.create(owner, PlaylistDraft("Opened"))
    things["opened"] = opened.id
    items = [QueueItem(f"q{at}", f"s{at}", 180_000, "user", 0.0) for at in (1, 2)]
    queue = PlayQueue(things["owner"], rig.clock.now(), 1, made=2, items=items, current_id="q1", volume=37)
    await rig.store.play_queues.insert(queue)
    text = 'mutation { createSmartPlaylist(name: "Rules", rules: {liked: true}, isPublic: false) { playlist { id } } }'
    things["smart"] = (await rig.data(text, owner))["createSmartPlaylist"]["playlist"]["id"]
    await house.playlist_collaborators.invite(owner, things["smart"], "collaborator", PlaylistRole.EDITOR)
    taken = await house.playlist_making.create(
        cast.viewers["moderator"], PlaylistDraft("Taken down", is_editorial=True)
    )
    await rig.store.playlists.update({"_id": taken.id}, {"$set": {"is_hidden": True}})
    things["taken"] = taken.id


async def _room(rig: Rig, cast: Cast) -> None:
    """The owner's room with two songs, where the collaborator is a member, and a link into it."""
    owner, things, house = cast.viewers["owner"], cast.things, rig.house
    room = await house.rooms.create(owner, "Kitchen", None, ["s1", "b1", "s3"])
    link = await house.room_invites.create(owner, room.id)
    await house.room_invites.join(cast.viewers["collaborator"], link.token)
    things |= {"room": room.id, "room item": room.items[1].id}
    things |= {"room invite": link.invite.id, "room token": link.token}


async def _mailed(rig: Rig, cast: Cast) -> None:
    """Links that were mailed to the owner, and the change of address that one of them is about."""
    links, owner_id, now = rig.house.mailed_links, cast.things["owner"], rig.clock.now()
    for name, purpose in (
        ("verify", Purpose.VERIFY),
        ("reset", Purpose.RESET),
        ("change", Purpose.CHANGE_OLD),
        ("keep", Purpose.KEEP_ACCOUNT),
    ):
        sent = await links.make(owner_id, purpose, "owner@example.com")
        cast.things |= {f"{name} token": sent.token, f"{name} code": sent.code}
    identity = Identity("owners-way", owner_id, "work", "s1", now, now, "owner@work.test")
    await rig.store.identities.insert(identity)
    await rig.store.account_exports.insert(AccountExport("archive", owner_id, now))
    email = "owner.new@example.com"
    await rig.store.email_changes.insert(
        EmailChange(owner_id, email, email, "owner@example.com", now, now + timedelta(days=1))
    )


async def _owners_things(rig: Rig, cast: Cast) -> None:
    """What the owner did, also with things that were hidden since, and the artist's upload."""
    house, store, things, owner = rig.house, rig.store, cast.things, cast.viewers["owner"]
    owner_id, now = things["owner"], rig.clock.now()
    for shelf, target in (
        (store.liked_songs, "s4"),
        (store.liked_songs, "s1"),
        (store.saved_albums, "veiled"),
        (store.saved_albums, "dawn"),
        (store.followed_artists, "ghost"),
        (store.followed_artists, "bert"),
        (store.followed_users, things["listener"]),
        (store.playlist_followers, things["opened"]),
    ):
        await shelf.insert(Edge(f"{owner_id}:{target}", owner_id, target, now))
    await store.songs.update({"_id": "s4"}, {"$set": {"mood": "Calm; Secretive", "features.energy": 0.1}})
    for song in ("s1", "s4"):
        play = Play(f"{owner_id}:play-{song}", owner_id, song, now - days(1), now, artist_ids=["anna"])
        await store.plays.insert(play)
    await house.search.songs(owner, "owner words", Slice())
    [asked] = await store.search_queries.find({}, limit=2)
    things["search"] = asked.id
    await store.search_trends.insert(SearchTrends("now", now, [SearchTrend("Secret", 3, 1.0)]))
    things["radio"] = (await house.stations.keep(owner, name="Owner's station", seed_artist="anna")).id
    await house.tastes.choose(owner, ["polka"])
    for id, hidden in (("review", False), ("hidden review", True)):
        of = "veiled" if id == "review" else "dawn"
        review = Review(id.replace(" ", "-"), owner_id, thing_key(None, of), 3, now, now, album_id=of)
        review.comment, review.is_hidden = "Owner's words", hidden
        await store.reviews.insert(review)
        things[id] = review.id
    collaborator = things["collaborator"]
    await store.review_votes.insert(Edge(f"{collaborator}:review", collaborator, "review", now))
    await store.reviews.update({"_id": "review"}, {"$set": {"helpful_count": 1}})
    things["link"] = (await house.share_links.create(owner, {"playlist": things["secret"]})).id
    things["device"] = "owners-phone"
    download = await house.downloads.request(
        owner, device_id=things["device"], device_name="Owner's phone", playlist_id=things["secret"]
    )
    things["download"] = download.id
    upload = Upload(UPLOAD, things["artist"], "artist.flac", 10, now, now, now + days(1))
    await store.uploads.insert(upload)
    things |= {"upload": upload.id, "note": NOTE}


async def _moderation(rig: Rig, cast: Cast) -> None:
    """A case about the owner's open playlist, and two decisions about the owner, one of them appealed."""
    house, things, viewers = rig.house, cast.things, cast.viewers
    report, spam = house.reports.report, ReasonCode.SPAM
    opened = await report(viewers["collaborator"], ReportedKind.PLAYLIST, things["opened"], spam)
    things["case"] = opened.case.id
    await report(viewers["owner"], ReportedKind.SONG, "s3", spam)
    for name, by in (("decision", "moderator"), ("appealed", "admin")):
        case = (await report(viewers["collaborator"], ReportedKind.USER, things["owner"], spam)).case
        decided = await house.deciding.decide(viewers[by], case.id, Verdict([Action.WARN], spam))
        [things[name]] = decided.decision_ids
        rig.clock.turn(1)
    await house.parental_locks.set(viewers["owner"], "4711")
    await rig.house.parental_locks.open(viewers["owner"], "4711")
    await house.appeals.appeal(viewers["owner"], things["appealed"], "I did not.")


async def _charts(rig: Rig) -> None:
    for subject, ids in (("songs", ["s4", "s1"]), ("artists", ["ghost", "anna"])):
        entries = [ChartEntry(id, at, 10 - at) for at, id in enumerate(ids, 1)]
        await rig.store.charts.insert(
            Chart(f"{subject}:global:week", subject, "global", "week", rig.clock.now(), "2026-06-01", entries)
        )
