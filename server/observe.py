"""What the house says of itself while it runs: one line an event, with its trace and its data, and no secret.

Owns the log format. Refuses to know what the lines mean. Messages are constant; the data stands beside them.
"""

from __future__ import annotations

import logging
import re
import sys
import warnings
from datetime import UTC, datetime
from typing import Any

import orjson
from tornado.web import RequestHandler

from server.one_line import TEXT_LIMIT, one_line, plain_value
from services.trace import current_trace

access_log = logging.getLogger("tutti.access")

MESSAGE_LIMIT = 4 * TEXT_LIMIT
TRACEBACK_LINES = 200
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_SECRET_KEY = re.compile(r"password|secret|token|ticket|authorization|cookie|api_?key", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"(?i)((?:ticket|token|password|secret|key)=)[^&\s\"']+|(bearer\s+)[\w.~+/=-]+|(://[^:/@\s]*:)[^@/\s]+(?=@)"
    r"|(/(?:share|unsubscribe|appeal|join)/)[^/\s?\"']+"
)


def without_secrets(text: str) -> str:
    """The text with tickets, tokens and passwords struck out, wherever they hide in URLs and headers."""
    return _SECRET_TEXT.sub(lambda found: (found[1] or found[2] or found[3] or found[4]) + "***", text)


def _data(record: logging.LogRecord) -> dict[str, Any]:
    return {
        one_line(key): "***" if _SECRET_KEY.search(key) else plain_value(value)
        for key, value in vars(record).items()
        if key not in _STANDARD
    }


def _shown(value: Any) -> str:
    """A value beside its key: in quotes where it would look like several."""
    text = str(value)
    return orjson.dumps(text).decode() if isinstance(value, str) and any(sign in text for sign in ' ="') else text


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    """The lines of the traceback, the last ones where there are many: what went wrong stands at the end."""
    lines = [] if record.exc_info is None else formatter.formatException(record.exc_info).splitlines()
    return [one_line(line) for line in lines[-TRACEBACK_LINES:]]


class TextFormat(logging.Formatter):
    """For people: time, level, room, message, then the data as key=value."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the traceback where there is one."""
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        data = "".join(f" {key}={_shown(value)}" for key, value in _data(record).items())
        trace = current_trace.get()
        mark = "" if trace == "-" else f" [{trace}]"
        line = (
            f"{moment} {record.levelname:<7} {record.name}{mark} {one_line(record.getMessage(), MESSAGE_LIMIT)}{data}"
        )
        # What stands behind the bar belongs to the line above, whatever it looks like.
        return without_secrets("\n    | ".join([line, *_traceback(self, record)]))


class JsonFormat(logging.Formatter):
    """For machines: one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        shown: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": one_line(record.getMessage(), MESSAGE_LIMIT),
            "trace": current_trace.get(),
            **_data(record),
        }
        if record.exc_info:
            shown["exception"] = "\n".join(_traceback(self, record))
        return without_secrets(orjson.dumps(shown, default=str).decode())


def set_up_logging(style: str, level: str) -> None:
    """Send every logger's lines to standard error in `style` (`text` or `json`), from `level` up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormat() if style == "json" else TextFormat())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # A picture can have a thousand oddities, each worth a line to its library and none to us.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    # A client library's chatter and Tornado's own access lines are not ours to print; requests are logged below.
    for name in ("tornado.access", "pymongo", "asyncio", "watchfiles", "botocore", "aiobotocore", "aiohttp"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It calls what is odd in somebody's picture an error; the refusal says it to whom it concerns.
    logging.getLogger("PIL").setLevel(logging.CRITICAL)


def log_request(handler: RequestHandler) -> None:
    """One line a request, after its answer: who asked for what, what came of it, how long it took."""
    status = handler.get_status()
    level = logging.ERROR if status >= 500 else logging.INFO if status >= 400 else logging.DEBUG
    if not access_log.isEnabledFor(level):
        return
    request = handler.request
    access_log.log(
        level,
        "request",
        extra={
            "method": request.method,
            "path": request.path,
            "status": status,
            "ms": round(1000 * request.request_time(), 1),
            "address": request.remote_ip,
        },
    )
