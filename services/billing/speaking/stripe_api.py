"""Stripe's API as this house speaks it: one method for each thing asked, plain mappings back, our errors raised.

Owns the library, which is imported here alone and only when there is a key. Refuses to know what an answer means.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from services.billing.rules import API_VERSION, BillingRules
from services.errors import Conflict, Invalid, PaymentRequired, Unavailable

log = logging.getLogger("tutti.billing")

RETRIES = 2
"""How often the library itself tries a request again, each POST under one idempotency key."""
PAGE = 20
"""Rows of one page of a list: reading more at once would hold the loop up."""

Thing = dict[str, Any]
"""One object of the API."""


class StripeApi:
    """The one who talks to Stripe. Unavailable (BILLING_OFF) at every call when there is no key."""

    def __init__(self, rules: BillingRules) -> None:
        self._rules = rules
        self._client: Any = None
        self._stripe: Any = None
        self._line: Any = None

    @property
    def stands(self) -> bool:
        """Whether there is a key at all."""
        return self._rules.stands

    async def close(self) -> None:
        """Let go of every connection; a later call makes new ones."""
        line, self._line, self._client = self._line, None, None
        if line is not None:
            await line.close_async()

    def open(self) -> None:
        """Import the library and make the client, once. Unavailable (BILLING_OFF) without a key."""
        if not self._rules.stands:
            raise Unavailable("Nothing can be bought here: no payment service is set up.", code="BILLING_OFF")
        if self._client is not None:
            return
        import stripe

        from services.billing.speaking.line import Line

        # It would log addresses of people, and measure our requests for its makers.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        stripe.enable_telemetry = False
        base = self._rules.api_base.rstrip("/")
        self._stripe = stripe
        self._line = Line(timeout_s=self._rules.timeout_s, allow_private=bool(base))
        self._client = stripe.StripeClient(
            self._rules.secret_key,
            stripe_version=API_VERSION,
            max_network_retries=RETRIES,
            http_client=self._line,
            base_addresses={"api": base} if base else None,
        )

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Thing | None:
        """One object, or None when Stripe knows none of that name."""
        try:
            return await self._ask("get", path, params)
        except _NothingThere:
            return None

    async def list(self, path: str, params: Mapping[str, Any] | None = None) -> tuple[Sequence[Thing], bool]:
        """One page of a list, newest first, and whether more follow."""
        try:
            page = await self._ask("get", path, {"limit": PAGE, **(params or {})})
        except _NothingThere:
            return [], False
        rows = page.get("data")
        if not isinstance(rows, Sequence) or not all(isinstance(row, Mapping) for row in rows):
            raise _unreadable()
        return rows, bool(page.get("has_more"))

    async def post(self, path: str, params: Mapping[str, Any] | None = None, *, key: str | None = None) -> Thing:
        """What a change gives. Asking again under the same `key` within a day changes nothing more."""
        try:
            return await self._ask("post", path, params, key=key)
        except _NothingThere:
            raise Conflict("The payment service knows no such thing any more.", code="BILLING_GONE") from None

    async def delete(self, path: str, params: Mapping[str, Any] | None = None) -> Thing | None:
        """End something; None when it is gone already."""
        try:
            return await self._ask("delete", path, params)
        except _NothingThere:
            return None

    async def _ask(self, method: str, path: str, params: Mapping[str, Any] | None, *, key: str | None = None) -> Thing:
        self.open()
        options = {} if key is None else {"idempotency_key": key}
        return await self._translated(self._client.raw_request_async(method, path, **(params or {}), **options))

    async def _translated(self, asked: Awaitable[Any]) -> Thing:
        stripe = self._stripe
        try:
            answer = await asked
        except stripe.CardError as refusal:
            words = refusal.user_message or "The card was declined."
            raise PaymentRequired(words, code="PAYMENT_DECLINED") from None
        except stripe.IdempotencyError:
            raise Conflict("The same was asked for differently just now. Try again.", code="BILLING_BUSY") from None
        except stripe.InvalidRequestError as refusal:
            if refusal.code == "resource_missing" and refusal.http_status == 404:
                raise _NothingThere from None
            self._note("payment service refused a request", refusal)
            raise BillingRefused(refusal.code or "", refusal.param or "") from None
        except (stripe.AuthenticationError, stripe.PermissionError) as refusal:
            self._note("payment service does not take our key", refusal)
            raise Unavailable(
                "The payment service does not accept this house's key.", code="BILLING_MISCONFIGURED"
            ) from None
        except stripe.StripeError as trouble:
            self._note("payment service is away", trouble)
            raise _away() from None
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
            # The library trips over what is no answer of Stripe's: a proxy's page, half of one.
            raise _unreadable() from None
        made: Any = answer.data
        if not isinstance(made, dict):
            raise _unreadable()
        return made

    def _note(self, words: str, trouble: Any) -> None:
        # Never its message: that one quotes what was sent.
        shown = {"status": trouble.http_status, "reason": trouble.code, "request": trouble.request_id}
        log.warning(words, extra={**shown, "param": getattr(trouble, "param", None)})


def _away() -> Unavailable:
    return Unavailable("The payment service does not answer just now. Try again.", code="BILLING_AWAY")


def _unreadable() -> Unavailable:
    log.warning("payment service answers what cannot be read")
    return _away()


class BillingRefused(Invalid):
    """The payment service does not take what was asked as it was asked; `why` is its code, `param` what it names."""

    def __init__(self, why: str, param: str) -> None:
        super().__init__("The payment service does not take that.", code="BILLING_REFUSED")
        self.why = why
        self.param = param


class _NothingThere(Exception):
    """There is no such object."""
