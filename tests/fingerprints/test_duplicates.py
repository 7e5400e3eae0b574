"""Songs of the same sound in a library: found from import to answer, and shown in groups."""

from functools import cache

import numpy as np
import pytest

from services.analysis.fingerprint import fingerprint, keys
from services.analysis.recall import packed
from services.errors import TuttiError
from services.paging import slice_of
from services.viewer import NOBODY, SYSTEM, Role
from storage.records.fingerprint import Fingerprint
from tests.catalogue_rig import file_of
from tests.fingerprints.phrases import RATE, phrase

GROUPS = """query ($first: Int, $after: String) {
  duplicateSongs(first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage endCursor }
    edges { node { id similarity reason keep { id } songs { song { id } path codec similarity matchedMs offsetMs } } }
  }
}"""


@cache
def sound_of(seed):
    return phrase(seed, 14)


@cache
def words_of(seed, cut_s):
    return fingerprint(sound_of(seed)[round(cut_s * RATE) :])


async def put(rig, id, seed, *, cut_s=0.0, group=True, **file):
    """A song of a sound, its fingerprint and its file."""
    await rig.song(id, "anna")
    payload = f"sound of {id}"
    told = {"payload_hash": payload, "codec": "mp3", "container": "mp3", "bitrate": 128_000, "duration_ms": 14_000}
    await rig.store.audio_files.insert(file_of(id, **{**told, **file}))
    await rig.store.songs.update({"_id": id}, {"$set": {"file_id": f"f-{id}"}})
    words = words_of(seed, cut_s)
    await rig.store.fingerprints.insert(Fingerprint(payload, 2, 14_000, packed(words), keys(words)))
    if group:
        await rig.house.sound_grouping.catch_up()


async def shown(rig, viewer, **given):
    """The groups as lists of song ids, and the page around them."""
    page = (await rig.data(GROUPS, viewer, **given))["duplicateSongs"]
    return [[each["song"]["id"] for each in edge["node"]["songs"]] for edge in page["edges"]], page


async def test_a_copy_in_another_codec_is_found_and_another_song_is_not(shelf):
    shelf.put("First", sound_of(1), RATE)
    copy = shelf.put("Copy", sound_of(1), RATE, kind="mp3", track="2")
    shelf.put("Other", sound_of(2), RATE, track="3")
    async with shelf.household() as household:
        house = household.house
        await house.analysing.run()
        assert await house.sound_grouping.catch_up() == 3
        assert await house.sound_grouping.catch_up() == 0
        songs = await household.store.songs.find({}, limit=10)
        ids = {song.title: song.id for song in songs}
        found = await house.duplicates.of_song(SYSTEM, ids["First"])
        assert [(match.song.title, match.codec, match.path) for match in found] == [("Copy", "mp3", str(copy))]
        assert found[0].similarity > 0.8 and found[0].share > 0.95
        assert found[0].reason.startswith(f"{found[0].matched_ms / 1000:.0f} s (")
        page = await house.duplicates.groups(SYSTEM, slice_of())
        assert [[match.song.title for match in group.songs] for group in page.items] == [["First", "Copy"]]
        assert (page.items[0].keep.title, page.items[0].reason) == ("First", "lossless")
        for refused in (house.duplicates.of_song(NOBODY, ids["First"]), house.duplicates.groups(NOBODY, slice_of())):
            with pytest.raises(TuttiError):
                await refused


async def test_groups_come_page_by_page_at_the_same_cost_however_many(rig, finds):
    moderator = await rig.sign_up("mona", Role.MODERATOR)
    await put(rig, "a1", 1)
    await put(rig, "a2", 1)
    counts = {"sound_groups": 2, "audio_files": 1, "songs": 1}
    async with finds(4, **counts):
        groups, _ = await shown(rig, moderator)
    assert groups == [["a1", "a2"]]
    for seed in (2, 3, 4):
        await put(rig, f"b{seed}", seed)
        await put(rig, f"c{seed}", seed, bitrate=320_000)
    await put(rig, "a3", 1)
    async with finds(4, **counts):
        groups, page = await shown(rig, moderator)
    assert groups == [["c4", "b4"], ["c3", "b3"], ["c2", "b2"], ["a1", "a2", "a3"]]
    assert page["totalCount"] == 4
    first, page = await shown(rig, moderator, first=3)
    assert page["pageInfo"]["hasNextPage"]
    # A group found in between moves nothing that was not read yet.
    await put(rig, "d1", 2, cut_s=2.0, group=False)
    await rig.house.sound_grouping.catch_up()
    rest, page = await shown(rig, moderator, first=3, after=page["pageInfo"]["endCursor"])
    assert first + rest == groups and not page["pageInfo"]["hasNextPage"]
    assert (await rig.errors(GROUPS, moderator, after="bm9uc2Vuc2U"))[0]["code"] == "INVALID"
    assert (await rig.errors(GROUPS, moderator, first=101))[0]["code"] == "INVALID"
    assert (await rig.errors(GROUPS, await rig.sign_up("lou")))[0]["code"] == "DENIED"


async def test_the_likes_of_one_song_cost_the_same_however_many(rig, finds):
    moderator = await rig.sign_up("mona", Role.MODERATOR)
    document = '{ songDuplicates(songId: "a1") { song { id } path container sampleRate sizeBytes reason } }'
    await put(rig, "a1", 1)
    for more in (["a2"], ["a3", "a4"]):
        for id in more:
            await put(rig, id, 1)
        async with finds(7, songs=2, audio_files=2, fingerprints=3):
            found = (await rig.data(document, moderator))["songDuplicates"]
    assert [each["song"]["id"] for each in found] == ["a2", "a3", "a4"]
    assert found[0]["reason"] == "13 s (100%) sound the same, at the same place; 0.0% of the bits differ."


async def test_what_is_told_of_a_copy(rig):
    await put(rig, "whole", 1, bitrate=96_000)
    await put(rig, "cut", 1, cut_s=1.0, bitrate=320_000, duration_ms=13_000)
    _, page = await shown(rig, await rig.sign_up("mona", Role.MODERATOR))
    node = page["edges"][0]["node"]
    assert (node["keep"]["id"], node["reason"]) == ("whole", "LONGER")
    whole, cut = node["songs"]
    assert (whole["path"], whole["offsetMs"], whole["similarity"]) == ("/music/whole.flac", 0, 1)
    assert (cut["path"], cut["offsetMs"]) == ("/music/cut.flac", -1022)
    assert 0.8 < cut["similarity"] < 1 and node["similarity"] == cut["similarity"]
    assert 11_000 < cut["matchedMs"] < 14_000


async def test_a_sound_between_two_groups_makes_one_of_them_and_the_older_stays(rig):
    moderator = await rig.sign_up("mona", Role.MODERATOR)
    await put(rig, "a1", 1)
    await put(rig, "a2", 1)
    _, page = await shown(rig, moderator)
    older = page["edges"][0]["node"]["id"]
    group = (await rig.store.sound_groups.find({}))[0]
    await rig.store.sound_groups.delete({"_id": older})
    await put(rig, "b1", 1, group=False)
    await put(rig, "b2", 1, group=False)
    # Two groups of one sound, as two processes could have made them.
    other = [{"payload": f"sound of {id}"} for id in ("b1", "b2")]
    await rig.store.sound_groups.insert(group)
    await rig.store.sound_groups.update(
        {"_id": "younger"},
        {"$set": {"made_at": rig.clock.now(), "members": other, "payloads": [each["payload"] for each in other]}},
        upsert=True,
    )
    await rig.house.sound_grouping.catch_up()
    groups, page = await shown(rig, moderator)
    assert [edge["node"]["id"] for edge in page["edges"]] == [older]
    assert sorted(groups[0]) == ["a1", "a2", "b1", "b2"]
    assert await rig.store.sound_groups.count({}) == 1


async def test_two_files_of_one_song_are_no_duplicates(rig):
    await put(rig, "a1", 1)
    await put(rig, "a2", 1)
    await rig.store.audio_files.update({"_id": "f-a2"}, {"$set": {"song_id": "a1"}})
    moderator = await rig.sign_up("mona", Role.MODERATOR)
    # Not proved yet: it is left out of what is shown, though still counted.
    assert await shown(rig, moderator) == ([], {**(await shown(rig, moderator))[1], "totalCount": 1})
    assert await rig.house.sound_grouping.prove() == 1
    assert (await shown(rig, moderator))[1]["totalCount"] == 0
    assert await rig.house.sound_grouping.prove() == 0


async def test_a_group_goes_with_its_sounds(rig):
    await put(rig, "a1", 1)
    await put(rig, "a2", 1)
    await rig.store.fingerprints.delete({"_id": "sound of a2"})
    assert await rig.house.sound_grouping.prove() == 1
    assert await rig.store.sound_groups.count({}) == 0


async def test_only_one_process_groups_at_a_time(rig):
    await rig.store.leases.update(
        {"_id": "group sounds"},
        {"$set": {"holder": "another", "until": rig.clock.now().replace(year=2030), "taken_at": rig.clock.now()}},
        upsert=True,
    )
    await put(rig, "a1", 1)
    assert await rig.house.sound_grouping.catch_up() == 0
    assert (await rig.store.fingerprints.get("sound of a1")).grouped_version is None


async def test_those_that_share_most_keys_are_compared_though_hundreds_share_some(rig):
    await put(rig, "a1", 1, group=False)
    own = await rig.store.fingerprints.get("sound of a1")
    noise = packed(np.arange(200, dtype=np.uint32) * np.uint32(2654435761))
    for number in range(1200):
        # In store order all of these come before the copy.
        await rig.store.fingerprints.insert(Fingerprint(f"a{number:04}", 2, 14_000, noise, own.keys[:2], 1))
    await put(rig, "z1", 1, cut_s=1.0, group=False)
    found = await rig.house.duplicates.of_song(SYSTEM, "a1")
    assert [match.song.id for match in found] == ["z1"]
