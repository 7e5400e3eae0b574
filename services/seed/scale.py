"""How large a made-up library is: named sizes, and everything that follows from the number of songs."""

from __future__ import annotations

from dataclasses import dataclass

from services.errors import Invalid


@dataclass(frozen=True, slots=True)
class Scale:
    """How many of each; albums, edges and playlists follow from these."""

    artists: int
    songs: int
    users: int
    plays: int

    @property
    def albums(self) -> int:
        """One for ten songs."""
        return max(self.artists, self.songs // 10)

    @property
    def playlists(self) -> int:
        """Two for each person."""
        return self.users * 2


SCALES: dict[str, Scale] = {
    "tiny": Scale(artists=20, songs=200, users=30, plays=2_000),
    "small": Scale(artists=500, songs=5_000, users=1_000, plays=100_000),
    "medium": Scale(artists=5_000, songs=50_000, users=10_000, plays=1_000_000),
    "large": Scale(artists=50_000, songs=500_000, users=10_000, plays=1_000_000),
}


def scale_named(text: str) -> Scale:
    """The scale of that name. Invalid, naming those there are, for any other."""
    if text not in SCALES:
        raise Invalid(f"scale is one of {', '.join(SCALES)}.", field="scale")
    return SCALES[text]
