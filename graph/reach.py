"""Which root fields a key or an app password reaches, and by which scope: the one table of it.

What is not here, no key reaches: a new mutation is for people who signed in themselves until somebody lists it. Queries
and subscriptions need `read`, save those about the ways into an account. Refuses to know roles: a key without `manage`
has none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLResolveInfo

from services.scopes import Scope

_WRITE = """
clearListeningHistory clearSearchHistory createPlaylist createPlaylistInvite createRadio createShareLink
createSmartPlaylist deleteNotification deletePlaylist deleteRadio followArtist followPlaylist followUser importPlaylist
inviteToPlaylist joinPlaylist leavePlaylist likeSong markAllNotificationsRead markNotificationRead markReviewHelpful
addReview addSongToPlaylist addSongsToPlaylist deleteReview removeFromHistory removeFromSearchHistory
removePlaylistCollaborator removeSongFromPlaylist reorderPlaylistSongs revokePlaylistInvite revokeShareLink saveAlbum
setPlaylistCollaboratorRole unfollowArtist unfollowPlaylist unfollowUser unlikeSong unmarkReviewHelpful unsaveAlbum
blockUser muteUser unblockUser unmuteUser
updateNotificationPreferences updatePlaylist updatePreferences updateReview updateSmartPlaylist updateTasteProfile
"""
_STREAM = """
addToQueue addToRoomQueue clearQueue closeRoom controlRoom createRoom createRoomInvite forgetDevice inviteToRoom
joinRoom joinRoomAsGuest leaveRoom moveInQueue moveInRoomQueue pausePlayback playNext playNow playQueueItem playSong
prepareSongs queueItemEnded registerDevice removeDownloadDevice removeFromQueue removeFromRoomQueue removeRoomMember
renameDevice reportPlays requestDownload resumePlayback revokeDownload revokeRoomInvite seekTo sendRoomMessage
setAutoplay setRepeat setRoomRole setShuffle setVolume skipToNext skipToPrevious syncDownload transferPlayback
updateRoom voteForRoomItem withdrawRoomInvitations
"""
_UPLOAD = "cancelUpload createUpload uploadSong"
_MANAGE = """
addArtistMember createAlbum createArtist createGenre deleteAlbum deleteArtist deleteGenre hideReview reanalyse
removeArtistMember restoreReview setHidden setLyrics updateAlbum updateArtist updateArtistMember updateGenre updateSong
verifyArtist
"""
ONESELF = "oneself"
"""For what no key reaches."""
MUTATIONS: dict[str, Scope] = {
    name: scope
    for scope, names in (
        (Scope.WRITE, _WRITE),
        (Scope.STREAM, _STREAM),
        (Scope.UPLOAD, _UPLOAD),
        (Scope.MANAGE, _MANAGE),
    )
    for name in names.split()
}
OPEN = frozenset({"completeLogin", "login", "logout", "refreshToken"})
"""Mutations whose token does not matter: they begin, renew or end a session by what is in their arguments."""
OWN_QUERIES = frozenset({"myApiKeys", "myAppPasswords", "mySessions", "secondFactor"})
"""Queries that no key reaches: what would help whoever found one to stay."""


def needed_scope(kind: str, name: str) -> str | None:
    """What a key needs for a root field of `Query`, `Mutation` or `Subscription`: a scope, ONESELF, or None where
    it does not matter."""
    if kind == "Mutation":
        return None if name in OPEN else MUTATIONS.get(name, ONESELF)
    return ONESELF if kind == "Query" and name in OWN_QUERIES else Scope.READ


def within_reach(resolver: Callable[..., Any], scope: str | None) -> Callable[..., Any]:
    """The same resolver for whom `scope` lets; Denied (SCOPE_NEEDED, KEYS_MAY_NOT) for other keys."""
    if scope is None:
        return resolver

    def resolve_within_reach(parent: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        viewer = info.context.viewer
        # Nearly everybody signed in themselves.
        if viewer.scopes is not None:
            if scope == ONESELF:
                viewer.require_oneself()
            viewer.require_scope(scope)
        return resolver(parent, info, **arguments)

    return resolve_within_reach
