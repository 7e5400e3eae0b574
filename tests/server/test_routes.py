"""The table of routes refuses a door that does not say who may pass."""

import pytest
from tornado.web import RequestHandler

from handlers.base import BaseHandler
from handlers.health import LiveHandler
from server.routes import UnguardedRoute, audit, door


class Silent(LiveHandler):
    """Inherits `access` and says nothing of its own."""


def test_a_door_that_says_who_may_pass_is_let_through():
    audit([door("/healthz", LiveHandler)])


@pytest.mark.parametrize("handler", [Silent, BaseHandler, RequestHandler])
def test_a_door_that_does_not_say_is_refused_by_name(handler):
    with pytest.raises(UnguardedRoute, match=handler.__name__):
        audit([door("/x", handler)])
