"""Python's `gql` client sends a file as its own documentation says."""

import pytest

gql = pytest.importorskip("gql")
pytest.importorskip("aiohttp")


async def test_the_gql_client_uploads_a_song(place, tmp_path, sound):
    from gql import Client, FileVar
    from gql.transport.aiohttp import AIOHTTPTransport

    path = tmp_path / "song.wav"
    path.write_bytes(sound)
    bearer = {"Authorization": f"Bearer {place.tokens['ann']}"}
    transport = AIOHTTPTransport(url=f"{place.base}/graphql", headers=bearer)
    document = gql.gql(
        """mutation($f: Upload!) { uploadSong(title: "By gql", artistId: "ann", audioUpload: $f)
            { song { title duration } } }"""
    )
    document.variable_values = {"f": FileVar(str(path))}
    async with Client(transport=transport) as session:
        answer = await session.execute(document, upload_files=True)
    assert answer == {"uploadSong": {"song": {"title": "By gql", "duration": 1}}}
