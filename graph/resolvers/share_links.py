"""Share links: making and ending them, and what is behind one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.errors import NotFound
from services.paging import Page, slice_of
from storage.records import ShareLink


@dataclass(slots=True)
class ShareLinkAnswer:
    """What making or ending a link gives."""

    share_link: ShareLink
    success: bool = True


RECORDS = {"ShareLink": ShareLink, "CreateShareLink": ShareLinkAnswer, "RevokeShareLink": ShareLinkAnswer}


@resolves("Mutation.createShareLink")
async def create_share_link(_: None, info: Info, expires_in_days: int | None = None, **named: Any) -> ShareLinkAnswer:
    """The link; `song_id` and its like name the kind by their first half."""
    ids = {name.removesuffix("_id"): id for name, id in named.items()}
    create = info.context.house.share_links.create
    return ShareLinkAnswer(await create(info.context.viewer, ids, expires_in_days=expires_in_days))


@resolves("Mutation.revokeShareLink")
async def revoke_share_link(_: None, info: Info, token: str) -> ShareLinkAnswer:
    """The link, over."""
    return ShareLinkAnswer(await info.context.house.share_links.revoke(info.context.viewer, token))


@resolves("Query.sharedThing")
async def shared_thing(_: None, info: Info, token: str) -> Any:
    """What is behind a link, None when absent or invisible."""
    try:
        return await info.context.house.share_links.thing(info.context.viewer, token)
    except NotFound:
        return None


@resolves("Query.myShareLinks")
async def my_share_links(_: None, info: Info, **part: Any) -> Page[ShareLink]:
    """A page of the viewer's links."""
    own, counted = info.context.house.share_links.own, asks_for(info, "totalCount")
    return await own(info.context.viewer, slice_of(**part), counted=counted)


@resolves("ShareLink.token")
def token(link: ShareLink, _info: Info) -> str:
    """What makes it unguessable."""
    return link.id


@resolves("ShareLink.url")
def url(link: ShareLink, info: Info) -> str:
    """Its page."""
    return info.context.house.share_links.url(link)


@resolves("ShareLink.isOver")
def is_over(link: ShareLink, info: Info) -> bool:
    """Whether it has ended."""
    return info.context.house.share_links.is_over(link)


@resolves("ShareLink.thing")
def thing(link: ShareLink, info: Info) -> Any:
    """What it leads to."""
    return info.context.loaders.shared_things.load((link.kind, link.target_id))
