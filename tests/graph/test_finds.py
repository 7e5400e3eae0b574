"""The counting of store commands that other tests lean on."""

import pytest


async def test_the_exact_number_passes(music, finds):
    async with finds(1, songs=1):
        await music.data('{ song(id: "s1") { title } }')
    async with finds(0):
        await music.data("{ __typename }")
    async with finds(3, songs=1, artists=1, albums=1):
        await music.data("{ songs { edges { node { artist { name } album { title } } } } }")


async def test_a_difference_is_told_by_collection_and_command(music, finds):
    with pytest.raises(pytest.fail.Exception) as failed:
        async with finds(2, songs=2, genres=0):
            await music.data("{ songs { edges { node { artist { name } album { title } } } } }")
    said = failed.value.msg.splitlines()
    assert said[0] == "3 store commands instead of 2"
    assert said[1] == "songs: 1 instead of 2"
    assert [line.split(".")[0] for line in said[2:]] == ["  1 × albums", "  1 × artists", "  1 × songs"]
