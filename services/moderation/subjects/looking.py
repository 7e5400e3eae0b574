"""Where pictures are found: of albums, artists, playlists and people, as a viewer sees those."""

from __future__ import annotations

from services.accounts.accounts import Accounts
from services.catalogue.albums import Albums
from services.catalogue.artists import Artists
from services.moderation.subjects.pictures import Pictured
from services.playlists.playlists import Playlists
from services.viewer import Viewer
from storage.collections.store import Store


class PictureLooks:
    """One look for each noun. NotFound when the thing is absent or invisible."""

    def __init__(
        self, store: Store, albums: Albums, artists: Artists, playlists: Playlists, accounts: Accounts
    ) -> None:
        self._store = store
        self._albums = albums
        self._artists = artists
        self._playlists = playlists
        self._accounts = accounts

    async def album(self, viewer: Viewer, id: str) -> Pictured:
        """The cover of an album."""
        album = await self._albums.get(viewer, id)
        artist = await self._store.artists.get(album.artist_id)
        owner_id = None if artist is None else artist.owner_id
        return Pictured(owner_id, album.title, {"cover": album.cover_id})

    async def artist(self, viewer: Viewer, id: str) -> Pictured:
        """The pictures of an artist."""
        artist = await self._artists.get(viewer, id)
        pictures = {"profile": artist.profile_image_id, "cover": artist.cover_image_id}
        return Pictured(artist.owner_id, artist.name, pictures)

    async def playlist(self, viewer: Viewer, id: str) -> Pictured:
        """The cover that somebody chose for a playlist."""
        playlist = await self._playlists.get(viewer, id)
        return Pictured(playlist.user_id, playlist.name, {"cover": playlist.cover_id})

    async def person(self, viewer: Viewer, id: str) -> Pictured:
        """Somebody's picture."""
        user = await self._accounts.user(viewer, id)
        return Pictured(user.id, user.username, {"picture": user.profile_image_id})
