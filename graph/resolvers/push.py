"""Browsers that are pushed to."""

from __future__ import annotations

from dataclasses import dataclass

from graph.bind import resolves
from graph.context import Info


@dataclass(slots=True)
class SubscribePush:
    """What asking to be pushed to gives."""

    success: bool = True


@dataclass(slots=True)
class UnsubscribePush:
    """What asking to be left alone gives."""

    success: bool = True


RECORDS = {"SubscribePush": SubscribePush, "UnsubscribePush": UnsubscribePush}


@resolves("Query.pushKey")
def push_key(_: None, info: Info) -> str:
    """The house's public key."""
    return info.context.house.push_subscriptions.key(info.context.viewer)


@resolves("Mutation.subscribePush")
async def subscribe_push(
    _: None, info: Info, endpoint: str, p256dh: str, auth: str, device_id: str | None = None
) -> SubscribePush:
    """One browser more."""
    subscribe, viewer = info.context.house.push_subscriptions.subscribe, info.context.viewer
    await subscribe(viewer, endpoint=endpoint, p256dh=p256dh, auth=auth, device_id=device_id)
    return SubscribePush()


@resolves("Mutation.unsubscribePush")
async def unsubscribe_push(_: None, info: Info, endpoint: str) -> UnsubscribePush:
    """One browser less."""
    await info.context.house.push_subscriptions.unsubscribe(info.context.viewer, endpoint)
    return UnsubscribePush()
