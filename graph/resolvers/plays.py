"""Reporting plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.listening.plays import Answer, Outcome, PlayReport, PlaySource
from storage.records import Song


@dataclass(slots=True)
class PlaySong:
    """What reporting a play gives."""

    success: bool
    song: Song


@dataclass(slots=True)
class ReportPlays:
    """What reporting a batch of plays gives."""

    answers: list[Answer]

    @property
    def recorded_count(self) -> int:
        """How many are new."""
        return sum(answer.outcome == Outcome.RECORDED for answer in self.answers)


RECORDS = {"PlaySong": PlaySong, "PlayReport": PlayReport, "ReportPlays": ReportPlays, "PlayAnswer": Answer}
ENUMS = {"PlaySource": PlaySource, "PlayOutcome": Outcome}


@resolves("Mutation.playSong")
async def play_song(_: None, info: Info, song_id: str, **report: Any) -> PlaySong:
    """The song with its new count."""
    return PlaySong(True, await info.context.house.plays.record(info.context.viewer, song_id, **report))


@resolves("Mutation.reportPlays")
async def report_plays(_: None, info: Info, plays: list[PlayReport]) -> ReportPlays:
    """An answer to each report."""
    return ReportPlays(await info.context.house.plays.record_many(info.context.viewer, plays))


@resolves("PlayAnswer.code")
def code(answer: Answer, _info: Info) -> str | None:
    """Why it was refused, for programs."""
    return None if answer.refusal is None else answer.refusal.reason


@resolves("PlayAnswer.message")
def message(answer: Answer, _info: Info) -> str | None:
    """Why it was refused, for people."""
    return None if answer.refusal is None else answer.refusal.message


@resolves("PlayAnswer.field")
def at_fault(answer: Answer, _info: Info) -> str | None:
    """Which field was at fault."""
    return None if answer.refusal is None else answer.refusal.field
