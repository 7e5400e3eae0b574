"""What nobody may say of themselves: no argument of the API sets it, but for those few whose field asks for a role."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql import GraphQLInputObjectType, GraphQLInputType, get_named_type

from graph.build import build_schema
from tests.access.table import TABLE

SCHEMA = build_schema()
FORBIDDEN = re.compile(
    r"^(is)?(admin|artist|moderator|staff|verified|suspended|hidden|superuser)$|roles?$|^tier$|subscription|owner|^user(Id)?$"
    r"|password(Hash)?$|hash$|count$|^plays$|likes$|createdAt|updatedAt|addedBy|^state$|^status$|emailVerified|isEditorial",
    re.IGNORECASE,
)
"""Names of what the house decides: who somebody is, what they paid for, what is counted, what is hidden."""
BY_ROLE = frozenset({"ADMIN", "MODERATOR"})
ALLOWED = {
    "register.password": "one's own",
    "login.password": "one's own",
    "resetPassword.newPassword": "one's own, by the mailed token",
    "createCheckoutSession.tier": "what is bought; the entitlement comes from what Stripe says was paid",
    "changePlan.tier": "as above",
    "createPlaylistInvite.role": "of the own playlist, at most what its owner may give",
    "inviteToPlaylist.role": "of the own playlist",
    "setPlaylistCollaboratorRole.role": "of the own playlist",
    "setRoomRole.role": "in the own room",
    "addArtistMember.role": "an instrument",
    "updateArtistMember.role": "an instrument",
    "reportPlays.plays": "what one heard, one's own plays alone",
    "createPlaylist.isEditorial": "refused to all but admins (tests/access, tests/playlists)",
    "updatePlaylist.isEditorial": "refused to all but admins",
}
"""Arguments of such a name that are what they say and give nobody anything; the reason beside each."""


def arguments(name: str, type_: GraphQLInputType, seen: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Every argument and every member of its inputs, as a dotted name and its last part."""
    yield name, name.rpartition(".")[2]
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType) and named.name not in seen:
        for field, part in named.fields.items():
            yield from arguments(f"{name}.{field}", part.type, seen | {named.name})


def suspects() -> list[str]:
    """Arguments of mutations whose name is one of the forbidden."""
    mutation = SCHEMA.mutation_type
    assert mutation is not None
    return [
        name
        for field, about in mutation.fields.items()
        for argument, told in about.args.items()
        for name, last in arguments(f"{field}.{argument}", told.type)
        if FORBIDDEN.search(last)
    ]


def for_a_role(field: str) -> bool:
    """Whether listeners are refused the field outright, by the table of docs/access.md."""
    cells = [cell for line, cell in TABLE.items() if line.partition(":")[0] == f"Mutation.{field}"]
    return all(cell["listener"] in ("DENIED", "NOT FOUND") and cell["anonymous"] == "SIGN IN" for cell in cells)


def test_no_argument_sets_what_the_house_decides():
    open_to_all = [
        name
        for name in suspects()
        if name not in ALLOWED
        and not name.endswith((".userId", ".password", ".newPassword", "rules.playCount"))
        and not for_a_role(name.partition(".")[0])
    ]
    assert open_to_all == []


def test_whose_thing_it_is_comes_from_who_asks_and_never_from_an_argument():
    # A `userId` names somebody else (to follow, to invite, to show out); none says for whom something is done.
    owners = [name for name in suspects() if re.search(r"owner|addedBy", name, re.IGNORECASE)]
    assert owners == []


def test_the_list_of_the_allowed_is_not_longer_than_it_has_to_be():
    assert set(ALLOWED) <= {*suspects(), "createPlaylist.isEditorial", "updatePlaylist.isEditorial"}
