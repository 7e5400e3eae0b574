"""What the playlist tests stand on: shortcuts to make, fill and look at playlists."""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image

from services.playlists.making import PlaylistDraft
from services.viewer import Viewer
from storage.records import Playlist
from tests.catalogue_rig import Rig


async def make(rig: Rig, viewer: Viewer, name: str = "Mix", *songs: str, **more: Any) -> Playlist:
    """A playlist of the viewer's with these songs; `rules`, `is_hidden` and the like are put in place afterwards."""
    draft = {key: more.pop(key) for key in list(more) if key in PlaylistDraft.__dataclass_fields__}
    made = await rig.house.playlist_making.create(viewer, PlaylistDraft(name, **draft))
    rig.clock.turn(1)
    for song in songs:
        await rig.house.playlist_editing.add_songs(viewer, made.id, [song])
        rig.clock.turn(1)
    if more:
        await rig.store.playlists.update({"_id": made.id}, {"$set": more})
    return await stored(rig, made.id)


async def stored(rig: Rig, id: str) -> Playlist:
    """The playlist as the store has it."""
    found = await rig.store.playlists.get(id)
    assert found is not None
    return found


async def song_ids(rig: Rig, id: str) -> list[str]:
    """Its songs in order."""
    return [entry.song_id for entry in (await stored(rig, id)).entries]


def picture() -> str:
    """A small picture as base64."""
    body = io.BytesIO()
    Image.new("RGB", (16, 16), "teal").save(body, "PNG")
    return base64.b64encode(body.getvalue()).decode()
