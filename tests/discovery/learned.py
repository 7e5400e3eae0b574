"""A house that has learned, without a process of its own."""

from services.discovery.collaborative.affinity import Origin
from services.discovery.learning.gathering import Gathering
from services.discovery.learning.making import make
from services.discovery.learning.rows import read_rows


async def learn(rig, folder):
    """Learn from what is in the store now, and answer by it from now on; what was learned."""
    await rig.house.roll_ups.fold()
    gathered = await Gathering(rig.store, rig.clock, folder, most_rows=100_000).write()
    origin = Origin(rig.clock.new_id(), gathered.read_at, gathered.plays, gathered.people)
    learned, _ = make(*read_rows(folder), origin)
    rig.house.affinities.take(learned)
    return learned
