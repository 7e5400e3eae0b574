"""The specification's own documents, word for word, with what each costs the store."""

import pytest

DOCUMENTS = {
    "follow user": (
        """
mutation {
  followUser(userId: "123") {
    success
    user {
      id
      followerCount
    }
  }
}""",
        {"followUser": {"success": True, "user": {"id": "123", "followerCount": 1}}},
        {"users": 2, "followed_users": 1},
    ),
    "follow artist": (
        """
mutation {
  followArtist(artistId: "123") {
    success
    artist {
      id
      followersCount
    }
  }
}""",
        {"followArtist": {"success": True, "artist": {"id": "123", "followersCount": 1}}},
        {"artists": 2, "followed_artists": 1},
    ),
    "unfollow artist": (
        """
mutation {
  unfollowArtist(artistId: "123") {
    success
  }
}""",
        {"unfollowArtist": {"success": True}},
        {"followed_artists": 1},
    ),
    "like song": (
        """
mutation {
  likeSong(songId: "789") {
    success
    song {
      id
      likeCount
    }
  }
}""",
        {"likeSong": {"success": True, "song": {"id": "789", "likeCount": 1}}},
        {"songs": 2, "liked_songs": 1},
    ),
    "unlike song": (
        """
mutation {
  unlikeSong(songId: "789") {
    success
  }
}""",
        {"unlikeSong": {"success": True}},
        {"liked_songs": 1},
    ),
    "add review": (
        """
mutation {
  addReview(songId: "789", rating: 5, comment: "Amazing track!") {
    review {
      id
      rating
      comment
      user {
        username
      }
    }
  }
}""",
        {"addReview": {"review": {"id": "?", "rating": 5, "comment": "Amazing track!", "user": {"username": "ann"}}}},
        {"songs": 1, "reviews": 1, "users": 1},
    ),
    "album with its reviews": (
        """
query {
  album(id: "456") {
    id
    title
    artist {
      id
      name
    }
    albumType
    releaseDate
    coverImage
    totalDuration
    totalTracks
    songs {
      id
      title
      trackNumber
      duration
      isExplicit
    }
    reviews {
      user {
        username
      }
      rating
      comment
    }
  }
}""",
        {
            "album": {
                "id": "456",
                "title": "456",
                "artist": {"id": "123", "name": "123"},
                "albumType": "ALBUM",
                "releaseDate": None,
                "coverImage": None,
                "totalDuration": 0,
                "totalTracks": 0,
                "songs": [{"id": "789", "title": "789", "trackNumber": None, "duration": 200, "isExplicit": False}],
                "reviews": [{"user": {"username": "somebody"}, "rating": 4, "comment": "Good"}],
            }
        },
        {"albums": 1, "artists": 1, "songs": 1, "reviews": 1, "users": 1},
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_document_of_the_specification_runs_word_for_word(rig, name):
    document, expected, commands = DOCUMENTS[name]
    await rig.artist("123")
    await rig.album("456", "123")
    await rig.song("789", "123", album_id="456")
    viewer, somebody = await rig.sign_up("ann"), await rig.sign_up("somebody")
    await rig.house.reviews.add(somebody, album_id="456", rating=4, comment="Good")
    user = await rig.store.users.get(somebody.user_id)
    user.id, user.email_key, user.username_key = "123", "123", "123"
    await rig.store.users.insert(user)
    await rig.house.announcer.stop()  # What it asks to tell of a follow is not counted here.
    rig.engine.asked.clear()
    answer = await rig.data(document, viewer)
    if "addReview" in answer:
        assert answer["addReview"]["review"].pop("id")
        answer["addReview"]["review"]["id"] = "?"
    assert answer == expected
    assert rig.engine.asked == commands
