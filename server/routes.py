"""Every path there is, and the audit that refuses a door which does not say who may pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tornado.routing import Rule
from tornado.web import RequestHandler, url

from services.viewer import Role


class UnguardedRoute(Exception):
    """A handler without `access`: nobody decided who may call it."""


def audit(rules: Sequence[Any]) -> None:
    """UnguardedRoute, naming the handler, unless every rule's handler says in its own body who may call it."""
    for rule in rules:
        target = rule.target if isinstance(rule, Rule) else rule[1]
        if not (isinstance(target, type) and issubclass(target, RequestHandler)):
            raise UnguardedRoute(f"{target!r} is no handler")
        if vars(target).get("access") not in set(Role):
            raise UnguardedRoute(f"{target.__name__} does not say who may call it (set `access`)")


def door(pattern: str, handler: type[RequestHandler], **collaborators: Any) -> Any:
    """One rule of the table."""
    return url(pattern, handler, collaborators, name=handler.__name__)
