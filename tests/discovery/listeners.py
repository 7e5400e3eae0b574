"""People with plays and likes, for the discovery tests."""

from datetime import timedelta

from storage.records import AudioFeatures, Edge, Play


async def plays(rig, user_id, *song_ids, times=1, days_ago=0, completed=True, ms_played=None):
    """Rows in the ledger, a minute apart."""
    songs = await rig.store.songs.get_many(song_ids)
    for song_id in song_ids:
        for _ in range(times):
            rig.clock.turn(60)
            at = rig.clock.now() - timedelta(days=days_ago)
            id = f"{user_id}:{rig.clock.new_id()}"
            row = Play(id, user_id, song_id, at, at, artist_ids=songs[song_id].artist_ids, completed=completed)
            row.ms_played = ms_played
            await rig.store.plays.insert(row)


async def likes(rig, user_id, *song_ids):
    """Liked songs."""
    for song_id in song_ids:
        await rig.store.liked_songs.insert(Edge(f"{user_id}:{song_id}", user_id, song_id, rig.clock.now()))


async def follows(rig, user_id, *artist_ids):
    """Followed artists."""
    for artist_id in artist_ids:
        await rig.store.followed_artists.insert(Edge(f"{user_id}:{artist_id}", user_id, artist_id, rig.clock.now()))


async def two_camps(rig):
    """Eight artists in two genres with six songs each; ten people who hear one genre alone."""
    for genre in ("metal", "jazz"):
        await rig.genre(genre)
        for a in range(4):
            artist = f"{genre}{a}"
            await rig.artist(artist, name=artist.title(), genre_ids=[genre], monthly_listeners=10)
            for number in range(6):
                energy = 0.9 if genre == "metal" else 0.2
                await rig.song(
                    f"{artist}-{number}",
                    artist,
                    genre_ids=[genre],
                    genre_id=genre,
                    features=AudioFeatures(energy=energy, danceability=0.5, valence=1 - energy),
                    play_count=10 - number,
                )
        for person in range(5):
            heard = [f"{genre}{a}-{(person + n) % 6}" for a in range(4) for n in range(3)]
            await plays(rig, f"{genre}-fan{person}", *heard)
