"""How often the store is asked: the same for an album of one song and of a hundred."""

from services.viewer import Role
from tests.catalogue_rig import rig  # noqa: F401
from tests.uploads.place import text_of

UPLOAD = """mutation($t: String!) {
    uploadSong(title: "New", artistId: "anna", albumId: "dawn", audioFile: $t, genre: "rock") {
        song { id title audioUrl } } }"""
CREATE = 'mutation { createUpload(fileName: "a.wav", size: 9) { upload { id url } } }'


async def counted(rig, viewer, query, **variables):  # noqa: F811
    rig.engine.asked.clear()
    await rig.data(query, viewer, **variables)
    return dict(rig.engine.asked)


async def test_a_songs_upload_costs_the_same_on_any_album(rig, sound, tmp_path):  # noqa: F811
    ann = await rig.sign_up("ann", Role.ARTIST)
    await rig.artist("anna", owner_id=ann.user_id)
    await rig.album("dawn", "anna")
    await rig.genre("rock", name_key="rock")
    first = await counted(rig, ann, UPLOAD, t=text_of(sound))
    song = await rig.store.songs.first({"title": "New"})
    await rig.store.audio_files.delete({"song_id": song.id})
    for number in range(99):
        await rig.song(f"s{number}", "anna", album_id="dawn", track_number=number + 2)
    again = await counted(rig, ann, UPLOAD, t=text_of(sound))
    # The second `New` looks for the numbers behind its slug: that is all the difference there is.
    assert first == {"artists": 5, "albums": 4, "genres": 1, "audio_files": 2, "songs": 6, "uploads": 4}
    assert again == first | {"songs": first["songs"] + 4}
    assert (await rig.store.albums.get("dawn")).total_tracks == 101


async def test_an_announcement_costs_two_commands(rig):  # noqa: F811
    ann = await rig.sign_up("ann", Role.ARTIST)
    assert await counted(rig, ann, CREATE) == {"uploads": 2}
