"""The room of the back office."""

from __future__ import annotations

from dataclasses import dataclass

from services.audio.segment_cache import SegmentCache
from services.ground import Ground
from services.office.error_log import ErrorLog
from services.office.figures import Figures
from services.office.holdings import Counting
from services.office.import_now import ImportNow
from services.office.job_board import JobBoard
from services.office.people import OfficePeople
from services.office.slow_log import SlowLog
from services.office.studio import Studio


@dataclass
class OfficeRoom:
    """What stands in `services/office`."""

    job_board: JobBoard
    import_now: ImportNow
    error_log: ErrorLog
    slow_log: SlowLog
    figures: Figures
    holdings: Counting
    office_people: OfficePeople
    studio: Studio


def build_office(ground: Ground, cache: SegmentCache) -> OfficeRoom:
    """The room, ready; the server tells it of jobs, log lines and slow things."""
    store, clock, audit = ground.store, ground.clock, ground.audit
    board = JobBoard(store, clock, audit)
    return OfficeRoom(
        job_board=board,
        import_now=ImportNow(board),
        error_log=ErrorLog(store, clock, audit),
        slow_log=SlowLog(store, clock, audit),
        figures=Figures(store, clock, ground.folder.root, cache, ground.loop_lag, audit),
        holdings=Counting(store, clock),
        studio=Studio(store),
        office_people=OfficePeople(store, clock, ground.bus, ground.accounts, audit),
    )
