"""What a player is told before a song and between two."""

from __future__ import annotations

import asyncio
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.audio.codecs.geometry import Gapless
from services.audio.renditions import Format
from services.playback.offers import Offer
from services.playback.playback import SongPlayback
from services.playback.song_loudness import Loudness
from services.playback.transitions import Transition, TransitionKind
from storage.records.sound_analysis import SoundAnalysis

RECORDS = {
    "Playback": SongPlayback,
    "PlaybackRendition": Offer,
    "PlaybackGapless": Gapless,
    "PlaybackLoudness": Loudness,
    "PlaybackSound": SoundAnalysis,
    "PlaybackTempo": SoundAnalysis,
    "Transition": Transition,
}
ENUMS = {"SoundFormat": Format, "TransitionKind": TransitionKind}


@resolves("Query.playback")
async def playback(_: None, info: Info, song_id: str, **wanted: Any) -> SongPlayback | None:
    """How the viewer can play a song, None when there is none to see."""
    song = await info.context.loaders.songs.one(song_id)
    if song is None:
        return None
    wanted["form"] = wanted.pop("format", None)
    return await info.context.house.playback.of_song(info.context.viewer, song, **wanted)


@resolves("Playback.renditions")
def renditions(answer: SongPlayback, _info: Info) -> list[Offer]:
    """Everything it can be played as."""
    return answer.offers


@resolves("Playback.loudness")
async def loudness(answer: SongPlayback, info: Info) -> Loudness | None:
    """How loud it is, None until it was measured."""
    return None if answer.facts is None else await info.context.house.song_loudness.of_song(answer.song)


@resolves("PlaybackSound.soundStartMs")
def sound_start(facts: SoundAnalysis, _info: Info) -> int:
    """Where leading silence ends."""
    return facts.silence_start_ms


@resolves("PlaybackSound.soundEndMs")
def sound_end(facts: SoundAnalysis, _info: Info) -> int | None:
    """Where trailing silence begins."""
    return facts.silence_end_ms


@resolves("PlaybackTempo.hasBeats")
def has_beats(facts: SoundAnalysis, _info: Info) -> bool:
    """Whether there are any."""
    return bool(facts.beats_ms)


@resolves("Query.transition")
async def transition(_: None, info: Info, from_song_id: str, to_song_id: str) -> Transition | None:
    """How one song goes over into the next, None when either is not to be seen."""
    songs, house = info.context.loaders.songs, info.context.house
    before, after = await asyncio.gather(songs.one(from_song_id), songs.one(to_song_id))
    if before is None or after is None:
        return None
    return await house.playback.transition(info.context.viewer, before, after)
