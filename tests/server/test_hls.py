"""HLS as people meet it: an address from GraphQL, and a player that knows nothing else."""

import re

from tests.server.client import Client


async def test_the_address_from_graphql_leads_to_sound(server):
    client = Client(server.base)
    await client.register("hearer")
    listed = await client.get("{ songs { edges { node { id title } } } }")
    noon = next(edge["node"] for edge in listed["songs"]["edges"] if edge["node"]["title"] == "Noon")
    data = await client.get("query($id: ID!) { playback(songId: $id) { durationMs hlsUrl } }", id=noon["id"])
    client.token = None
    url = data["playback"]["hlsUrl"]
    assert url.startswith(f"/hls/{noon['id']}/master.m3u8?ticket=")
    master = (await client.fetch(f"{url}&format=ts&quality=low")).body.decode()
    variant = re.search(r"^ts-low/\S+$", master, re.MULTILINE)[0]
    folder = f"/hls/{noon['id']}"
    playlist = (await client.fetch(f"{folder}/{variant}")).body.decode()
    seconds = sum(map(float, re.findall(r"#EXTINF:([0-9.]+)", playlist)))
    assert 0 < seconds - data["playback"]["durationMs"] / 1000 <= 2047 / 48000 + 0.001
    segment = re.findall(r"^[0-9]+\.ts\S+$", playlist, re.MULTILINE)[-1]
    answer = await client.fetch(f"{folder}/ts-low/{segment}")
    assert (answer.code, answer.headers["Content-Type"], answer.body[0]) == (200, "video/mp2t", 0x47)
    assert (await client.fetch(f"{folder}/ts-low/{segment.partition('?')[0]}")).code == 401
    answer = await client.fetch(f"{folder}/master.m3u8", method="OPTIONS", headers={"Origin": "https://player.example"})
    assert answer.code == 204
