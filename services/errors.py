"""The ten ways a request can be refused, each with a code, an HTTP status and the field at fault.

    TuttiError
    ├── Invalid          400  the words themselves are wrong
    ├── Unauthenticated  401  nobody, or nobody any more
    ├── PaymentRequired  402  the tier does not include it
    ├── Denied           403  somebody, but not allowed
    ├── NotFound         404  absent, or invisible to this viewer: the same answer
    ├── Conflict         409  true when you looked, not any more; or taken
    ├── Gone             410  was here, will not come back
    ├── TooLarge         413  over a bound
    ├── TooMany          429  too often; `retry_after` seconds say when
    └── Unavailable      503  a part we need is away; try later

Raised in `services/`, translated to a wire at three doors only: `handlers/base.py`, `graph/present.py` and
`realtime/messages.py`. Anything else that escapes is a bug.
"""

from __future__ import annotations

from typing import Any, ClassVar


class TuttiError(Exception):
    """A refusal with a sentence for people, a code for programs and, where one is at fault, the field."""

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.reason = code or type(self).code
        self.retry_after = retry_after

    @property
    def extensions(self) -> dict[str, Any]:
        """The machine-readable half, in the shape GraphQL's `extensions` and our JSON errors share."""
        shown: dict[str, Any] = {"code": self.reason}
        if self.field is not None:
            shown["field"] = self.field
        if self.retry_after is not None:
            shown["retryAfter"] = round(self.retry_after, 3)
        return shown


class Invalid(TuttiError):
    """The request's own words are wrong: a bad format, a value outside its range."""

    code = "INVALID"
    status = 400


class Unauthenticated(TuttiError):
    """Sign in first, or again: no token, an expired one, a wrong password."""

    code = "UNAUTHENTICATED"
    status = 401


class PaymentRequired(TuttiError):
    """The viewer's subscription tier does not include this."""

    code = "PAYMENT_REQUIRED"
    status = 402


class Denied(TuttiError):
    """We know who asks, and they may not."""

    code = "DENIED"
    status = 403


class NotFound(TuttiError):
    """Absent or invisible to this viewer; the two never differ by a letter."""

    code = "NOT_FOUND"
    status = 404


class Conflict(TuttiError):
    """Somebody was faster, or the name is taken."""

    code = "CONFLICT"
    status = 409


class Gone(TuttiError):
    """It existed, and will not return."""

    code = "GONE"
    status = 410


class TooLarge(TuttiError):
    """Over a documented bound of size."""

    code = "TOO_LARGE"
    status = 413


class TooMany(TuttiError):
    """Too often or too many at once; carries `retry_after` in seconds."""

    code = "TOO_MANY"
    status = 429


class Unavailable(TuttiError):
    """A store or tool we stand on does not answer just now."""

    code = "UNAVAILABLE"
    status = 503
