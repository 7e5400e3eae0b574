"""Leaving: at once for others, for good after the days of grace, and with one's things in hand."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest

from services.accounts.signing_in import AccountLeaving
from services.errors import Conflict, Denied, Invalid, NotFound, TooMany, Unauthenticated
from services.events import AccountErased
from services.leaving.shelves import SHELVES, Fate
from services.playlists.access import PlaylistRole
from services.playlists.making import PlaylistDraft
from services.viewer import NOBODY, Role
from storage.collections.collection import Collection
from storage.records.moderation import Report
from tests.catalogue_rig import PASSWORD

WHO = "query ($id: ID!) { user(id: $id) { username } }"


@pytest.fixture
async def ann(music):
    """Somebody with things on many shelves, and Otto, with whom she shares."""
    ann, otto = await music.sign_up("ann"), await music.sign_up("otto")
    house = music.house
    await music.data('mutation { likeSong(songId: "s1") { success } }', ann)
    await house.follows.follow_user(otto, ann.user_id)
    await house.follows.follow_user(ann, otto.user_id)
    await house.blocks.mute(otto, ann.user_id)
    await music.data('mutation { addReview(songId: "s1", rating: 4, comment: "Mine") { review { id } } }', ann)
    for day in range(3):
        music.clock.turn(86_400 if day else 600)
        ann = await renewed(music, "ann")
        await music.data('mutation { playSong(songId: "s1") { success } }', ann)
    await house.roll_ups.fold()
    await house.playlist_making.create(ann, PlaylistDraft("Her road", is_public=True), [])
    otto = await renewed(music, "otto")
    theirs = await house.playlist_making.create(otto, PlaylistDraft("Shared", is_public=True))
    await house.playlist_collaborators.invite(otto, theirs.id, "ann", PlaylistRole.EDITOR)
    await house.rooms.create(ann, "Kitchen", None, ["s1"])
    await house.announcer.settled()
    return ann


async def renewed(music, name):
    """Somebody signed in just now."""
    signed_in = await music.house.accounts.signing_in.log_in(NOBODY, email=name, password=PASSWORD)
    return await music.house.accounts.viewer_for(signed_in.token)


async def token_of(music):
    mails = await music.store.outbox.find({}, sort=[("created_at", -1), ("_id", -1)], limit=20)
    text = next(mail.text for mail in mails if mail.subject == "Your account is closed")
    return text.split("#")[1].split()[0]


def test_every_shelf_says_what_happens_on_it(music):
    shelves = {name: shelf for name, shelf in vars(music.store).items() if name != "engine"}
    named = {getattr(shelf, "name", name) for name, shelf in shelves.items()}
    assert set(SHELVES) == named
    for name, shelf in shelves.items():
        row = SHELVES[getattr(shelf, "name", name)]
        if isinstance(shelf, Collection) and row.fate in (Fate.DELETED, Fate.NAMELESS) and row.owner != "_id":
            known = set(shelf.codec.record.__dataclass_fields__)
            assert row.owner in known, f"{name} has no {row.owner}"
            assert set(row.hidden) <= known
        if row.fate is Fate.KEPT:
            assert row.why, f"say why {name} is kept"


async def test_a_closed_account_is_gone_for_others_at_once_and_may_be_kept(music, ann):
    erase_at = await music.house.leaving.leave(ann, password=PASSWORD)
    assert erase_at == music.clock.now() + timedelta(days=14)
    with pytest.raises(Unauthenticated):
        await music.house.accounts.renewed(ann)
    assert (await music.data(WHO, await renewed(music, "otto"), id=ann.user_id))["user"] is None
    with pytest.raises(Unauthenticated):
        await music.house.accounts.signing_in.log_in(NOBODY, email="ann", password="wrong")
    with pytest.raises(AccountLeaving) as offered:
        await renewed(music, "ann")
    assert offered.value.extensions["eraseAt"] == erase_at.isoformat()
    assert await music.house.leaving.erase_due() == 0
    await music.house.leaving.keep(offered.value.extensions["keepToken"])
    again = await renewed(music, "ann")
    assert (await music.data("{ likedSongs { totalCount } }", again))["likedSongs"]["totalCount"] == 1
    with pytest.raises(Invalid):
        await music.house.leaving.keep(await token_of(music))


async def test_closing_needs_the_password_and_another_admin(music, ann):
    with pytest.raises(Denied):
        await music.house.leaving.leave(ann)
    with pytest.raises(Unauthenticated):
        await music.house.leaving.leave(ann, password="wrong")
    admin = await music.sign_up("boss", Role.ADMIN)
    with pytest.raises(Conflict) as refused:
        await music.house.leaving.leave(admin, password=PASSWORD)
    assert refused.value.reason == "LAST_ADMIN"
    await music.sign_up("other", Role.ADMIN)
    await music.house.leaving.leave(admin, password=PASSWORD)


async def left_of(music, user_id):
    """The collections in which the id or the name still stands."""
    found = set()
    for name in SHELVES:
        async for rows in music.store.engine.scan(name, {}):
            text = json.dumps(rows, default=str)
            if user_id in text or "ann@example.com" in text or '"ann"' in text:
                found.add(name)
    return found


async def test_after_the_days_of_grace_nothing_names_them_and_what_was_counted_stays(music, ann):
    store, heard = music.store, []
    music.house.bus.hear(AccountErased, heard.append)
    await store.reports.insert(Report("c1:x", "c1", ann.user_id, "song", "s1", "spam", music.clock.now()))
    plays = (await store.songs.get("s1")).play_count
    await music.house.leaving.leave(ann, password=PASSWORD)
    music.clock.turn(14 * 86_400 + 1)
    assert await music.house.leaving.erase_due() == 1
    assert heard == [AccountErased(ann.user_id)]
    assert await left_of(music, ann.user_id) <= {name for name, shelf in SHELVES.items() if shelf.fate is Fate.KEPT} | {
        "rooms",
        "notifications",
        "unlisted_notifications",
    }
    assert await store.plays.count({"song_id": "s1"}) == 3
    [nameless] = {play.user_id for play in await store.plays.find({"song_id": "s1"})}
    assert nameless.startswith("nobody-")
    await music.house.roll_up_proof.prove()
    assert (await store.songs.get("s1")).play_count == plays
    assert await store.playlists.count({"user_id": ann.user_id}) == 0
    [shared] = await store.playlists.find({"name": "Shared"})
    assert (shared.collaborator_ids, shared.collaborators) == ([], [])
    assert (await store.users.by_username_key("otto")).muted_ids == []
    assert await music.house.leaving.erase_due() == 0


async def test_a_family_ends_with_its_owner(music, ann):
    otto = await renewed(music, "otto")
    await music.house.grants.put(
        "plan", ann.user_id, source="house", tier="family", starts_at=music.clock.now(), ends_at=None
    )
    await music.house.families.join(otto, ann.user_id)
    assert (await music.store.users.get(otto.user_id)).subscription_type == "family"
    await music.house.leaving.leave(ann, password=PASSWORD)
    music.clock.turn(14 * 86_400 + 1)
    assert await music.house.leaving.erase_due() == 1
    assert (await music.store.users.get(otto.user_id)).subscription_type == "free"
    assert not await left_of(music, ann.user_id) & {"families", "family_members", "family_switches", "grants"}


async def test_a_place_in_a_family_that_is_gone_is_found(music, ann):
    otto = await renewed(music, "otto")
    await music.house.grants.put(
        "plan", ann.user_id, source="house", tier="family", starts_at=music.clock.now(), ends_at=None
    )
    await music.house.families.join(otto, ann.user_id)
    await music.store.families.delete({"_id": ann.user_id})
    await music.house.families.prove()
    assert (await music.store.users.get(otto.user_id)).subscription_type == "free"
    assert await music.store.family_members.count({}) == 0


async def test_an_erasing_that_breaks_off_anywhere_is_gone_on_with(music, ann, monkeypatch):
    await music.house.leaving.leave(ann, password=PASSWORD)
    music.clock.turn(14 * 86_400 + 1)
    erasing, engine = music.house.leaving._erasing, music.store.engine
    delete = engine.delete
    for name in ("liked_songs", "reviews", "users"):

        async def failing(collection, *rest, at=name, **more):
            if collection == at:
                raise OSError("the power is gone")
            return await delete(collection, *rest, **more)

        monkeypatch.setattr(engine, "delete", failing, raising=False)
        with pytest.raises(OSError, match="power"):
            await music.house.leaving.erase_due()
        monkeypatch.undo()
    assert await music.house.leaving.erase_due() == 1
    assert erasing is music.house.leaving._erasing
    assert await music.store.users.get(ann.user_id) is None
    assert len({play.user_id for play in await music.store.plays.find({"song_id": "s1"})}) == 1


async def test_the_archive_holds_ones_own_things_and_no_secret(music, client, ann):
    asked = (await music.data("mutation { exportAccount { export { id state url } } }", ann))["exportAccount"]["export"]
    assert (asked["state"], asked["url"]) == ("WAITING", None)
    assert await music.house.account_exports.make_due() == 1
    ready = (await music.data("{ accountExport { id state progress sizeBytes url } }", ann))["accountExport"]
    assert (ready["id"], ready["state"], ready["progress"]) == (asked["id"], "READY", 1.0)
    answer = await client.fetch(ready["url"])
    assert (answer.code, len(answer.body)) == (200, ready["sizeBytes"])
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        names = set(archive.namelist())
        whole = b"".join(archive.read(name) for name in names).decode()
        liked = [json.loads(line) for line in archive.read("liked_songs.jsonl").splitlines()]
        [me] = [json.loads(line) for line in archive.read("users.jsonl").splitlines()]
        assert b"#EXTM3U" in archive.read("playlists/Her road.m3u8")
    assert {"users.jsonl", "plays.jsonl", "reviews.jsonl", "playlists.jsonl", "followed_users.jsonl"} <= names
    assert [row["target_id"] for row in liked] == ["s1"]
    assert me["email"] == "ann@example.com"
    for secret in ("argon2", "token_hash", "otto@example.com", "password_hash"):
        assert secret not in whole
    with pytest.raises(TooMany):
        await music.house.account_exports.ask(ann)
    music.clock.turn(7 * 86_400 + 1)
    assert await music.house.account_exports.sweep() == 1
    assert (await client.fetch(ready["url"])).code == 401
    assert [facts async for facts in music.files.list("exports")] == []


async def test_an_archive_is_fetched_by_its_ticket_alone(music, client, ann):
    await music.house.account_exports.ask(ann)
    await music.house.account_exports.make_due()
    url = (await music.data("{ accountExport { url } }", ann))["accountExport"]["url"]
    path, _, ticket = url.partition("?ticket=")
    for bad in (path, f"{path}?ticket=", f"{path}?ticket=x{ticket}", f"/account-export/other.zip?ticket={ticket}"):
        assert (await client.fetch(bad)).code == 401
    other = await renewed(music, "otto")
    assert (await music.data("{ accountExport { url } }", other))["accountExport"] is None
    music.clock.turn(3601)
    assert (await client.fetch(url)).code == 401


async def test_an_archive_whose_making_broke_off_is_made_by_the_next(music, ann, monkeypatch):
    exports = music.house.account_exports
    await exports.ask(ann)

    async def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(exports, "_write", full)
    assert await exports.make_due() == 0
    monkeypatch.undo()
    assert await exports.make_due() == 0
    assert list((music.files.root / "exports").glob("unfinished-*")) == []
    music.clock.turn(601)
    assert await exports.make_due() == 1
    with pytest.raises(NotFound):
        await exports.open("absent", exports._tickets.issue(user_id="u", session_id="", song_id="absent", quality=""))
