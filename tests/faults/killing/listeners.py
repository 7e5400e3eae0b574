"""Somebody who likes, saves, follows and plays, and takes some of it back."""

from __future__ import annotations

from random import Random

from tests.faults.killing.line import Line, Lost

EDGES = {
    "like": ("likeSong", "unlikeSong", "songId"),
    "save": ("saveAlbum", "unsaveAlbum", "albumId"),
    "follow": ("followArtist", "unfollowArtist", "artistId"),
    "befriend": ("followUser", "unfollowUser", "userId"),
    "subscribe": ("followPlaylist", "unfollowPlaylist", "playlistId"),
}
PLAY = "mutation($s: ID!, $p: ID!) { playSong(songId: $s, playId: $p, msPlayed: 31000) { success } }"


class Listener:
    """One listener. `targets` are the things there are, by the kind of edge that leads to them."""

    def __init__(self, line: Line, random: Random, targets: dict[str, list[str]]) -> None:
        self._line = line
        self._random = random
        self._targets = targets
        self._ledger = line.house.ledger
        self._plays = 0
        self._unanswered: list[tuple[str, str]] = []

    async def step(self) -> None:
        """One write."""
        if self._random.random() < 0.5:
            await self._play()
        else:
            await self._draw()

    async def _play(self) -> None:
        """A play; every other one whose answer was lost is told again, as a player does that has come back."""
        if self._unanswered:
            song_id, play_id = self._unanswered.pop()
            if self._random.random() < 0.5:
                return
        else:
            self._plays += 1
            song_id, play_id = self._random.choice(self._targets["like"]), f"play{self._plays}"
        key = ("play", f"{self._line.user_id}:{play_id}", song_id)
        try:
            await self._line.ask(PLAY, s=song_id, p=play_id)
        except Lost:
            self._ledger.perhaps(key, there=True)
            self._unanswered.append((song_id, play_id))
            raise
        self._ledger.done(key)

    async def _draw(self) -> None:
        kind = self._random.choice([kind for kind, targets in self._targets.items() if targets])
        there = self._random.random() < 0.6
        draw, wipe, name = EDGES[kind]
        target_id = self._random.choice(self._targets[kind])
        if target_id == self._line.user_id:
            return
        key = (kind, self._line.user_id, target_id)
        mutation = draw if there else wipe
        try:
            await self._line.ask(f"mutation($t: ID!) {{ {mutation}({name}: $t) {{ success }} }}", t=target_id)
        except Lost:
            self._ledger.perhaps(key, there=there)
            raise
        (self._ledger.done if there else self._ledger.undone)(key)
