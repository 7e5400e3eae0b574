"""Smart playlists: their rules in and out, trying rules out, making and changing."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.playlist_edits import PlaylistResult
from services.playlists.making import PlaylistDraft
from services.playlists.selecting import SmartOrder
from services.playlists.smart import USUAL_SONGS, Preview
from storage.records import Playlist

RECORDS = {"SmartRule": dict, "RangeRule": dict, "SpanRule": dict, "SmartPreview": Preview}
ENUMS = {"SmartOrder": SmartOrder}

Said = dict[str, Any]


@resolves("Query.previewSmartRules")
def preview(_: None, info: Info, rules: Said, order_by: SmartOrder | None = None, limit: int | None = None) -> Any:
    """What the rules choose for the viewer."""
    order = SmartOrder.RECENTLY_ADDED if order_by is None else order_by
    rows = 20 if limit is None else limit
    return info.context.house.smart_playlists.preview(info.context.viewer, told(rules), order, rows)


@resolves("Mutation.createSmartPlaylist")
async def create(
    _: None, info: Info, rules: Said, order_by: SmartOrder | None = None, limit: int | None = None, **draft: Any
) -> PlaylistResult:
    """A new smart playlist."""
    given = {name: value for name, value in draft.items() if value is not None}
    order = SmartOrder.RECENTLY_ADDED if order_by is None else order_by
    rows = USUAL_SONGS if limit is None else limit
    make = info.context.house.smart_playlists.create
    return PlaylistResult(await make(info.context.viewer, PlaylistDraft(**given), told(rules), order, rows))


@resolves("Mutation.updateSmartPlaylist")
async def update(
    _: None,
    info: Info,
    playlist_id: str,
    rules: Said | None = None,
    order_by: SmartOrder | None = None,
    limit: int | None = None,
) -> PlaylistResult:
    """The playlist by other rules."""
    tree = None if rules is None else told(rules)
    change = info.context.house.smart_playlists.update
    return PlaylistResult(await change(info.context.viewer, playlist_id, tree=tree, order=order_by, limit=limit))


@resolves("Playlist.isSmart")
def is_smart(playlist: Playlist, _info: Info) -> bool:
    """Whether it has rules."""
    return playlist.rules is not None


@resolves("Playlist.orderBy")
def order_by(playlist: Playlist, _info: Info) -> SmartOrder | None:
    """The order of its rules."""
    return None if playlist.rules_order is None else SmartOrder(playlist.rules_order)


@resolves("Playlist.songLimit")
def song_limit(playlist: Playlist, _info: Info) -> int | None:
    """The limit of its rules."""
    return playlist.rules_limit


@resolves(
    *(
        f"PlaylistRule.{kind}"
        for kind in (
            "all", "any", "not", "genre", "year", "mood", "tempo", "energy", "danceability", "valence", "duration",
            "totalPlays", "artistId", "albumId", "language", "isExplicit", "added", "playCount", "lastPlayed", "liked",
        )
    ),
    "PlaylistRuleRange.from",
    "PlaylistRuleRange.to",
    "PlaylistRuleSpan.withinDays",
    "PlaylistRuleSpan.notWithinDays",
)  # fmt: skip
def said(node: Said, info: Info) -> Any:
    """What this node says under the field's name; most say one thing."""
    return node.get(info.field_name)


def told(value: Any) -> Any:
    """The rules without bounds that were given as null: they bound nothing."""
    if isinstance(value, dict):
        return {key: told(each) for key, each in value.items() if each is not None}
    return [told(each) for each in value] if isinstance(value, list) else value
