"""Following artists and people, and who follows whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.interactions.edges import Wanted
from services.paging import slice_of
from storage.records import Artist, User


@dataclass(slots=True)
class FollowArtist:
    """What following an artist gives."""

    artist: Artist
    success: bool = True


@dataclass(slots=True)
class UnfollowArtist:
    """What following an artist no more gives."""

    artist_id: str
    success: bool = True


@dataclass(slots=True)
class FollowUser:
    """What following somebody gives."""

    user: User
    success: bool = True


@dataclass(slots=True)
class UnfollowUser:
    """What following somebody no more gives."""

    user_id: str
    success: bool = True


RECORDS = {
    "FollowArtist": FollowArtist,
    "UnfollowArtist": UnfollowArtist,
    "FollowUser": FollowUser,
    "UnfollowUser": UnfollowUser,
}
WHOLE_LIST = 100


@resolves("Mutation.followArtist")
async def follow_artist(_: None, info: Info, artist_id: str) -> FollowArtist:
    """The artist with their new count."""
    return FollowArtist(await info.context.house.follows.follow_artist(info.context.viewer, artist_id))


@resolves("Mutation.unfollowArtist")
async def unfollow_artist(_: None, info: Info, artist_id: str) -> UnfollowArtist:
    """The follow's end."""
    await info.context.house.follows.unfollow_artist(info.context.viewer, artist_id)
    return UnfollowArtist(artist_id)


@resolves("UnfollowArtist.artist")
def unfollowed_artist(payload: UnfollowArtist, info: Info) -> Any:
    """The artist as they are now."""
    return info.context.loaders.artists.load(payload.artist_id)


@resolves("Mutation.followUser")
async def follow_user(_: None, info: Info, user_id: str) -> FollowUser:
    """Somebody with their new count."""
    return FollowUser(await info.context.house.follows.follow_user(info.context.viewer, user_id))


@resolves("Mutation.unfollowUser")
async def unfollow_user(_: None, info: Info, user_id: str) -> UnfollowUser:
    """The follow's end."""
    await info.context.house.follows.unfollow_user(info.context.viewer, user_id)
    return UnfollowUser(user_id)


@resolves("UnfollowUser.user")
def unfollowed_user(payload: UnfollowUser, info: Info) -> Any:
    """They as they are now."""
    return info.context.loaders.users.load(payload.user_id)


@resolves("Artist.followersCount")
def followers_count(artist: Artist, _info: Info) -> int:
    """How many people follow them."""
    return artist.follower_count


@resolves("Artist.isFollowed")
def is_artist_followed(artist: Artist, info: Info) -> Any:
    """Whether the viewer follows them."""
    return info.context.loaders.artists_followed.ask(artist.id, bool)


@resolves("User.isFollowed")
def is_user_followed(user: User, info: Info) -> Any:
    """Whether the viewer follows them."""
    return info.context.loaders.users_followed.ask(user.id, bool)


@resolves("User.followedArtistsCount")
def followed_artists_count(user: User, info: Info) -> Any:
    """How many artists they follow."""
    return info.context.loaders.followed_artist_counts.ask(user.id, _number)


@resolves("User.followedUsersCount")
def followed_users_count(user: User, info: Info) -> Any:
    """How many people they follow."""
    return info.context.loaders.followed_user_counts.ask(user.id, _number)


@resolves("User.followedArtists")
def followed_artists_of(user: User, info: Info, **part: Any) -> Any:
    """The artists they follow."""
    wanted = Wanted(user.id, slice_of(**part, default=WHOLE_LIST))
    return info.context.loaders.followed_artists.ask(wanted, lambda page: [] if page is None else page.items)


@resolves("User.followedUsers")
def followed_users_of(user: User, info: Info, **part: Any) -> Any:
    """The people they follow."""
    wanted = Wanted(user.id, slice_of(**part), asks_for(info, "totalCount"))
    return info.context.loaders.followed_users.load(wanted)


@resolves("User.followers")
def followers(user: User, info: Info, **part: Any) -> Any:
    """The people who follow them."""
    wanted = Wanted(user.id, slice_of(**part), asks_for(info, "totalCount"))
    return info.context.loaders.followers.load(wanted)


@resolves("Query.followedArtists")
def followed_artists(_: None, info: Info, **part: Any) -> Any:
    """The artists the viewer follows."""
    wanted = Wanted(info.context.viewer.user_id or "", slice_of(**part), asks_for(info, "totalCount"))
    return info.context.loaders.followed_artists.load(wanted)


@resolves("Query.followedUsers")
def followed_users(_: None, info: Info, **part: Any) -> Any:
    """The people the viewer follows."""
    wanted = Wanted(info.context.viewer.user_id or "", slice_of(**part), asks_for(info, "totalCount"))
    return info.context.loaders.followed_users.load(wanted)


def _number(count: int | None) -> int:
    return count or 0
