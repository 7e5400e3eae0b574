"""The shape of the genre tree, changed by several people at once without a cycle and without a transaction.

Each change is a turn: it is judged against the tree as it stands, then written into the one `GenreTree` record, which
takes it only while no other turn came between. From there it is carried out, by its author or, after a crash, by
whoever takes the next turn; carrying it out twice does nothing more. `tree_rev` on each genre keeps somebody who was
slow from undoing a later turn. Refuses to know names and rights.
"""

from __future__ import annotations

from typing import Any

from services.catalogue.listing import all_matching
from services.clock import Clock
from services.errors import Conflict, Invalid, NotFound
from storage.collections.store import Store
from storage.engine import Change, DuplicateKey
from storage.records import Genre, GenreTree

DEPTH_LIMIT = 200
_TREE = "tree"
_TRIES = 20
_MOVE, _DELETE, _GROW = "move", "delete", "grow"


class Tree:
    """Places genres. `parent_id` is the truth; `ancestor_ids` is worked out from it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._genres = store.genres
        self._clock = clock

    async def move(self, genre_id: str, parent_id: str | None) -> None:
        """Put a genre with all that is below it under another, or at the top. Invalid for a place below itself."""
        for _ in range(_TRIES):
            rev = await self._begin()
            path = await self._path_below(parent_id)
            if genre_id in path:
                raise Invalid("A genre cannot lie below itself.", field="parent")
            if len(path) > DEPTH_LIMIT:
                raise Invalid(f"A genre lies at most {DEPTH_LIMIT} levels deep.", field="parent")
            if await self._take(rev, _MOVE, genre_id, parent_id):
                return
        raise _crowded()

    async def place(self, genre: Genre) -> None:
        """Settle where a new genre lies, for its parent may have moved or gone while it was added.

        NotFound, and the genre is taken back, when the parent is gone.
        """
        for _ in range(_TRIES):
            rev = await self._begin()
            try:
                await self._path_below(genre.parent_id)
            except NotFound:
                await self._genres.delete({"_id": genre.id})
                raise
            if await self._take(rev, _GROW, genre.id, genre.parent_id):
                return
        raise _crowded()

    async def delete(self, genre_id: str) -> None:
        """Remove a genre that has none below it. Conflict while it has."""
        for _ in range(_TRIES):
            rev = await self._begin()
            if await self._genres.count({"parent_id": genre_id}, limit=1):
                raise Conflict("There are genres below this one; move them first.", field="genreId")
            if await self._take(rev, _DELETE, genre_id, None):
                return
        raise _crowded()

    async def finish(self) -> None:
        """Carry out what a crash left undone."""
        await self._begin()

    async def _begin(self) -> int:
        """The number of the last turn, all of them carried out."""
        while True:
            tree = await self._store.genre_tree.get(_TREE)
            if tree is None:
                try:
                    await self._store.genre_tree.insert(GenreTree(_TREE))
                except DuplicateKey:
                    continue
                return 0
            if tree.pending_kind is None:
                return tree.rev
            await self._carry_out(tree)

    async def _take(self, rev: int, kind: str, genre_id: str, parent_id: str | None) -> bool:
        """Take the turn after `rev` and carry it out; False when somebody else took it."""
        pending = {"pending_kind": kind, "pending_id": genre_id, "rev": rev + 1}
        if parent_id is not None:
            pending["pending_parent_id"] = parent_id
        taken = await self._store.genre_tree.update_and_get(
            {"_id": _TREE, "rev": rev, "pending_kind": None}, {"$set": pending}
        )
        if taken is None:
            return False
        await self._carry_out(taken)
        return True

    async def _carry_out(self, tree: GenreTree) -> None:
        id, rev = tree.pending_id or "", tree.rev
        if tree.pending_kind == _DELETE:
            await self._genres.delete({"_id": id})
        else:
            await self._put(id, tree.pending_parent_id, rev)
        fields = {"pending_kind": "", "pending_id": "", "pending_parent_id": ""}
        await self._store.genre_tree.update({"_id": _TREE, "rev": rev}, {"$unset": fields})

    async def _put(self, id: str, parent_id: str | None, rev: int) -> None:
        """Write the genre's parent, then the way down to it and to everything below it."""
        placed: dict[str, Any] = {"$set": {"tree_rev": rev}}
        if parent_id is None:
            placed["$unset"] = {"parent_id": ""}
        else:
            placed["$set"]["parent_id"] = parent_id
        await self._genres.update(_not_later(id, rev), placed)
        try:
            path = await self._path_below(parent_id)
        except NotFound:
            return  # a later turn removed the parent, so this one was carried out long ago
        level = {id: path}
        now = self._clock.now()
        while level:
            await self._genres.bulk(
                [
                    Change(
                        _not_later(each, rev),
                        {"$set": {"ancestor_ids": way, "tree_rev": rev, "updated_at": now}},
                    )
                    for each, way in level.items()
                ]
            )
            below = await all_matching(self._genres, {"parent_id": {"$in": list(level)}}, [("parent_id", 1)])
            ways = {genre.id: [*level[genre.parent_id or ""], genre.parent_id or ""] for genre in below}
            # A circle cannot come about here; one written into the store by hand must not be walked for ever.
            level = {each: way for each, way in ways.items() if each not in way and each != id}

    async def _path_below(self, parent_id: str | None) -> list[str]:
        """The way down to what lies directly below this genre, walked up by parents. NotFound when it is not there."""
        path: list[str] = []
        at = parent_id
        while at is not None:
            genre = await self._genres.get(at)
            if genre is None or at in path:
                raise NotFound("There is no such genre.", field="parent")
            path.append(at)
            at = genre.parent_id
        return path[::-1]


def _not_later(id: str, rev: int) -> dict[str, Any]:
    """The genre, unless a later turn placed it."""
    return {"_id": id, "$or": [{"tree_rev": {"$lte": rev}}, {"tree_rev": None}]}


def _crowded() -> Conflict:
    return Conflict("The tree of genres is being changed again and again; try later.")
