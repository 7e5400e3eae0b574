"""Families: who shares a plan, and who is asked in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.families.addresses import Address
from services.families.families import SeenFamily
from storage.records.family import FamilyInvitation, FamilyMember


@dataclass(slots=True)
class ChangeFamily:
    """What a change of a family gives."""

    family: SeenFamily | None


@dataclass(slots=True)
class InviteToFamily:
    """What asking somebody in gives."""

    invitation: FamilyInvitation


@dataclass(slots=True)
class AnswerFamilyInvitation:
    """What answering or taking back an invitation gives."""

    success: bool = True


RECORDS = {
    "FamilyAddressInput": Address,
    "Family": SeenFamily,
    "FamilyMember": FamilyMember,
    "FamilyInvitation": FamilyInvitation,
    "ChangeFamily": ChangeFamily,
    "InviteToFamily": InviteToFamily,
    "AnswerFamilyInvitation": AnswerFamilyInvitation,
}


@resolves("Query.myFamily")
async def my_family(_: None, info: Info) -> SeenFamily | None:
    """The viewer's family."""
    return await info.context.house.families.mine(info.context.viewer)


@resolves("Query.myFamilyInvitations")
async def my_family_invitations(_: None, info: Info) -> list[FamilyInvitation]:
    """What waits for the viewer's answer."""
    return await info.context.house.family_invitations.waiting(info.context.viewer)


@resolves("Family.owner")
def family_owner(seen: SeenFamily, info: Info) -> Any:
    """Who pays."""
    return info.context.loaders.users.load(seen.family.id)


@resolves("Family.stands")
def stands(seen: SeenFamily, _info: Info) -> bool:
    """Whether the plan does."""
    return seen.plan.stands


@resolves("Family.until")
def until(seen: SeenFamily, _info: Info) -> datetime | None:
    """Until when it does."""
    return seen.plan.until


@resolves("Family.hasAddress")
def has_address(seen: SeenFamily, _info: Info) -> bool:
    """Whether it is known where they live."""
    return bool(seen.family.address)


@resolves("Family.needsAddress")
def needs_address(_: SeenFamily, info: Info) -> bool:
    """Whether that matters here."""
    return info.context.house.families.rules.same_address


@resolves("Family.invitations")
async def invitations(seen: SeenFamily, info: Info) -> list[FamilyInvitation]:
    """The owner's; nobody else's business."""
    return await info.context.house.family_invitations.open_of(info.context.viewer) if seen.is_owner else []


@resolves("FamilyMember.user")
def member_user(member: FamilyMember, info: Info) -> Any:
    """Who it is."""
    return info.context.loaders.users.load(member.id)


@resolves("FamilyMember.userId")
def member_id(member: FamilyMember, _info: Info) -> str:
    """Their id."""
    return member.id


@resolves("FamilyInvitation.owner")
def invitation_owner(invitation: FamilyInvitation, info: Info) -> Any:
    """Who asks."""
    return info.context.loaders.users.load(invitation.family_id)


@resolves("Mutation.declareFamilyAddress")
async def declare_family_address(_: None, info: Info, address: Address) -> ChangeFamily:
    """The family after it."""
    return ChangeFamily(await info.context.house.families.declare_address(info.context.viewer, address))


@resolves("Mutation.inviteToFamily")
async def invite_to_family(
    _: None, info: Info, email: str | None = None, username: str | None = None
) -> InviteToFamily:
    """Somebody is asked in."""
    invite = info.context.house.family_invitations.invite
    return InviteToFamily(await invite(info.context.viewer, email=email, username=username))


@resolves("Mutation.withdrawFamilyInvitation")
async def withdraw_family_invitation(_: None, info: Info, id: str) -> AnswerFamilyInvitation:
    """Asked no more."""
    await info.context.house.family_invitations.withdraw(info.context.viewer, id)
    return AnswerFamilyInvitation()


@resolves("Mutation.acceptFamilyInvitation")
async def accept_family_invitation(
    _: None, info: Info, id: str | None = None, token: str | None = None, address: Address | None = None
) -> ChangeFamily:
    """The family that the viewer is in now."""
    accept = info.context.house.family_invitations.accept
    return ChangeFamily(await accept(info.context.viewer, id=id, token=token, address=address))


@resolves("Mutation.declineFamilyInvitation")
async def decline_family_invitation(
    _: None, info: Info, id: str | None = None, token: str | None = None
) -> AnswerFamilyInvitation:
    """No."""
    await info.context.house.family_invitations.decline(info.context.viewer, id=id, token=token)
    return AnswerFamilyInvitation()


@resolves("Mutation.removeFromFamily")
async def remove_from_family(_: None, info: Info, user_id: str) -> ChangeFamily:
    """The family without them."""
    return ChangeFamily(await info.context.house.families.remove(info.context.viewer, user_id))


@resolves("Mutation.leaveFamily")
async def leave_family(_: None, info: Info) -> ChangeFamily:
    """In no family of somebody else's any more."""
    await info.context.house.families.leave(info.context.viewer)
    return ChangeFamily(None)
