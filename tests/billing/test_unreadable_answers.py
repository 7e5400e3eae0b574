"""Answers that come from Stripe's address and are none of Stripe's: the service is away, and nothing else breaks."""

from dataclasses import replace

import orjson
import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from services.billing.speaking.stripe_api import StripeApi
from services.errors import Unavailable
from tests.billing.stand_in import RULES


class Door(RequestHandler):
    said = (200, b"")

    def get(self):
        status, body = self.said
        self.set_status(status)
        self.finish(body)


def deep(levels):
    return b'{"a":' * levels + b"1" + b"}" * levels


async def test_what_is_no_answer_of_stripes_is_the_service_being_away(log_watch):
    log_watch.expect("payment service (is away|answers what cannot be read)")
    socket, port = bind_unused_port()
    server = HTTPServer(Application([(r"/.*", Door)], log_function=lambda handler: None))
    server.add_sockets([socket])
    api = StripeApi(replace(RULES, api_base=f"http://127.0.0.1:{port}"))
    try:
        for said in (
            (404, orjson.dumps({"error": [1]})),
            (400, orjson.dumps({"error": 7})),
            (200, b"<html>"),
            (200, b"[]"),
            (200, b"7"),
            (200, deep(5000)),
        ):
            Door.said = said
            with pytest.raises(Unavailable) as refusal:
                await api.get("/v1/customers/cus_1")
            assert refusal.value.reason == "BILLING_AWAY", said
        for rows in ({}, {"data": 7}, {"data": "x"}, {"data": [7]}):
            Door.said = (200, orjson.dumps({"object": "list"} | rows))
            with pytest.raises(Unavailable):
                await api.list("/v1/refunds")
        Door.said = (200, orjson.dumps({"id": "cus_1", "object": "customer"}))
        assert (await api.get("/v1/customers/cus_1"))["id"] == "cus_1"
    finally:
        await api.close()
        server.stop()
        await server.close_all_connections()
