"""Playlists: following their ids, their lists, and what is in them."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.impersonal import impersonal
from graph.resolvers.paging import asks_for
from services.interactions.edges import EdgePage
from services.paging import Page, Slice, slice_of
from services.playlists.access import PlaylistRole, may_edit, role_in
from services.playlists.editing import PlacedSong
from services.playlists.playlists import entries_page
from services.playlists.words import Duplicates
from services.viewer import Role
from storage.records import Collaborator, Edge, Playlist, PlaylistInvite

RECORDS = {
    "Playlist": Playlist,
    "PlaylistSong": PlacedSong,
    "PlaylistCollaborator": Collaborator,
    "PlaylistFollower": Edge,
    "PlaylistInvite": PlaylistInvite,
}
ENUMS = {"Duplicates": Duplicates, "PlaylistRole": PlaylistRole}

USUAL_ROWS = 100
"""How many rows the plain lists answer with unless told, for documents that ask for a playlist's songs and no more."""


@resolves("Query.playlist")
async def playlist(_: None, info: Info, id: str | None = None, slug: str | None = None) -> Playlist | None:
    """One playlist, filled anew when rules fill it; None when absent or invisible."""
    if slug is not None:
        found = await info.context.house.playlists.by_slug(info.context.viewer, slug)
    else:
        found = await info.context.loaders.playlists.one(id)
    return await info.context.house.smart_refreshing.fresh(found)


@resolves("Query.myPlaylists")
def my_playlists(_: None, info: Info, limit: int | None = None, offset: int | None = None) -> Any:
    """Owned and opened ones."""
    part = slice_of(limit=limit, offset=offset, default=USUAL_ROWS)
    return info.context.house.playlists.mine(info.context.viewer, part)


@resolves("Query.followedPlaylists")
def followed_playlists(_: None, info: Info, limit: int | None = None, offset: int | None = None) -> Any:
    """The playlists the viewer follows."""
    part = slice_of(limit=limit, offset=offset)
    return info.context.house.playlist_following.following(info.context.viewer, part)


@resolves("Query.featuredPlaylists")
def featured_playlists(_: None, info: Info, limit: int | None = None) -> Any:
    """What the house recommends."""
    return info.context.house.playlists.featured(info.context.viewer, limit)


@resolves("Query.playlistFollowers")
async def playlist_followers(_: None, info: Info, playlist_id: str, **part: Any) -> EdgePage[Edge]:
    """Who follows a playlist."""
    followers = info.context.house.playlist_following.followers
    counted = asks_for(info, "totalCount")
    return await followers(info.context.viewer, playlist_id, slice_of(**part), counted=counted)


@resolves("Query.playlistInvites")
def playlist_invites(_: None, info: Info, playlist_id: str) -> Any:
    """The links that are still good."""
    return info.context.house.playlist_collaborators.links(info.context.viewer, playlist_id)


@resolves("User.playlists")
def playlists(user: Any, info: Info, limit: int | None = None, offset: int | None = None) -> Any:
    """Somebody's playlists that the viewer may see."""
    part = slice_of(limit=limit, offset=offset, default=USUAL_ROWS)
    return _stretch(info.context.loaders.user_playlists.load(user.id), part)


@resolves("User.publicPlaylists")
def public_playlists(user: Any, info: Info, limit: int | None = None, offset: int | None = None) -> Any:
    """Somebody's own playlists that everybody may see."""
    part = slice_of(limit=limit, offset=offset, default=USUAL_ROWS)
    return _stretch(info.context.loaders.user_playlists.load(user.id), part, owner_id=user.id)


async def _stretch(loading: Any, part: Slice, owner_id: str | None = None) -> list[Playlist]:
    theirs: list[Playlist] = await _settled(loading) or []
    if owner_id is not None:
        theirs = [each for each in theirs if each.is_public and not each.is_hidden and each.user_id == owner_id]
    return theirs[part.offset : part.offset + part.limit]


@resolves("Playlist.songs")
@impersonal
def songs(playlist: Playlist, info: Info, limit: int | None = None, offset: int | None = None) -> Any:
    """A stretch of its songs, less those the viewer may not see."""
    part = slice_of(limit=limit, offset=offset, default=USUAL_ROWS)
    # Asked at once, not when awaited: so the playlists of one list are read together, however the loop turns.
    return _rows(info, info.context.loaders.playlist_entries.load(playlist.id), part)


@resolves("Playlist.entries")
@impersonal
def entries(playlist: Playlist, info: Info, first: int | None = None, after: str | None = None) -> Any:
    """A page of its songs, less those the viewer may not see."""
    part = slice_of(first=first, after=after)
    return _visible(info, info.context.loaders.playlist_entries.load(playlist.id), part)


async def _rows(info: Info, loading: Any, part: Slice) -> list[PlacedSong]:
    return (await _visible(info, loading, part)).items


async def _visible(info: Info, loading: Any, part: Slice) -> Page[PlacedSong]:
    page = entries_page(await _settled(loading), part)
    wanted = [row.entry.song_id for row in page.items]
    seen = {song.id for song in await _settled(info.context.loaders.songs.load_many(wanted))}
    kept = [index for index, id in enumerate(wanted) if id in seen]
    page.items, page.cursors = [page.items[i] for i in kept], [page.cursors[i] for i in kept]
    return page


async def _settled(loaded: Any) -> Any:
    return await loaded if hasattr(loaded, "__await__") else loaded


@resolves("Playlist.user", "PlaylistCollaborator.user", "PlaylistFollower.user")
def user(record: Any, info: Info) -> Any:
    """Who owns, joined or follows it."""
    return info.context.loaders.users.load(record.user_id)


@resolves("Playlist.coverImage")
@impersonal
def cover_image(playlist: Playlist, info: Info, size: int | None = None) -> str | None:
    """Where its picture is."""
    return info.context.house.covers.url(playlist.cover_id or playlist.mosaic_id, size)


@resolves("Playlist.totalDuration")
@impersonal
def total_duration(playlist: Playlist, _info: Info) -> int:
    """How long it is, in whole seconds."""
    return (playlist.total_duration_ms + 500) // 1000


@resolves("Playlist.isFollowed")
def is_followed(playlist: Playlist, info: Info) -> Any:
    """Whether the viewer follows it."""
    return _truth(info.context.loaders.followed_playlists.load(playlist.id))


async def _truth(loading: Any) -> bool:
    return bool(await _settled(loading))


@resolves("Playlist.isMine")
def is_mine(playlist: Playlist, info: Info) -> bool:
    """Whether it is the viewer's."""
    return playlist.user_id == info.context.viewer.user_id


@resolves("Playlist.canEdit")
def can_edit(playlist: Playlist, info: Info) -> bool:
    """Whether the viewer may change its songs."""
    return may_edit(info.context.viewer, playlist)


@resolves("Playlist.myRole")
def my_role(playlist: Playlist, info: Info) -> PlaylistRole | None:
    """What the viewer is to it."""
    return role_in(info.context.viewer, playlist)


@resolves("Playlist.collaborators")
def collaborators(playlist: Playlist, info: Info) -> list[Collaborator]:
    """Who was let in, for those within and staff."""
    viewer = info.context.viewer
    return playlist.collaborators if role_in(viewer, playlist) or viewer.has(Role.MODERATOR) else []


@resolves("Playlist.duplicates")
@impersonal
def duplicates(playlist: Playlist, _info: Info) -> Duplicates:
    """Whether a song may be in it twice."""
    return Duplicates(playlist.duplicates)


@resolves("PlaylistCollaborator.role", "PlaylistInvite.role")
def role(record: Any, _info: Info) -> PlaylistRole:
    """What somebody may be."""
    return PlaylistRole(record.role)


@resolves("PlaylistSong.song")
@impersonal
def song(placed: PlacedSong, info: Info) -> Any:
    """The song."""
    return info.context.loaders.songs.load(placed.entry.song_id)


@resolves("PlaylistSong.addedBy")
def added_by(placed: PlacedSong, info: Info) -> Any:
    """Who added it."""
    return info.context.loaders.users.load(placed.entry.added_by)


@resolves("PlaylistSong.createdAt")
@impersonal
def created_at(placed: PlacedSong, _info: Info) -> Any:
    """When it was added."""
    return placed.entry.added_at
