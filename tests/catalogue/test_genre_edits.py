"""The genre tree under edit: names that go on meaning, moves without cycles, turns that survive a crash."""

import asyncio
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.errors import Conflict, Invalid, NotFound
from services.library.catalogue_writer import CatalogueWriter
from services.viewer import NOBODY, Role, Viewer
from storage.collections.library import Library
from tests.catalogue_rig import small_house

MODERATOR = Viewer("mod", frozenset({Role.MODERATOR}))
ARTIST = Viewer("artist", frozenset({Role.ARTIST}))

CREATE = """mutation ($name: String!, $parent: String, $description: String) {
  createGenre(name: $name, parent: $parent, description: $description) {
    genre { id name slug description parent { name } ancestors { name } } } }"""
UPDATE = """mutation ($id: ID!, $name: String, $parent: String, $description: String) {
  updateGenre(genreId: $id, name: $name, parent: $parent, description: $description) {
    genre { name slug description parent { name } ancestors { name } children { name } } } }"""
DELETE = "mutation ($id: ID!) { deleteGenre(genreId: $id) { success } }"


async def tree_is_sound(rig):
    """No cycle, and each way down equals the walk up."""
    genres = {genre.id: genre for genre in await rig.store.genres.find({}, limit=1000)}
    for genre in genres.values():
        walk, at = [], genre.parent_id
        while at is not None:
            assert at not in walk
            walk.append(at)
            at = genres[at].parent_id
        assert genre.ancestor_ids == walk[::-1], genre.name
    tree = await rig.store.genre_tree.get("tree")
    assert tree is None or tree.pending_kind is None


async def test_a_genre_is_made_below_another_renamed_moved_and_removed(music):
    rig = music
    made = (await rig.data(CREATE, MODERATOR, name="Dream  Pop", parent="Indie", description="Haze."))["createGenre"]
    genre = made["genre"]
    id = genre.pop("id")
    assert genre == {"name": "Dream Pop", "slug": "dream-pop", "description": "Haze.", "parent": {"name": "indie"},
                     "ancestors": [{"name": "rock"}, {"name": "indie"}]}  # fmt: skip
    renamed = (await rig.data(UPDATE, MODERATOR, id=id, name="Dreampop", description=None))["updateGenre"]["genre"]
    assert (renamed["name"], renamed["slug"], renamed["description"]) == ("Dreampop", "dreampop", "")
    for means in ("dream-pop", "Dream Pop", "DREAMPOP", "dreampop", id):
        assert (await rig.house.genres.named(means)).id == id
    assert (await rig.data('{ genre(slug: "dream-pop") { name } }'))["genre"] == {"name": "Dreampop"}
    await rig.data(UPDATE, MODERATOR, id="shoegaze", parent=id)
    moved = (await rig.data(UPDATE, MODERATOR, id=id, parent=None))["updateGenre"]["genre"]
    assert (moved["parent"], moved["ancestors"], moved["children"]) == (None, [], [{"name": "shoegaze"}])
    assert (await rig.store.genres.get("shoegaze")).ancestor_ids == [id]
    assert [genre.name for genre in await rig.house.genres.listing(NOBODY, roots_only=True)] == ["Dreampop", "rock"]
    assert (await rig.store.songs.get("s3")).genre_ids == ["shoegaze"]
    await tree_is_sound(rig)
    assert await rig.errors(DELETE, MODERATOR, id=id) == [{"code": "CONFLICT", "field": "genreId"}]
    assert await rig.errors(DELETE, MODERATOR, id="shoegaze") == [{"code": "CONFLICT", "field": "genreId"}]
    await rig.data(UPDATE, MODERATOR, id="shoegaze", parent="rock")
    assert (await rig.data(DELETE, MODERATOR, id=id))["deleteGenre"] == {"success": True}
    assert await rig.errors(DELETE, MODERATOR, id=id) == [{"code": "NOT_FOUND", "field": "genreId"}]


@pytest.mark.parametrize(
    ("document", "words", "refusal"),
    [
        (CREATE, {"name": "ROCK"}, {"code": "CONFLICT", "field": "name"}),
        (CREATE, {"name": ""}, {"code": "INVALID", "field": "name"}),
        (CREATE, {"name": "x" * 51}, {"code": "INVALID", "field": "name"}),
        (CREATE, {"name": "New", "parent": "nowhere"}, {"code": "NOT_FOUND", "field": "parent"}),
        (CREATE, {"name": "New", "description": "\x00"}, {"code": "INVALID", "field": "description"}),
        (UPDATE, {"id": "rock", "parent": "shoegaze"}, {"code": "INVALID", "field": "parent"}),
        (UPDATE, {"id": "rock", "parent": "rock", "name": "Stone"}, {"code": "INVALID", "field": "parent"}),
        (UPDATE, {"id": "rock", "name": "Indie"}, {"code": "CONFLICT", "field": "name"}),
        (UPDATE, {"id": "nowhere"}, {"code": "NOT_FOUND", "field": "genreId"}),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(music, document, words, refusal):
    before = await music.store.genres.find({})
    assert await music.errors(document, MODERATOR, **words) == [refusal]
    assert await music.store.genres.find({}) == before


async def test_genres_are_edited_by_moderators(music):
    for viewer, code in ((NOBODY, "UNAUTHENTICATED"), (ARTIST, "DENIED")):
        for document, words in ((CREATE, {"name": "X"}), (UPDATE, {"id": "rock"}), (DELETE, {"id": "rock"})):
            assert [each["code"] for each in await music.errors(document, viewer, **words)] == [code]


async def test_an_import_knows_a_renamed_genre_by_the_name_its_tags_say(music):
    await music.house.genre_edits.update(MODERATOR, "shoegaze", name="Dream Noise")
    found = await CatalogueWriter(Library(music.store), music.clock).genres(["Shoegaze", "Dream Noise", "New"])
    assert found["shoegaze"] == found["dream noise"] == "shoegaze"
    assert await music.store.genres.count({}) == 4


def shuffle(rig, dice):
    """Let every command on the genres wait for a few turns of the loop first, as a store over a network would."""
    for shelf in (rig.store.genres, rig.store.genre_tree):
        for name in ("get", "find", "insert", "update", "update_and_get", "bulk", "delete", "count"):

            def waiting(method):
                async def wait(*arguments, **options):
                    for _ in range(dice.randrange(4)):
                        await asyncio.sleep(0)
                    return await method(*arguments, **options)

                return wait

            setattr(shelf, name, waiting(getattr(shelf, name)))


@pytest.mark.parametrize("seed", range(5))
async def test_two_who_move_two_genres_below_each_other_make_no_cycle(rig, seed):
    a, b = await rig.genre("a"), await rig.genre("b")
    await rig.house.genre_tree.finish()
    shuffle(rig, random.Random(seed))
    move = rig.house.genre_tree.move
    done = await asyncio.gather(move(a.id, b.id), move(b.id, a.id), return_exceptions=True)
    assert sorted(type(each) for each in done if each is not None) in ([Invalid], [])
    assert [type(each) for each in done].count(Invalid) == 1
    await tree_is_sound(rig)


class Cut(Exception):
    """The power went."""


@pytest.mark.parametrize("writes", range(7))
async def test_a_move_cut_off_anywhere_is_finished_by_the_next_turn(rig, writes, monkeypatch):
    names = ["top", "a", "b", "c"]
    top, a, b, c = [await rig.genre(name) for name in names]
    tree = rig.house.genre_tree
    await tree.move(b.id, a.id)
    await tree.move(c.id, b.id)
    left = writes

    def failing(method):
        async def cut(*arguments, **options):
            nonlocal left
            if left == 0:
                raise Cut
            left -= 1
            return await method(*arguments, **options)

        return cut

    with monkeypatch.context() as patch:
        for shelf in (rig.store.genres, rig.store.genre_tree):
            for name in ("update", "update_and_get", "bulk"):
                patch.setattr(shelf, name, failing(getattr(shelf, name)))
        try:
            await tree.move(a.id, top.id)
            assert writes == 6
        except Cut:
            assert writes < 6
    await tree.finish()
    await tree_is_sound(rig)
    assert (await rig.store.genres.get("c")).ancestor_ids in ([top.id, a.id, b.id], [a.id, b.id])
    assert writes == 0 or (await rig.store.genres.get("a")).parent_id == top.id


MOVE = st.tuples(st.integers(0, 7), st.one_of(st.none(), st.integers(0, 7)))
DEED = st.one_of(
    st.tuples(st.just("move"), MOVE),
    st.tuples(st.just("grow"), st.integers(0, 7)),
    st.tuples(st.just("delete"), st.integers(0, 7)),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DEED, max_size=10), st.lists(DEED, max_size=10), st.randoms(use_true_random=False))
def test_whatever_two_editors_do_at_once_the_tree_stays_a_tree(io_loop, tmp_path_factory, first, second, dice):
    async def run():
        async with small_house(tmp_path_factory.mktemp("tree")) as rig:
            for number in range(8):
                await rig.genre(str(number))
            edits, tree = rig.house.genre_edits, rig.house.genre_tree
            await tree.finish()
            shuffle(rig, dice)

            async def edit(deeds, who):
                for count, (deed, what) in enumerate(deeds):
                    try:
                        if deed == "move":
                            await tree.move(str(what[0]), None if what[1] is None else str(what[1]))
                        elif deed == "grow":
                            await edits.create(MODERATOR, name=f"{who} {count}", parent=str(what))
                        else:
                            await edits.delete(MODERATOR, str(what))
                    except (Invalid, NotFound, Conflict):
                        pass

            await asyncio.gather(edit(first, "x"), edit(second, "y"))
            await tree_is_sound(rig)

    io_loop.run_sync(run)
