async def test_smoke(music, client):
    print(await client.ask("""{ artist(id:"anna") { name genres {name} albums {title releaseDate coverImage songs {title trackNumber duration featuredArtists {name} audioUrl}} topSongs(limit: 2) {title playCount} socialLinks {website spotify} members {name} }
    songs(first: 2) { edges { node { title artist {name} album {title totalDuration} genre {name parent {name}} } cursor } totalCount pageInfo {hasNextPage endCursor} } genres { name children {name} ancestors {name} } newReleases { title albumType releaseDate } me { id } }"""))
