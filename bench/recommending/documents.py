"""What discovery is asked over HTTP: each root field as a player's page asks it, and how fast it must answer.

A field that this server does not have is left out by whoever asks. Variables are named after what they stand for.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphql import build_schema, parse
from graphql.language import FieldNode, OperationDefinitionNode

SERVED_MS = 10.0
"""Promised, p95: what was learned is served from memory or with few reads."""

SONGS = "{ id title artistCredit durationMs }"


@dataclass(frozen=True, slots=True)
class Asked:
    """One document. `promised_ms`: its p95, None where it is only measured."""

    text: str
    promised_ms: float | None = SERVED_MS

    @property
    def root(self) -> str:
        """The root field."""
        definition = parse(self.text).definitions[0]
        assert isinstance(definition, OperationDefinitionNode)
        field = definition.selection_set.selections[0]
        assert isinstance(field, FieldNode)
        return field.name.value

    def is_in(self, schema: str) -> bool:
        """Whether this schema has it."""
        query = build_schema(schema).query_type
        return query is not None and self.root in query.fields


DOCUMENTS = (
    Asked("query { recommendedSongs(limit: 20) " + SONGS + " }"),
    Asked("query { recommendations(limit: 30) { groups { reason songs " + SONGS + " } } }"),
    Asked("query ($artist: ID!) { similarArtists(artistId: $artist, limit: 20) { id name } }"),
    Asked("query ($song: ID!) { similarSongs(songId: $song, limit: 20) " + SONGS + " }"),
    Asked("query ($song: ID!) { radio(seedSong: $song, limit: 25) { id endCursor songs " + SONGS + " } }"),
    Asked("query ($artist: ID!) { radio(seedArtist: $artist, limit: 25) { id endCursor songs " + SONGS + " } }"),
    Asked("query ($genre: String!) { radio(seedGenre: $genre, limit: 25) { id endCursor songs " + SONGS + " } }"),
    Asked("query { myRadios(limit: 50) { id name } }"),
    Asked("query { discoverWeekly { id refreshDate songs " + SONGS + " } }"),
    Asked("query { dailyMixes(limit: 6) { id title reason songs " + SONGS + " } }"),
    Asked('query { moodPlaylist(mood: "calm", limit: 30) { __typename } }'),
    Asked("query { releaseRadar(limit: 30) { __typename } }"),
    Asked("query { myTasteProfile { favoriteGenres { name } topArtists { name } energyPreference } }"),
    Asked("query { trendingCharts(timeRange: WEEK, limit: 50) { songs { position song { id title } } } }"),
    Asked("query { trendingArtists(timeRange: WEEK, limit: 20) { id name } }"),
    Asked('query { autocomplete(query: "lo") { __typename } }', None),
)
"""The last one is no discovery: what a small question costs on this machine, beside the others."""
