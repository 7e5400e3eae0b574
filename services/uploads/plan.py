"""An upload's song as far as it is known without its file: whose, on which album, of which genre, with whom.

Refuses to know sound and the store.
"""

from __future__ import annotations

from services.catalogue.access import Sight
from services.uploads.details import SongDetails
from storage.records import Album, Artist, Credit, Genre


class Plan:
    """What a song will be, as far as it is known without its file."""

    def __init__(
        self,
        details: SongDetails,
        sight: Sight,
        artist: Artist,
        album: Album | None,
        featured: list[Artist],
        genre: Genre | None,
    ) -> None:
        self.details = details
        self.sight = sight
        self.artist = artist
        self.album = album
        self.genre = genre
        joins = [" feat. ", *[", "] * (len(featured) - 2), *([" & "] if len(featured) > 1 else []), ""]
        names = [artist, *featured]
        self.credits = [
            Credit(each.id, each.name, "main" if each is artist else "featured", joins[place] if featured else "")
            for place, each in enumerate(names)
        ]
