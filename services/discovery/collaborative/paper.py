"""What an exam is about, read from two files of lines: what people took, and what was held back of it.

Two forms are told apart by rule: `user item [item …]`, and `user item count` where every line has three fields, the
third is a number and some user comes again. Ids are any text without blanks. Refuses to know models.
"""

from __future__ import annotations

import gzip
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np

from services.discovery.collaborative.interactions import Floats, Integers, Interactions, interactions
from services.errors import Invalid

LONGEST_ID = 1_000
"""Characters; a longer field is no id but a file of another kind."""


class Form(StrEnum):
    """What a line says."""

    LISTS = "lists"
    COUNTS = "counts"


@dataclass(slots=True)
class _Lines:
    """A file's lines as numbers: whose, what, and what its third field says where every line has two or three."""

    path: Path
    users: array[int] = field(default_factory=lambda: array("q"))
    items: array[int] = field(default_factory=lambda: array("q"))
    lengths: array[int] = field(default_factory=lambda: array("q"))
    numbers: array[int] = field(default_factory=lambda: array("q"))


@dataclass(frozen=True, slots=True)
class Paper:
    """`train`: all people and things that the first file names, by number. `people`: who is examined, by number in
    `train`, -1 for whom it does not name; `wanted`: for each what was held back, each thing once. Things that
    `train` does not name have numbers from `train.items` on: nobody can guess them, and they count as missed.
    """

    form: Form
    train: Interactions
    people: Integers
    wanted: list[Integers]
    strangers: int
    unknown: int
    known_already: int

    @property
    def held_back(self) -> int:
        """How many pairs of the second file count."""
        return sum(len(each) for each in self.wanted)


def read_paper(train: Path, test: Path, form: Form | None = None) -> Paper:
    """The paper of these two files; of `form`, or of the one they look like. Invalid names the file and the line."""
    words: dict[str, int] = {}
    first, second = _lines_of(train, words), _lines_of(test, words)
    names = list(words)
    form = form or _form_of(first, names)
    users, items, counts = _pairs(first, names, form)
    if not np.any(counts > 0):
        raise Invalid(f"{train}: nobody has anything in it")
    known, rows = np.unique(users, return_inverse=True)
    things, columns = np.unique(items, return_inverse=True)
    made = interactions(rows, columns, counts, (len(known), len(things)))
    if form is Form.LISTS:
        # A thing named twice in a list is there once.
        made.counts.data[:] = 1
    users, items, counts = _pairs(second, names, form)
    users, items = users[counts > 0], items[counts > 0]
    if not len(users):
        raise Invalid(f"{test}: nothing is held back in it")
    row = np.full(len(names), -1, np.int64)
    row[known] = np.arange(len(known))
    column = np.full(len(names), -1, np.int64)
    column[things] = np.arange(len(things))
    unknown = np.unique(items[column[items] < 0])
    column[unknown] = len(things) + np.arange(len(unknown))
    pairs = np.unique(np.stack([users, column[items]]), axis=1)
    starts = np.flatnonzero(np.diff(pairs[0], prepend=-1))
    wanted = np.split(pairs[1], starts[1:])
    people = row[pairs[0][starts]]
    return Paper(form, made, people, wanted, int((people < 0).sum()), len(unknown), _had_already(made, people, wanted))


def _had_already(train: Interactions, people: Integers, wanted: list[Integers]) -> int:
    counts = train.counts
    return sum(
        int(np.isin(theirs, counts.indices[counts.indptr[row] : counts.indptr[row + 1]]).sum())
        for row, theirs in zip(people, wanted, strict=True)
        if row >= 0
    )


def _lines_of(path: Path, words: dict[str, int]) -> _Lines:
    found = _Lines(path)
    for number, line in _text_lines(path):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        if max(map(len, fields)) > LONGEST_ID:
            raise Invalid(f"{path}:{number}: a field of more than {LONGEST_ID} characters is no id")
        found.users.append(words.setdefault(fields[0], len(words)))
        found.items.extend([words.setdefault(each, len(words)) for each in fields[1:]])
        found.lengths.append(len(fields) - 1)
        found.numbers.append(number)
    if not len(found.users):
        raise Invalid(f"{path}: there is nothing in it")
    if not len(found.items):
        raise Invalid(f"{path}:{found.numbers[0]}: no line names an item; fields stand apart by blanks or tabs")
    return found


def _text_lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    number = 0
    try:
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise Invalid(f"{path}:{number}: is no text in UTF-8") from None
    except (EOFError, gzip.BadGzipFile) as fault:
        raise Invalid(f"{path}: is packed, and damaged: {fault}") from None


def _form_of(lines: _Lines, names: list[str]) -> Form:
    lengths = np.asarray(lines.lengths)
    again = len(set(lines.users)) < len(lines.users)
    if again and len(lengths) > 2 * len(set(lines.users)) and np.all(lengths == 3):
        raise Invalid(
            f"{lines.path}: every line has four fields and users come again, as in `user item rating time`; leave the"
            " first two or three of each line, or say --format lists"
        )
    # A first line may be a heading.
    if again and np.all(lengths == 2) and all(_number(names[each]) is not None for each in lines.items[3::2]):
        return Form.COUNTS
    return Form.LISTS


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if np.isfinite(found) else None


def _pairs(lines: _Lines, names: list[str], form: Form) -> tuple[Integers, Integers, Floats]:
    """Users, items and counts, side by side."""
    users, items = np.asarray(lines.users, np.int64), np.asarray(lines.items, np.int64)
    lengths = np.asarray(lines.lengths, np.int64)
    if form is Form.LISTS:
        return np.repeat(users, lengths), items, np.ones(len(items))
    begins = np.cumsum(lengths) - lengths
    counts = np.ones(len(users))
    kept = np.ones(len(users), bool)
    read: dict[int, float | None] = {}
    for at, (begin, length) in enumerate(zip(begins.tolist(), lengths.tolist(), strict=True)):
        place = f"{lines.path}:{lines.numbers[at]}"
        if length not in (1, 2):
            raise Invalid(f"{place}: has {length + 1} fields where `user item count` has three")
        if length == 1:
            continue
        word = lines.items[begin + 1]
        if word not in read:
            read[word] = _number(names[word])
        count = read[word]
        if count is None and at == 0:
            kept[at] = False
        elif count is None or count < 0:
            raise Invalid(f"{place}: {names[word]!r} is no count")
        else:
            counts[at] = count
    return users[kept], items[begins[kept]], counts[kept]
