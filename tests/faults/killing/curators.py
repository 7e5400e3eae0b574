"""Somebody who makes playlists, and adds, moves and takes out songs."""

from __future__ import annotations

from random import Random

from tests.faults.killing.line import Line, Lost, Refused

MAKE = "mutation($n: String!) { createPlaylist(name: $n) { playlist { id } } }"
ADD = """mutation($p: ID!, $s: ID!, $at: Int) {
  addSongToPlaylist(playlistId: $p, songId: $s, position: $at) { playlist { songCount } } }"""
REMOVE = "mutation($p: ID!, $s: ID!) { removeSongFromPlaylist(playlistId: $p, songId: $s) { success } }"
MOVE = """mutation($p: ID!, $s: ID!, $at: Int!) {
  reorderPlaylistSongs(playlistId: $p, songId: $s, newPosition: $at) { success } }"""
MOST = 20
"""Playlists of one curator."""


class Curator:
    """One curator. Each of their playlists holds a song once at most, as far as they know."""

    def __init__(self, line: Line, random: Random, songs: list[str], playlists: list[str]) -> None:
        self._line = line
        self._random = random
        self._songs = songs
        self._everybodys = playlists
        self._own: list[str] = []
        self._made = 0
        self._ledger = line.house.ledger

    async def step(self) -> None:
        """One write."""
        if not self._own or (self._made < MOST and self._random.random() < 0.05):
            await self._make()
            return
        playlist_id, song_id = self._random.choice(self._own), self._random.choice(self._songs)
        key = ("entry", playlist_id, song_id)
        if self._ledger.may_be(key) == {0}:
            await self._add(playlist_id, song_id)
        elif self._ledger.is_sure(key) and self._random.random() < 0.4:
            at = self._random.randrange(10)
            await self._line.ask(MOVE, p=playlist_id, s=song_id, at=at)
        else:
            await self._remove(playlist_id, song_id)

    async def _make(self) -> None:
        self._made += 1
        name = f"List {self._made} of {self._line.user_id}"
        try:
            made = await self._line.ask(MAKE, n=name)
        except Lost:
            self._ledger.perhaps(("playlist", name), there=True)
            raise
        self._ledger.done(("playlist", name))
        self._own.append(made["createPlaylist"]["playlist"]["id"])
        self._everybodys.append(self._own[-1])

    async def _add(self, playlist_id: str, song_id: str) -> None:
        key = ("entry", playlist_id, song_id)
        try:
            await self._line.ask(ADD, p=playlist_id, s=song_id, at=self._random.randrange(10))
        except Lost:
            self._ledger.perhaps(key, there=True)
            raise
        self._ledger.done(key)

    async def _remove(self, playlist_id: str, song_id: str) -> None:
        """Where it is not known whether the song is there, the answer tells."""
        key = ("entry", playlist_id, song_id)
        try:
            await self._line.ask(REMOVE, p=playlist_id, s=song_id)
        except Lost:
            self._ledger.perhaps(key, there=False)
            raise
        except Refused:
            if self._ledger.is_sure(key):
                raise
        self._ledger.undone(key)
