"""What somebody listens to, as it changes."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.now_playing import NowPlayingMoment

RECORDS = {"NowPlaying": NowPlayingMoment}


@resolves("Subscription.nowPlaying")
async def now_playing(_: None, info: Info, user_id: str) -> Any:
    """The present, then each change."""
    return await info.context.feeds.now_playing(info.context.viewer, user_id)


@resolves("NowPlaying.user")
def user(moment: NowPlayingMoment, info: Info) -> Any:
    """Who listens."""
    return info.context.loaders.users.load(moment.user_id)


@resolves("NowPlaying.song")
def song(moment: NowPlayingMoment, info: Info) -> Any:
    """What they listen to."""
    return info.context.loaders.songs.load(moment.song_id)


@resolves("NowPlaying.timestamp")
def timestamp(moment: NowPlayingMoment, _info: Info) -> Any:
    """Since when."""
    return moment.at
