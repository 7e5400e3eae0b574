"""Training: when it is worth while, what becomes of it, and what an end at any moment leaves."""

import asyncio
import logging
import os

import pytest

from services.discovery.collaborative.affinities import Affinities
from services.discovery.learning import learner as learner_file
from services.discovery.learning.learner import Learner
from services.discovery.learning.models import Models
from services.discovery.learning.rows import read_rows, read_summary
from services.discovery.learning.rules import TrainingRules
from services.discovery.learning.shape import arrays_of
from services.discovery.learning.training import Training
from services.discovery.learning.versions import Facts, Versions, write_version
from services.leases import Leases
from storage.records import Playlist, PlaylistEntry
from tests.discovery.learned import learn
from tests.discovery.listeners import likes, plays, two_camps


@pytest.fixture
async def camps(rig):
    """Two camps of listeners, and people enough."""
    await two_camps(rig)
    for number in range(5):
        await rig.sign_up(f"person{number}")
    await rig.house.roll_ups.fold()
    return rig


def place(rig, affinities=None, **rules):
    """A training of another process on this data folder."""
    affinities, versions = affinities or Affinities(), Versions(rig.files.folder.root / "models")
    models = Models(versions, affinities)
    leases = Leases(rig.store, rig.clock)
    training = Training(
        rig.store, rig.clock, leases, versions, models, affinities, TrainingRules(**rules) if rules else TrainingRules()
    )
    return training, models, affinities, versions


async def test_a_house_learns_when_it_is_due_and_every_process_takes_the_newest(camps):
    rig = camps
    _, models, theirs, versions = place(rig)
    assert not rig.house.affinities.is_ready and not await models.look()
    # What an end at a bad moment left is in nobody's way.
    (versions.workplace / "made").mkdir(parents=True)
    (versions.workplace / "rows.bin").write_bytes(b"half")
    (versions.workplace / "summary.json").write_text('{"read_at": "2026-06-01T00:00:00+00:00", "plays": 1}')
    assert await rig.house.training.train_when_due()
    first = rig.house.affinities.origin
    assert (first.plays, first.people) == (120, 10)
    assert {each.id for each in rig.house.affinities.near_song("jazz0-0", 3)} == {"jazz1-0", "jazz2-0", "jazz3-0"}
    assert await models.look() and theirs.origin == first and not await models.look()
    # Nothing new: nothing to learn. Then too little, and a day later any play at all.
    assert not await rig.house.training.train_when_due()
    await plays(rig, "ann", "metal0-0", times=19)
    rig.clock.turn(3600)
    assert not await rig.house.training.is_due()
    rig.clock.turn(86_400)
    assert await rig.house.training.is_due()
    assert not versions.workplace.exists()
    assert sorted(os.listdir(versions.root)) == [first.version, "writer.lock"]


async def test_what_is_learned_from_is_listens_without_skips_likes_and_playlists(rig, tmp_path, monkeypatch):
    await two_camps(rig)
    await plays(rig, "ann", "jazz0-0", times=4)
    await plays(rig, "ann", "jazz0-0", completed=False, ms_played=10_000)
    await likes(rig, "ann", "metal0-0")
    now = rig.clock.now()
    entries = [PlaylistEntry("e1", "metal1-1", "ann", now), PlaylistEntry("e2", "metal1-2", "ben", now)]
    await rig.store.playlists.insert(Playlist("p1", "p", "p", "ann", now, now, is_public=False, entries=entries))
    smart = Playlist("p2", "q", "q", "ann", now, now, entries=entries, rules={"any": []})
    await rig.store.playlists.insert(smart)
    await rig.house.roll_ups.fold()
    training, *_, versions = place(rig)
    read = []

    async def stopped(self, workplace, version):
        read.append((read_summary(workplace), read_rows(workplace)))
        return False

    monkeypatch.setattr(Learner, "learn", stopped)
    assert not await training.train()
    gathered, (rows, songs) = read[0]
    assert (gathered.plays, gathered.people, gathered.rows) == (125, 12, len(rows))
    # Ann's newest play is now, so what she played weighs in full; her number is that of her first row, as numbers go.
    named = [(int(row["person"]), songs[row["song"]][0], float(row["plays"]), float(row["weight"])) for row in rows]
    ann = next(person for person, song, played, _ in named if (song, played) == ("jazz0-0", 5.0))
    hers = sorted(row[1:] for row in named if row[0] == ann)
    assert hers == [
        ("jazz0-0", -1.0, -1.0),
        ("jazz0-0", 5.0, pytest.approx(5.0, abs=0.01)),
        ("metal0-0", 0.0, 5.0),
        ("metal1-1", 0.0, 2.0),
    ]
    assert not versions.workplace.exists()


async def test_too_few_people_or_plays_are_nothing_to_learn_from(rig):
    training, *_, versions = place(rig, least_listeners=2)
    assert not await training.train_when_due()
    await rig.artist("one")
    await rig.song("song", "one")
    viewer = await rig.sign_up("only")
    await rig.sign_up("silent")
    assert not await training.train_when_due()
    await plays(rig, viewer.user_id, "song")
    await rig.house.roll_ups.fold()
    assert await training.is_due() and not await training.train()
    # It does not try again at every turn.
    assert not await training.is_due() and not versions.workplace.exists()
    off, *_ = place(rig, wanted=False)
    assert not await off.train_when_due()


async def test_a_killed_training_leaves_no_process_and_goes_on_with_what_was_read(camps, monkeypatch, log_watch):
    rig = camps
    log_watch.expect("learning took too long")
    training, _, affinities, versions = place(rig)
    started, begun = [], asyncio.Event()
    spawn = asyncio.create_subprocess_exec

    async def slow(*command, **options):
        process = await spawn("sleep", "600", **{**options, "cwd": None})
        started.append(process)
        begun.set()
        return process

    monkeypatch.setattr(learner_file.asyncio, "create_subprocess_exec", slow)
    working = asyncio.create_task(training.train())
    await begun.wait()
    other, *_ = place(rig)
    assert not await other.train()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert started[0].returncode == -9
    assert read_summary(versions.workplace) is not None and versions.names() == []
    # The time for learning is over: the same, and what was read is not met again.
    hasty, *_ = place(rig, seconds=0.05)
    assert not await hasty.train() and started[1].returncode == -9 and not versions.workplace.exists()
    monkeypatch.undo()
    assert await training.train() and affinities.origin.version == versions.names()[0]


async def test_a_process_that_runs_out_of_memory_says_so(camps, log_watch):
    log_watch.expect("learning needs more memory than it may take")
    training, _, affinities, versions = place(camps, memory_bytes=1)
    assert not await training.train()
    assert not affinities.is_ready and versions.names() == []
    assert not versions.workplace.exists()


async def test_damaged_and_older_versions_are_passed_over_and_two_are_kept(camps, tmp_path, caplog, log_watch):
    rig = camps
    log_watch.expect("a learned model cannot be read")
    training, models, _, versions = place(rig)
    learned = await learn(rig, tmp_path / "work")
    facts = Facts(rig.clock.now(), 120, 10, len(learned.songs), {})
    made = []
    for _ in range(3):
        made.append(rig.clock.new_id())
        write_version(tmp_path / "made", facts, arrays_of(learned))
        versions.publish(tmp_path / "made", made[-1])
    assert versions.names() == made[:0:-1]
    newest, older = versions.root / made[2], versions.root / made[1]
    whole = (newest / "left.npy").read_bytes()
    (newest / "left.npy").write_bytes(whole[:-1])
    _, fresh, theirs, _ = place(rig)
    with caplog.at_level(logging.WARNING, "tutti.discovery"):
        assert await fresh.look() and not await fresh.look()
    assert theirs.origin.version == made[1] and fresh.is_damaged
    assert [record.version for record in caplog.records] == [made[2]]
    (newest / "left.npy").write_bytes(whole)
    assert await models.look() and not models.is_damaged
    (newest / "manifest.json").write_text((newest / "manifest.json").read_text().replace('"format":1', '"format":0'))
    (older / "songs.npy").unlink()
    training, models, theirs, _ = place(rig)
    assert not await models.look() and models.is_damaged and await training.is_due()
    assert theirs.near_song("jazz0-0", 3) == theirs.for_taste({"jazz0-0": 1.0}, 3) == []
