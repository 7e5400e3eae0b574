"""Making, editing, following and sharing playlists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from graph.bind import resolves
from graph.context import Info
from services.playlists.access import PlaylistRole
from services.playlists.collaborators import FreshInvite
from services.playlists.editing import PlacedSong
from services.playlists.making import PlaylistChanges, PlaylistDraft
from storage.records import Collaborator, Playlist


@dataclass(slots=True)
class PlaylistResult:
    """What every edit of a playlist gives, as far as it applies."""

    playlist: Playlist | None = None
    playlist_songs: list[PlacedSong] | None = None
    collaborator: Collaborator | None = None
    success: bool = True

    @property
    def playlist_song(self) -> PlacedSong | None:
        """The one song that was placed."""
        return self.playlist_songs[0] if self.playlist_songs else None


RECORDS = {
    "PlaylistPayload": PlaylistResult,
    "AddSongToPlaylist": PlaylistResult,
    "AddSongsToPlaylist": PlaylistResult,
    "RemoveSongFromPlaylist": PlaylistResult,
    "FollowPlaylist": PlaylistResult,
    "UnfollowPlaylist": PlaylistResult,
    "RevokePlaylistInvite": PlaylistResult,
    "RemovePlaylistCollaborator": PlaylistResult,
    "LeavePlaylist": PlaylistResult,
    "ReorderPlaylistSongs": PlaylistResult,
    "DeletePlaylist": PlaylistResult,
    "InviteToPlaylist": PlaylistResult,
    "SetPlaylistCollaboratorRole": PlaylistResult,
    "CreatePlaylistInvite": FreshInvite,
}


@resolves("Mutation.createPlaylist")
async def create_playlist(_: None, info: Info, **draft: Any) -> PlaylistResult:
    """A new playlist."""
    given = {name: value for name, value in draft.items() if value is not None}
    return PlaylistResult(await info.context.house.playlist_making.create(info.context.viewer, PlaylistDraft(**given)))


@resolves("Mutation.updatePlaylist")
async def update_playlist(_: None, info: Info, playlist_id: str, **changes: Any) -> PlaylistResult:
    """The playlist, changed."""
    update = info.context.house.playlist_making.update
    return PlaylistResult(await update(info.context.viewer, playlist_id, cast(PlaylistChanges, changes)))


@resolves("Mutation.deletePlaylist")
async def delete_playlist(_: None, info: Info, playlist_id: str) -> PlaylistResult:
    """The playlist's end."""
    await info.context.house.playlist_making.delete(info.context.viewer, playlist_id)
    return PlaylistResult()


@resolves("Mutation.addSongToPlaylist")
async def add_song(
    _: None,
    info: Info,
    playlist_id: str,
    song_id: str,
    position: int | None = None,
    before_entry_id: str | None = None,
) -> PlaylistResult:
    """The song's new place."""
    add = info.context.house.playlist_editing.add_songs
    where: dict[str, Any] = {"position": position, "before_id": before_entry_id, "field": "songId"}
    return PlaylistResult(*await add(info.context.viewer, playlist_id, [song_id], **where))


@resolves("Mutation.addSongsToPlaylist")
async def add_songs(
    _: None,
    info: Info,
    playlist_id: str,
    song_ids: list[str],
    position: int | None = None,
    before_entry_id: str | None = None,
) -> PlaylistResult:
    """The songs' new places."""
    add = info.context.house.playlist_editing.add_songs
    return PlaylistResult(
        *await add(info.context.viewer, playlist_id, song_ids, position=position, before_id=before_entry_id)
    )


@resolves("Mutation.removeSongFromPlaylist")
async def remove_song(
    _: None, info: Info, playlist_id: str, song_id: str, entry_id: str | None = None
) -> PlaylistResult:
    """The playlist without the song."""
    remove = info.context.house.playlist_editing.remove
    return PlaylistResult(await remove(info.context.viewer, playlist_id, song_id, entry_id=entry_id))


@resolves("Mutation.reorderPlaylistSongs")
async def reorder_songs(
    _: None,
    info: Info,
    playlist_id: str,
    song_id: str,
    new_position: int,
    entry_id: str | None = None,
    before_entry_id: str | None = None,
) -> PlaylistResult:
    """The song's new place."""
    move = info.context.house.playlist_editing.move
    where: dict[str, Any] = {"position": new_position, "entry_id": entry_id, "before_id": before_entry_id}
    playlist, placed = await move(info.context.viewer, playlist_id, song_id, **where)
    return PlaylistResult(playlist, [placed])


@resolves("Mutation.followPlaylist")
async def follow_playlist(_: None, info: Info, playlist_id: str) -> PlaylistResult:
    """The playlist, followed."""
    return PlaylistResult(await info.context.house.playlist_following.follow(info.context.viewer, playlist_id))


@resolves("Mutation.unfollowPlaylist")
async def unfollow_playlist(_: None, info: Info, playlist_id: str) -> PlaylistResult:
    """The playlist, not followed any more."""
    return PlaylistResult(await info.context.house.playlist_following.unfollow(info.context.viewer, playlist_id))


@resolves("Mutation.inviteToPlaylist")
async def invite(_: None, info: Info, playlist_id: str, username: str, role: PlaylistRole) -> PlaylistResult:
    """Somebody let in by name."""
    let_in = info.context.house.playlist_collaborators.invite
    playlist, collaborator = await let_in(info.context.viewer, playlist_id, username, role)
    return PlaylistResult(playlist, collaborator=collaborator)


@resolves("Mutation.createPlaylistInvite")
def create_invite(
    _: None, info: Info, playlist_id: str, role: PlaylistRole, expires_in_hours: int | None = None
) -> Any:
    """A new link."""
    create_link = info.context.house.playlist_collaborators.create_link
    return create_link(info.context.viewer, playlist_id, role, expires_in_hours)


@resolves("Mutation.revokePlaylistInvite")
async def revoke_invite(_: None, info: Info, playlist_id: str, invite_id: str) -> PlaylistResult:
    """The link's end."""
    await info.context.house.playlist_collaborators.revoke(info.context.viewer, playlist_id, invite_id)
    return PlaylistResult(await info.context.house.playlists.get(info.context.viewer, playlist_id))


@resolves("Mutation.joinPlaylist")
async def join_playlist(_: None, info: Info, token: str) -> PlaylistResult:
    """The playlist the link leads into."""
    return PlaylistResult(await info.context.house.playlist_collaborators.join(info.context.viewer, token))


@resolves("Mutation.setPlaylistCollaboratorRole")
async def set_role(_: None, info: Info, playlist_id: str, user_id: str, role: PlaylistRole) -> PlaylistResult:
    """A collaborator's new role."""
    set_role = info.context.house.playlist_collaborators.set_role
    playlist, collaborator = await set_role(info.context.viewer, playlist_id, user_id, role)
    return PlaylistResult(playlist, collaborator=collaborator)


@resolves("Mutation.removePlaylistCollaborator")
async def remove_collaborator(_: None, info: Info, playlist_id: str, user_id: str) -> PlaylistResult:
    """The playlist without them."""
    remove = info.context.house.playlist_collaborators.remove
    return PlaylistResult(await remove(info.context.viewer, playlist_id, user_id))


@resolves("Mutation.leavePlaylist")
async def leave_playlist(_: None, info: Info, playlist_id: str) -> PlaylistResult:
    """Left; the playlist is answered while it still shows."""
    await info.context.house.playlist_collaborators.leave(info.context.viewer, playlist_id)
    found = await info.context.house.playlists.get_many(info.context.viewer, [playlist_id])
    return PlaylistResult(found.get(playlist_id))
