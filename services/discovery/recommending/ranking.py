"""The order of somebody's recommendations with their proved reasons, remembered while nothing of theirs changed.

Owns the memory: bounded, for a minute at most, and void after the person's next play, like, follow or choice, a new
model or a new day. Refuses to know words and what is shown of a song.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from services.catalogue.access import Sight, sight_of
from services.clock import Clock
from services.discovery.collaborative.affinities import Affinities
from services.discovery.listening import HEARD_LIMIT, Listening
from services.discovery.picks import Pick, Why, in_order
from services.discovery.recommending.candidates import Candidates
from services.discovery.recommending.exploring import Exploration, with_exploration
from services.discovery.recommending.neighbours import Shared
from services.discovery.recommending.proofs import Proofs, Proved
from services.discovery.recommending.standing import Basis, Standing, Standings
from services.discovery.taste import Leaning, best
from services.events import Bus, CatalogueChanged
from services.viewer import Role, Viewer
from storage.collections.store import Store

SPARE = 10
"""So many more than asked for are ranked, for songs that went out of sight meanwhile."""

KEPT = 500
KEPT_S = 60.0


@dataclass(frozen=True, slots=True)
class Row:
    """One recommended song's id and all reasons that hold, the strongest first."""

    song_id: str
    proved: tuple[Proved, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Songs in order. `artists`: the three that somebody listens to most; `chosen`: genres; `is_empty`: no taste."""

    rows: tuple[Row, ...]
    artists: tuple[str, ...]
    chosen: tuple[str, ...]
    is_empty: bool


class Ranking:
    """Ranks songs for people."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        listening: Listening,
        standings: Standings,
        candidates: Candidates,
        exploration: Exploration,
        affinities: Affinities,
    ) -> None:
        self._store = store
        self._clock = clock
        self._listening = listening
        self._standings = standings
        self._candidates = candidates
        self._exploration = exploration
        self._affinities = affinities
        self._kept: OrderedDict[tuple[object, ...], tuple[float, tuple[object, ...], Ranked]] = OrderedDict()
        bus.hear(CatalogueChanged, lambda event: self._kept.clear())

    async def ranked(self, viewer: Viewer, limit: int, basis: Basis | None) -> Ranked:
        """Songs for the viewer, `limit` and some to spare. Four store commands where it is remembered."""
        user_id = viewer.require(Role.LISTENER)
        sight = await sight_of(self._store, viewer)
        mark = await self._standings.mark(user_id)
        origin = self._affinities.origin
        state = (*mark, self._clock.now().date(), None if origin is None else origin.version)
        key, now = (user_id, sight, limit, basis), self._clock.monotonic()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < KEPT_S and kept[1] == state:
            self._kept.move_to_end(key)
            return kept[2]
        made = await self._rank(viewer, sight, limit, basis)
        self._kept[key] = (now, state, made)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return made

    async def picks(
        self, viewer: Viewer, limit: int, basis: Basis | None, *, reserve: int = 0
    ) -> tuple[list[Pick], Leaning]:
        """The picks in the order to show them (`reserve` more than `limit`), and what they stand on."""
        sight = await sight_of(self._store, viewer)
        ordered, standing, _, _ = await self._ordered(viewer, sight, limit + reserve, basis)
        return ordered[: limit + reserve], standing.leaning

    async def _rank(self, viewer: Viewer, sight: Sight, limit: int, basis: Basis | None) -> Ranked:
        ordered, standing, shared, heard = await self._ordered(viewer, sight, limit + SPARE, basis)
        reasons = [reason for pick in ordered for reason in pick.reasons]
        await self._standings.exactly(
            standing,
            sorted({reason.about for reason in reasons if reason.why is Why.ARTIST}),
            sorted({reason.about for reason in reasons if reason.why is Why.SHARED}),
        )
        proofs = Proofs(standing, shared, heard, counts_viewer=self._affinities.is_ready)
        return Ranked(
            tuple(Row(pick.song.id, tuple(proofs.of(pick))) for pick in ordered),
            tuple(best(standing.leaning.artists, 3)),
            tuple(standing.chosen),
            standing.leaning.is_empty,
        )

    async def _ordered(
        self, viewer: Viewer, sight: Sight, limit: int, basis: Basis | None
    ) -> tuple[list[Pick], Standing, Shared, set[str]]:
        standing = await self._standings.of(viewer, sight, basis)
        picks, shared = await self._candidates.of(sight, standing)
        explored = await self._exploration.songs(sight, standing, self._clock.now().date())
        ranked = picks.all()[: HEARD_LIMIT - len(explored)]
        heard = await self._heard(standing, [*(pick.song.id for pick in ranked), *(song.id for song in explored)])
        # Liked is known as well, however seldom it was played here.
        ordered = in_order(ranked, heard | standing.leaning.songs.keys(), limit)
        return with_exploration(ordered, explored, limit, heard)[:limit], standing, shared, heard

    async def _heard(self, standing: Standing, ids: list[str]) -> set[str]:
        if standing.is_whole:
            return standing.played.keys() & set(ids)
        return await self._listening.heard(standing.user_id, ids)
