"""Fetching from outside over real sockets: 127.0.0.2 plays the open internet, 127.0.0.1 what must not be reached."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import Resolver, bind_sockets
from tornado.web import Application, RequestHandler

from services.outgoing.addresses import Forbidden, Unreachable, is_outside
from services.outgoing.destination import Destination, OutgoingRules, read_destination
from services.outgoing.outgoing import Outgoing
from tests.realtime.small_house import until

OUTSIDE, INSIDE = "127.0.0.2", "127.0.0.1"


class Names(Resolver):
    """A name server that answers as its owner likes: the next address each time, the last for ever."""

    def initialize(self, **answers):
        self.answers = {name.replace("_", "."): list(addresses) for name, addresses in answers.items()}
        self.asked = []

    async def resolve(self, host, port, family=socket.AF_UNSPEC):
        self.asked.append(host)
        if host not in self.answers:
            raise socket.gaierror("no such name")
        addresses = self.answers[host]
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [(socket.AF_INET, (each, port)) for each in address.split()]


class Page(RequestHandler):
    """Says what it is told in the query, and keeps what it was sent."""

    def initialize(self, site):
        self.site = site

    async def get(self):
        self.site.got.append((self.request.method, self.request.uri, dict(self.request.headers)))
        if to := self.get_argument("to", ""):
            self.redirect(to, status=int(self.get_argument("status", "302")))
        elif self.get_argument("slow", ""):
            self.write("a")
            await self.flush()
            await self.site.released.wait()
        elif self.get_argument("packed", ""):
            self.set_header("Content-Encoding", "gzip")
            self.write(gzip.compress(b"\0" * 1_000_000))
        elif size := self.get_argument("size", ""):
            for _ in range(int(size)):
                self.write(b"x")
                await self.flush()
        else:
            self.write(f"{self.site.name} {self.request.host}")

    head = post = get


@contextlib.asynccontextmanager
async def site(address, port=0, **options):
    """A web site at this address of the machine."""
    made = Application(log_function=lambda _: None)
    made.add_handlers(r".*", [(r".*", Page, {"site": made})])
    made.got, made.name, made.released = [], address, asyncio.Event()
    server = HTTPServer(made, **options)
    [listening] = bind_sockets(port, address)
    server.add_sockets([listening])
    made.port = listening.getsockname()[1]
    try:
        yield made
    finally:
        made.released.set()
        server.stop()
        await server.close_all_connections()


@contextlib.asynccontextmanager
async def web():
    """One site outside and one inside at the same port."""
    async with site(OUTSIDE) as outer, site(INSIDE, outer.port) as inner:
        yield outer, inner, f":{outer.port}"


def way_out(names, *inside, **options):
    return Outgoing(OutgoingRules(inside), names=names, outside=lambda address: address == OUTSIDE, **options)


INSIDE_ADDRESSES = """
127.0.0.1 127.9.9.9 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1
100.100.100.200 192.0.0.192 168.63.129.16 198.18.0.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255
192.88.99.1 ::1 :: fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 fec0::1
ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 ::8.8.8.8 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1
2002:7f00:1::1 2002:808:808::1 2001::1 2001:db8::1 3fff::1 5f00::1 name
"""


@pytest.mark.parametrize("address", INSIDE_ADDRESSES.split())
def test_an_address_inside_is_known_however_it_is_wrapped(address):
    assert is_outside(address) is False


@pytest.mark.parametrize("address", ["1.1.1.1", "::ffff:8.8.8.8", "2606:4700::1111", "2a00:1450:4001:82a::200e"])
def test_an_address_of_the_open_internet_is_outside(address):
    assert is_outside(address) is True


@pytest.mark.parametrize(
    "url",
    [
        "http://a.test/", "https://a.test:8443/", "https://u:p@a.test/", "https://u@a.test/", "ftp://a.test/", "https://",
        "//a.test/", "https://a.test:0/", "https://a.test:99999/", "https://a.test/\r\nx: y", "https://a.test\\@b.test/",
        "https://[::1%25lo]/", "https://ä.test/", "https://a.test/ x", "file:///etc/passwd", "gopher://a.test/", "https://.",
        "https://a.test/" + "x" * 4096, "https://[::1/", "https://a.test/\tx",
        "https://127。0。0。1/", "https://ⓛocalhost/", "https://127%2e0.0.1/", "https:/\\127.0.0.1/",
        "https://a.test:443:22/", "https://a.test:-1/", "https://a.test:٤٤٣/", "https:///etc/passwd",
        "data:text/html,x",
    ],
)  # fmt: skip
def test_an_address_in_a_way_we_do_not_ask_is_refused(url):
    with pytest.raises(Forbidden):
        read_destination(url, OutgoingRules())


def test_an_address_is_read_once_and_written_again_from_its_parts():
    read = read_destination("HTTPS://A.Test.?q=1#part", OutgoingRules())
    assert read == Destination("https", "a.test", 443, "/?q=1", False)
    assert read.url == "https://a.test/?q=1"
    rules = OutgoingRules(["keys.lan:8080", "[::1]", "music.lan"])
    assert read_destination("http://keys.lan:8080/x", rules).inside
    assert read_destination("http://music.lan:99/x", rules).url == "http://music.lan:99/x"
    assert read_destination("http://[::1]:81/x", rules).url == "http://[::1]:81/x"
    for other in ("http://keys.lan/", "http://x.music.lan/", "http://music.lan.x/"):
        with pytest.raises(Forbidden):
            read_destination(other, rules)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "0x7f.1", "2130706433", "127.1", "[::1]", "[::ffff:7f00:1]", "0177.0.0.1",
        "017700000001", "0x7f000001", "0", "0.0.0.0", "[::]", "127.0.0.1.", "LOCALHOST.", "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]", "[::7f00:1]",
        "[fe80::1]", "[fd00::1]", "169.254.169.254", "0xa9.0xfe.0xa9.0xfe", "2852039166",
    ],
)  # fmt: skip
async def test_no_spelling_of_this_machine_is_asked(host):
    async with site(INSIDE) as inner:
        with pytest.raises(Forbidden):
            await Outgoing().fetch(f"https://{host}/")
        # The same where the operator allowed another host on that port.
        with pytest.raises(Forbidden):
            await Outgoing(OutgoingRules(["other.lan"])).fetch(f"http://{host}:{inner.port}/")
        assert inner.got == []


async def test_a_name_that_changes_between_look_ups_is_looked_up_once_for_each_request():
    names = Names(fickle_test=[OUTSIDE, INSIDE])
    rules = OutgoingRules()
    async with web() as (outer, inner, port):
        out = Outgoing(rules, names=names, outside=lambda address: address == OUTSIDE)
        to = Destination("http", "fickle.test", outer.port, "/", inside=False)
        answer = await out._ask(to, "GET", {}, None, 1000, asyncio.get_running_loop().time() + 10)
        assert (answer.status, answer.body.decode(), names.asked) == (
            200,
            f"{OUTSIDE} fickle.test{port}",
            ["fickle.test"],
        )
        with pytest.raises(Forbidden):
            await out._ask(to, "GET", {}, None, 1000, asyncio.get_running_loop().time() + 10)
        assert (len(outer.got), inner.got) == (1, [])


async def test_a_name_with_one_address_inside_among_others_is_not_asked_at_all():
    names = Names(mixed_test=[f"{OUTSIDE} {INSIDE}"])
    async with web() as (outer, inner, _):
        with pytest.raises(Forbidden):
            await way_out(names).fetch("https://mixed.test/")
        assert (outer.got, inner.got) == ([], [])


async def test_each_redirect_is_held_to_the_same_rules_and_an_outsider_gets_no_use_of_allowances():
    names = Names(a_test=[INSIDE], b_test=[INSIDE])
    async with site(INSIDE) as inner:
        out, port = way_out(names, "a.test", "b.test"), inner.port
        for to in ("http://127.0.0.1/", "https://u:p@c.test/", f"http://b.test:{port}/", "http://c.test/", "file:///x"):
            with pytest.raises(Forbidden):
                await out.fetch(f"http://a.test:{port}/?to={to}")
        assert len(inner.got) == 5
        answer = await out.fetch(f"http://a.test:{port}/?to=/x")
        assert (answer.status, answer.url) == (200, f"http://a.test:{port}/x")
        with pytest.raises(Unreachable, match="too many redirects"):
            await out.fetch(f"http://a.test:{port}/?to=http%3A%2F%2Fa.test%3A{port}%2F%3Fto%3D%2F", redirects=1)
        # What was posted is not sent to another place, whatever the other side says.
        posted = await out.fetch(f"http://a.test:{port}/?to=/x&status=307", "POST", body=b"secret")
        assert posted.status == 307


async def test_credentials_stay_with_the_origin_they_were_meant_for():
    async with site(INSIDE) as one, site(INSIDE) as two:
        out = Outgoing(OutgoingRules(everything=True))
        url = f"http://127.0.0.1:{one.port}/?to=http://127.0.0.1:{two.port}/"
        await out.fetch(url, headers={"Authorization": "Bearer t", "X-Mark": "1"})
        assert one.got[0][2]["Authorization"] == "Bearer t"
        assert ("Authorization" in two.got[0][2], two.got[0][2]["X-Mark"]) == (False, "1")


async def test_answers_are_bounded_in_size_and_time_and_never_unpacked(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9/")
    async with site(INSIDE) as inner:
        out, base = Outgoing(OutgoingRules(["127.0.0.1"])), f"http://127.0.0.1:{inner.port}/"
        assert (await out.fetch(base + "?size=50", limit_bytes=50)).body == b"x" * 50
        with pytest.raises(Unreachable):
            await out.fetch(base + "?size=51", limit_bytes=50)
        with pytest.raises(Unreachable):
            await out.fetch(base, limit_bytes=5)
        with pytest.raises(Unreachable, match="in a form nobody asked for"):
            await out.fetch(base + "?packed=1")
        assert inner.got[-1][2]["Accept-Encoding"] == "identity"
        with pytest.raises(Unreachable):
            await out.fetch(base + "?slow=1", timeout_s=0.2)
        assert (await out.fetch(base, "HEAD")).body == b""


async def test_only_so_many_wait_and_each_only_so_long():
    async with site(INSIDE) as inner:
        out = Outgoing(OutgoingRules(everything=True), at_once=1)
        slow = asyncio.create_task(out.fetch(f"http://127.0.0.1:{inner.port}/?slow=1"))
        await until(lambda: inner.got)
        with pytest.raises(Unreachable, match="no turn"):
            await out.fetch(f"http://127.0.0.1:{inner.port}/", timeout_s=0.05)
        out._most = 1
        with pytest.raises(Unreachable, match="too many"):
            await out.fetch(f"http://127.0.0.1:{inner.port}/")
        inner.released.set()
        assert (await slow).body == b"a"


async def test_a_check_says_whether_a_url_may_be_fetched_and_sends_nothing():
    names = Names(a_test=[OUTSIDE], b_test=[INSIDE])
    await way_out(names).check("https://a.test/x")
    with pytest.raises(Forbidden):
        await way_out(names).check("https://b.test/x")
    with pytest.raises(Unreachable):
        await way_out(names).check("https://nobody.test/x")
    await way_out(names, "b.test").check("http://b.test:99/x")
