"""A genre's page: songs, artists, new albums and playlists with those of the genres below, and the genres beside it."""

from services.playlists.making import PlaylistDraft
from services.viewer import Role

PAGE = """query ($id: ID!, $limit: Int) { genre(id: $id) {
  topSongs(limit: $limit) { id } topArtists(limit: $limit) { id }
  newReleases(limit: $limit) { id } relatedGenres(limit: $limit) { id } playlists(limit: $limit) { name }
  children { id } ancestors { id } } }"""
LISTS = ("topSongs", "topArtists", "newReleases", "relatedGenres")


async def page(rig, id, *viewer, limit=10):
    """The ids on a genre's page."""
    found = (await rig.data(PAGE, *viewer, id=id, limit=limit))["genre"]
    return {name: [each["id"] for each in found[name]] for name in LISTS}, [each["name"] for each in found["playlists"]]


async def test_a_page_takes_in_what_lies_below_and_leaves_out_what_may_not_be_seen(music):
    await music.genre("folk")
    await music.genre("punk", await music.store.genres.get("rock"))
    await music.song("f1", "bert", genre_ids=["folk", "indie"], play_count=5)
    await music.song("f2", "anna", genre_ids=["folk"], play_count=90)
    await music.song("gone", "anna", genre_ids=["folk", "indie"], play_count=99, is_hidden=True)
    await music.store.artists.update({"_id": "ghost"}, {"$set": {"genre_ids": ["indie"]}})
    await music.store.albums.update({"_id": "future"}, {"$set": {"genre_ids": ["indie"]}})
    editor = await music.sign_up("editor", Role.ADMIN)
    for name, songs in (("Guitars", ["s1", "s3", "f2"]), ("Mixed", ["s1", "f2", "b1"]), ("Empty", [])):
        made = await music.house.playlist_making.create(editor, PlaylistDraft(name, is_editorial=True))
        if songs:
            await music.house.playlist_editing.add_songs(editor, made.id, songs)
    below = {"topSongs": ["s3", "s1", "f1"], "topArtists": ["anna"], "newReleases": ["dawn"], "relatedGenres": ["folk"]}
    assert await page(music, "rock") == (below, ["Guitars"])
    # Beside indie in the tree is punk, which shares nothing with it; shoegaze is below it, rock above.
    indie, playlists = await page(music, "indie")
    assert (indie["topSongs"], indie["relatedGenres"], playlists) == (["s3", "s1", "f1"], ["folk", "punk"], ["Guitars"])
    folk, playlists = await page(music, "folk")
    assert (folk["topSongs"], folk["relatedGenres"], playlists) == (["f2", "f1"], ["indie"], [])
    punk, _ = await page(music, "punk")
    assert punk == {"topSongs": [], "topArtists": [], "newReleases": [], "relatedGenres": ["indie"]}
    assert (await page(music, "folk", limit=1))[0]["topSongs"] == ["f2"]
    assert await music.errors(PAGE, id="rock", limit=101) == [{"code": "INVALID", "field": "limit"}]


async def test_pages_of_many_genres_cost_what_one_costs_and_each_has_its_own_first(music, monkeypatch):
    for number in range(6):
        await music.song(
            f"x{number}", "anna", genre_ids=["shoegaze" if number % 2 else "indie"], play_count=50 + number
        )
    await music.genre("jazz")
    await music.song("j", "bert", genre_ids=["jazz"])
    query = "{ genres { id topSongs(limit: 2) { id } } }"
    music.engine.asked.clear()
    found = {each["id"]: [song["id"] for song in each["topSongs"]] for each in (await music.data(query))["genres"]}
    assert dict(music.engine.asked) == {"genres": 2, "songs": 2}
    assert found == {"indie": ["x5", "x4"], "jazz": ["j"], "rock": ["x5", "x4"], "shoegaze": ["x5", "x3"]}
    # A genre whose songs are not among the first that are read for all is asked for alone.
    monkeypatch.setattr("services.catalogue.genre_pages.TOGETHER", 3)
    again = {each["id"]: [song["id"] for song in each["topSongs"]] for each in (await music.data(query))["genres"]}
    assert again == found
