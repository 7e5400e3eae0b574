"""What the scalars of the schema are in Python, and how each is written and read."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from graphql import GraphQLError

from graph.bind import Scalar
from services.uploads.staging import StagedFile

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def write_datetime(value: Any) -> str:
    """`2026-03-14T09:26:53.589Z`: UTC to the millisecond."""
    moment: datetime = value
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_datetime(value: Any) -> datetime:
    """An aware time in UTC from ISO 8601 text with an offset."""
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise GraphQLError("A DateTime is ISO 8601 text with an offset, like 2026-03-14T09:26:53Z.") from error


def write_date(value: Any) -> str:
    """`2026-03-14`, or as much of it as is known: `2026-03`, `2026`."""
    return value.isoformat() if isinstance(value, date) else str(value)


def read_date(value: Any) -> date:
    """A calendar day from `YYYY-MM-DD`."""
    try:
        if not _DAY.fullmatch(value):
            raise ValueError(value)
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise GraphQLError("A Date is written YYYY-MM-DD.") from error


def write_upload(_value: Any) -> str:
    """Never: a file is not written in an answer."""
    raise GraphQLError("An Upload is not written in an answer.")


def read_upload(value: Any) -> StagedFile:
    """The file that a multipart request put in the place of its variable."""
    if not isinstance(value, StagedFile):
        raise GraphQLError("An Upload is a file of a multipart request (the GraphQL multipart request specification).")
    return value


SCALARS = {
    "DateTime": Scalar(write_datetime, read_datetime),
    "Date": Scalar(write_date, read_date),
    "Upload": Scalar(write_upload, read_upload),
}
