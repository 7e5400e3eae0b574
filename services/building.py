"""Puts the rooms of services together, in the order in which they stand on one another.

Owns that order and nothing else; the server's composition and the tests both build here, so that they cannot differ.
What runs in the background is started here and taken down through `undo`.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

from services.accounts.room import build_people
from services.addresses.room import build_addresses
from services.analysis.room import build_analysis
from services.analytics.room import build_analytics
from services.audio.delivery import Deliveries
from services.audio.hls.hls import Hls
from services.audit.room import build_audit
from services.billing.room import build_billing
from services.catalogue.room import Catalogue, build_editing
from services.catalogue.workbench import Workbench
from services.claims.room import build_claims
from services.connect.room import build_connect
from services.discovery.room import build_discovery
from services.downloads.room import build_downloads
from services.entitlements.room import build_entitlements
from services.families.room import build_families
from services.files.room import build_files
from services.ground import Ground
from services.house import House
from services.identities.room import build_identities
from services.interactions.edges import Edges
from services.interactions.room import build_interactions
from services.interactions.share_cards import PlaylistCards, SharedKind
from services.leaving.room import build_leaving
from services.listening.room import build_listening
from services.lyrics.room import build_lyrics
from services.mail.room import build_mail
from services.moderation.room import Neighbours, build_moderation
from services.notifications.room import build_notifications
from services.offers.room import build_offers
from services.office.room import build_office
from services.parental.room import build_parental
from services.people.room import build_meeting
from services.pictures.room import build_pictures
from services.playback.room import build_playback
from services.playlists.room import build_playlists
from services.presence.room import build_presence
from services.push.room import build_push
from services.rooms.room import build_rooms
from services.search.room import build_search
from services.sign_ins.room import build_sign_ins
from services.students.room import build_students
from services.timing.room import build_timing
from services.uploads.uploads import Uploads
from services.warming.room import build_warming


async def build_house(ground: Ground, catalogue: Catalogue, deliveries: Deliveries, undo: AsyncExitStack) -> House:
    """Every service, started; `undo` stops them in reverse."""
    store, clock, songs = ground.store, ground.clock, catalogue.songs
    pictures = await build_pictures(ground, undo)
    people = build_people(ground, pictures.pictures)
    notifications = await build_notifications(ground, undo)
    entitlements = build_entitlements(ground)
    deliveries.place = entitlements.playing_places.take
    mail = build_mail(ground, notifications)
    offers = build_offers(ground, entitlements)
    addresses = build_addresses(ground, mail, undo)
    students = build_students(ground, entitlements, mail)
    bench = Workbench(store, clock, ground.attention)
    editing = build_editing(ground, catalogue, bench, pictures.pictures)
    lyrics = build_lyrics(ground, songs, bench)
    followers = Edges(store.playlist_followers, store.playlists, "follower_count", clock)
    playlists = await build_playlists(ground, songs, pictures, followers, undo)
    lists = playlists.playlists
    shared_playlist = SharedKind(lists.get_many, lists.by_slug, PlaylistCards(ground.accounts.users).playlist)
    interactions = build_interactions(ground, catalogue, followers, shared_playlist)
    listening = build_listening(ground, catalogue, people.now_playing)
    uploads = Uploads(store, ground.files, ground.folder, clock, ground.bus, catalogue.genres, ground.upload_limits)
    undo.push_async_callback(uploads.stop)
    await uploads.start()
    search = build_search(ground, catalogue, playlists.playlists, undo)
    discovery = build_discovery(ground, catalogue)
    await discovery.models.look()
    analysis = build_analysis(ground, catalogue, deliveries)
    undo.push_async_callback(analysis.analysing.stop)
    presence = build_presence(ground, people.now_playing, undo)
    connect = build_connect(
        ground,
        catalogue,
        playlists.playlists,
        discovery,
        listening.plays,
        people.now_playing,
        entitlements,
        presence.devices.known,
    )
    presence.devices.hear_gone(connect.queues.device_gone)
    rooms = build_rooms(ground, deliveries, undo)
    families = build_families(ground, entitlements, mail)
    beside = Neighbours(catalogue, editing, lyrics, people, pictures, playlists, interactions, rooms)
    # A service that no room brings, or that two bring, is a TypeError here, at the start.
    return House(
        clock=clock,
        bus=ground.bus,
        deliveries=deliveries,
        hls=Hls(deliveries),
        uploads=uploads,
        **vars(catalogue),
        **vars(editing),
        **vars(pictures),
        **vars(lyrics),
        **vars(people),
        **vars(entitlements),
        **vars(notifications),
        **vars(build_push(ground, notifications)),
        **vars(mail),
        **vars(families),
        **vars(students),
        **vars(build_claims(ground, catalogue.artists, notifications, mail)),
        **vars(offers),
        **vars(addresses),
        **vars(build_identities(ground)),
        **vars(build_leaving(ground, mail, addresses, playlists, rooms, families)),
        **vars(build_sign_ins(ground, notifications, mail, undo)),
        **vars(playlists),
        **vars(interactions),
        **vars(build_meeting(ground, interactions)),
        **vars(listening),
        **vars(search),
        **vars(discovery),
        **vars(build_files(ground)),
        **vars(presence),
        **vars(connect),
        **vars(analysis),
        **vars(build_playback(ground, songs, analysis)),
        **vars(build_downloads(ground, catalogue, playlists, lyrics, pictures, deliveries, undo)),
        **vars(build_warming(ground, deliveries, undo)),
        **vars(await build_timing(ground)),
        **vars(rooms),
        **vars(
            build_billing(
                ground,
                undo,
                grants=entitlements.grants,
                students=students.students,
                trials=offers.trials,
                audit=ground.audit,
            )
        ),
        **vars(build_audit(ground)),
        **vars(build_office(ground, deliveries.cache)),
        **vars(build_parental(ground)),
        **vars(await build_moderation(ground, beside, notifications, mail, undo)),
        **vars(build_analytics(ground, catalogue, people.now_playing)),
    )
