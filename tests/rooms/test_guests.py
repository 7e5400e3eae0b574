"""The guest of a room is nobody at every other door: no field, no file, no other room."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from handlers.base import Manners
from handlers.download import DownloadHandler
from handlers.lyrics import LyricsHandler
from handlers.stream import StreamHandler
from handlers.waveform import WaveformHandler
from services.errors import NotFound, Unauthenticated
from services.rooms.choosing import Choices
from services.viewer import NOBODY
from tests.access.documents import ASKED
from tests.access.people import prepare
from tests.catalogue_rig import file_of, small_house
from tests.stream import stage


@pytest.fixture
async def party(music):
    """Ann's room with a song, a link into it, and a guest."""
    music.ann = await music.sign_up("ann")
    music.room = await music.house.rooms.create(music.ann, "Kitchen", None, ["s1"])
    music.link = await music.house.room_invites.create(music.ann, music.room.id)
    music.guest = await music.house.room_guests.join(music.link.token, "  Gus ")
    return music


def _ticket(url):
    return url.partition("ticket=")[2]


async def test_a_guest_gets_at_every_root_field_what_nobody_gets(tmp_path):
    cast = await prepare(tmp_path)
    async with small_house(tmp_path) as rig:
        owner = cast.viewers["owner"]
        link = await rig.house.room_invites.create(owner, cast.things["room"])
        guest = await rig.house.room_guests.viewer_for((await rig.house.room_guests.join(link.token, "Gus")).token)
        open_to_all = []
        for name, asked in ASKED.items():
            ask = rig.listen if asked.listens else rig.ask
            nobodys = await ask(asked.named(cast.things), NOBODY)
            if asked.mutates and "errors" not in nobodys:
                # What nobody may do too (signing in, say) has been done now, and is another thing the second time.
                open_to_all.append(name)
                continue
            assert await ask(asked.named(cast.things), guest) == nobodys, name
        assert len(open_to_all) < 10


async def test_a_pass_opens_its_own_room_until_the_guest_is_shown_out(party):
    guests, acts = party.house.room_guests, party.house.room_acts
    viewer = await guests.viewer_for(party.guest.token)
    assert (viewer.user_id, viewer.room_id, viewer.signed_in) == (None, party.room.id, False)
    assert (await party.house.rooms.read(viewer, party.room.id)).members[1].name == "Gus"
    other = await party.house.rooms.create(party.ann, "Attic", None, ["s3"])
    with pytest.raises(NotFound):
        await party.house.rooms.read(viewer, other.id)
    with pytest.raises(Unauthenticated):
        await acts.add(viewer, other.id, ["s1"], None)
    with pytest.raises(Unauthenticated):
        await guests.viewer_for(party.guest.token.replace(party.room.id, other.id))
    await acts.show_out(party.ann, party.room.id, party.guest.guest_id)
    with pytest.raises(Unauthenticated):
        await guests.viewer_for(party.guest.token)


async def test_a_pass_runs_out(party):
    party.clock.turn(12 * 3600)
    with pytest.raises(Unauthenticated):
        await party.house.room_guests.viewer_for(party.guest.token)


@pytest.mark.parametrize("end", ["revoke", "close", "no guests", "kick", "song"])
async def test_a_guest_hears_the_rooms_songs_only_while_they_are_in_it(party, end):
    house, room_id, ann = party.house, party.room.id, party.ann
    guest = await house.room_guests.viewer_for(party.guest.token)
    item_id = party.room.items[0].id
    ticket = house.tickets.open(_ticket((await house.room_sounds.of_item(guest, room_id, item_id)).url), "s1")
    assert (await house.room_guests.viewer_of_ticket(ticket)).guest_id == guest.guest_id
    with pytest.raises(Unauthenticated):
        await house.accounts.viewer_of_session(ticket.user_id, ticket.session_id)
    match end:
        case "revoke":
            await house.room_invites.revoke(ann, room_id, party.link.invite.id)
        case "close":
            await house.rooms.close(ann, room_id)
        case "no guests":
            await house.room_acts.choose(ann, room_id, Choices(guests=False))
        case "kick":
            await house.room_acts.show_out(ann, room_id, party.guest.guest_id, ban=True)
        case "song":
            await house.room_acts.remove(ann, room_id, [item_id])
    with pytest.raises(Unauthenticated):
        await house.room_guests.viewer_of_ticket(ticket)


async def test_a_link_that_is_revoked_or_over_or_never_was_is_one_answer(party):
    invites = party.house.room_invites
    late = await invites.create(party.ann, party.room.id, 1)
    await invites.revoke(party.ann, party.room.id, party.link.invite.id)
    party.clock.turn(3600)
    said = set()
    for token in (late.token, party.link.token, "never-was", "", "é"):
        with pytest.raises(NotFound) as refused:
            await party.house.room_guests.join(token, "Gus")
        said.add(refused.value.message)
    assert len(said) == 1
    party.clock.turn(1)
    assert await invites.sweep() == 1


async def test_the_code_is_a_picture_of_the_address(party):
    drawn = ET.fromstring(party.link.qr_svg)
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert party.link.url == f"/join/{party.link.token}"


async def test_a_guest_streams_a_song_of_the_queue_and_nothing_else(party, tmp_path):
    wav = tmp_path / "s1.wav"
    stage.music(wav, seconds=1.0)
    status = wav.stat()
    facts = {"path": str(wav), "size": status.st_size, "mtime_ns": status.st_mtime_ns, "codec": "pcm",
             "sample_rate": 44100, "channels": 2, "content_type": "audio/wav", "samples": 44100}  # fmt: skip
    await party.store.audio_files.insert(file_of("s1", **facts))
    await party.house.deliveries.start()
    guest = await party.house.room_guests.viewer_for(party.guest.token)
    path = (await party.house.room_sounds.of_item(guest, party.room.id, party.room.items[0].id)).url
    shared = {"house": party.house, "manners": Manners()}
    doors = [
        (r"/stream/([^/]+)", StreamHandler, shared),
        (r"/download/([^/]+)/([^/]+)", DownloadHandler, shared),
        (r"/waveform/([^/]+)", WaveformHandler, shared),
        (r"/lyrics/([^/]+)\.(lrc|vtt|ttml)", LyricsHandler, shared),
    ]
    server = HTTPServer(Application(doors, log_function=lambda _: None))
    socket, port = bind_unused_port()
    server.add_sockets([socket])
    http = AsyncHTTPClient(force_instance=True)

    async def status_of(path, **options):
        return (await http.fetch(f"http://127.0.0.1:{port}{path}", raise_error=False, **options)).code

    try:
        ticket = _ticket(path)
        assert await status_of(path, headers={"Range": "bytes=0-99"}) == 206
        assert await status_of(f"/stream/s3?ticket={ticket}") == 401
        # Let in, though nothing was measured.
        assert await status_of(f"/waveform/s1?ticket={ticket}") == 404
        assert await status_of(f"/lyrics/s1.lrc?ticket={ticket}") == 200
        assert await status_of(f"/waveform/s3?ticket={ticket}") == 401
        assert await status_of(f"/download/d/s1?ticket={ticket}") == 401
        assert await status_of("/stream/s1", headers={"Authorization": f"Bearer {party.guest.token}"}) == 401
        await party.house.room_acts.show_out(party.ann, party.room.id, party.guest.guest_id)
        assert await status_of(path, headers={"Range": "bytes=0-99"}) == 401
    finally:
        server.stop()
        await server.close_all_connections()
        http.close()
