"""POST /webhooks/stripe: what the payment service tells by itself. The signature over the very bytes is the guard.

Answers 200 once a delivery is stored, new or not, known or not: anything else has Stripe try again for three days.
"""

from __future__ import annotations

from handlers.base import BaseHandler
from services.viewer import NOBODY, Role, Viewer


class StripeWebhookHandler(BaseHandler):
    """One delivery. 400 for one that is not proven, 413 for one too large, 503 when it could not be stored."""

    access = Role.ANYONE
    cors_methods = "POST, OPTIONS"

    async def viewer(self) -> Viewer:
        """Nobody: who delivers is known by the signature alone."""
        return NOBODY

    async def post(self) -> None:
        """Store it."""
        signature = self.request.headers.get("Stripe-Signature", "")
        is_new = await self.house.billing_events.receive(self.request.body, signature)
        self.write_json({"received": True, "new": is_new})
