"""The same on every engine: one open case, a chain without a gap, and a step that nobody else's step undoes."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from services.attention import Attention
from services.audit.audit import Audit
from services.catalogue.genres import Genres
from services.catalogue.songs import Songs
from services.catalogue.withdrawals import CatalogueKind
from services.clock import SetClock
from services.errors import Conflict
from services.moderation.case_desk import CaseDesk
from services.moderation.policy import Origin, ReasonCode, ReportedKind
from services.moderation.queue import ModerationQueue, Wanted
from services.moderation.reports import Reports
from services.moderation.subjects.catalogue import CatalogueSubject
from services.paging import Slice
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.indexes import INDEXES
from storage.records import Song
from tests.storage.conftest import engine, mongo_server

__all__ = ["engine", "mongo_server"]
MOE, MAX = (Viewer(user_id=name, roles=frozenset({Role.MODERATOR})) for name in ("moe", "max"))
NEEDED = ("songs", "artists", "reports", "moderation_cases", "moderation_decisions", "audit_entries", "audit_marks")


@pytest.fixture
async def shelf(engine):
    for collection in NEEDED:
        await engine.ensure(collection, INDEXES[collection])
    store, clock = Store(engine), SetClock(datetime(2026, 6, 1, tzinfo=UTC))
    for id in ("s1", "s2"):
        await store.songs.insert(Song(id, id, id, id, "a", "a", clock.now(), clock.now()))
    return store, clock


async def test_cases_and_the_log_keep_their_promises(shelf):
    store, clock = shelf
    desk = CaseDesk(store)
    songs = CatalogueSubject(store, CatalogueKind.SONG, Songs(store, Genres(store)), cast(Any, None))
    reports = Reports(store, clock, desk, {ReportedKind.SONG: songs}, Attention())
    people = [Viewer(user_id=f"u{number % 4}") for number in range(12)]
    kind, spam = ReportedKind.SONG, ReasonCode.SPAM
    made = await asyncio.gather(*(reports.report(viewer, kind, "s1", spam) for viewer in people))
    [case_id] = {one.case.id for one in made}
    queue = ModerationQueue(store, clock, desk)
    [case] = (await queue.listing(MOE, Slice(), Wanted(origin=Origin.REPORTED))).items
    assert (case.id, case.report_count, case.reasons) == (case_id, 4, ["spam"])
    won = await asyncio.gather(*(queue.claim(who, case_id) for who in (MOE, MAX)), return_exceptions=True)
    assert sorted(type(each) for each in won if isinstance(each, Exception)) == [Conflict]
    clock.turn(1801)
    assert await queue.lapse() == 1
    assert (await queue.get(MOE, case_id)).claimed_until is None
    logs = [Audit(store, clock), Audit(store, clock)]
    await asyncio.gather(*(logs[n % 2].note(MOE, "song.hide", "song", f"s{n}", until=clock.now()) for n in range(8)))
    proof = await logs[0].prove()
    assert (proof.lines, proof.is_whole) == (8, True)
