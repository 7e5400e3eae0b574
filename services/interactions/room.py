"""The room of interactions: what people do with music and with each other, and the counters that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

from services.catalogue.room import Catalogue
from services.ground import Ground
from services.interactions.edge_counts import EdgeCounts
from services.interactions.edges import Edges
from services.interactions.follows import Follows
from services.interactions.likes import Likes
from services.interactions.page_cards import PageCards
from services.interactions.review_lists import ReviewLists
from services.interactions.reviews import Reviews
from services.interactions.saves import Saves
from services.interactions.share_cards import CatalogueCards, SharedKind
from services.interactions.share_links import ShareLinks
from storage.records import Playlist


@dataclass
class InteractionRoom:
    """What stands in `services/interactions`."""

    likes: Likes
    saves: Saves
    follows: Follows
    reviews: Reviews
    review_lists: ReviewLists
    share_links: ShareLinks
    page_cards: PageCards
    edge_counts: EdgeCounts


def build_interactions(
    ground: Ground, catalogue: Catalogue, followers: Edges[Playlist], shared_playlist: SharedKind
) -> InteractionRoom:
    """The room, ready. Of playlists it knows their followers and how one is shared."""
    store, clock, bus = ground.store, ground.clock, ground.bus
    songs, albums, artists = catalogue.songs, catalogue.albums, catalogue.artists
    likes = Likes(Edges(store.liked_songs, store.songs, "like_count", clock), songs)
    saves = Saves(Edges(store.saved_albums, store.albums, "save_count", clock), albums)
    artist_edges = Edges(store.followed_artists, store.artists, "follower_count", clock)
    user_edges = Edges(store.followed_users, store.users, "follower_count", clock)
    votes = Edges(store.review_votes, store.reviews, "helpful_count", clock)
    reviews = Reviews(store, clock, bus, votes, songs, albums, ground.audit, ground.attention)
    cards = CatalogueCards(albums)
    kinds = {
        "song": SharedKind(songs.get_many, songs.by_slug, cards.song),
        "album": SharedKind(albums.get_many, albums.by_slug, cards.album),
        "artist": SharedKind(artists.get_many, artists.by_slug, cards.artist),
        "playlist": shared_playlist,
    }
    return InteractionRoom(
        likes=likes,
        saves=saves,
        follows=Follows(artist_edges, user_edges, artists, ground.accounts, bus),
        reviews=reviews,
        review_lists=ReviewLists(store, reviews),
        share_links=ShareLinks(store, clock, kinds, public_url=ground.public_url),
        page_cards=PageCards(kinds, ground.accounts),
        edge_counts=EdgeCounts([likes.edges, saves.edges, artist_edges, user_edges, votes, followers]),
    )
