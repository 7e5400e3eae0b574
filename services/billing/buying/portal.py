"""The payment service's own page where somebody sees bills and changes how they pay. Owns nothing but the way there."""

from __future__ import annotations

from services.billing.customers import Customers
from services.billing.speaking.stripe_api import StripeApi
from services.errors import NotFound, Unavailable
from services.viewer import Viewer


class Portal:
    """Opens the page."""

    def __init__(self, api: StripeApi, customers: Customers, *, public_url: str) -> None:
        self._api = api
        self._customers = customers
        self._public_url = public_url.rstrip("/")

    async def open(self, viewer: Viewer) -> str:
        """Its address, good for some minutes and one person. NotFound (NEVER_BOUGHT) for who never bought anything."""
        user_id = viewer.require_oneself()
        self._api.open()
        if not self._public_url:
            raise Unavailable("The operator has to set server.public_url first.", code="BILLING_MISCONFIGURED")
        if await self._customers.of(user_id) is None:
            raise NotFound("You have bought nothing yet.", code="NEVER_BOUGHT")
        customer = await self._customers.of_or_new(user_id)
        asked = {"customer": customer.customer_id, "return_url": f"{self._public_url}/"}
        return str((await self._api.post("/v1/billing_portal/sessions", asked))["url"])
