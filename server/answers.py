"""What answers GraphQL, composed from the settings: the executor, and what is kept of its answers.

Owns which setting bounds what. Refuses to know doors.
"""

from __future__ import annotations

from pathlib import Path

from graph.build import build_executor
from graph.execute import Executor
from graph.feeds import Feeds
from graph.kept_answers import KeptAnswers
from graph.limits import Limits as GraphLimits
from graph.persisted import read_allow_list
from realtime.broker import Broker
from server.sections.graphql import GraphqlSettings
from server.settings import Settings
from services.clock import Clock
from services.house import House
from services.rates import CostRates, Rate


def make_answers(settings: Settings, house: House, feeds: Feeds, broker: Broker) -> tuple[Executor, KeptAnswers]:
    """The one executor of a process; nothing is kept while the broker, which says what changed, is away."""
    graphql = settings.graphql
    executor = build_executor(
        house,
        feeds,
        limits=_graph_limits(graphql),
        timeout_seconds=graphql.timeout_seconds,
        introspection=settings.may_introspect,
        rates=_rates(graphql, house.clock),
        persisted_queries=graphql.persisted_queries,
        allowed=read_allow_list(Path(graphql.allow_list)) if graphql.allow_list else None,
        report_cost=graphql.report_cost,
        compile_after=graphql.compile_after,
    )
    kept = KeptAnswers(
        executor,
        limit_bytes=graphql.cache_bytes,
        most_seconds=graphql.cache_seconds,
        hears=lambda: broker.connected,
    )
    return executor, kept


def _graph_limits(graphql: GraphqlSettings) -> GraphLimits:
    return GraphLimits(
        depth=graphql.max_depth,
        cost=graphql.max_cost,
        tokens=graphql.max_tokens,
        characters=graphql.max_characters,
        aliases=graphql.max_aliases,
        directives=graphql.max_directives,
        root_fields=graphql.max_root_fields,
        batch=graphql.max_batch,
    )


def _rates(graphql: GraphqlSettings, clock: Clock) -> CostRates:
    return CostRates(
        clock,
        signed_in=Rate(graphql.rate_per_second, graphql.rate_burst),
        anonymous=Rate(graphql.anonymous_rate_per_second, graphql.anonymous_rate_burst),
    )
