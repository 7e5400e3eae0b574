"""The made-up ledger: who played what and when over the last year, with favourites, habits and a little growth.

Owns the sampling. Refuses to know what is counted from it; plays come already folded, for the seeder adds them up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from services.clock import to_epoch_ms
from services.seed.people import MadeUpPeople, Tune
from storage.records import Play

DAYS = 365
FAVOURITES = 60
SOURCES = ("playlist", "album", "radio", "search", "artist")


def made_up_plays(people: MadeUpPeople, tunes: Sequence[Tune], seed: int, as_of: datetime) -> Iterator[Play]:
    """Every play, listener by listener: 70 of 100 are one of the listener's favourites, the rest what is popular."""
    random = Random(f"plays {seed}")
    per_user = people.scale.plays / max(1, len(people.user_ids))
    left = people.scale.plays
    for number, user_id in enumerate(people.user_ids):
        last = number == len(people.user_ids) - 1
        plays = left if last else min(left, round(random.uniform(0.2, 1.8) * per_user))
        left -= plays
        favourites = [people.popularity.draw(random) for _ in range(FAVOURITES)]
        taken: set[int] = set()
        for _ in range(plays):
            position = random.choice(favourites) if random.random() < 0.7 else people.popularity.draw(random)
            tune = tunes[position]
            # The square root makes recent days busier than those long ago.
            began = as_of - timedelta(milliseconds=int((1 - random.random() ** 0.7) * DAYS * 86_400_000) + 1)
            began = began.replace(microsecond=began.microsecond // 1000 * 1000)
            key = to_epoch_ms(began)
            while key in taken:
                key, began = key + 1000, began + timedelta(seconds=1)
            taken.add(key)
            completed = random.random() < 0.8
            yield Play(
                id=f"{user_id}:seed-{key}",
                user_id=user_id,
                song_id=tune.id,
                started_at=began,
                recorded_at=began,
                album_id=tune.album_id,
                artist_ids=list(tune.artist_ids),
                ms_played=tune.duration_ms if completed else int(random.random() * tune.duration_ms),
                completed=completed,
                source=random.choice(SOURCES),
                country=people.countries[user_id],
                folded=True,
            )
