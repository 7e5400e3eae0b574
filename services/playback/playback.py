"""What a player asks before it plays: what there is of a song, what it will get, and how it goes over into the next.

Owns the addresses with their tickets and the joining of what catalogue, renditions and analysis know. Refuses to open
files and to encode: everything is told from records. Songs come in as the viewer was shown them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from services.accounts.tickets import Tickets
from services.analysis.sound_facts import SoundFacts
from services.audio.renditions import Choice, Format, Quality, choose, parse_quality
from services.catalogue.songs import Songs
from services.entitlements.table import TierTable
from services.playback.offers import Offer, accepted_types, offers
from services.playback.song_loudness import SongLoudness
from services.playback.transitions import Outline, Transition, transition
from services.viewer import Role, Viewer
from storage.records.song import Song
from storage.records.sound_analysis import SoundAnalysis

Preference = Callable[[Viewer], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class SongPlayback:
    """All there is to know before a song is played.

    `address` is the song's, with the viewer's ticket. `choice` is what it serves to a player that wants nothing else;
    None, and no `offers`, when the file is away.
    """

    song: Song
    address: str
    offers: list[Offer]
    choice: Choice | None
    ceiling: Quality
    facts: SoundAnalysis | None

    @property
    def chosen(self) -> Offer | None:
        """The offer that was chosen."""
        return next((offer for offer in self.offers if offer.is_chosen), None)

    @property
    def why(self) -> str:
        """Why it was chosen, in a few words."""
        return "the file is away" if self.choice is None else self.choice.why

    @property
    def duration_ms(self) -> int:
        """How long the song is."""
        return self.song.duration_ms

    @property
    def sound(self) -> SoundAnalysis | None:
        """Where the song can be heard and where it fades, if that was measured."""
        return self.facts

    @property
    def tempo(self) -> SoundAnalysis | None:
        """How fast it is, if that could be told."""
        return self.facts if self.facts is not None and self.facts.tempo is not None else None


class Playback:
    """Tells viewers how songs can be played."""

    def __init__(
        self,
        songs: Songs,
        facts: SoundFacts,
        loudness: SongLoudness,
        tickets: Tickets,
        preference: Preference,
        tiers: TierTable,
    ) -> None:
        self._songs = songs
        self._facts = facts
        self.loudness = loudness
        self._tickets = tickets
        self._preference = preference
        self._tiers = tiers

    async def of_song(
        self,
        viewer: Viewer,
        song: Song,
        *,
        quality: Quality | None = None,
        form: Format | None = None,
        plays: Sequence[str] | None = None,
    ) -> SongPlayback:
        """How this viewer can play the song: at most five reads, nothing decoded, nothing encoded.

        `quality` and `form` are what the player wants, `plays` the media types it takes, best first. Unauthenticated
        for nobody: there is no address without a person.
        """
        address = self.address(viewer, song)
        accepted = accepted_types(plays)
        ceiling = self._tiers.of_viewer(viewer).quality
        file = await self._songs.file_of(song)
        facts = await self._facts.of_song(song)
        if file is None:
            return SongPlayback(song, address, [], None, ceiling, facts)
        preferred = Quality.HIGH if quality else parse_quality(await self._preference(viewer), field="preference")
        choice = choose(quality, preferred, ceiling, file, wished=form, accepted=accepted)
        return SongPlayback(song, address, offers(file, ceiling, choice, address), choice, ceiling, facts)

    async def transition(self, viewer: Viewer, before: Song, after: Song) -> Transition:
        """How the one song goes over into the other."""
        facts = await self._facts.of_songs([before, after])
        shapes = [outline(song, fact) for song, fact in zip((before, after), facts, strict=True)]
        return transition(*shapes, follows_on_album=await self._follows(viewer, before, after))

    def address(self, viewer: Viewer, song: Song) -> str:
        """Where the viewer can play the song: a path with a ticket that stands for them. Unauthenticated for nobody."""
        user_id, quality = viewer.require(Role.LISTENER), self._tiers.of_viewer(viewer).quality
        session_id = viewer.session_id or ""
        ticket = self._tickets.issue(user_id=user_id, session_id=session_id, song_id=song.id, quality=quality)
        return f"/stream/{song.id}?ticket={ticket}"

    async def _follows(self, viewer: Viewer, before: Song, after: Song) -> bool:
        if before.album_id is None or before.album_id != after.album_id or before.id == after.id:
            return False
        order = (await self._songs.of_albums(viewer, [before.album_id]))[before.album_id]
        return follows_on_album(before, after, order)


def follows_on_album(before: Song, after: Song, order: Sequence[Song]) -> bool:
    """Whether `after` is the very next on their album, whose songs the viewer sees in `order`.

    By the printed numbers too: what the viewer is not shown in between was recorded in between all the same.
    """
    ids = [song.id for song in order]
    if before.id not in ids or ids[ids.index(before.id) + 1 : ids.index(before.id) + 2] != [after.id]:
        return False
    same_disc = (before.disc_number or 1) == (after.disc_number or 1)
    if same_disc and before.track_number is not None and after.track_number is not None:
        return after.track_number == before.track_number + 1
    return same_disc or ((after.disc_number or 1) == (before.disc_number or 1) + 1 and after.track_number in (None, 1))


def outline(song: Song, facts: SoundAnalysis | None) -> Outline:
    """A song as transitions see it."""
    if facts is None:
        return Outline(song.duration_ms)
    return Outline(
        duration_ms=facts.duration_ms or song.duration_ms,
        is_measured=True,
        sound_start_ms=facts.silence_start_ms,
        sound_end_ms=facts.silence_end_ms,
        fade_in_end_ms=facts.fade_in_end_ms,
        fade_out_start_ms=facts.fade_out_start_ms,
        beats_ms=facts.beats_ms,
        beat_certainty=min(facts.tempo_confidence, facts.beats_confidence),
    )
