"""Who may see what of the catalogue: one rule for each noun, for single records and for lists alike.

What is hidden is seen by moderators, admins and the owner of its artist. The owner and admins rewrite; moderators too
may hide, bring back and verify. Explicit songs are left out for those who want none;
their albums stay, for most hold other songs too. Genres are for everybody. Refuses to know how things are listed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Album, Artist, Song

Condition = dict[str, Any]
OWNED_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Sight:
    """What one viewer may see, for the length of one call; never kept, for rights may change.

    `viewer_id` says whose sight it is, for those who ask what the viewer wants to see; `notes` is where they keep the
    answer for the rest of the call. Two sights are equal when they reach as far, whosever they are.
    """

    everything: bool
    explicit: bool
    owned: frozenset[str]
    viewer_id: str | None = field(default=None, compare=False)
    notes: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def sees_artist(self, artist: Artist) -> bool:
        """Hidden artists: moderators, admins and their owner."""
        return not artist.is_hidden or self.everything or artist.id in self.owned

    def sees_album(self, album: Album) -> bool:
        """Hidden albums: moderators, admins and the artist's owner."""
        return not album.is_hidden or self.everything or album.artist_id in self.owned

    def sees_song(self, song: Song) -> bool:
        """Hidden songs: moderators, admins, the artist's owner; explicit ones: whoever does not mind, and the owner."""
        if song.artist_id in self.owned:
            return True
        return (not song.is_hidden or self.everything) and (self.explicit or not song.is_explicit)

    def artists(self) -> list[Condition]:
        """The rule for artists as conditions of a filter."""
        return self._or_owned([] if self.everything else [{"is_hidden": False}], "_id")

    def albums(self) -> list[Condition]:
        """The rule for albums as conditions of a filter."""
        return self._or_owned([] if self.everything else [{"is_hidden": False}], "artist_id")

    def songs(self) -> list[Condition]:
        """The rule for songs as conditions of a filter."""
        conditions: list[Condition] = [] if self.everything else [{"is_hidden": False}]
        if not self.explicit:
            conditions.append({"is_explicit": False})
        return self._or_owned(conditions, "artist_id")

    def _or_owned(self, conditions: list[Condition], owner_field: str) -> list[Condition]:
        if not conditions or not self.owned:
            return conditions
        return [{"$or": [{"$and": conditions}, {owner_field: {"$in": sorted(self.owned)}}]}]


async def sight_of(store: Store, viewer: Viewer) -> Sight:
    """What the viewer may see. Costs a store command only for those who may own artists."""
    owned: frozenset[str] = frozenset()
    if viewer.user_id is not None and Role.ARTIST in viewer.roles:
        owned = frozenset(
            artist.id for artist in await store.artists.find({"owner_id": viewer.user_id}, limit=OWNED_LIMIT)
        )
    return Sight(viewer.has(Role.MODERATOR), viewer.explicit_content, owned, viewer.user_id)


def sight_beside(viewer: Viewer, artist: Artist) -> Sight:
    """What the viewer may see of one artist and what is theirs, without asking the store."""
    owned = frozenset({artist.id}) if owns_artist(viewer, artist) else frozenset()
    return Sight(viewer.has(Role.MODERATOR), viewer.explicit_content, owned)


def owns_artist(viewer: Viewer, artist: Artist) -> bool:
    """Whether the artist is the viewer's own; ownership sleeps while they lack the role artist."""
    return viewer.user_id is not None and Role.ARTIST in viewer.roles and artist.owner_id == viewer.user_id


def may_edit_artist(viewer: Viewer, artist: Artist) -> bool:
    """Who rewrites an artist, their albums and their songs: the owner and admins."""
    return viewer.has(Role.ADMIN) or owns_artist(viewer, artist)


def may_withdraw_from(viewer: Viewer, artist: Artist) -> bool:
    """Who takes an artist, their albums and songs out of sight: the owner, moderators and admins."""
    return viewer.has(Role.MODERATOR) or owns_artist(viewer, artist)


def may_bring_back(viewer: Viewer, artist: Artist, *, is_moderated: bool) -> bool:
    """Who shows it again: whoever may hide it, save the owner of what the house took down."""
    return viewer.has(Role.MODERATOR) or (owns_artist(viewer, artist) and not is_moderated)


def all_of(conditions: list[Condition]) -> Condition:
    """One filter for several conditions."""
    if not conditions:
        return {}
    if len(conditions) == 1:
        return conditions[0]
    keys = [key for condition in conditions for key in condition]
    if len(set(keys)) == len(keys) and not any(key.startswith("$") for key in keys):
        return {key: value for condition in conditions for key, value in condition.items()}
    return {"$and": conditions}
