"""Garbage of media: sounds, pictures, lyrics and playlists, sent in by their doors, and asked for again."""

from __future__ import annotations

import base64

from tests.faults.fuzz.kinds import Kind, Trouble, outcome
from tests.faults.fuzz.mutator import Mutator
from tests.faults.fuzz.samples import JSPF, LRC, LYRICS, MARKUP, PLAYLISTS, pictures, sounds
from tests.uploads.place import SONG, text_of


class Sounds(Kind):
    """Sounds with their tags; of what is taken, the sound is asked for in every form."""

    name, share, lanes, door = "sounds and tags", 6, 3, "uploadSong, /stream, /hls, /waveform"
    after = (
        "/stream/{}?quality=low", "/stream/{}?quality=lossless", "/stream/{}?quality=high&format=opus",
        "/hls/{}/master.m3u8", "/waveform/{}", "/lyrics/{}.lrc", "/hls/{}/aac-96/playlist.m3u8",
    )  # fmt: skip

    async def throw(self, by: Mutator) -> str:
        name = by.of(list(sounds()))
        made = by.data(sounds()[name], list(sounds().values()))
        told = await self.graphql(SONG, "art", title="x", artist="anna", text=text_of(made[:400_000]))
        if told.get("errors"):
            return outcome(told)
        song = told["data"]["uploadSong"]["song"]
        headers = self.house.bearer("art")
        for path in by.chance.sample(self.after, 2):
            answer = await self.http("GET", path.format(song["id"]), headers)
            if answer.status not in (0, 200, 206, 404, 503):
                raise Trouble(f"{path} of a song that was taken: {answer.status} {answer.body[:300]!r}")
        return "taken"


class Pictures(Kind):
    """Pictures as somebody's portrait and as a playlist's cover, as base64."""

    name, share, lanes, door = "pictures", 5, 3, "updateProfile, createPlaylist"

    async def throw(self, by: Mutator) -> str:
        made = base64.b64encode(by.data(by.of(pictures()), pictures())).decode()
        if by.chance.random() < 0.1:
            made = by.text(f"data:image/png;base64,{made}", most=2)
        if by.chance.random() < 0.5:
            query = "mutation($p: String) { updateProfile(profileImage: $p) { user { profileImage(size: 64) } } }"
            told = await self.graphql(query, "pic", p=made)
            if not told.get("errors"):
                where = told["data"]["updateProfile"]["user"]["profileImage"]
                if where:
                    path = "/" + where.split("/", 3)[3] if "://" in where else where
                    answer = await self.http(
                        "GET", path, {"Accept": by.of(["image/avif,*/*", "image/webp", "*/*", "x"])}
                    )
                    if answer.status not in (0, 200, 304, 404, 406):
                        raise Trouble(f"{path}: {answer.status}")
            return outcome(told)
        query = 'mutation($p: String) { createPlaylist(name: "x", coverImage: $p) { playlist { id } } }'
        told = await self.graphql(query, "pic", p=made)
        if not told.get("errors"):
            made_id = told["data"]["createPlaylist"]["playlist"]["id"]
            await self.graphql("mutation($i: ID!) { deletePlaylist(playlistId: $i) { success } }", "pic", i=made_id)
        return outcome(told)


class Lyrics(Kind):
    """Lyrics in every notation, told or not; what is taken is asked for in every notation."""

    name, share, lanes, door = "lyrics: LRC, SRT, TTML, RSS, OPML", 6, 3, "setLyrics, /lyrics"

    async def throw(self, by: Mutator) -> str:
        made = by.xml(by.of(MARKUP), MARKUP) if by.chance.random() < 0.5 else by.text(by.of(LYRICS), [*LYRICS, *MARKUP])
        song = self.house.names[f"SONG{by.chance.randrange(1, 9)}"]
        query = """mutation($s: ID!, $t: String, $f: LyricsFormat, $l: String) {
          setLyrics(songId: $s, text: $t, format: $f, language: $l) { lyrics { kind } } }"""
        form = by.of([None, None, "TTML", "LRC", "SRT", "PLAIN"])
        told = await self.graphql(query, "lyr", s=song, t=made, f=form, l=by.of([None, "de", "x", "\u202e"]))
        if not told.get("errors"):
            for ending in by.chance.sample(("lrc", "vtt", "ttml"), 2):
                answer = await self.http("GET", f"/lyrics/{song}.{ending}", self.house.bearer("lyr"))
                if answer.status not in (0, 200, 304, 404):
                    raise Trouble(f".{ending}: {answer.status} of {made[:500]!r}")
        return outcome(told)


class Playlists(Kind):
    """Playlists as files: M3U, JSPF, and what only looks like one."""

    name, share, lanes, door = "playlists: M3U, JSPF, PLS, XSPF, CUE", 4, 3, "importPlaylist, /playlists"

    async def throw(self, by: Mutator) -> str:
        if by.chance.random() < 0.4:
            made = by.json(JSPF)
        else:
            made = by.text(by.of(PLAYLISTS), [*PLAYLISTS, LRC])
        query = """mutation($t: String!, $f: PlaylistFormat, $n: String) {
          importPlaylist(text: $t, format: $f, name: $n) { playlist { id } matched } }"""
        told = await self.graphql(
            query, "pll", t=made, f=by.of([None, None, "M3U8", "JSPF"]), n=by.of([None, "x", "\x00"])
        )
        if not told.get("errors"):
            if told["data"]["importPlaylist"]["playlist"] is None:
                return "none of its songs is here"
            made_id = told["data"]["importPlaylist"]["playlist"]["id"]
            for ending in ("m3u8", "jspf"):
                answer = await self.http("GET", f"/playlists/{made_id}.{ending}", self.house.bearer("pll"))
                if answer.status not in (0, 200, 304):
                    raise Trouble(f".{ending}: {answer.status} of {made[:500]!r}")
            await self.graphql("mutation($i: ID!) { deletePlaylist(playlistId: $i) { success } }", "pll", i=made_id)
        return outcome(told)
