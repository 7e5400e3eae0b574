"""A real nginx, as `deploy/` sets it up, before a real server: TLS, ranges, files it sends itself, both sockets."""

import asyncio
import json
import re

import pytest
from tornado.httpclient import AsyncHTTPClient
from websockets.asyncio.client import connect

from tests.deploy.nginx_server import DEPLOY, NginxServer, find_nginx, nginx_t, whole
from tests.realtime.player.street import Player
from tests.server.client import Client
from tests.services.exercised import exercised, missing

pytestmark = pytest.mark.services

SONGS = "{ songs { edges { node { title audioUrl } } } }"


@pytest.fixture
def front(own_server, music, tmp_path):
    try:
        find_nginx()
    except FileNotFoundError:
        missing("nginx", "install nginx")
    own_server.settings |= {
        "TUTTI_SERVER_BEHIND_PROXY": "true",
        "TUTTI_FILES_ACCEL": f"/tutti-music={music},/tutti-data={own_server.data}",
    }
    own_server.start()
    folder = tmp_path / "nginx"
    folder.mkdir()
    nginx = NginxServer(folder, tutti_port=own_server.port, music=music, data=own_server.data)
    verdict = nginx.test()
    assert (verdict.returncode, verdict.stderr) == (0, "")
    nginx.start()
    exercised("nginx in front of a server")
    yield nginx
    nginx.stop()


class Visitor(Client):
    """A client that believes the certificate, and comes by the front."""

    def __init__(self, nginx):
        super().__init__(f"https://localhost:{nginx.https}")
        self.trust = nginx.trust

    async def fetch(self, path, **words):
        return await super().fetch(path, ssl_options=self.trust, **words)


async def test_tls_ranges_sent_files_and_sockets_through_nginx(front, own_server, music):
    plain = await AsyncHTTPClient().fetch(
        f"http://127.0.0.1:{front.http}/share/x?a=b", follow_redirects=False, raise_error=False
    )
    assert (plain.code, plain.headers["Location"]) == (301, "https://127.0.0.1/share/x?a=b")
    visitor = Visitor(front)
    await visitor.register("ann")
    nodes = [edge["node"] for edge in (await visitor.get(SONGS))["songs"]["edges"]]
    noon = next(each for each in nodes if each["title"] == "Noon")
    address = re.sub(r"^https?://[^/]+", "", noon["audioUrl"])
    original = (music / "The Hours" / "One Day" / "02 Noon.flac").read_bytes()

    # The original: Tutti says who may, nginx sends it, and nothing tells where it lies.
    for asked, code, begin, end in (
        ("bytes=1000-1999", 206, 1000, 2000),
        ("bytes=-500", 206, len(original) - 500, len(original)),
        (None, 200, 0, len(original)),
    ):
        answer = await visitor.fetch(f"{address}&quality=lossless", headers={"Range": asked} if asked else {})
        assert (answer.code, answer.body) == (code, original[begin:end])
        assert re.fullmatch(r'"[0-9a-f]+-[0-9a-f]+"', answer.headers["ETag"]), "nginx's own"
        assert "X-Accel-Redirect" not in answer.headers
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    beyond = await visitor.fetch(f"{address}&quality=lossless", headers={"Range": f"bytes={len(original)}-"})
    assert beyond.code == 416

    # A rendition that is made while it is listened to: passed through, seekable from the first play.
    part = await visitor.fetch(f"{address}&quality=low", headers={"Range": "bytes=50000-50999"})
    assert (part.code, len(part.body)) == (206, 1000)
    assert part.headers["Content-Range"].startswith("bytes 50000-50999/")

    # What is behind cannot be asked for by its place, and nobody listens without a ticket.
    for path in ("/tutti-music/The%20Hours/One%20Day/02%20Noon.flac", "/tutti-data/tutti.db", "/tutti-data/segments/x"):
        assert (await visitor.fetch(path)).code == 404
    assert (await Visitor(front).fetch(f"{address.partition('?')[0]}?quality=lossless")).code == 401
    assert (await visitor.fetch("/metrics")).code == 200

    # Both sockets.
    async with Player(f"wss://localhost:{front.https}/ws", ssl=front.trust) as player:
        assert (await player.ask("hello", token=visitor.token))["ok"]
    address_of_graphql = f"wss://localhost:{front.https}/graphql"
    async with connect(address_of_graphql, ssl=front.trust, subprotocols=["graphql-transport-ws"]) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"token": visitor.token}}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"

    log = await asyncio.to_thread((front.configuration.parent / "tutti.log").read_text)
    assert f"GET {address.partition('?')[0]} " in log
    assert "ticket" not in log


def test_the_configuration_of_the_containers_is_one_that_nginx_takes(tmp_path):
    try:
        program = find_nginx()
    except FileNotFoundError:
        missing("nginx", "install nginx")
    text = (DEPLOY / "nginx-containers.conf").read_text()
    proxy = str(DEPLOY / "nginx-tutti-proxy.conf")
    file = tmp_path / "nginx.conf"
    file.write_text(whole(text.replace("/etc/nginx/tutti-proxy.conf", proxy), tmp_path))
    verdict = nginx_t(program, file)
    assert (verdict.returncode, verdict.stderr) == (0, "")
    file.write_text(whole(text.replace("proxy_pass", "proxy_parse"), tmp_path))
    assert nginx_t(program, file).returncode != 0
