"""What `/metrics` shows of this house: gauges and counters, each read when somebody looks.

Owns the table; what is measured belongs to whoever measures it.
"""

from __future__ import annotations

import asyncio

from graph.execute import Executor
from graph.kept_answers import KeptAnswers
from handlers.visits import Visits
from realtime.hub import Hub
from realtime.sockets import OpenSockets
from realtime.streams import OpenStreams
from server.composition import Household
from server.metrics import Metrics
from services.audio.admission import Urgency


def watch_figures(
    metrics: Metrics, household: Household, *, sockets: OpenSockets, streams: OpenStreams, hub: Hub, visits: Visits
) -> None:
    """Enter every figure of the house."""
    house = household.house
    admission = house.deliveries.admission
    watch = metrics.watch
    watch("tutti_sockets", "Open sockets.", lambda: len(sockets))
    watch("tutti_subscriptions", "Subscriptions that listen.", lambda: len(hub))
    watch("tutti_tasks", "Tasks on the event loop, finished ones aside.", lambda: len(asyncio.all_tasks()))
    watch("tutti_requests_inside", "Requests being answered.", lambda: len(visits))
    watch("tutti_streams_under_way", "Answers with sound under way.", lambda: len(streams))
    watch("tutti_encoders_running", "Encoders at work.", lambda: admission.running)
    ready = house.deliveries.ready
    watch("tutti_encoders_ready", "Encoders that have been started and wait to be told.", lambda: ready.waiting)
    watch("tutti_encoders_waiting", "Segments that wait for an encoder.", lambda: admission.waiting)
    analysing = house.analysing
    watch("tutti_sounds_in_measurement", "Sounds being measured.", lambda: analysing.running)
    watch("tutti_sounds_measured", "Sounds measured since the start.", lambda: analysing.measured)
    watch("tutti_sounds_unmeasurable", "Sounds that could not be measured.", lambda: analysing.failed)
    watch("tutti_analysis_workers", "Processes that measure sounds.", lambda: len(analysing.workers.pids))
    watch("tutti_analysis_workers_lost", "Of these, those that died at work.", lambda: analysing.workers.lost)
    for urgency in Urgency:
        watch(
            "tutti_encoder_queue",
            "Segments that wait for an encoder, by why they are wanted.",
            lambda urgency=urgency: admission.waiting_by_urgency[urgency],
            urgency=urgency.name.lower(),
        )
    count, tally, cache = metrics.count, admission.tally, house.deliveries.cache
    count("tutti_segments_made", "Works that encoders finished.", lambda: tally.made)
    count("tutti_segments_failed", "Works that encoders could not do.", lambda: tally.failed)
    count("tutti_segments_shared", "Times somebody joined a work under way.", lambda: tally.shared)
    count("tutti_segments_refused", "Times somebody was told 429: the queue was full.", lambda: tally.refused)
    count("tutti_segments_killed", "Works ended because nobody waited any more.", lambda: tally.killed)
    count("tutti_segments_gave_way", "Works stopped for something more urgent.", lambda: tally.gave_way)
    watch("tutti_audio_cache_bytes", "Bytes of encoded sound kept on disk.", lambda: cache.used_bytes)
    count("tutti_audio_cache_hits", "Segments that were there when they were wanted.", lambda: cache.hits)
    count("tutti_audio_cache_misses", "Segments that were not.", lambda: cache.misses)
    count("tutti_audio_cache_evictions", "Files thrown out to keep the bound.", lambda: cache.evictions)
    slow = house.slow_log.noted
    count("tutti_slow_requests", "GraphQL requests that took longer than 250 ms.", lambda: slow["graphql"])
    count("tutti_slow_commands", "Commands of the store that took longer than 50 ms.", lambda: slow["store"])
    rooms = house.room_watch
    watch("tutti_room_seats", "Players that sit in rooms, here.", lambda: rooms.seat_count)
    watch(
        "tutti_room_skew_ms_p95", "How far off players in rooms say they are: the 95th percentile.", rooms.skew_p95_ms
    )
    watch("tutti_room_skew_ms_max", "How far off the worst of them says it is.", lambda: max(rooms.skews_ms, default=0))
    metrics.hear_lag(household.loop_lag)


def watch_answers(metrics: Metrics, executor: Executor, kept: KeptAnswers) -> None:
    """Enter what the graph answers once for many, and what by plans."""
    shared, plans = executor.shared_answers, executor.plans
    metrics.count("tutti_plans_compiled", "Operations that were compiled.", lambda: plans.compiled)
    metrics.count("tutti_planned_answers", "Requests and events that a plan answered.", lambda: plans.planned)
    metrics.count_by(
        "reason",
        "tutti_unplanned_answers",
        "Requests, events and root fields with errors that graphql-core answered, by why no plan did.",
        lambda: plans.otherwise,
    )
    metrics.count("tutti_event_answers_made", "Answers to events that a crowd may share.", lambda: shared.made)
    metrics.count("tutti_event_answers_shared", "Listeners who were handed one of them.", lambda: shared.handed_on)
    metrics.count("tutti_kept_answers_hits", "Requests of nobody answered by what was kept.", lambda: kept.hits)
    metrics.count("tutti_kept_answers_misses", "Those whose answer was made, to be kept.", lambda: kept.misses)
    metrics.watch("tutti_kept_answers_bytes", "Bytes of answers that are kept.", lambda: kept.used_bytes)
