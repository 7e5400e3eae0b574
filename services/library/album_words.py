"""What an album's tags say, held against the album that is known: whether they mean it, and what they say otherwise.

Owns that reading. Refuses to find and to write.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.library.albums import AlbumPlan
from services.library.names import fold
from services.library.people import People
from storage.records import Album


def continues(album: Album, plan: AlbumPlan) -> bool:
    """Whether an album in the same folder is the one these tracks belong to, whatever their year says."""
    if fold(album.as_tagged("title") or "") != plan.title_key:
        return False
    if plan.is_credited and fold(album.artist_credit) != fold(plan.credit):
        return False
    for ours, theirs in ((plan.release_id, album.musicbrainz_id), (plan.barcode, album.as_tagged("upc"))):
        if ours and theirs and ours != theirs:
            return False
    return True


def newer_words(album: Album, plan: AlbumPlan, people: People, now: datetime) -> dict[str, Any]:
    """What the tags now say differently of a known album. Silence changes nothing; it is noted in the album too."""
    newer: dict[str, Any] = {
        "title": plan.title,
        "sort_title": plan.sort_title,
        "album_type": plan.album_type,
        "label": plan.label,
        "copyright": plan.copyright,
        "upc": plan.barcode,
        "musicbrainz_id": plan.release_id,
        "replaygain_db": plan.gain_db,
        "replaygain_peak": plan.peak,
    }
    if plan.is_credited:
        credits = [people.credit(credit) for credit in plan.credits]
        if credits != album.credits:
            newer["credits"] = [
                {"artist_id": c.artist_id, "name": c.name, "role": c.role, "join": c.join} for c in credits
            ]
            newer["artist_id"] = credits[0].artist_id
            album.credits = credits
        newer["artist_credit"] = plan.credit
    fields: dict[str, Any] = {}
    for name, value in newer.items():
        if name in album.edited_fields:
            if value is not None and album.tagged.get(name) != value:
                fields[f"tagged.{name}"] = album.tagged[name] = value
        elif name == "credits":
            fields[name] = value
        elif value is not None and getattr(album, name) != value:
            fields[name] = value
            setattr(album, name, value)
    if fields:
        fields["updated_at"] = now
    return fields
