"""Web push to a real HTTP endpoint that opens what it gets with the browser's private key."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import secrets

import jwt
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from services.errors import Invalid
from services.notifications import kinds
from services.outgoing.destination import OutgoingRules
from services.outgoing.outgoing import Outgoing
from services.push.pusher import Pusher
from services.push.rules import PushRules
from services.push.sealing import HouseKey, decoded, encoded, read_keys, seal
from services.push.subscriptions import BROWSERS, PushSubscriptions
from tests.realtime.small_house import until

CURVE = ec.SECP256R1()
# RFC 8291, appendix A.
RFC_OURS = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RFC_THEIRS = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
RFC_AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
RFC_SALT = "DGv6ra1nlYgDCS1FRnbzlw"
RFC_SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


class Browser:
    """A browser's keys, and the opening of what comes, written from the receiving side of RFC 8291."""

    def __init__(self):
        self.private, self.secret = ec.generate_private_key(CURVE), secrets.token_bytes(16)
        numbers = self.private.public_key().public_numbers()
        self.point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
        self.keys = {"p256dh": encoded(self.point), "auth": encoded(self.secret)}

    def open(self, sealed):
        salt, size, sender, body = sealed[:16], sealed[20], sealed[21:86], sealed[86:]
        assert size == 65
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))
        material = mac(mac(self.secret, shared), b"WebPush: info\0" + self.point + sender + b"\x01")
        root = mac(salt, material)
        key, nonce = (mac(root, f"Content-Encoding: {what}\0\x01".encode()) for what in ("aes128gcm", "nonce"))
        opened = AESGCM(key[:16]).decrypt(nonce[:12], body, None)
        assert opened[-1:] == b"\x02"
        return opened[:-1]


@contextlib.asynccontextmanager
async def push_service():
    """What browsers' makers run; `answers` are its next status codes, then 201."""

    class Handler(RequestHandler):
        def post(self, name):
            service.got.append((name, self.request.headers, self.request.body))
            self.set_status(service.answers.pop(0) if service.answers else 201)

    service = Application([(r"/(.*)", Handler)], log_function=lambda _: None)
    service.got, service.answers = [], []
    server = HTTPServer(service)
    [listening] = bind_sockets(0, "127.0.0.1")
    server.add_sockets([listening])
    service.url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    try:
        yield service
    finally:
        server.stop()
        await server.close_all_connections()


@contextlib.asynccontextmanager
async def pushing(rig, **options):
    """A pusher that may push to this machine, and its browsers."""
    rules = PushRules("mailto:music@tutti.test", allow_private=True)
    outgoing = Outgoing(OutgoingRules(everything=True))
    subscriptions = PushSubscriptions(rig.store, rig.clock, rules, outgoing)
    await rig.house.pusher.stop()
    made = Pusher(rig.clock, rig.house.bus, rig.house.notifications, subscriptions, rules, outgoing, **options)
    made.subscriptions = subscriptions
    made.start()
    try:
        yield made
    finally:
        await made.stop()


async def tell(rig, user_id, name="r"):
    actor = await rig.store.users.first({})
    news = kinds.playlist_invited(actor, kinds.PlaylistTitle(name, name))
    await rig.house.notifications.tell(news, [user_id])


def test_a_message_is_sealed_as_the_standard_shows():
    ours = ec.derive_private_key(int.from_bytes(decoded(RFC_OURS), "big"), CURVE)
    message = b"When I grow up, I want to be a watermelon"
    assert encoded(seal(message, RFC_THEIRS, RFC_AUTH, ours=ours, salt=decoded(RFC_SALT))) == RFC_SEALED


def test_the_house_signs_with_the_same_key_from_the_same_seed():
    key = HouseKey(b"seed")
    assert key.public == HouseKey(b"seed").public != HouseKey(b"other").public
    signed = key.authorization("https://push.test:8443/x/y", expires_at=4_000_000_000, contact="mailto:a@x.test")
    token, public = signed.removeprefix("vapid t=").split(", k=")
    point = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decoded(public))
    claims = jwt.decode(token, point, algorithms=["ES256"], audience="https://push.test:8443")
    assert claims == {"aud": "https://push.test:8443", "exp": 4_000_000_000, "sub": "mailto:a@x.test"}


async def test_news_reaches_each_browser_of_its_owner_sealed_and_nobody_elses(rig):
    ann, bob = await rig.sign_up("ann"), await rig.sign_up("bob")
    browsers = {"desk": Browser(), "phone": Browser(), "bobs": Browser()}
    async with push_service() as service, pushing(rig) as pusher:
        for name, browser in browsers.items():
            viewer = bob if name == "bobs" else ann
            await pusher.subscriptions.subscribe(viewer, endpoint=service.url + name, **browser.keys)
        await tell(rig, ann.user_id, "Road")
        await pusher.settled()
        assert sorted(name for name, *_ in service.got) == ["desk", "phone"]
        [row] = await rig.store.notifications.find({})
        for name, headers, body in service.got:
            told = json.loads(browsers[name].open(body))
            assert (told["id"], told["title"], told["url"]) == (row.id, "Invited to a playlist", "/?open=playlist:Road")
            assert (headers["Content-Encoding"], headers["TTL"], headers["Topic"]) == (
                "aes128gcm",
                "86400",
                told["tag"],
            )
            assert headers["Authorization"].endswith(f", k={pusher.subscriptions.key(ann)}")
            with pytest.raises(InvalidTag):
                browsers["bobs"].open(body)


async def test_a_browser_that_is_gone_is_forgotten_and_trouble_is_tried_again_so_often(rig):
    ann = await rig.sign_up("ann")
    async with push_service() as service, pushing(rig, waits_s=(0.01, 0.01)) as pusher:
        await pusher.subscriptions.subscribe(ann, endpoint=service.url + "a", **Browser().keys)
        service.answers = [503, 429, 201]
        await tell(rig, ann.user_id, "one")
        await until(lambda: len(service.got) == 3 and not service.answers)
        service.answers = [500, 500, 500]
        await tell(rig, ann.user_id, "two")
        await until(lambda: len(service.got) == 6)
        await pusher.settled()
        assert len(await pusher.subscriptions.of([ann.user_id])) == 1
        service.answers = [410]
        await tell(rig, ann.user_id, "three")
        await pusher.settled()
        assert (len(service.got), await pusher.subscriptions.of([ann.user_id])) == (7, [])


async def test_who_signs_out_or_asks_for_it_is_not_pushed_to_there_any_more(rig):
    ann, bob = await rig.sign_up("ann"), await rig.sign_up("bob")
    async with push_service() as service, pushing(rig) as pusher:
        for name in ("a", "b"):
            await pusher.subscriptions.subscribe(ann, endpoint=service.url + name, **Browser().keys)
        await pusher.subscriptions.unsubscribe(bob, service.url + "a")
        assert len(await pusher.subscriptions.of([ann.user_id])) == 2
        await pusher.subscriptions.unsubscribe(ann, service.url + "a")
        [left] = await pusher.subscriptions.of([ann.user_id])
        assert left.endpoint == service.url + "b"
        await rig.house.accounts.signing_in.log_out(ann)
        await pusher.settled()
        assert await pusher.subscriptions.of([ann.user_id]) == []
        for number in range(BROWSERS + 1):
            await pusher.subscriptions.subscribe(bob, endpoint=f"{service.url}{number}", **Browser().keys)
            rig.clock.turn(1)
        kept = {each.endpoint for each in await pusher.subscriptions.of([bob.user_id])}
        assert kept == {f"{service.url}{number}" for number in range(1, BROWSERS + 1)}


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://1.1.1.1/x",
        "https://1.1.1.1:8443/x",
        "https://a:b@1.1.1.1/x",
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://localhost/x",
        "https://0x7f000001/x",
        "https://2130706433/x",
        "ftp://1.1.1.1/x",
        "https://",
        "https://1.1.1.1:99999/x",
        "https://1.1.1.1/" + "x" * 1024,
        "https://1.1.1.1/ x",
    ],
)
async def test_an_endpoint_inside_the_house_is_refused(rig, endpoint):
    ann = await rig.sign_up("ann")
    with pytest.raises(Invalid) as refused:
        await rig.house.push_subscriptions.subscribe(ann, endpoint=endpoint, **Browser().keys)
    assert refused.value.field == "endpoint"
    assert await rig.store.push_subscriptions.count({}) == 0


async def test_a_browser_whose_endpoint_leads_inside_by_the_time_of_pushing_is_forgotten(rig):
    ann = await rig.sign_up("ann")
    async with push_service() as service, pushing(rig) as pusher:
        await pusher.subscriptions.subscribe(ann, endpoint=service.url + "a", **Browser().keys)
        pusher._outgoing = Outgoing()
        await tell(rig, ann.user_id)
        await pusher.settled()
        assert (service.got, await pusher.subscriptions.of([ann.user_id])) == ([], [])


@pytest.mark.parametrize(
    ("p256dh", "auth", "field"),
    [
        ("x", RFC_AUTH, "p256dh"),
        (RFC_THEIRS[:-4], RFC_AUTH, "p256dh"),
        (RFC_THEIRS, "AAAA", "auth"),
        (RFC_THEIRS, "é", "auth"),
    ],
)
def test_keys_that_are_none_are_refused_by_name(p256dh, auth, field):
    with pytest.raises(Invalid) as refused:
        read_keys(p256dh, auth)
    assert refused.value.field == field
