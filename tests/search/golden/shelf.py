"""The shelf the golden questions are asked of: the demo's records, a made-up library, names in many scripts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from services.demo.catalogue import ALBUMS
from services.library.names import sort_name
from services.search.entries import Kind, entries_of
from services.seed.catalogue import MadeUpCatalogue
from services.seed.scale import Scale
from storage.search_index.index import SearchIndex

HERE = Path(__file__).parent
QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
SCALE = Scale(artists=150, songs=1_500, users=1, plays=1)
SEED = 7

Document = dict[str, Any]


class Shelf:
    """Documents of every kind as the store would hold them, and how each is called in the golden files."""

    def __init__(self) -> None:
        self.documents: dict[Kind, list[Document]] = {Kind.ARTIST: [], Kind.ALBUM: [], Kind.SONG: []}
        self.names: dict[tuple[Kind, str], str] = {}
        self.genres: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._demo()
        self._made_up()
        self._hard()

    def put_into(self, index: SearchIndex) -> None:
        """Index all of it."""
        for kind, documents in self.documents.items():
            index.put(entries_of(kind, list(documents)), new=True)
        index.commit()

    def _demo(self) -> None:
        for album in ALBUMS:
            people = {artist.name: artist.sort_name for artist in album.artists}
            songs = [(song.title, song.featured.name if song.featured else None) for song in album.songs]
            self._record(people, album.title, songs, 2, album.songs[0].genres[0], int(album.date[:4]), album.artist)

    def _hard(self) -> None:
        for row in yaml.load((HERE / "catalogue.yaml").read_text(encoding="utf-8"), QUICK):
            people = {row["artist"]: row.get("sort") or sort_name(row["artist"])}
            for title, songs in row["albums"].items():
                pairs = [(song.split(" << ")[0], (song.split(" << ") + [None])[1]) for song in songs]
                self._record(people, str(title), pairs, row["plays"], row.get("genre", "World"), row.get("year"))

    def _record(
        self,
        people: dict[str, str],
        title: str,
        songs: list[tuple[str, str | None]],
        digits: int,
        genre: str,
        year: int | None,
        credit: str | None = None,
    ) -> None:
        credits = [{"artist_id": self._artist(name, sort, digits), "name": name} for name, sort in people.items()]
        credit = credit or " & ".join(people)
        main, genre_ids = credits[0]["artist_id"], [self._genre(genre)]
        common = {"artist_id": main, "credits": credits, "genre_ids": genre_ids, "play_count": 10**digits}
        album = {"title": title, "sort_title": sort_name(title), "artist_credit": credit, **common}
        self._put(Kind.ALBUM, {**album, "release_date": f"{year}-01-01" if year else None}, f"{title} / {credit}")
        for at, (name, guest) in enumerate(songs):
            line = f"{credit} feat. {guest}" if guest else credit
            guests = [{"artist_id": self._artist(guest, guest, 1), "name": guest, "role": "featured"}] if guest else []
            song = {
                **common,
                "title": name,
                "sort_title": sort_name(name),
                "artist_credit": line,
                "credits": [*credits, *guests],
                "artist_ids": [person["artist_id"] for person in (*credits, *guests)],
                "album_title": title,
                "year": year,
                "play_count": 10**digits - at,
            }
            self._put(Kind.SONG, song, f"{name} / {credit}")

    def _artist(self, name: str, sort: str, digits: int) -> str:
        if name not in self._ids:
            artist = {"name": name, "sort_name": sort, "genre_ids": [], "monthly_listeners": 10**digits}
            self._ids[name] = self._put(Kind.ARTIST, artist, name)
        return self._ids[name]

    def _genre(self, name: str) -> str:
        return self.genres.setdefault(name, f"genre-{name}")

    def _put(self, kind: Kind, document: Document, name: str) -> str:
        id = f"{kind.value}-{len(self.documents[kind])}"
        self.documents[kind].append({"_id": id, "created_at": AS_OF, "updated_at": AS_OF, **document})
        self.names[kind, id] = name
        return id

    def _made_up(self) -> None:
        catalogue = MadeUpCatalogue(SCALE, SEED, AS_OF)
        genres = {genre.id: genre.name for genre in catalogue.genres()}
        for artist in catalogue.artists():
            more = {"sort_name": artist.sort_name, "genre_ids": artist.genre_ids, "monthly_listeners": 0}
            self._ids.setdefault(artist.name, self._put(Kind.ARTIST, {"name": artist.name, **more}, artist.name))
        for album, songs in catalogue.albums():
            genre_ids = [self._genre(genres[id]) for id in album.genre_ids]
            self._put(Kind.ALBUM, {**_fields(album), "genre_ids": genre_ids}, f"{album.title} / {album.artist_credit}")
            for song in songs:
                name = f"{song.title} / {song.credits[0].name}"
                self._put(Kind.SONG, {**_fields(song), "genre_ids": genre_ids}, name)


def _fields(record: Any) -> Document:
    found = {name: getattr(record, name) for name in record.__slots__ if hasattr(record, name)}
    found["credits"] = [{"artist_id": one.artist_id, "name": one.name, "role": one.role} for one in record.credits]
    return {name: value for name, value in found.items() if name not in ("id", "updated_at", "features")}
