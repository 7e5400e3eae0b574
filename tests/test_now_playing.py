"""Who plays what, and who may know."""

from datetime import UTC, datetime

import pytest

from services.clock import SetClock
from services.errors import NotFound, Unauthenticated
from services.events import Bus, NowPlayingChanged
from services.now_playing import NowPlaying, NowPlayingMoment
from services.viewer import NOBODY, Viewer
from storage.records.user import User

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANN, BOB = Viewer(user_id="ann"), Viewer(user_id="bob")


class Stage:
    def __init__(self, **options):
        self.clock = SetClock(START)
        self.people = {name: User(name, "", "", name, name, "", START, START) for name in ("ann", "bob", "cat")}
        self.told = []
        bus = Bus()
        bus.hear(NowPlayingChanged, self.told.append)
        self.now_playing = NowPlaying(users=self.user, may_hear=self.may_hear, bus=bus, clock=self.clock, **options)

    async def user(self, user_id):
        return self.people.get(user_id)

    async def may_hear(self, viewer, user_id):
        user = self.people.get(user_id)
        return viewer.user_id == user_id or (user is not None and not user.preferences.private_session)


async def test_a_report_is_remembered_and_told():
    stage = Stage()
    await stage.now_playing.report(ANN, "song")
    assert await stage.now_playing.current(BOB, "ann") == NowPlayingMoment("ann", "song", START)
    assert stage.told == [NowPlayingChanged("ann", "song", START)]


async def test_clearing_tells_once_that_somebody_stopped():
    stage = Stage()
    await stage.now_playing.report(ANN, "song")
    stage.clock.turn(1)
    await stage.now_playing.clear(ANN)
    await stage.now_playing.clear(ANN)
    assert await stage.now_playing.current(BOB, "ann") is None
    assert [event.song_id for event in stage.told] == ["song", None]


async def test_nobody_reports_and_nobody_asks_without_signing_in():
    stage = Stage()
    for asked in (
        stage.now_playing.report(NOBODY, "song"),
        stage.now_playing.clear(NOBODY),
        stage.now_playing.current(NOBODY, "ann"),
        stage.now_playing.current(NOBODY, "nobody-at-all"),
    ):
        with pytest.raises(Unauthenticated):
            await asked
    assert stage.told == []


async def test_unknown_and_private_people_are_the_same_answer():
    stage = Stage()
    await stage.now_playing.report(ANN, "song")
    stage.people["ann"].preferences.private_session = True
    answers = []
    for user_id in ("ann", "nobody-at-all"):
        assert not await stage.now_playing.may_hear(BOB, user_id)
        with pytest.raises(NotFound) as refusal:
            await stage.now_playing.current(BOB, user_id)
        answers.append((refusal.value.message, refusal.value.extensions))
    assert answers == [("No such listener.", {"code": "NOT_FOUND"})] * 2
    assert await stage.now_playing.may_hear(ANN, "ann")


async def test_a_private_session_tells_nobody_and_leaves_nothing_to_find():
    stage = Stage()
    await stage.now_playing.report(ANN, "before")
    stage.people["ann"].preferences.private_session = True
    await stage.now_playing.report(ANN, "secret")
    await stage.now_playing.clear(ANN)
    stage.people["ann"].preferences.private_session = False
    assert await stage.now_playing.current(BOB, "ann") is None
    assert [event.song_id for event in stage.told] == ["before"]


async def test_the_present_expires_and_its_end_is_told():
    stage = Stage(lasts_s=60)
    await stage.now_playing.report(ANN, "song")
    stage.clock.turn(59)
    await stage.now_playing.report(BOB, "other")
    assert await stage.now_playing.expire() == 0
    stage.clock.turn(1)
    assert await stage.now_playing.current(BOB, "ann") is None
    assert await stage.now_playing.expire() == 1
    assert stage.told[-1] == NowPlayingChanged("ann", None, stage.clock.now())
    assert (await stage.now_playing.current(ANN, "bob")).song_id == "other"


async def test_memory_is_bounded_and_the_longest_silent_is_forgotten():
    stage = Stage(limit=2)
    for viewer in (ANN, BOB, ANN, Viewer(user_id="cat")):
        stage.clock.turn(1)
        await stage.now_playing.report(viewer, "song")
    assert await stage.now_playing.current(ANN, "bob") is None
    assert (await stage.now_playing.current(BOB, "ann")).song_id == "song"


async def test_an_older_moment_from_elsewhere_never_replaces_a_newer_one():
    stage = Stage()
    stage.clock.turn(10)
    await stage.now_playing.report(ANN, "new")
    stage.now_playing.note(NowPlayingMoment("ann", "old", START))
    assert (await stage.now_playing.current(BOB, "ann")).song_id == "new"
    assert len(stage.told) == 1
