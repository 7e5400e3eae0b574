"""A song that went and came back as other bytes with other words: known again by its sound, where that is sure."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.analysis.fingerprint import fingerprint, keys
from services.analysis.recall import packed
from services.library.reunion import HeardAgain
from services.viewer import SYSTEM
from storage.records import Edge, FileState, Play, Playlist, PlaylistEntry
from storage.records.fingerprint import Fingerprint
from tests.catalogue_rig import START, file_of
from tests.fingerprints.phrases import RATE, phrase

SOUND, OTHER = phrase(1, 14), phrase(2, 14)
WORDS = fingerprint(SOUND)


async def measured(household, sound):
    """What the analysis would have kept of the one file there is."""
    file = (await household.store.audio_files.find({}))[0]
    words = fingerprint(sound)
    await household.store.fingerprints.insert(
        Fingerprint(file.payload_hash, 2, file.duration_ms, packed(words), keys(words))
    )


async def test_a_song_encoded_anew_under_another_name_and_title_goes_on(shelf):
    old = shelf.put("Old name", SOUND, RATE)
    async with shelf.household() as household:
        store, house = household.store, household.house
        await measured(household, SOUND)
        song = (await store.songs.find({}))[0]
        await store.songs.update({"_id": song.id}, {"$set": {"play_count": 7}})
        old.unlink()
        new = shelf.put("New name", SOUND, RATE, kind="mp3", artist="The Others", album="Unsteady")
        summary = await household.importer.run([shelf.music])
        assert summary.heard_again == [HeardAgain(str(new), str(old))]
        assert (summary.songs_added, summary.songs_recognised) == (0, 1)
        told = f"{new} sounds like {old}, which is gone: its song goes on, with its plays, likes and playlists."
        assert told in summary.lines()
        known = await store.songs.get(song.id)
        assert (known.title, known.artist_credit, known.album_title) == ("New name", "The Others", "Unsteady")
        assert (known.is_hidden, known.play_count, known.slug) == (False, 7, song.slug)
        _, file = await house.songs.sources(SYSTEM, song.id)
        assert file.path == str(new)
        assert await store.songs.count({"is_hidden": False}) == 1
        shown = {album.title: (album.is_hidden, album.total_tracks) for album in await store.albums.find({})}
        assert shown == {"Steady": (True, 0), "Unsteady": (False, 1)}
        again = await household.importer.run([shelf.music])
        assert (again.files_read, again.songs_updated, again.heard_again) == (0, 0, [])
        assert (await store.songs.get(song.id)).is_hidden is False


async def test_an_import_that_cannot_be_sure_says_so_and_changes_no_identity(shelf):
    old = shelf.put("Old name", SOUND, RATE)
    async with shelf.household() as household:
        await measured(household, SOUND)
        song = (await household.store.songs.find({}))[0]
        old.unlink()
        paths = [shelf.put("One", SOUND, RATE, kind="mp3"), shelf.put("Two", SOUND, RATE, kind="ogg")]
        shelf.put("Three", OTHER, RATE, kind="mp3")
        summary = await household.importer.run([shelf.music])
        why_not = "more than two songs sound like this"
        expected = {HeardAgain(str(path), str(old), why_not) for path in paths}
        assert set(summary.heard_again) == expected
        line = f"{paths[0]} sounds like {old}, which is gone, but stays a song of its own: {why_not}."
        assert line in summary.lines()
        assert (await household.store.songs.get(song.id)).is_hidden
        assert await household.store.songs.count({"is_hidden": False}) == 3
        groups = await household.store.sound_groups.find({"is_shown": True})
        assert [group.song_count for group in groups] == [3]


async def gone_and_new(rig, sound=SOUND, **new):
    """A song whose file is gone and later another, both with fingerprints, as two imports leave them."""
    await rig.artist("anna")
    for id in ("gone", "new"):
        rig.clock.turn(10)
        await rig.song(id, "anna", title=id.title(), file_id=f"f-{id}", **(new if id == "new" else {"is_hidden": True}))
        await rig.store.audio_files.insert(file_of(id, payload_hash=f"sound of {id}", duration_ms=14_000))
    vanished = {"state": FileState.VANISHED.value, "vanished_at": rig.clock.now() - timedelta(seconds=5)}
    await rig.store.audio_files.update({"_id": "f-gone"}, {"$set": vanished})
    for id, words in (("gone", WORDS), ("new", WORDS if sound is SOUND else fingerprint(sound))):
        await rig.store.fingerprints.insert(Fingerprint(f"sound of {id}", 2, 14_000, packed(words), keys(words)))
    await rig.store.fingerprints.update({"_id": "sound of gone"}, {"$set": {"grouped_version": 1}})


async def hidden(rig):
    """Which of the two songs are out of sight, and whose the new file is."""
    songs = await rig.store.songs.get_many(["gone", "new"])
    return songs["gone"].is_hidden, songs["new"].is_hidden, (await rig.store.audio_files.get("f-new")).song_id


JOINED, APART = (False, True, "gone"), (True, False, "new")


async def test_what_no_import_heard_is_joined_when_it_is_analysed(rig):
    await gone_and_new(rig)
    await rig.house.sound_grouping.catch_up()
    assert await hidden(rig) == JOINED
    assert (await rig.store.songs.get("gone")).title == "New"
    # One song with two files is no duplicate.
    assert await rig.store.sound_groups.count({"is_shown": True}) == 0


async def listed(rig):
    now = rig.clock.now()
    entry = PlaylistEntry("e", "new", "u", now)
    await rig.store.playlists.insert(Playlist("p", "Mine", "mine", "u", now, now, entries=[entry]))


async def played(rig):
    now = rig.clock.now()
    await rig.store.plays.insert(Play("p", "u", "new", now, now))


async def second_file(rig):
    await rig.store.audio_files.insert(replace(file_of("second", payload_hash="sound of more"), song_id="new"))


def written(collection, id, **fields):
    """Something written onto a record."""

    async def write(rig):
        await getattr(rig.store, collection).update({"_id": id}, {"$set": fields})

    return write


async def liked(rig):
    await rig.store.liked_songs.insert(Edge("u:new", "u", "new", rig.clock.now()))


WRITTEN = ("artists", "songs", "audio_files", "fingerprints", "sound_groups", "plays", "liked_songs", "playlists")
USED = "the new song has been used already"
AT_ONE_TIME = "both were in the library at one time"
OUT_OF_SIGHT = "one of them was taken out of sight"
USES = {
    "a play": (played, USED),
    "a like": (liked, USED),
    "a playlist": (listed, USED),
    "an edit": (written("songs", "new", edited_fields=["title"]), USED),
    "another file": (second_file, "the new song has another file"),
    "both at one time": (written("audio_files", "f-gone", vanished_at=START + timedelta(days=1)), AT_ONE_TIME),
    "no word of when it went": (written("audio_files", "f-gone", vanished_at=None), AT_ONE_TIME),
    "an explicit one": (written("songs", "new", is_explicit=True), "one of them is explicit"),
    "one sent in before": (written("audio_files", "f-gone", sha256="0"), "the old file had been sent in"),
    "one withdrawn": (written("songs", "gone", is_withdrawn=True), OUT_OF_SIGHT),
    "one moderated": (written("songs", "gone", is_moderated=True), OUT_OF_SIGHT),
    "an artist withdrawn": (written("artists", "anna", is_withdrawn=True), OUT_OF_SIGHT),
}


async def test_a_song_that_would_lose_something_stays_apart_and_is_listed(rig):
    for use, (write, why_not) in USES.items():
        for name in WRITTEN:
            await getattr(rig.store, name).delete({}, many=True)
        await gone_and_new(rig)
        await write(rig)
        again = await rig.house.sound_grouping.place(["sound of new"])
        assert again == [HeardAgain("/music/new.flac", "/music/gone.flac", why_not)], use
        assert await hidden(rig) == APART, use
        assert [group.song_count for group in await rig.store.sound_groups.find({"is_shown": True})] == [2], use


async def test_what_a_smart_playlist_chose_is_no_use(rig):
    await gone_and_new(rig)
    await listed(rig)
    await rig.store.playlists.update({"_id": "p"}, {"$set": {"rules": {"totalPlays": {"from": 0}}}})
    await rig.house.sound_grouping.place(["sound of new"])
    assert await hidden(rig) == JOINED


async def test_what_somebody_sends_in_takes_over_no_song(rig):
    await gone_and_new(rig)
    await rig.store.audio_files.update({"_id": "f-new"}, {"$set": {"sha256": "0"}})
    assert await rig.house.sound_grouping.place(["sound of new"]) == []
    assert await hidden(rig) == APART


async def test_a_file_that_is_still_there_is_not_gone_whatever_the_record_says(rig, tmp_path):
    await gone_and_new(rig)
    there = tmp_path / "there.flac"
    there.write_bytes(b"sound")
    await rig.store.audio_files.update({"_id": "f-gone"}, {"$set": {"path": str(there)}})
    await rig.house.sound_grouping.catch_up()
    assert await hidden(rig) == APART


async def test_another_ending_is_not_sure_enough(rig):
    changed = SOUND.copy()
    changed[10 * RATE :] = OTHER[10 * RATE :]
    await gone_and_new(rig, changed)
    await rig.house.sound_grouping.catch_up()
    assert await hidden(rig) == APART


@pytest.mark.parametrize("written", [1, 2])
async def test_joining_that_was_interrupted_is_finished(rig, written):
    await gone_and_new(rig)
    await rig.store.songs.update({"_id": "new"}, {"$set": {"is_hidden": True}})
    if written == 2:
        await rig.store.audio_files.update({"_id": "f-new"}, {"$set": {"song_id": "gone"}})
    await rig.house.sound_grouping.catch_up()
    assert await hidden(rig) == JOINED
