"""What every resolver is handed as `info.context`: who asks, the services, and this request's loaders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import GraphQLResolveInfo

from graph.feeds import Feeds
from graph.loaders import Loaders
from services.house import House
from services.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from, for the list of somebody's sessions and for counting attempts."""

    address: str = ""
    user_agent: str = ""


@dataclass(slots=True)
class Context:
    """One request's context. A subscription makes a fresh one for each event, so that nothing stale is shown.

    `told` is what the answer says beside its data, in `extensions`: by the noun it is about.
    """

    house: House
    viewer: Viewer
    caller: Caller
    feeds: Feeds
    loaders: Loaders = field(init=False)
    told: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.house, self.viewer)


Info: TypeAlias = GraphQLResolveInfo[Context]
"""What graphql-core hands to a resolver beside the record: above all, `info.context`."""
