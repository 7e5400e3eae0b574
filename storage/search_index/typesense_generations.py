"""The generations of the index in a Typesense server: a collection each, and an alias that searches go to.

A new collection is filled beside the old one; then the alias takes it over in one step, so searches go on meanwhile.
Which one is good and how far it got stands in a small collection beside. Refuses to know who may write: `hold` does.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

import orjson
from typesense.exceptions import ObjectNotFound

from storage.search_index.generations import State
from storage.search_index.typesense_index import TypesenseIndex, reaching
from storage.search_index.typesense_schema import LAYOUT, schema

_STATE, _WISH = "state", "rebuild"


class Hold(Protocol):
    """The right to write, of one process at a time. Blocking."""

    @property
    def ours(self) -> bool:
        """Whether it is ours as far as we know."""

    def take(self) -> bool:
        """Whether it is ours now."""

    def release(self) -> None:
        """Let another process have it."""


class TypesenseGenerations:
    """The collections whose names begin with `prefix`. Blocking; IndexAway from each method while nobody answers."""

    layout = LAYOUT

    def __init__(self, client: Any, prefix: str, hold: Hold) -> None:
        self._client = client
        self._prefix = prefix
        self._hold = hold
        self._notes = f"{prefix}-notes"
        self._good: str | None = None
        self._generation = re.compile(rf"{re.escape(prefix)}-(\d{{1,9}})")

    @property
    def writing(self) -> bool:
        """Whether this process is the one that may write."""
        return self._hold.ours

    def take(self) -> bool:
        """Whether the right to write is ours now; False while another process has it."""
        return self._hold.take()

    def release(self) -> None:
        """Let another process write."""
        self._hold.release()

    def state(self) -> State | None:
        """The good generation; None when there is none, or none that can be read."""
        kept = self._note(_STATE)
        if kept is None:
            return None
        try:
            read = orjson.loads(kept)
            return State(str(read["version"]), str(read["folder"]), dict(read["marks"]))
        except (ValueError, KeyError, TypeError):
            return None

    def keep(self, state: State) -> None:
        """Make this the good generation, or note how far it got."""
        told = {"version": state.version, "folder": state.folder, "marks": state.marks}
        self._put_note(_STATE, orjson.dumps(told).decode())
        self._point_at(state)

    def open(self, state: State) -> TypesenseIndex:
        """The index of a generation."""
        if self.writing:
            # Whoever wrote before may have ended between noting it and pointing at it.
            self._point_at(state)
        return TypesenseIndex(self._client, state.folder, self._prefix)

    def fresh(self, version: str) -> State:
        """A new, empty generation, not yet the good one."""
        state = State(version, f"{self._prefix}-{max(self._numbers(), default=0) + 1}")
        with reaching():
            self._client.collections.create(schema(state.folder))
        return state

    def begin(self, state: State) -> TypesenseIndex:
        """The index of a fresh generation, empty."""
        return TypesenseIndex(self._client, state.folder, self._prefix)

    def make_sure_of_room(self) -> None:
        """The server looks after its own disk."""

    def discard(self, state: State) -> None:
        """Remove a new generation that did not get done."""
        self._drop(state.folder)

    def sweep(self, good: State) -> None:
        """Remove every other generation."""
        for number in self._numbers():
            name = f"{self._prefix}-{number}"
            if name != good.folder:
                self._drop(name)

    def wish(self) -> None:
        """Ask whoever writes to make the index again."""
        self._put_note(_WISH, "")

    def wished(self) -> bool:
        """Whether somebody asked for that."""
        return self._note(_WISH) is not None

    def grant(self) -> None:
        """The wish is fulfilled."""
        with reaching():
            self._client.collections[self._notes].documents.delete({"filter_by": f"id:={_WISH}"})

    def _point_at(self, state: State) -> None:
        if self._good != state.folder:
            with reaching():
                self._client.aliases.upsert(self._prefix, {"collection_name": state.folder})
            self._good = state.folder

    def _note(self, name: str) -> str | None:
        with reaching():
            try:
                return str(self._client.collections[self._notes].documents[name].retrieve()["text"])
            except (ObjectNotFound, KeyError):
                return None

    def _put_note(self, name: str, text: str) -> None:
        with reaching():
            try:
                self._client.collections[self._notes].documents.upsert({"id": name, "text": text})
            except ObjectNotFound:
                fields = [{"name": "text", "type": "string", "index": False, "optional": True}]
                self._client.collections.create({"name": self._notes, "fields": fields})
                self._client.collections[self._notes].documents.upsert({"id": name, "text": text})

    def _drop(self, name: str) -> None:
        with reaching():
            try:
                self._client.collections[name].delete()
            except ObjectNotFound:
                return

    def _numbers(self) -> list[int]:
        with reaching():
            names = [str(each["name"]) for each in self._client.collections.retrieve()]
        found = (self._generation.fullmatch(name) for name in names)
        return [int(match[1]) for match in found if match]
