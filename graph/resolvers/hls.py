"""Where a song can be played by HTTP Live Streaming."""

from __future__ import annotations

from graph.bind import resolves
from graph.context import Info
from services.playback.playback import SongPlayback


@resolves("Playback.hlsUrl")
def hls_url(answer: SongPlayback, _info: Info) -> str | None:
    """The master playlist, None while the file is away."""
    query = answer.address.partition("?")[2]
    return f"/hls/{answer.song.id}/master.m3u8?{query}" if answer.choice else None
