"""Claims of artists, from the claim to the badge and back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.errors import Conflict, Denied
from services.viewer import Role, Viewer
from tests.catalogue_rig import Rig, rig

__all__ = ["rig"]

CLAIM = """mutation($id: ID!, $links: [String!]! = []) { claimArtist(artistId: $id, relation: MEMBER,
  evidence: "I sing.", links: $links) { claim { id state relation evidence links isDisputed
  owner { username } artist { id } user { username } } } }"""
APPROVE = """mutation($id: ID!, $over: Boolean! = false) { approveArtistClaim(id: $id, takesOver: $over) {
  claim { state artist { verified } decidedBy { username } } } }"""
REJECT = 'mutation($id: ID!) { rejectArtistClaim(id: $id, reason: "No proof.") { claim { state reason } } }'
MINE = "{ myArtistClaims { edges { node { id state reason words { text isQuestion } } } totalCount } }"
RELEASE = (
    'mutation($id: ID!, $why: String! = "") { releaseArtist(artistId: $id, reason: $why) { artist { verified } } }'
)


async def refused(rig: Rig, text: str, viewer: Viewer, **variables: Any) -> str:
    """The code with which it is refused."""
    answer = await rig.ask(text, viewer, **variables)
    return str(answer["errors"][0]["extensions"]["code"])


async def claimed(rig: Rig, viewer: Viewer, id: str) -> str:
    """The id of a new claim."""
    return str((await rig.data(CLAIM, viewer, id=id))["claimArtist"]["claim"]["id"])


async def again(rig: Rig, viewer: Viewer) -> Viewer:
    """Somebody with the roles they have now."""
    user = await rig.store.users.get(str(viewer.user_id))
    assert user is not None
    return Viewer(user.id, frozenset(user.roles))


async def told(rig: Rig, viewer: Viewer) -> list[str]:
    found = await rig.store.notifications.find({"user_id": viewer.user_id}, sort=[("_id", 1)])
    return [one.kind for one in found if one.kind.startswith("artist_")]


async def steps(rig: Rig) -> list[str]:
    found = await rig.store.engine.find("audit_entries", {}, sort=[("number", 1)])
    return [line["action"] for line in found if line["action"].startswith("artist")]


async def test_from_a_claim_over_a_question_to_the_badge_and_ones_own_catalogue(rig: Rig) -> None:
    ann, mod = await rig.sign_up("ann"), await rig.sign_up("mod", Role.MODERATOR)
    await rig.artist("band", name="Band")
    edit = 'mutation { updateArtist(artistId: "band", bio: "We play.") { artist { bio } } }'
    assert await refused(rig, edit, ann) == "DENIED"
    made = await rig.data(CLAIM, ann, id="band", links=["https://band.example/", "https://band.example/"])
    claim = made["claimArtist"]["claim"]
    id = claim.pop("id")
    assert claim == {
        "state": "OPEN", "relation": "MEMBER", "evidence": "I sing.", "links": ["https://band.example/"],
        "isDisputed": None, "owner": None, "artist": {"id": "band"}, "user": {"username": "ann"},
    }  # fmt: skip
    ask = 'mutation($id: ID!) { askAboutArtistClaim(id: $id, question: "Where?") { claim { state } } }'
    answer = 'mutation($id: ID!) { answerArtistClaim(id: $id, answer: "In Köln.") { claim { state } } }'
    assert await refused(rig, answer, ann, id=id) == "NOT_ASKED"
    assert (await rig.data(ask, mod, id=id))["askAboutArtistClaim"]["claim"] == {"state": "ASKED"}
    assert (await rig.data(answer, ann, id=id))["answerArtistClaim"]["claim"] == {"state": "OPEN"}
    queue = "{ artistClaims(state: OPEN) { edges { node { id isDisputed } } totalCount } }"
    waiting = {"edges": [{"node": {"id": id, "isDisputed": False}}], "totalCount": 1}
    assert (await rig.data(queue, mod))["artistClaims"] == waiting
    approved = (await rig.data(APPROVE, mod, id=id))["approveArtistClaim"]["claim"]
    assert approved == {"state": "APPROVED", "artist": {"verified": True}, "decidedBy": {"username": "mod"}}
    ann = await again(rig, ann)
    assert ann.roles == {"artist"}
    assert (await rig.data(edit, ann))["updateArtist"] == {"artist": {"bio": "We play."}}
    assert (await rig.data("{ myArtists { id } }", ann))["myArtists"] == [{"id": "band"}]
    words = [{"text": "Where?", "isQuestion": True}, {"text": "In Köln.", "isQuestion": False}]
    mine = (await rig.data(MINE, ann))["myArtistClaims"]
    assert mine == {"edges": [{"node": {"id": id, "state": "APPROVED", "reason": "", "words": words}}], "totalCount": 1}
    assert await told(rig, ann) == ["artist_claim_asked", "artist_claim_decided"]
    assert await rig.store.outbox.count({"receiver": "ann@example.com", "key": {"$regex": "^claim_"}}) == 2
    log = ["artist_claim.make", "artist_claim.ask", "artist_claim.answer", "artist_claim.approve"]
    assert await steps(rig) == log
    assert await refused(rig, CLAIM, ann, id="band") == "ALREADY_YOURS"
    assert (await rig.data(RELEASE, ann, id="band"))["releaseArtist"] == {"artist": {"verified": False}}
    assert (await again(rig, ann)).roles == frozenset()
    assert (await rig.data(MINE, ann))["myArtistClaims"]["edges"][0]["node"]["state"] == "RELEASED"
    assert await refused(rig, edit, await again(rig, ann)) == "DENIED"
    assert await steps(rig) == [*log, "artist.release"]


async def test_claims_are_few_and_one_for_an_artist(rig: Rig) -> None:
    ann = await rig.sign_up("ann")
    for id in ("a", "b", "c", "d"):
        await rig.artist(id)
    await rig.artist("veiled", is_hidden=True)
    assert await refused(rig, CLAIM, ann, id="veiled") == await refused(rig, CLAIM, ann, id="never") == "NOT_FOUND"
    assert await refused(rig, CLAIM, ann, id="a", links=["javascript:alert(1)"]) == "INVALID"
    assert await refused(rig, CLAIM, ann, id="a", links=["https://a.example/"] * 9) == "INVALID"
    empty = 'mutation { claimArtist(artistId: "a", evidence: " ") { claim { id } } }'
    assert await refused(rig, empty, ann) == "INVALID"
    assert await rig.store.artist_claims.count({}) == 0
    twice = await asyncio.gather(rig.ask(CLAIM, ann, id="a"), rig.ask(CLAIM, ann, id="a"))
    assert sorted("errors" in answer for answer in twice) == [False, True]
    assert await refused(rig, CLAIM, ann, id="a") == "CLAIM_OPEN"
    second = await claimed(rig, ann, "b")
    await claimed(rig, ann, "c")
    assert await refused(rig, CLAIM, ann, id="d") == "TOO_MANY_CLAIMS"
    withdraw = "mutation($id: ID!) { withdrawArtistClaim(id: $id) { claim { state } } }"
    stranger = await rig.sign_up("eve")
    assert await refused(rig, withdraw, stranger, id=second) == "NOT_FOUND"
    assert (await rig.data("query($id: ID!) { artistClaim(id: $id) { id } }", stranger, id=second)) == {
        "artistClaim": None
    }
    assert (await rig.data(withdraw, ann, id=second))["withdrawArtistClaim"]["claim"] == {"state": "WITHDRAWN"}
    assert await refused(rig, withdraw, ann, id=second) == "CLAIM_DECIDED"
    rig.clock.turn(24 * 3600)
    await claimed(rig, ann, "d")
    assert await rig.store.artist_claims.count({"user_id": ann.user_id}) == 4


async def test_what_was_refused_can_be_claimed_again_after_a_month(rig: Rig) -> None:
    ann, mod = await rig.sign_up("ann"), await rig.sign_up("mod", Role.MODERATOR)
    await rig.artist("band")
    id = await claimed(rig, ann, "band")
    silent = REJECT.replace("No proof.", "")
    assert await refused(rig, silent, mod, id=id) == "INVALID"
    rejected = (await rig.data(REJECT, mod, id=id))["rejectArtistClaim"]["claim"]
    assert rejected == {"state": "REJECTED", "reason": "No proof."}
    assert await refused(rig, APPROVE, mod, id=id) == "CLAIM_DECIDED"
    assert await refused(rig, CLAIM, ann, id="band") == "CLAIM_REFUSED"
    rig.clock.turn(30 * 86400)
    await claimed(rig, ann, "band")
    artist = await rig.store.artists.get("band")
    assert artist is not None and (artist.owner_id, artist.verified) == (None, False)


async def test_a_disputed_claim_names_both_sides_to_moderators_and_to_nobody_else(rig: Rig) -> None:
    ann, bob = await rig.sign_up("ann"), await rig.sign_up("bob", Role.ARTIST)
    mod = await rig.sign_up("mod", Role.MODERATOR)
    await rig.artist("band", name="Band", owner_id=bob.user_id)
    id = await claimed(rig, ann, "band")
    both = "query($id: ID!) { artistClaim(id: $id) { isDisputed owner { username } user { username } } }"
    assert (await rig.data(both, mod, id=id))["artistClaim"] == {
        "isDisputed": True, "owner": {"username": "bob"}, "user": {"username": "ann"},
    }  # fmt: skip
    assert (await rig.data(both, ann, id=id))["artistClaim"]["owner"] is None
    note = await rig.store.notifications.first({"user_id": bob.user_id, "kind": "artist_claim_disputed"})
    assert note is not None and "ann" not in note.message and note.actor_id is None
    assert await refused(rig, APPROVE, mod, id=id) == "ARTIST_OWNED"
    boss = Viewer(bob.user_id, frozenset({"artist", "moderator"}))
    assert await refused(rig, APPROVE, boss, id=id, over=True) == "CONCERNS_YOU"
    assert await refused(rig, APPROVE, Viewer(ann.user_id, frozenset({"admin"})), id=id, over=True) == "CONCERNS_YOU"
    await rig.data(APPROVE, mod, id=id, over=True)
    artist = await rig.store.artists.get("band")
    assert artist is not None and artist.owner_id == ann.user_id
    assert (await rig.data("{ myArtists { id } }", bob))["myArtists"] == []
    assert await told(rig, bob) == ["artist_claim_disputed", "artist_owner_changed"]


async def test_the_suspended_get_nothing_and_two_moderators_decide_once(rig: Rig) -> None:
    ann, bob, mod = await rig.sign_up("ann"), await rig.sign_up("bob"), await rig.sign_up("mod", Role.MODERATOR)
    await rig.artist("band")
    first, second = await claimed(rig, ann, "band"), await claimed(rig, bob, "band")
    await rig.store.users.update({"_id": ann.user_id}, {"$set": {"is_suspended": True}})
    assert await refused(rig, APPROVE, mod, id=first) == "CLAIMANT_AWAY"
    await rig.store.users.update({"_id": ann.user_id}, {"$set": {"is_suspended": False}})
    both = await asyncio.gather(rig.ask(APPROVE, mod, id=first), rig.ask(APPROVE, mod, id=second))
    codes = [answer["errors"][0]["extensions"]["code"] for answer in both if "errors" in answer]
    assert len(codes) == 1 and codes[0] in ("ARTIST_OWNED", "CLAIM_CHANGED")
    artist = await rig.store.artists.get("band")
    assert artist is not None
    won, lost = (first, second) if artist.owner_id == ann.user_id else (second, first)
    states = {id: claim.state for id, claim in (await rig.store.artist_claims.get_many([first, second])).items()}
    assert states == {won: "approved", lost: "open"}
    loser = bob if won == first else ann
    assert (await again(rig, loser)).roles == frozenset()


async def test_an_approval_that_a_crash_cut_off_is_finished(rig: Rig) -> None:
    ann = await rig.sign_up("ann")
    await rig.artist("band")
    id = await claimed(rig, ann, "band")
    cut = {"state": "approved", "is_settled": False, "decided_at": rig.clock.now(), "decided_by": "gone"}
    await rig.store.artist_claims.update({"_id": id}, {"$set": cut})
    assert await rig.house.claim_desk.finish() == 0
    rig.clock.turn(120)
    assert (await rig.house.claim_desk.finish(), await rig.house.claim_desk.finish()) == (1, 0)
    artist = await rig.store.artists.get("band")
    assert artist is not None and (artist.owner_id, artist.verified) == (ann.user_id, True)


async def test_moderators_take_back_and_hand_over_and_say_why(rig: Rig) -> None:
    ann, bob, eve = await rig.sign_up("ann"), await rig.sign_up("bob"), await rig.sign_up("eve")
    mod = await rig.sign_up("mod", Role.MODERATOR)
    await rig.artist("band")
    transfer = """mutation($who: ID!) { transferArtist(artistId: "band", userId: $who, reason: "By contract.") {
      artist { verified } } }"""
    assert await refused(rig, transfer, mod, who=mod.user_id) == "CONCERNS_YOU"
    assert await refused(rig, transfer, eve, who=eve.user_id) == "DENIED"
    await rig.data(APPROVE, mod, id=await claimed(rig, ann, "band"))
    assert await refused(rig, RELEASE, eve, id="band", why="Mine.") == "NOT_FOUND"
    assert (await rig.data(transfer, mod, who=bob.user_id))["transferArtist"] == {"artist": {"verified": True}}
    assert ((await again(rig, ann)).roles, (await again(rig, bob)).roles) == (frozenset(), {"artist"})
    assert await refused(rig, RELEASE, mod, id="band") == "INVALID"
    assert (await rig.data(RELEASE, mod, id="band", why="Not theirs."))["releaseArtist"]["artist"] == {
        "verified": False
    }
    assert await refused(rig, RELEASE, mod, id="band", why="Again.") == "NOT_OWNED"
    assert await told(rig, bob) == ["artist_owner_changed", "artist_owner_changed"]
    assert (await steps(rig))[-2:] == ["artist.transfer", "artist.release"]


async def test_a_claim_of_an_artist_that_is_gone_can_only_be_refused(rig: Rig) -> None:
    ann, mod = await rig.sign_up("ann"), await rig.sign_up("mod", Role.MODERATOR)
    await rig.artist("band")
    id = await claimed(rig, ann, "band")
    await rig.store.artists.delete({"_id": "band"})
    assert await refused(rig, APPROVE, mod, id=id) == "ARTIST_GONE"
    assert (await rig.data(REJECT, mod, id=id))["rejectArtistClaim"]["claim"]["state"] == "REJECTED"
    assert (await again(rig, ann)).roles == frozenset()


async def test_a_queue_of_many_costs_as_one_of_one(rig: Rig) -> None:
    mod = await rig.sign_up("mod", Role.MODERATOR)
    queue = "{ artistClaims { edges { node { artist { name } user { username } owner { username } isDisputed } } } }"
    costs = []
    for name in ("ann", "bob", "cyd"):
        person, owner = await rig.sign_up(name), await rig.sign_up(f"owner-{name}")
        await rig.artist(f"of-{name}", owner_id=owner.user_id)
        await claimed(rig, person, f"of-{name}")
        rig.engine.asked.clear()
        assert all(edge["node"]["isDisputed"] for edge in (await rig.data(queue, mod))["artistClaims"]["edges"])
        costs.append(rig.engine.asked.copy())
    assert costs[0] == costs[1] == costs[2], costs
    assert sum(costs[0].values()) == 4


async def test_erasing_an_account_frees_its_artists_and_forgets_its_claims(rig: Rig) -> None:
    ann, mod = await rig.sign_up("ann"), await rig.sign_up("mod", Role.MODERATOR)
    await rig.artist("band")
    await rig.data(APPROVE, mod, id=await claimed(rig, ann, "band"))
    due = {"is_suspended": True, "erase_at": rig.clock.now()}
    await rig.store.users.update({"_id": ann.user_id}, {"$set": due})
    rig.clock.turn(1)
    assert await rig.house.leaving.erase_due() == 1
    artist = await rig.store.artists.get("band")
    assert artist is not None and (artist.owner_id, artist.verified) == (None, False)
    assert await rig.store.artist_claims.count({}) == 0


async def test_keys_claim_nothing(rig: Rig) -> None:
    ann = await rig.sign_up("ann")
    await rig.artist("band")
    key = Viewer(ann.user_id, scopes=frozenset({"manage"}))
    with pytest.raises(Denied, match="own password"):
        await rig.house.claims.make(key, "band", relation="self", evidence="Me.")
    with pytest.raises(Conflict):
        await rig.house.handing_over.release(Viewer(ann.user_id, frozenset({"moderator"})), "band", "Why not.")
