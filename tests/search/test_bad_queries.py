"""Queries that nobody means: through a real server, a useful answer or a clear error, and the server goes on."""

import json

ALL = """query ($q: String!) {
  searchSongs(query: $q) { totalCount edges { node { title } } }
  searchArtists(query: $q) { totalCount }
  search(query: $q, types: [SONG, ARTIST, ALBUM, PLAYLIST, USER]) { songs { title } users { username } }
  autocomplete(query: $q) { suggestions } }"""

ANSWERED = {
    "only signs": "!?.,;:-_()[]{}*&^%$#@~|\\/<>=+",
    "one sign": "*",
    "only articles": "the a an the",
    "only words between words": "and & + - / by feat",
    "the index's own language": 'title:first AND (artist:* OR "x"~2) -kind:song [a TO b]^9 /re.*x/',
    "a store's own language": "'; DROP TABLE songs; -- {$where: 1} %' OR 1=1",
    "emoji": "🎵🔥👨‍👩‍👧‍👦❤️🏳️‍🌈",
    "zero-width": "f\u200bi\u200cr\u200ds\u2060t\ufeff",
    "marks of direction": "\u200ffirst\u200e",
    "many marks on one letter": "e" + "\u0301" * 199,
    "no letters of any alphabet": "\ufffd\ue000\U000f0000",
    "one letter": "f",
    "as many words as fit": "a " * 100,
    "one long word": "x" * 200,
    "one long run without spaces": "あ" * 200,
    "all of it parts": "a/" * 100,
    "long words with mistakes": " ".join(["wrongly", "spellled"] * 12)[:200],
    "what grows when it is folded": "\ufdfa" * 200,
    "null in words": "null undefined NaN true",
}
REFUSED = {
    "ten kilobytes": "love " * 2048,
    "201 characters": "x" * 201,
    "blank": "",
    "only blanks": " \t\n ",
    "only what cannot be seen": "\u200b\u200d\ufeff",
    "a zero": "first\x00",
    "a bell": "\x07",
    "a mark that turns the line": "\u202efirst",
    "an escape": "\x1b[31mfirst",
}


async def test_a_strange_query_is_answered(music, client):
    await music.house.indexing.catch_up()
    for what, query in ANSWERED.items():
        answer = await client.ask(ALL, q=query)
        assert "errors" not in answer, what
        assert answer["data"]["searchSongs"]["totalCount"] >= len(answer["data"]["search"]["songs"]), what


async def test_a_query_that_cannot_be_meant_is_refused_with_its_field(music, client):
    await music.house.indexing.catch_up()
    for what, query in REFUSED.items():
        answer = await client.ask(ALL, q=query)
        codes = {(error["extensions"]["code"], error["extensions"].get("field")) for error in answer["errors"]}
        assert codes == {("INVALID", "query")}, what
        # For what is blank there is simply nothing to suggest yet.
        roots = 3 if not query.strip() or what == "only what cannot be seen" else 4
        assert len(answer["errors"]) == roots, what


async def test_half_a_surrogate_pair_is_refused_however_it_is_sent(music, client):
    await music.house.indexing.catch_up()
    for escaped in ("\\ud800", "first\\udfff", "\\ude00\\ud83d"):
        body = json.dumps({"query": ALL, "variables": {"q": "HERE"}}).replace("HERE", escaped)
        response = await client.post(body)
        assert response.code == 400, escaped
        assert json.loads(response.body)["errors"]


async def test_invisible_characters_do_not_hide_a_song(music, client):
    await music.house.indexing.catch_up()
    for query in (ANSWERED["zero-width"], ANSWERED["marks of direction"], "\uff26\uff29\uff32\uff33\uff34"):
        answer = await client.ask(ALL, q=query)
        assert [edge["node"]["title"] for edge in answer["data"]["searchSongs"]["edges"]] == ["First"], query
