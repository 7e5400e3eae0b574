"""Names in addresses: a free slug for what is new, another one for what is renamed while the old one goes on.

Owns meeting others at the unique index. Refuses to know the nouns.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from services.errors import Conflict
from services.library.names import OLD_SLUGS_LIMIT, fits, free_slug, slug
from storage.collections.collection import Collection
from storage.collections.library import Library
from storage.collections.store import Store
from storage.engine import DuplicateKey


class _Named(Protocol):
    """What has an address."""

    id: str
    slug: str


Named = TypeVar("Named", bound=_Named)
Changes = dict[str, Any]
_TRIES = 8


async def free_slug_for(store: Store, collection: Collection[Any], name: str, otherwise: str) -> str:
    """A slug for `name` that nothing has or had; somebody else may still be faster."""
    wanted = slug(name, otherwise)
    taken = await Library(store).taken_slugs(collection, [wanted])
    return free_slug(wanted, taken.taken, taken.first.get(wanted, 2))


async def insert_named(store: Store, collection: Collection[Named], record: Named, name: str, otherwise: str) -> None:
    """Add a record under a free slug. DuplicateKey for any other unique index, Conflict when slugs go too fast."""
    for _ in range(_TRIES):
        record.slug = await free_slug_for(store, collection, name, otherwise)
        try:
            await collection.insert(record)
            return
        except DuplicateKey as refusal:
            if refusal.index != "slug":
                raise
    raise Conflict("This name is being taken again and again; try later.", field="name")


async def renamed(store: Store, collection: Collection[Any], record: Any, name: str, otherwise: str) -> Changes:
    """The fields that a new name changes in an address: a new slug, and the old ones that go on resolving."""
    if fits(record.slug, slug(name, otherwise)):
        return {}
    fresh = await free_slug_for(store, collection, name, otherwise)
    old = list(dict.fromkeys([*record.old_slugs, record.slug]))[-OLD_SLUGS_LIMIT:]
    return {"slug": fresh, "old_slugs": old}
