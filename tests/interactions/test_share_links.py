"""Share links: made by people, followed by anybody, over when they say so."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from services.errors import Conflict, Gone, NotFound
from services.interactions import share_links
from services.paging import Slice
from services.viewer import NOBODY, Role, Viewer
from tests.catalogue_rig import days

CREATE = """mutation ($song: ID, $album: ID, $artist: ID, $days: Int) {
  createShareLink(songId: $song, albumId: $album, artistId: $artist, expiresInDays: $days) {
    shareLink { token url createdAt expiresAt isOver isRevoked thing { __typename ... on Song { title } } } } }"""
SHARED = """query ($t: ID!) { sharedThing(token: $t) { __typename ... on Song { title } ... on Album { title }
  ... on Artist { name } } }"""
ANN, BOB = Viewer(user_id="ann"), Viewer(user_id="bob")
WARDEN = Viewer(user_id="warden", roles=frozenset({Role.MODERATOR}))


class Page(HTMLParser):
    """The tags of a page that a preview is drawn from, and its links."""

    def __init__(self, body):
        super().__init__()
        self.meta, self.links, self.tags, self.text = {}, [], [], ""
        self.feed(body)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.tags.append(tag)
        if tag == "meta" and "content" in named:
            self.meta[named.get("property") or named["name"]] = named["content"]
        if tag == "a":
            self.links.append(named["href"])

    def handle_data(self, data):
        self.text += data


async def shared(music, **ids):
    """The token of a fresh link."""
    return (await music.house.share_links.create(ANN, ids)).id


async def test_a_link_is_made_shown_and_followed(music):
    made = (await music.data(CREATE, ANN, song="s1", days=7))["createShareLink"]["shareLink"]
    token = made["token"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{24}", token)
    assert made == {
        "token": token,
        "url": f"/share/{token}",
        "createdAt": music.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "expiresAt": (music.clock.now() + days(7)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "isOver": False,
        "isRevoked": False,
        "thing": {"__typename": "Song", "title": "First"},
    }
    music.engine.asked.clear()
    assert await music.data(SHARED, t=token) == {"sharedThing": {"__typename": "Song", "title": "First"}}
    assert music.engine.asked == {"share_links": 1, "songs": 1}


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        ({"album": "dawn"}, {"__typename": "Album", "title": "Dawn"}),
        ({"artist": "anna"}, {"__typename": "Artist", "name": "Anna"}),
    ],
)
async def test_albums_and_artists_are_shared_too(music, ids, found):
    assert (await music.data(SHARED, t=await shared(music, **ids)))["sharedThing"] == found


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ("", {"code": "INVALID", "field": "songId"}),
        ('songId: "s1", albumId: "dawn"', {"code": "INVALID", "field": "songId"}),
        ('songId: "s1", expiresInDays: 0', {"code": "INVALID", "field": "expiresInDays"}),
        ('songId: "s1", expiresInDays: 366', {"code": "INVALID", "field": "expiresInDays"}),
        ('songId: "s4"', {"code": "NOT_FOUND"}),
        ('albumId: "lost"', {"code": "NOT_FOUND"}),
        ('artistId: "nowhere"', {"code": "NOT_FOUND"}),
        ('artistId: ""', {"code": "NOT_FOUND"}),
    ],
)
async def test_impossible_links_are_refused_and_leave_nothing(music, arguments, refusal):
    call = f"createShareLink({arguments})" if arguments else "createShareLink"
    assert await music.errors(f"mutation {{ {call} {{ shareLink {{ url }} }} }}", ANN) == [refusal]
    assert await music.store.share_links.count({}) == 0


async def test_an_ended_link_is_gone_by_time_or_by_hand_and_for_its_maker_alone_to_end(music):
    token = await shared(music, song="s1")
    for token_of_no_link in ("nowhere", "", "x" * 24):
        with pytest.raises(NotFound):
            await music.house.share_links.revoke(ANN, token_of_no_link)
    with pytest.raises(NotFound):
        await music.house.share_links.revoke(BOB, token)
    assert (await music.house.share_links.thing(NOBODY, token)).id == "s1"
    revoke = """mutation ($t: ID!) { revokeShareLink(token: $t) {
      success shareLink { isOver isRevoked thing { __typename } } } }"""
    for _ in range(2):
        assert (await music.data(revoke, ANN, t=token))["revokeShareLink"] == {
            "success": True,
            "shareLink": {"isOver": True, "isRevoked": True, "thing": {"__typename": "Song"}},
        }
    assert await music.errors(SHARED, t=token) == [{"code": "GONE"}]
    other = await shared(music, song="s1")
    music.clock.turn(30 * 86_400 - 1)
    assert (await music.house.share_links.thing(NOBODY, other)).id == "s1"
    music.clock.turn(1)
    with pytest.raises(Gone):
        await music.house.share_links.thing(NOBODY, other)
    assert (await music.house.share_links.revoke(WARDEN, other)).is_revoked is False


async def test_a_link_shows_only_what_whoever_opens_it_may_see(music):
    token = await shared(music, song="s1")
    await music.store.songs.update({"_id": "s1"}, {"$set": {"is_hidden": True}})
    for unknown in (token, "nowhere", "", "x" * 24):
        assert await music.data(SHARED, ANN, t=unknown) == {"sharedThing": None}
    admin = Viewer(user_id="root", roles=frozenset({Role.ADMIN}))
    assert (await music.house.share_links.thing(admin, token)).id == "s1"


async def test_my_links_are_mine_and_cost_the_same_however_many(music):
    await music.house.share_links.create(BOB, {"song": "b1"})
    query = (
        """{ myShareLinks { totalCount edges { node { isOver thing { ... on Song { id } ... on Album { id } } } } } }"""
    )
    for count in (2, 20):
        while (await music.house.share_links.own(ANN, Slice())).total < count:
            await shared(music, song="s1")
            music.clock.turn(1)
            await shared(music, album="dawn")
            music.clock.turn(1)
        music.engine.asked.clear()
        page = (await music.data(query, ANN))["myShareLinks"]
        assert page["totalCount"] == len(page["edges"]) == count
        assert page["edges"][0]["node"] == {"isOver": False, "thing": {"id": "dawn"}}
        assert music.engine.asked == {"share_links": 2, "songs": 1, "albums": 1}


async def test_open_links_are_bounded_and_ended_ones_are_forgotten_in_time(music, monkeypatch):
    monkeypatch.setattr(share_links, "LINKS_LIMIT", 2)
    token = await shared(music, song="s1")
    await shared(music, song="s1")
    with pytest.raises(Conflict):
        await shared(music, song="s1")
    await music.house.share_links.revoke(ANN, token)
    await shared(music, song="s1")
    music.clock.turn(180 * 86_400)
    assert await music.house.share_links.sweep() == 0
    music.clock.turn(1)
    assert await music.house.share_links.sweep() == 1
    with pytest.raises(NotFound):
        await music.house.share_links.thing(NOBODY, token)


async def test_the_page_tells_previews_what_they_need(music, client):
    token = await shared(music, song="s1")
    music.engine.asked.clear()
    answer = await client.fetch(f"/share/{token}")
    assert (answer.code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert music.engine.asked == {"share_links": 1, "songs": 1}
    page = Page(answer.body.decode())
    told = {name: content for name, content in page.meta.items() if name.startswith(("og:", "music:", "twitter:"))}
    described = "Song · anna · Dawn · 2024 · 3:20"
    assert told == {
        "og:site_name": "Tutti",
        "og:type": "music.song",
        "og:title": "First",
        "og:description": described,
        "og:url": f"{client.base}/share/{token}",
        "music:duration": "200",
        "og:image": f"{client.base}/covers/c0ffee?size=640",
        "og:image:alt": "Cover of First",
        "twitter:card": "summary",
        "twitter:title": "First",
        "twitter:description": described,
        "twitter:image": f"{client.base}/covers/c0ffee?size=640",
    }
    assert page.links == [f"{client.base}/song/slug-s1"]
    assert "script" not in page.tags
    assert "ticket" not in answer.body.decode()
    assert "ann" not in page.text.replace("anna", "")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith(f"default-src 'none'; img-src 'self' {client.base}; style-src 'sha256-")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Robots-Tag"] == "noindex"


async def test_the_pages_of_albums_and_artists(music, client):
    page = Page((await client.fetch(f"/share/{await shared(music, album='dusk')}")).body.decode())
    assert (page.meta["og:type"], page.meta["og:description"]) == ("music.album", "EP · anna · 2026")
    assert page.meta["music:release_date"] == "2026"
    assert "og:image" not in page.meta
    page = Page((await client.fetch(f"/share/{await shared(music, artist='anna')}")).body.decode())
    assert (page.meta["og:type"], page.meta["og:title"]) == ("profile", "Anna")
    assert page.meta["og:image"].endswith("/covers/c0ffee?size=640")
    assert page.links == [f"{client.base}/artist/slug-anna"]


async def test_what_a_title_says_cannot_break_out_of_the_page(music, client):
    evil = """"><script>alert(1)</script><img src=x onerror='alert(2)'> &amp; {{ 7 }}"""
    await music.song("evil", "anna", title=evil, artist_credit=evil, slug='../a"><b>')
    answer = await client.fetch(f"/share/{await shared(music, song='evil')}")
    page = Page(answer.body.decode())
    assert page.meta["og:title"] == evil
    assert evil in page.text
    assert "script" not in page.tags
    assert page.tags.count("img") == 1


async def test_the_style_is_the_one_that_the_policy_names(music, client):
    for path in (await shared(music, song="s1"), "nowhere"):
        answer = await client.fetch(f"/share/{path}")
        [style] = re.findall(r"<style>(.*?)</style>", answer.body.decode(), re.S)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


async def test_unknown_hidden_and_ended_links_have_pages_that_tell_nothing(music, client):
    token = await shared(music, song="s1")
    await music.store.songs.update({"_id": "s1"}, {"$set": {"is_hidden": True}})
    bodies = set()
    for path in (token, "nowhere", "x" * 24, "%00", "%ED%A0%80", "<script>", "a" * 2000):
        answer = await client.fetch(f"/share/{path}")
        assert answer.code in (400, 404) if "%" in path else answer.code == 404
        if answer.code == 404:
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
            bodies.add(answer.body)
    assert len(bodies) == 1
    page = Page(bodies.pop().decode())
    assert "Nothing here" in page.text
    assert "First" not in page.text
    assert page.links == [f"{client.base}/"]
    await music.house.share_links.revoke(ANN, token)
    ended = await client.fetch(f"/share/{token}")
    assert ended.code == 410
    assert "This link is over" in ended.body.decode()


async def test_the_page_is_for_everybody_and_asked_anew_each_time(music, client):
    token = await shared(music, song="s1")
    first = await client.fetch(f"/share/{token}", headers={"Authorization": "Bearer nonsense"})
    assert first.code == 200
    again = await client.fetch(f"/share/{token}", headers={"If-None-Match": first.headers["Etag"]})
    assert (again.code, again.body) == (304, b"")
    head = await client.fetch(f"/share/{token}", method="HEAD")
    assert (head.code, head.body, head.headers["Content-Length"]) == (200, b"", str(len(first.body)))


async def test_a_house_that_knows_its_address_uses_it(music, client):
    token = await shared(music, album="dawn")
    music.house.share_links.public_url = "https://music.example.org/tutti"
    made = (await music.data("{ myShareLinks { edges { node { url } } } }", ANN))["myShareLinks"]["edges"]
    assert made == [{"node": {"url": f"https://music.example.org/tutti/share/{token}"}}]
    answer = await client.fetch(f"/share/{token}")
    page = Page(answer.body.decode())
    assert page.meta["og:url"] == f"https://music.example.org/tutti/share/{token}"
    assert page.meta["og:image"] == "https://music.example.org/tutti/covers/c0ffee?size=640"
    assert page.links == ["https://music.example.org/tutti/album/slug-dawn"]
    assert "img-src 'self' https://music.example.org;" in answer.headers["Content-Security-Policy"]
    music.house.share_links.public_url = "https://x;script-src *"
    unsafe = await client.fetch(f"/share/{token}")
    assert "script-src" not in unsafe.headers["Content-Security-Policy"]
    assert Page(unsafe.body.decode()).meta["og:image"] == "/covers/c0ffee?size=640"
