"""The head of the player's pages: what it tells previews of things that everybody may see, and of nothing else."""

from urllib.parse import quote

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from handlers.base import Manners
from handlers.module_graph import player_paths
from handlers.player_page import PlayerHandler, PlayerPage
from services.accounts.people_access import ProfileVisibility
from services.playlists.making import PlaylistDraft
from tests.catalogue_rig import Client
from tests.interactions.test_share_links import Page


@pytest.fixture(scope="module")
def page():
    """What the pages have in common, whether their packages are there or not."""
    page = PlayerPage(demo=False)
    page.missing = []
    return page


@pytest.fixture
async def player(music, client, page):
    """The player's pages of the small house."""
    application = Application(
        [(player_paths(), PlayerHandler, {"house": music.house, "manners": Manners(), "page": page})],
        log_function=lambda handler: None,
    )
    socket, port = bind_unused_port()
    server = HTTPServer(application)
    server.add_sockets([socket])
    yield Client(f"http://127.0.0.1:{port}", client.http)
    server.stop()
    await server.close_all_connections()


async def head(player, path):
    answer = await player.fetch(path)
    assert answer.code == 200
    return answer.body.decode(), Page(answer.body.decode()).meta


def told(meta):
    return {name: text for name, text in meta.items() if name.startswith(("og:", "music:", "twitter:", "profile:"))}


async def test_the_page_of_an_album_tells_what_is_on_its_cover_in_one_command(music, player):
    music.engine.asked.clear()
    body, meta = await head(player, "/album/slug-dawn")
    assert music.engine.asked == {"albums": 1}
    assert "<title>Dawn · Tutti</title>" in body
    assert f'<link rel="canonical" href="{player.base}/album/slug-dawn">' in body
    assert told(meta) == {
        "og:site_name": "Tutti",
        "og:type": "music.album",
        "og:title": "Dawn",
        "og:description": meta["description"],
        "og:url": f"{player.base}/album/slug-dawn",
        "og:image": f"{player.base}/covers/c0ffee?size=640",
        "og:image:alt": "Cover of Dawn",
        "music:release_date": meta["music:release_date"],
        "twitter:card": "summary",
        "twitter:title": "Dawn",
        "twitter:description": meta["description"],
        "twitter:image": f"{player.base}/covers/c0ffee?size=640",
    }
    assert meta["description"].startswith("Album · anna · ")


@pytest.mark.parametrize(
    ("path", "kind", "title"),
    [("/song/slug-s1", "music.song", "First"), ("/artist/slug-anna/", "profile", "Anna")],
)
async def test_songs_and_artists_tell_of_themselves_too(player, path, kind, title):
    _, meta = await head(player, path)
    assert (meta["og:type"], meta["og:title"], meta["og:url"]) == (kind, title, player.base + path.rstrip("/"))


async def test_a_public_playlist_and_an_open_profile_have_cards_and_closed_ones_none(music, player):
    ann = await music.sign_up("ann")
    seen = await music.house.playlist_making.create(ann, PlaylistDraft("Road songs"))
    secret = await music.house.playlist_making.create(ann, PlaylistDraft("Secret", is_public=False))
    assert told((await head(player, f"/playlist/{seen.slug}"))[1])["og:title"] == "Road songs"
    assert (await head(player, "/user/ANN"))[1]["og:url"] == f"{player.base}/user/ann"
    closed = {"profile_visibility": ProfileVisibility.ONLY_ME.value}
    await music.store.users.update({"_id": ann.user_id}, {"$set": closed})
    for path, unknown in (
        (f"/playlist/{secret.slug}", "/playlist/nowhere"),
        ("/user/ann", "/user/nobody"),
        ("/album/%FF", "/album/nowhere"),
        ("/album/%00", "/album/nowhere"),
    ):
        plain, meta = await head(player, unknown)
        assert told(meta) == {} and "<title>Tutti</title>" in plain
        assert (await player.fetch(path)).body.decode() == plain, path


async def test_a_hidden_thing_has_the_plain_page_for_its_owner_too(music, player):
    await music.store.albums.update({"_id": "dawn"}, {"$set": {"is_hidden": True}})
    plain, _ = await head(player, "/album/nowhere")
    assert (await head(player, "/album/slug-dawn"))[0] == plain
    asked = await player.fetch("/album/slug-dawn", headers={"Authorization": "Bearer nonsense"})
    assert asked.body.decode() == plain


async def test_an_earlier_address_names_the_one_of_today(music, player):
    await music.store.albums.update({"_id": "dawn"}, {"$set": {"old_slugs": ["sunrise"]}})
    body, _ = await head(player, "/album/sunrise")
    assert f'<link rel="canonical" href="{player.base}/album/slug-dawn">' in body


async def test_a_title_cannot_break_out_of_the_head(music, player):
    evil, slug = """"><script>alert(1)</script> &amp; {{ 7 }}""", 'a"><b>'
    await music.song("evil", "anna", title=evil, slug=slug)
    plain, _ = await head(player, "/song/nowhere")
    body, meta = await head(player, f"/song/{quote(slug, safe='')}")
    assert meta["og:title"] == evil
    assert Page(body).tags.count("script") == Page(plain).tags.count("script")
