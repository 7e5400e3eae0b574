"""Reviews: one for each person and thing, theirs to change, a moderator's to hide."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import Conflict, Denied, Invalid, NotFound, Unauthenticated
from services.events import ReviewFoundHelpful, ReviewHidden
from services.interactions.review_words import COMMENT_LIMIT, read_comment
from services.paging import Slice
from services.viewer import NOBODY, Role, Viewer

ADD = """mutation { addReview(songId: "s1", rating: 5, comment: "Amazing track!") {
  review { id rating comment user { username } } } }"""
ALBUM = '{ album(id: "dawn") { id title reviews { user { username } rating comment } } }'
ANN, BOB, CAT = (Viewer(user_id=name) for name in ("ann", "bob", "cat"))
WARDEN = Viewer(user_id="warden", roles=frozenset({Role.MODERATOR}))


async def texts(music, viewer, **of):
    """The comments somebody sees of a thing, and how many there are said to be."""
    page = await music.house.review_lists.listing(viewer, Slice(), **(of or {"song_id": "s1"}))
    return [review.comment for review in page.items], page.total


async def test_a_review_is_answered_as_the_specification_asks(music, client):
    token = (await music.sign_in("ann")).token
    await client.ask("{ me { id } }", token)
    music.engine.asked.clear()
    added = (await client.ask(ADD, token))["data"]["addReview"]["review"]
    assert added.pop("id")
    assert added == {"rating": 5, "comment": "Amazing track!", "user": {"username": "ann"}}
    assert music.engine.asked == {"songs": 1, "reviews": 1, "users": 1}


@pytest.mark.parametrize("reviews", [1, 20])
async def test_an_album_s_reviews_are_answered_as_the_specification_asks(music, client, reviews):
    for number in range(reviews):
        viewer = await music.sign_up(f"ann{number}")
        await music.house.reviews.add(viewer, album_id="dawn", rating=4, comment=f"Text {number}")
        music.clock.turn(1)
    music.engine.asked.clear()
    assert (await client.ask(ALBUM))["data"]["album"] == {
        "id": "dawn",
        "title": "Dawn",
        "reviews": [
            {"user": {"username": f"ann{number}"}, "rating": 4, "comment": f"Text {number}"}
            for number in reversed(range(reviews))
        ],
    }
    assert music.engine.asked == {"albums": 1, "reviews": 1, "users": 1}


async def test_another_review_takes_the_place_of_the_first(music):
    first = await music.house.reviews.add(ANN, song_id="s1", rating=2, comment="Meh")
    await music.house.reviews.mark_helpful(BOB, first.id)
    music.clock.turn(60)
    second = await music.house.reviews.add(ANN, song_id="s1", rating=5, comment="Grew on me")
    assert (second.id, second.created_at, second.helpful_count) == (first.id, first.created_at, 1)
    assert second.updated_at == music.clock.now()
    assert await texts(music, NOBODY) == (["Grew on me"], 1)


async def test_fifty_reviews_of_one_person_at_once_are_one(music):
    made = await asyncio.gather(
        *(music.house.reviews.add(ANN, song_id="s1", rating=1 + number % 5) for number in range(50))
    )
    assert len({review.id for review in made}) == 1
    assert await music.store.reviews.count({}) == 1


async def test_a_song_and_an_album_are_reviewed_apart(music):
    for viewer, rating in ((ANN, 5), (BOB, 4), (CAT, 4)):
        await music.house.reviews.add(viewer, album_id="dawn", rating=rating)
    await music.house.reviews.add(ANN, song_id="s1", rating=1)
    query = """{ album(id: "dawn") { averageRating reviewCount } noon: album(id: "noon") { averageRating reviewCount }
      song(id: "s1") { averageRating reviewCount reviews { rating } } }"""
    music.engine.asked.clear()
    assert await music.data(query) == {
        "album": {"averageRating": 4.33, "reviewCount": 3},
        "noon": {"averageRating": None, "reviewCount": 0},
        "song": {"averageRating": 1.0, "reviewCount": 1, "reviews": [{"rating": 1}]},
    }
    assert music.engine.asked == {"albums": 1, "songs": 1, "reviews": 2}


async def test_the_average_leaves_hidden_ratings_out(music):
    low = await music.house.reviews.add(ANN, album_id="dawn", rating=1)
    for viewer, rating in ((BOB, 5), (CAT, 4)):
        await music.house.reviews.add(viewer, album_id="dawn", rating=rating)
    query = '{ album(id: "dawn") { averageRating reviewCount } }'
    assert (await music.data(query))["album"] == {"averageRating": 3.33, "reviewCount": 3}
    await music.house.reviews.hide(WARDEN, low.id, "Spam")
    assert (await music.data(query))["album"] == {"averageRating": 4.5, "reviewCount": 2}


async def test_the_author_alone_changes_and_deletes_a_review(music):
    review = await music.house.reviews.add(ANN, song_id="s1", rating=3, comment="Fine")
    with pytest.raises(Denied):
        await music.house.reviews.update(BOB, review.id, rating=1)
    with pytest.raises(Denied):
        await music.house.reviews.delete(WARDEN, review.id)
    with pytest.raises(Unauthenticated):
        await music.house.reviews.delete(NOBODY, review.id)
    music.clock.turn(5)
    changed = await music.house.reviews.update(ANN, review.id, rating=4)
    assert (changed.rating, changed.comment, changed.updated_at) == (4, "Fine", music.clock.now())
    assert (await music.house.reviews.update(ANN, review.id, comment="")).comment == ""
    await music.house.reviews.mark_helpful(BOB, review.id)
    await music.house.reviews.delete(ANN, review.id)
    assert await music.store.reviews.count({}) == await music.store.review_votes.count({}) == 0
    with pytest.raises(NotFound):
        await music.house.reviews.delete(ANN, review.id)
    assert (await music.house.reviews.add(ANN, song_id="s1", rating=5)).helpful_count == 0


async def test_a_vote_counts_once_for_others_and_is_told_once(music):
    heard = []
    music.house.bus.hear(ReviewFoundHelpful, heard.append)
    review = await music.house.reviews.add(ANN, song_id="s1", rating=3)
    for _ in range(2):
        assert (await music.house.reviews.mark_helpful(BOB, review.id)).helpful_count == 1
    assert heard == [ReviewFoundHelpful(review.id, "ann", "bob")]
    with pytest.raises(Denied):
        await music.house.reviews.mark_helpful(ANN, review.id)
    query = '{ song(id: "s1") { reviews { isHelpful helpfulCount } } }'
    assert (await music.data(query, BOB))["song"]["reviews"] == [{"isHelpful": True, "helpfulCount": 1}]
    assert (await music.data(query, ANN))["song"]["reviews"] == [{"isHelpful": False, "helpfulCount": 1}]
    for _ in range(2):
        await music.house.reviews.unmark_helpful(BOB, review.id)
    assert (await music.store.reviews.get(review.id)).helpful_count == 0
    for id in ("nowhere", "", "\ud800"):
        with pytest.raises(NotFound):
            await music.house.reviews.mark_helpful(BOB, id)
        await music.house.reviews.unmark_helpful(BOB, id)


async def test_a_hidden_review_is_seen_by_its_author_and_moderators_alone(music):
    heard = []
    music.house.bus.hear(ReviewHidden, heard.append)
    review = await music.house.reviews.add(ANN, song_id="s1", rating=1, comment="Buy pills")
    await music.house.reviews.add(BOB, song_id="s1", rating=5, comment="Lovely")
    with pytest.raises(Denied):
        await music.house.reviews.hide(BOB, review.id, "I do not like it")
    for reason in ("Spam", "Another"):
        assert (await music.house.reviews.hide(WARDEN, review.id, reason)).hidden_reason == "Spam"
    assert heard == [ReviewHidden(review.id, "ann")]
    assert await texts(music, NOBODY) == (["Lovely"], 1)
    assert await texts(music, BOB) == (["Lovely"], 1)
    assert sorted((await texts(music, ANN))[0]) == sorted((await texts(music, WARDEN))[0]) == ["Buy pills", "Lovely"]
    query = "{ myReviews { totalCount edges { node { comment isHidden hiddenReason song { id } album { id } } } } }"
    assert (await music.data(query, ANN))["myReviews"] == {
        "totalCount": 1,
        "edges": [
            {
                "node": {
                    "comment": "Buy pills",
                    "isHidden": True,
                    "hiddenReason": "Spam",
                    "song": {"id": "s1"},
                    "album": None,
                }
            }
        ],
    }
    with pytest.raises(NotFound):
        await music.house.reviews.mark_helpful(CAT, review.id)


async def test_an_author_cannot_bring_back_what_was_hidden(music):
    review = await music.house.reviews.add(ANN, song_id="s1", rating=1, comment="Buy pills")
    await music.house.reviews.hide(WARDEN, review.id, "Spam")
    for again in (
        music.house.reviews.add(ANN, song_id="s1", rating=1, comment="Buy more"),
        music.house.reviews.update(ANN, review.id, comment="Buy more"),
        music.house.reviews.update(ANN, review.id),
    ):
        with pytest.raises(Conflict) as refused:
            await again
        assert refused.value.extensions == {"code": "REVIEW_HIDDEN"}
    await music.house.reviews.delete(ANN, review.id)
    kept = await music.store.reviews.get(review.id)
    assert (kept.comment, kept.is_hidden) == ("", True)
    with pytest.raises(Conflict):
        await music.house.reviews.add(ANN, song_id="s1", rating=1, comment="Buy more")
    assert await texts(music, NOBODY) == ([], 0)
    restored = await music.house.reviews.restore(WARDEN, review.id)
    assert (restored.is_hidden, restored.hidden_reason, restored.hidden_by) == (False, None, None)
    assert (await music.house.reviews.add(ANN, song_id="s1", rating=4, comment="Sorry")).id == review.id


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ('songId: "s1", rating: 0', "rating"),
        ('songId: "s1", rating: 6', "rating"),
        ('songId: "s1", rating: -2147483648', "rating"),
        ("rating: 3", "songId"),
        ('songId: "s1", albumId: "dawn", rating: 3', "songId"),
        (f'songId: "s1", rating: 3, comment: "{"x" * 5001}"', "comment"),
        ('songId: "s1", rating: 3, comment: "a\\u0000b"', "comment"),
        ('songId: "s1", rating: 3, comment: "a\\u202eb"', "comment"),
        ('songId: "s1", rating: 3, comment: "bell\\u0007"', "comment"),
    ],
)
async def test_impossible_reviews_are_refused_by_name_and_leave_nothing(music, arguments, field):
    errors = await music.errors(f"mutation {{ addReview({arguments}) {{ review {{ id }} }} }}", ANN)
    assert errors == [{"code": "INVALID", "field": field}]
    assert await music.store.reviews.count({}) == 0


@pytest.mark.parametrize("of", ["s4", "nowhere", "", "\x00", "\ud800", "dawn"])
async def test_what_cannot_be_seen_cannot_be_reviewed(music, of):
    with pytest.raises(NotFound, match="There is no such song"):
        await music.house.reviews.add(ANN, song_id=of, rating=3)
    with pytest.raises(NotFound, match="There is no such song"):
        await music.house.review_lists.listing(ANN, Slice(), song_id=of)
    assert await music.store.reviews.count({}) == 0


@pytest.mark.parametrize(("reason", "told"), [("", "Say why."), (" \n ", "Say why."), ("x" * 501, "A reason has")])
async def test_hiding_takes_a_reason(music, reason, told):
    review = await music.house.reviews.add(ANN, song_id="s1", rating=3)
    with pytest.raises(Invalid, match=told):
        await music.house.reviews.hide(WARDEN, review.id, reason)
    assert (await music.store.reviews.get(review.id)).is_hidden is False


async def test_reviews_come_newest_or_most_helpful_first_and_are_read_on(music):
    for number, viewer in enumerate((ANN, BOB, CAT)):
        review = await music.house.reviews.add(viewer, song_id="s1", rating=3, comment=str(number))
        for voter in range(3 - abs(number - 1) * 2):
            await music.house.reviews.mark_helpful(Viewer(user_id=f"v{voter}"), review.id)
        music.clock.turn(1)
    query = """query ($after: String, $by: ReviewOrder!) {
      reviews(songId: "s1", first: 2, after: $after, orderBy: $by) {
        edges { node { comment } } totalCount pageInfo { hasNextPage endCursor } } }"""
    for by, order in (("NEWEST", ["2", "1", "0"]), ("MOST_HELPFUL", ["1"])):
        first = (await music.data(query, by=by))["reviews"]
        rest = (await music.data(query, by=by, after=first["pageInfo"]["endCursor"]))["reviews"]
        read = [edge["node"]["comment"] for edge in first["edges"] + rest["edges"]]
        assert read[: len(order)] == order
        assert (sorted(read), first["totalCount"], rest["pageInfo"]["hasNextPage"]) == (["0", "1", "2"], 3, False)
    top = '{ song(id: "s1") { reviews(orderBy: MOST_HELPFUL, limit: 1) { helpfulCount } } }'
    assert (await music.data(top))["song"]["reviews"] == [{"helpfulCount": 3}]


@pytest.mark.parametrize("songs", [2, 100])
async def test_the_reviews_of_a_hundred_songs_cost_the_commands_of_two(music, songs):
    for number in range(songs):
        await music.song(f"n{number:03}", "bert", title=f"A{number:03}")
        for viewer in (ANN, BOB, CAT):
            await music.house.reviews.add(viewer, song_id=f"n{number:03}", rating=5, comment=viewer.user_id)
            music.clock.turn(1)
    await music.house.moderation_watch.settled()
    music.engine.asked.clear()
    query = """query ($n: Int) { songs(first: $n, filters: { artistId: "bert" }) {
      edges { node { title averageRating reviewCount reviews(limit: 2) { comment } } } } }"""
    shown = (await music.data(query, n=songs))["songs"]["edges"]
    assert [edge["node"] for edge in shown] == [
        {
            "title": f"A{number:03}",
            "averageRating": 5.0,
            "reviewCount": 3,
            "reviews": [{"comment": "cat"}, {"comment": "bob"}],
        }
        for number in range(songs)
    ]
    assert music.engine.asked == {"songs": 1, "reviews": 2}


async def test_long_lists_of_reviews_are_each_read_no_further_than_asked(music, monkeypatch):
    monkeypatch.setattr("services.interactions.windows.TOGETHER", 7)
    for song, people in (("s1", 3), ("b1", 6), ("s3", 2)):
        for number in range(people):
            await music.house.reviews.add(Viewer(user_id=f"u{number}"), song_id=song, rating=3, comment=f"{number}")
            music.clock.turn(1)
    query = """{ songs(first: 10) { edges { node { id reviews(limit: 2, offset: 1) { comment } } } } }"""
    shown = (await music.data(query))["songs"]["edges"]
    assert {edge["node"]["id"]: [review["comment"] for review in edge["node"]["reviews"]] for edge in shown} == {
        "b1": ["4", "3"],
        "s1": ["1", "0"],
        "s3": ["0"],
        "s2": [],
    }


def test_a_comment_keeps_its_line_breaks_and_loses_the_blanks_around_it():
    assert read_comment("  One\r\n\r\nTwo\n") == "One\n\nTwo"
    assert read_comment("e\u0301") == "é"
    assert len(read_comment("x" * COMMENT_LIMIT + "\n\n")) == COMMENT_LIMIT
    with pytest.raises(Invalid):
        read_comment("x" * (COMMENT_LIMIT + 1))
    assert read_comment("one\ttab, one\rold line end") == "one tab, one\nold line end"
    with pytest.raises(Invalid):
        read_comment("bell \a")


@given(st.text(max_size=200))
def test_a_comment_that_is_taken_is_taken_again_unchanged(text):
    try:
        kept = read_comment(text)
    except Invalid as refused:
        assert refused.field == "comment"
        return
    assert read_comment(kept) == kept
    kept.encode()
