"""Release radar: what came out in four weeks by artists somebody follows or plays much."""

from tests.discovery.listeners import follows, plays

RADAR = """query ($limit: Int) { releaseRadar(limit: $limit) { since reason releases {
  album { id } song { id } artist { id } releaseDate why reason } } }"""


async def radar(rig, viewer, limit=30):
    """The releases by id with why, and the sentence for all."""
    found = (await rig.data(RADAR, viewer, limit=limit))["releaseRadar"]
    releases = [((each["album"] or each["song"])["id"], each["why"], each["reason"]) for each in found["releases"]]
    return releases, found["reason"]


async def test_new_releases_of_followed_and_much_played_artists_the_newest_first_each_once(rig):
    # It is the first of June, 2026.
    for artist in ("anna", "bert", "carl", "dora"):
        await rig.artist(artist, name=artist.title())
    for id, artist, date in (
        ("out", "anna", "2026-05-22"), ("today", "bert", "2026-06-01"), ("may", "anna", "2026-05"),
        ("announced", "anna", "2026-06-02"), ("old", "anna", "2026-05-03"), ("edge", "anna", "2026-05-04"),
        ("year", "anna", "2026"), ("undated", "anna", None), ("foreign", "carl", "2026-05-30"),
    ):  # fmt: skip
        await rig.album(id, artist, release_date=date)
    await rig.album("hidden", "anna", release_date="2026-05-30", is_hidden=True)
    await rig.song("on-out", "anna", album_id="out", release_date="2026-05-22")
    await rig.song("single", "carl", featured=["anna"], release_date="2026-05-28")
    await rig.song("heard", "bert")
    await rig.song("seldom", "dora", release_date="2026-05-29")
    me, stranger = await rig.sign_up("listener"), await rig.sign_up("stranger")
    await follows(rig, me.user_id, "anna")
    await plays(rig, me.user_id, "heard", times=5)
    await plays(rig, me.user_id, "seldom", times=4)
    await rig.house.roll_ups.fold()
    releases, reason = await radar(rig, me)
    assert releases == [
        ("today", "PLAYED", "You played Bert 5 times."),
        ("single", "FOLLOWED", "You follow Anna."),
        ("out", "FOLLOWED", "You follow Anna."),
        ("edge", "FOLLOWED", "You follow Anna."),
    ]
    assert (await rig.store.artist_listeners.get(f"bert:{me.user_id}")).plays == 5
    assert reason == "What came out in the last 4 weeks by the 2 artists you follow or play much."
    assert [id for id, *_ in (await radar(rig, me, 1))[0]] == ["today"]
    rig.engine.asked.clear()
    await rig.house.release_radars.of(me)
    assert dict(rig.engine.asked) == {
        "tastes": 1, "followed_artists": 1, "artist_listeners": 1, "albums": 1, "songs": 1, "artists": 1,
    }  # fmt: skip
    # The announced one is there on its day; whom one mutes is not.
    rig.clock.turn(86_400)
    assert [id for id, *_ in (await radar(rig, me))[0]] == ["announced", "today", "single", "out"]
    await rig.house.tastes.change(me, {"muted_artists": ["anna"]})
    assert [id for id, *_ in (await radar(rig, me))[0]] == ["today"]
    assert await radar(rig, stranger) == (
        [],
        "You follow nobody and play nobody much yet: follow artists to hear of them.",
    )
    await follows(rig, stranger.user_id, "dora")
    rig.clock.turn(86_400 * 40)
    assert await radar(rig, stranger) == (
        [], "Nothing came out in the last 4 weeks by the one artist you follow or play much."
    )  # fmt: skip
    assert await rig.errors(RADAR, me, limit=101) == [{"code": "INVALID", "field": "limit"}]
    assert await rig.errors(RADAR) == [{"code": "UNAUTHENTICATED"}]
