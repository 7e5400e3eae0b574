"""Claims of artists: made, asked about, decided; and artists given up, taken back or handed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from inspect import isawaitable
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.claims.desk import Looked
from services.paging import Page, slice_of
from services.viewer import Role
from storage.records import Artist
from storage.records.artist_claim import ArtistClaim, ClaimWord


class ClaimRelation(StrEnum):
    """What somebody says they are to an artist."""

    SELF = "self"
    MEMBER = "member"
    MANAGER = "manager"
    LABEL = "label"


class ArtistClaimState(StrEnum):
    """Where a claim stands."""

    OPEN = "open"
    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"


@dataclass(slots=True)
class ChangeArtistClaim:
    """What making, changing or deciding a claim gives."""

    claim: ArtistClaim


@dataclass(slots=True)
class ChangeArtistOwner:
    """What a change of owner gives; the artist goes out by the id, as the viewer may see them."""

    artist_id: str


RECORDS = {
    "ArtistClaim": ArtistClaim,
    "ArtistClaimWord": ClaimWord,
    "ChangeArtistClaim": ChangeArtistClaim,
    "ChangeArtistOwner": ChangeArtistOwner,
}
ENUMS = {"ClaimRelation": ClaimRelation, "ArtistClaimState": ArtistClaimState}


@resolves("Query.myArtistClaims")
async def my_artist_claims(_: None, info: Info, **part: Any) -> Page[ArtistClaim]:
    """A page of the viewer's claims."""
    mine, counted = info.context.house.claims.mine, asks_for(info, "totalCount")
    return await mine(info.context.viewer, slice_of(**part), counted=counted)


@resolves("Query.artistClaims")
async def artist_claims(
    _: None,
    info: Info,
    state: str | None = None,
    artist_id: str | None = None,
    user_id: str | None = None,
    **part: Any,
) -> Page[ArtistClaim]:
    """A page of the queue."""
    looked = Looked(state and str(state), artist_id, user_id)
    queue, counted = info.context.house.claim_desk.queue, asks_for(info, "totalCount")
    return await queue(info.context.viewer, slice_of(**part), looked, counted=counted)


@resolves("Query.artistClaim")
async def artist_claim(_: None, info: Info, id: str) -> ArtistClaim | None:
    """One claim."""
    return await info.context.house.claim_desk.get(info.context.viewer, id)


@resolves("ArtistClaim.artist")
def artist(claim: ArtistClaim, info: Info) -> Any:
    """The artist."""
    return info.context.loaders.artists.load(claim.artist_id)


@resolves("ArtistClaim.user")
def user(claim: ArtistClaim, info: Info) -> Any:
    """Who claims them."""
    return info.context.loaders.users.load(claim.user_id)


@resolves("ArtistClaim.owner")
async def owner(claim: ArtistClaim, info: Info) -> Any:
    """The other side."""
    rival = await _rival(claim, info)
    return None if rival is None else await _settled(info.context.loaders.users.load(rival))


@resolves("ArtistClaim.isDisputed")
async def is_disputed(claim: ArtistClaim, info: Info) -> bool | None:
    """Whether there is another side."""
    return await _rival(claim, info) is not None if info.context.viewer.has(Role.MODERATOR) else None


@resolves("ArtistClaim.decidedBy")
def decided_by(claim: ArtistClaim, info: Info) -> Any:
    """Who decided."""
    if claim.decided_by is None or not info.context.viewer.has(Role.MODERATOR):
        return None
    return info.context.loaders.users.load(claim.decided_by)


@resolves("Mutation.claimArtist")
async def claim_artist(
    _: None, info: Info, artist_id: str, evidence: str, relation: str = "self", links: Sequence[str] = ()
) -> ChangeArtistClaim:
    """Claimed."""
    make = info.context.house.claims.make
    made = await make(info.context.viewer, artist_id, relation=str(relation), evidence=evidence, links=links)
    return ChangeArtistClaim(made)


@resolves("Mutation.answerArtistClaim")
async def answer_artist_claim(_: None, info: Info, id: str, answer: str) -> ChangeArtistClaim:
    """Answered."""
    return ChangeArtistClaim(await info.context.house.claims.answer(info.context.viewer, id, answer))


@resolves("Mutation.withdrawArtistClaim")
async def withdraw_artist_claim(_: None, info: Info, id: str) -> ChangeArtistClaim:
    """Withdrawn."""
    return ChangeArtistClaim(await info.context.house.claims.withdraw(info.context.viewer, id))


@resolves("Mutation.askAboutArtistClaim")
async def ask_about_artist_claim(_: None, info: Info, id: str, question: str) -> ChangeArtistClaim:
    """Asked."""
    return ChangeArtistClaim(await info.context.house.claim_desk.ask(info.context.viewer, id, question))


@resolves("Mutation.approveArtistClaim")
async def approve_artist_claim(
    _: None, info: Info, id: str, reason: str = "", takes_over: bool = False
) -> ChangeArtistClaim:
    """Approved."""
    approve = info.context.house.claim_desk.approve
    return ChangeArtistClaim(await approve(info.context.viewer, id, reason, takes_over=takes_over))


@resolves("Mutation.rejectArtistClaim")
async def reject_artist_claim(_: None, info: Info, id: str, reason: str) -> ChangeArtistClaim:
    """Refused."""
    return ChangeArtistClaim(await info.context.house.claim_desk.reject(info.context.viewer, id, reason))


@resolves("Mutation.releaseArtist")
async def release_artist(_: None, info: Info, artist_id: str, reason: str = "") -> ChangeArtistOwner:
    """Nobody's."""
    released = await info.context.house.handing_over.release(info.context.viewer, artist_id, reason)
    return ChangeArtistOwner(released.id)


@resolves("Mutation.transferArtist")
async def transfer_artist(_: None, info: Info, artist_id: str, user_id: str, reason: str) -> ChangeArtistOwner:
    """Somebody else's."""
    transfer = info.context.house.handing_over.transfer
    return ChangeArtistOwner((await transfer(info.context.viewer, artist_id, user_id, reason)).id)


@resolves("ChangeArtistOwner.artist")
def changed_artist(change: ChangeArtistOwner, info: Info) -> Any:
    """The artist, as the viewer may see them now."""
    return info.context.loaders.artists.load(change.artist_id)


async def _settled(loaded: Any) -> Any:
    """What a loader gave, whether it had it at hand or not."""
    return await loaded if isawaitable(loaded) else loaded


async def _rival(claim: ArtistClaim, info: Info) -> str | None:
    """Whose the artist is, when that is somebody else and the viewer may know."""
    if not info.context.viewer.has(Role.MODERATOR):
        return None
    claimed: Artist | None = await _settled(info.context.loaders.artists.load(claim.artist_id))
    owner_id = None if claimed is None else claimed.owner_id
    return owner_id if owner_id != claim.user_id else None
