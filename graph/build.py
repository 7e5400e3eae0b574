"""Puts the graph room together: the text, its resolvers and the executor that doors are handed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules

from graphql import GraphQLSchema

from graph import resolvers, scalars
from graph.bind import bind, read_sdl
from graph.context import Caller, Context
from graph.execute import Executor
from graph.feeds import Feeds
from graph.limits import Limits
from graph.persisted import BadAllowList, Persisted
from services.house import House
from services.rates import CostRates
from services.viewer import Viewer

MODULES = (
    scalars,
    *(import_module(f"{resolvers.__name__}.{found.name}") for found in iter_modules(resolvers.__path__)),
)
"""Every file of `graph/resolvers/` is part of the API by being there."""


@cache
def build_schema() -> GraphQLSchema:
    """The whole API, bound; made once, since texts and resolvers do not change. BindError lists what does not fit."""
    return bind(read_sdl(), MODULES)


def build_executor(
    house: House,
    feeds: Feeds | None = None,
    *,
    limits: Limits | None = None,
    timeout_seconds: float = 15.0,
    introspection: bool = True,
    rates: CostRates | None = None,
    persisted_queries: int = 1000,
    allowed: Mapping[str, str] | None = None,
    report_cost: bool = False,
    compile_after: int | None = None,
) -> Executor:
    """The executor of this house; its subscriptions listen to `feeds`.

    Without `introspection` clients cannot read the schema, and refusals do not suggest names. With `allowed` (texts
    by hash, of `read_allow_list`) nothing else runs; BadAllowList when one of them does not fit the schema.
    """

    heard = feeds or Feeds()

    def make_context(viewer: Viewer, caller: Caller) -> Context:
        return Context(house, viewer, caller, heard)

    executor = Executor(
        build_schema(),
        make_context,
        limits=limits,
        timeout_seconds=timeout_seconds,
        introspection=introspection,
        persisted=Persisted(count_limit=persisted_queries, allowed=allowed),
        rates=rates,
        report_cost=report_cost,
        compile_after=compile_after,
        renew=house.accounts.renewed,
        hear=partial(house.slow_log.note, "graphql"),
    )
    for key, text in (allowed or {}).items():
        refused = executor.documents.read(text).refused
        if refused is not None:
            raise BadAllowList(f"{key[:12]}… {text[:40]!r}: {refused['errors'][0]['message']}")
    return executor
