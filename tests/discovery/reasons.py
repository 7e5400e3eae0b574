"""Proves every reason of an answer by reading the store plainly, without asking what made the answer."""

from collections import Counter, defaultdict

ITEMS = """query ($n: Int) { recommendations(limit: $n) { songs { id } reason groups { reason songs { id } }
  items { song { id } reason { kind text times artist { id name } song { id title } genre { id name } } } } }"""


class Ledger:
    """Everything the reasons are about, read once."""

    @classmethod
    async def read(cls, rig):
        self, store = cls(), rig.store
        self.songs = {song.id: song for song in await store.songs.find({}, limit=10_000)}
        self.plays = await store.plays.find({}, limit=10_000)
        self.likes = {(edge.user_id, edge.target_id) for edge in await store.liked_songs.find({}, limit=10_000)}
        self.follows = {(edge.user_id, edge.target_id) for edge in await store.followed_artists.find({}, limit=10_000)}
        self.chosen = {taste.id: taste.favorite_genre_ids for taste in await store.tastes.find({}, limit=10_000)}
        self.played = Counter((play.user_id, play.song_id) for play in self.plays)
        self.artists_played = Counter((play.user_id, artist) for play in self.plays for artist in play.artist_ids)
        self.listeners = defaultdict(set)
        for play in self.plays:
            self.listeners[play.song_id].add(play.user_id)
        shown = [song for song in self.songs.values() if not song.is_hidden]
        self.popular = {song.id for song in sorted(shown, key=lambda song: -song.play_count)[:100]}
        self.newest = {song.id for song in sorted(shown, key=lambda song: song.created_at, reverse=True)[:60]}
        return self

    def mine(self, user_id):
        """What somebody played or likes."""
        played = {song for user, song in self.played if user == user_id}
        return played | {song for user, song in self.likes if user == user_id}

    def prove(self, user_id, item):
        """Assert one item's reason; its kind."""
        song, reason = self.songs[item["song"]["id"]], item["reason"]
        kind, text = reason["kind"], reason["text"]
        artist, other, genre = reason["artist"], reason["song"], reason["genre"]
        if kind == "ARTIST":
            times = self.artists_played[user_id, artist["id"]]
            assert artist["id"] in song.artist_ids and reason["times"] == (times or None)
            if times:
                assert text == f"Because you played {artist['name']} {times} time{'s' if times > 1 else ''}."
            else:
                assert text == f"Because you like songs by {artist['name']}."
                liked = [self.songs[id] for user, id in self.likes if user == user_id]
                assert any(artist["id"] in each.artist_ids for each in liked)
        elif kind == "SONG":
            times = self.played[user_id, other["id"]]
            assert times == reason["times"] >= 1
            assert text == f"Because you played “{other['title']}” {times} time{'s' if times > 1 else ''}."
        elif kind == "LIKED":
            assert (user_id, other["id"]) in self.likes and text == f"Because you like “{other['title']}”."
        elif kind == "SHARED":
            assert text == f"Fans of “{other['title']}” also play this."
            assert self.played[user_id, other["id"]]
            assert len((self.listeners[other["id"]] & self.listeners[song.id]) - {user_id}) >= 2
        elif kind == "SOUND":
            assert text == f"Same key and tempo as “{other['title']}”." and other["id"] in self.mine(user_id)
            mine, theirs = self.songs[other["id"]].features, song.features
            assert mine.key == theirs.key is not None
            assert abs(mine.tempo - theirs.tempo) <= 0.03 * max(mine.tempo, theirs.tempo)
        elif kind == "FOLLOWED":
            assert (user_id, artist["id"]) in self.follows and artist["id"] in song.artist_ids
            assert text == f"Because you follow {artist['name']}."
        elif kind == "GENRE":
            assert text == f"More {genre['name']}, which you like." and genre["id"] in song.genre_ids
            liked = {id for each in self.mine(user_id) for id in self.songs[each].genre_ids}
            assert genre["id"] in liked | set(self.chosen.get(user_id, ()))
        elif kind == "POPULAR":
            assert text == "Popular here." and song.id in self.popular and song.play_count > 0
        elif kind == "NEW":
            assert text == "New here." and song.id in self.newest
        elif kind == "EXPLORE":
            assert text == "Seldom played here, and new to you."
            assert song.play_count < 10 and not self.played[user_id, song.id]
        elif kind == "HEARD":
            assert text == "You played this before." and self.played[user_id, song.id]
        else:
            assert (kind, text) == ("UNHEARD", "You have not played this yet.") and not self.played[user_id, song.id]
        return kind


async def prove_all(rig, viewers, n=40):
    """Prove every reason of these people's recommendations; how often each kind came."""
    ledger, kinds = await Ledger.read(rig), Counter()
    for viewer in viewers:
        answer = (await rig.data(ITEMS, viewer, n=n))["recommendations"]
        assert [item["song"]["id"] for item in answer["items"]] == [song["id"] for song in answer["songs"]]
        said = {(song["id"], group["reason"]) for group in answer["groups"] for song in group["songs"]}
        assert said == {(item["song"]["id"], item["reason"]["text"]) for item in answer["items"]}
        kinds.update(ledger.prove(viewer.user_id, item) for item in answer["items"])
    return kinds
