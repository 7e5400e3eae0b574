"""What an import did, in numbers, and what it refused, with reasons. Refuses to know how it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from services.library.reunion import HeardAgain, Hearing

PROBLEMS_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that could not be imported, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. `phase` is `looking`, `reading` or `settling`; `total` is 0 while nobody knows."""

    phase: str
    done: int
    total: int
    path: str = ""


ShowProgress = Callable[[Progress], None]


@dataclass(slots=True)
class Summary:
    """Files by what happened to them, and what became of the catalogue.

    `files_read` counts files opened. `songs_recognised` counts songs that kept their id though path or sound changed.
    `problems` holds the first 1,000; `problem_count` all. `heard_again` are new files that sound like gone ones, at
    most 100; `sounds_left` counts those that only the analysis will hear.
    """

    files_found: int = 0
    files_unchanged: int = 0
    files_read: int = 0
    files_vanished: int = 0
    files_broken: int = 0
    files_still_broken: int = 0
    songs_added: int = 0
    songs_updated: int = 0
    songs_recognised: int = 0
    songs_hidden: int = 0
    songs_returned: int = 0
    second_files: int = 0
    artists_added: int = 0
    albums_added: int = 0
    covers_added: int = 0
    problem_count: int = 0
    seconds: float = 0.0
    was_interrupted_before: bool = False
    problems: list[Problem] = field(default_factory=list)
    heard_again: list[HeardAgain] = field(default_factory=list)
    sounds_left: int = 0

    def report(self, path: str, reason: str) -> None:
        """Note a problem."""
        self.problem_count += 1
        if len(self.problems) < PROBLEMS_LIMIT:
            self.problems.append(Problem(path, reason))

    def heard(self, hearing: Hearing) -> None:
        """Note what was heard; a song that goes on is recognised, and the one that was added for its file is none."""
        self.heard_again, self.sounds_left = hearing.again, hearing.left
        kept = sum(again.why_not is None for again in hearing.again)
        self.songs_recognised += kept
        self.songs_added -= kept

    def lines(self) -> list[str]:
        """The summary for people, the first problems included."""
        files = "file" if self.files_found == 1 else "files"
        rate = self.files_found / self.seconds if self.seconds > 0 else 0.0
        shown = [
            f"{self.files_found} {files} in {self.seconds:.1f} s ({rate:.0f} a second): {self.files_read} read, "
            f"{self.files_unchanged} unchanged, {self.files_broken} broken, {self.files_vanished} vanished",
            f"songs: {self.songs_added} added, {self.songs_updated} updated, {self.songs_recognised} recognised, "
            f"{self.songs_returned} returned, {self.songs_hidden} hidden",
            f"{self.artists_added} artists, {self.albums_added} albums and {self.covers_added} covers added",
        ]
        if self.was_interrupted_before:
            shown.append("An earlier import had been interrupted; everything was counted again.")
        if self.files_still_broken:
            some = "file is" if self.files_still_broken == 1 else "files are"
            shown.append(f"{self.files_still_broken} {some} still broken and unchanged.")
        shown += [_told(again) for again in self.heard_again]
        if self.sounds_left:
            some = (
                "file that may be a vanished song is"
                if self.sounds_left == 1
                else "files that may be vanished songs are"
            )
            shown.append(f"{self.sounds_left} more {some} compared when they are analysed.")
        shown += [f"{_printable(problem.path)}: {problem.reason}" for problem in self.problems[:20]]
        if self.problem_count > 20:
            shown.append(f"… and {self.problem_count - 20} more problems")
        return shown


def _told(again: HeardAgain) -> str:
    path, gone = _printable(again.path), _printable(again.gone_path)
    if again.why_not is None:
        return f"{path} sounds like {gone}, which is gone: its song goes on, with its plays, likes and playlists."
    return f"{path} sounds like {gone}, which is gone, but stays a song of its own: {again.why_not}."


def _printable(path: str) -> str:
    """The path on one line, whatever bytes its name holds: a terminal obeys control characters."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in path)
