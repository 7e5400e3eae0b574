"""Who may do what with a playlist: one rule for single records and for lists alike.

Seeing: a public one everybody but those whom its owner blocks or who block them, a private one its owner, those it was
opened to, and admins; one that a moderator hid its owner, those it was opened to, and moderators. Editing entries: the
owner, editors while it is collaborative, staff for editorial ones, admins. Changing the frame (name, pictures, who may
come in, deleting): the owner, staff for editorial ones, admins. Staff are moderators and admins. Refuses to know how
playlists are listed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from services.errors import Conflict, Denied, NotFound
from services.library.names import SLUG_LIMIT
from services.typed_text import is_printable
from services.viewer import Role, Viewer
from storage.records import Playlist


class PlaylistRole(StrEnum):
    """What somebody is to a playlist that is theirs or was opened to them."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


def role_in(viewer: Viewer, playlist: Playlist) -> PlaylistRole | None:
    """What the viewer is to the playlist; None for everybody else."""
    if viewer.user_id is None:
        return None
    if playlist.user_id == viewer.user_id:
        return PlaylistRole.OWNER
    for collaborator in playlist.collaborators:
        if collaborator.user_id == viewer.user_id:
            return PlaylistRole(collaborator.role)
    return None


def may_see(viewer: Viewer, playlist: Playlist) -> bool:
    """Whether the playlist exists for this viewer."""
    if role_in(viewer, playlist) is not None or viewer.has(Role.ADMIN):
        return True
    if playlist.user_id in viewer.unseen and not viewer.has(Role.MODERATOR):
        return False
    return playlist.is_public and (not playlist.is_hidden or viewer.has(Role.MODERATOR))


def may_edit(viewer: Viewer, playlist: Playlist) -> bool:
    """Whether the viewer may add, remove and move its entries; nobody may where rules fill it."""
    if playlist.rules is not None:
        return False
    if may_change(viewer, playlist):
        return True
    return playlist.is_collaborative and role_in(viewer, playlist) == PlaylistRole.EDITOR


def may_change(viewer: Viewer, playlist: Playlist) -> bool:
    """Whether the viewer may change the frame, let people in and out, and delete it."""
    if not may_see(viewer, playlist):
        return False
    if viewer.has(Role.ADMIN) or role_in(viewer, playlist) == PlaylistRole.OWNER:
        return True
    return playlist.is_editorial and viewer.has(Role.MODERATOR)


def require_edit(viewer: Viewer, playlist: Playlist) -> None:
    """Denied for those who may see but not edit, then Conflict (SMART_PLAYLIST) where rules fill it."""
    may_change_it = may_change(viewer, playlist)
    is_editor = role_in(viewer, playlist) == PlaylistRole.EDITOR
    if not may_change_it and not is_editor:
        raise Denied("You may not edit this playlist.")
    if playlist.rules is not None:
        raise Conflict("The rules of this playlist choose its songs; change the rules instead.", code="SMART_PLAYLIST")
    if not may_change_it and not playlist.is_collaborative:
        raise Denied("This playlist is not collaborative at the moment.")


def require_change(viewer: Viewer, playlist: Playlist) -> None:
    """Denied for those who may see the playlist but not change it."""
    if not may_change(viewer, playlist):
        raise Denied("Only its owner may do this to a playlist.")


def visible_to(viewer: Viewer) -> list[dict[str, Any]]:
    """The rule of `may_see` as conditions of a filter."""
    if viewer.has(Role.ADMIN):
        return []
    shown: dict[str, Any] = {"is_public": True}
    if not viewer.has(Role.MODERATOR):
        shown["is_hidden"] = False
        if viewer.unseen:
            shown["user_id"] = {"$nin": sorted(viewer.unseen)}
    if viewer.user_id is None:
        return [shown]
    return [{"$or": [shown, {"user_id": viewer.user_id}, {"collaborator_ids": viewer.user_id}]}]


def no_such_playlist(field: str | None = None) -> NotFound:
    """The one answer for absent and invisible."""
    return NotFound("There is no such playlist.", field=field)


def is_slug(text: str) -> bool:
    """Whether a text could be a slug at all."""
    return 0 < len(text) <= 2 * SLUG_LIMIT and is_printable(text)
