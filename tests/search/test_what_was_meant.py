"""Highlights and corrections through the API, and that they tell nothing that is not to be seen."""

SONGS = """query ($q: String!) { searchSongs(query: $q) { didYouMean totalCount
  edges { highlights { field fragments { text isMatch } } } } }"""
ARTISTS = "query ($q: String!) { searchArtists(query: $q) { didYouMean edges { highlights { field } } } }"
ALL = "query ($q: String!) { search(query: $q) { didYouMean } }"


def marked(edge):
    """Each name of a row, with its matches in brackets."""
    return {
        each["field"]: "".join(f"[{part['text']}]" if part["isMatch"] else part["text"] for part in each["fragments"])
        for each in edge["highlights"]
    }


async def test_a_row_shows_what_it_was_found_by_and_a_misspelt_question_what_was_meant(music):
    await music.house.indexing.catch_up()
    found = (await music.data(SONGS, q="anna thi"))["searchSongs"]
    assert (found["didYouMean"], found["totalCount"]) == (None, 1)
    [row] = map(marked, found["edges"])
    assert (row["title"], row["artist"]) == ("[Thi]rd", "[anna]")
    found = (await music.data(SONGS, q="thrid anna"))["searchSongs"]
    assert found["didYouMean"] == "Third anna"
    assert [marked(edge)["title"] for edge in found["edges"]] == ["[Third]"]
    assert (await music.data(ARTISTS, q="anan"))["searchArtists"] == {
        "didYouMean": "Anna",
        "edges": [{"highlights": [{"field": "name"}]}],
    }
    assert (await music.data(ALL, q="thrid"))["search"]["didYouMean"] == "Third"
    assert (await music.data(ALL, q="third"))["search"]["didYouMean"] is None
    assert (await music.data(ALL, q="xyzzyx"))["search"]["didYouMean"] is None


async def test_a_correction_never_names_what_is_hidden(music):
    await music.store.songs.update({"_id": "s3"}, {"$set": {"is_hidden": True}})
    await music.house.indexing.catch_up()
    assert (await music.data(SONGS, q="thrid"))["searchSongs"] == {"didYouMean": None, "totalCount": 0, "edges": []}
    # The index may still know it: the records are read again.
    await music.store.songs.update({"_id": "s3"}, {"$set": {"is_hidden": False}})
    await music.house.indexing.rebuild()
    await music.store.songs.update({"_id": "s3"}, {"$set": {"is_hidden": True}})
    found = (await music.data(SONGS, q="thrid"))["searchSongs"]
    assert (found["didYouMean"], found["edges"]) == (None, [])
    assert (await music.data(ALL, q="thrid"))["search"]["didYouMean"] is None
