"""Garbage over HTTP: requests that are none, ranges, bodies in parts, credentials and cookies, deliveries."""

from __future__ import annotations

import json
import time
from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from services.billing.webhooks.signature import sign
from tests.faults.fuzz.kinds import Kind, Trouble, dumped, outcome
from tests.faults.fuzz.mutator import EXTREMES, Mutator
from tests.faults.fuzz.samples import ROOT, sounds
from tests.faults.fuzz.wire import sent_raw, statuses
from tests.uploads.place import form

DOORS = [
    "/", "/stream/{SONG0}?quality=low", "/stream/{SONG1}?quality=high&format=opus", "/hls/{SONG0}/master.m3u8",
    "/hls/{SONG0}/aac-96/playlist.m3u8", "/lyrics/{SONG0}.lrc", "/covers/x?size=64", "/waveform/{SONG0}", "/share/x",
    "/join/x", "/playlists/{LIST}.m3u8", "/playlists/{LIST}.jspf", "/auth/oidc", "/auth/oidc/callback?code=1&state=2",
    "/verify", "/reset", "/account-export/x.zip?ticket=1", "/unsubscribe/x", "/appeal/x", "/billing/success",
    "/export/top-songs.csv?days=7", "/download/x/manifest.json", "/download/x/{SONG0}", "/.well-known/jwks.json",
    "/healthz", "/readyz", "/metrics", "/admin", "/studio", "/web/player/index.html", "/service-worker.js",
    "/upload/x", "/graphql?query={{__typename}}&variables={{}}", "/stream/{SONG1}?ticket={TICKET1}",
]  # fmt: skip
HEADERS = [
    "Range: bytes=0-99", "If-None-Match: \"a\", W/\"b\"", "If-Modified-Since: Mon, 02 Nov 2026 10:00:00 GMT",
    "Accept: text/event-stream, */*;q=0.1", "Accept-Encoding: gzip, br;q=0.5", "Cookie: tutti-sign-in=enter.1.x; a=b",
    "Content-Type: application/json; charset=utf-8", "Origin: http://a.example", "X-Request-ID: abc",
    "Expect: 100-continue",
    "Transfer-Encoding: chunked", "Content-Encoding: gzip", "X-Forwarded-For: 1.2.3.4, ::1",
    "Accept-Language: de;q=0.5",
    "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Authorization: Basic YTpi", "If-Range: \"x\"", "X-Forwarded-Proto: https", "GraphQL-Preflight: 1", "Save-Data: on",
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "X-HTTP-Method-Override: DELETE",
]  # fmt: skip


class Requests(Kind):
    """Whole requests as bytes, one to three on a connection."""

    name, share, lanes, door = "HTTP requests", 22, 12, "a raw connection"

    def _request(self, by: Mutator) -> bytes:
        path = by.of(DOORS).format(**self.house.names)
        method = by.of(["GET"] * 6 + ["POST", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"])
        if by.chance.random() < 0.3:
            path = quote(by.text(path, DOORS, 2), safe=by.of(["/?=&%.", "/", "/?&=%;:@{}$\u00e9"]))
        body = b""
        lines = by.chance.sample(HEADERS, by.of([0, 1, 2, 4]))
        if by.chance.random() < 0.4:
            lines.append(f"Authorization: Bearer {self.house.tokens['raw']}")
        if method in ("POST", "PUT") or by.chance.random() < 0.1:
            body = by.of([b"", b'{"query": "{ __typename }"}', b"a=1&b=2", b"5\r\nhello\r\n0\r\n\r\n", b"x" * 2000])
            lines.append(f"Content-Length: {len(body)}")
        lines.append(by.of(["Connection: close", "Connection: close", "Connection: keep-alive", "Connection: Upgrade"]))
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n" + "\r\n".join(lines) + "\r\n\r\n"
        return head.encode("utf-8", "replace") + body

    async def throw(self, by: Mutator) -> str:
        sent = b"".join(self._request(by) for _ in range(by.of([1, 1, 1, 2, 3])))
        if by.chance.random() < 0.8:
            sent = by.data(sent, [self._request(by)], 4)
        told = await sent_raw(self.house.port, sent)
        found = statuses(told)
        wrong = [each for each in found if each >= 500 and not (each == 503 and b"does not answer just now" in told)]
        if wrong or b'"INTERNAL"' in told:
            raise Trouble(f"{wrong} for {sent[:1500]!r}: {told[:600]!r}")
        if told and not found and not told.startswith(b"HTTP/1."):
            raise Trouble(f"no answer of HTTP: {told[:300]!r}")
        return str(found[0]) if found else "closed"


class Ranges(Kind):
    """Proper requests for sound with spoiled ranges and conditions."""

    name, share, lanes, door = "ranges", 12, 6, "/stream, /hls"
    units: ClassVar = ["bytes=0-99", "bytes=-500", "bytes=100-", "bytes=0-0,5-9,-1", "bytes=0-1, 2-3 ,4-5", "items=0-1"]

    def _range(self, by: Mutator) -> str:
        if by.chance.random() < 0.5:
            ends = [
                by.of(["", *map(str, EXTREMES), str(by.chance.randrange(20_000))]) for _ in range(2 * by.of([1, 2, 40]))
            ]
            return "bytes=" + ",".join(f"{first}-{last}" for first, last in zip(ends[::2], ends[1::2], strict=True))
        return by.text(by.of(self.units), self.units, 3)

    async def throw(self, by: Mutator) -> str:
        song = by.chance.randrange(9)
        place = by.of(["/stream/{id}?quality=low", "/stream/{id}?quality=lossless", "/stream/{id}?format=opus",
                       "/hls/{id}/master.m3u8", "/stream/{id}?quality=lossless&v=1", "/stream/{id}"])  # fmt: skip
        path = place.format(id=self.house.names[f"SONG{song}"])
        if by.chance.random() < 0.15:
            path = path.partition("?")[0] + "?" + quote(by.text("quality=low&format=mp3&ticket=x"), safe="&=")
        headers = {"Range": _field(self._range(by)), **self.house.bearer("raw")}
        if by.chance.random() < 0.3:
            headers["If-Range"] = _field(by.text('"abc"'))
        if by.chance.random() < 0.3:
            name = by.of(["If-None-Match", "If-Match", "If-Modified-Since", "If-Unmodified-Since", "Accept"])
            headers[name] = _field(
                by.text(by.of(['W/"a", "b"', "*", "Mon, 02 Nov 2026 10:00:00 GMT", "audio/ogg;q=0.5"]))
            )
        answer = await self.http(by.of(["GET", "GET", "HEAD"]), path, headers)
        if answer.status in (401, 403):
            await self.house.come_again(self.line, "raw")
        if answer.status not in (0, 200, 206, 304, 400, 401, 402, 403, 404, 406, 412, 416):
            raise Trouble(f"{answer.status} for {headers}")
        return str(answer.status or "closed")


class Parts(Kind):
    """Bodies in parts, and pieces of resumable uploads."""

    name, share, lanes, door = "multipart, resumable", 6, 4, "/graphql, /upload"

    async def throw(self, by: Mutator) -> str:
        if by.chance.random() < 0.3:
            return await self._piece(by)
        query = 'mutation($f: Upload) { uploadSong(title: "x", artistId: "nobody", audioUpload: $f) { song { id } } }'
        operations: Any = {"query": query, "variables": {"f": None}}
        places: Any = {"0": ["variables.f"]}
        if by.chance.random() < 0.5:
            operations = by.tree(operations)
        if by.chance.random() < 0.5:
            places = by.tree(places)
        body = form(
            [
                ("operations", dumped(operations), None),
                ("map", dumped(places), None),
                ("0", sounds()["a.mp3"][:3000], "a.mp3"),
            ]
        )
        if by.chance.random() < 0.6:
            body = by.data(body)
        kind = "multipart/form-data; boundary=XbX"
        headers = {
            "Content-Type": _field(by.text(kind)) if by.chance.random() < 0.15 else kind,
            "GraphQL-Preflight": "1",
            **self.house.bearer("art"),
        }
        return str((await self.http("POST", "/graphql", headers, body)).status or "closed")

    async def _piece(self, by: Mutator) -> str:
        query = "mutation($n: String!, $s: Int!) { createUpload(fileName: $n, size: $s) { upload { id url } } }"
        size = by.of([3000, 3000, 3000, by.of(EXTREMES)])
        told = await self.graphql(
            query, "art", n=by.text("a.wav", most=1) if by.chance.random() < 0.3 else "a.wav", s=size
        )
        if told.get("errors"):
            return outcome(told)
        upload = told["data"]["createUpload"]["upload"]
        path, answer = f"/upload/{upload['id']}", None
        for _ in range(by.of([1, 2, 4])):
            body = sounds()["f.wav"][: by.of([0, 1, 1000, 3000, 5000])]
            said = f"bytes 0-{max(0, len(body) - 1)}/3000"
            ranged = {"Content-Range": _field(by.text(said, most=2) if by.chance.random() < 0.6 else said)}
            headers = {**self.house.bearer("art"), **(ranged if by.chance.random() < 0.9 else {})}
            answer = await self.http(by.of(["PUT", "PUT", "PUT", "HEAD", "GET"]), path, headers, body)
        await self.http("DELETE", path, self.house.bearer("art"))
        return str(answer.status or "closed") if answer else "closed"


class Credentials(Kind):
    """Bearer tokens, tickets, cookies, and the way back from a provider whose answers are spoiled."""

    name, share, lanes, door = "tokens, cookies, OIDC", 5, 1, "/auth/…, every door"

    async def throw(self, by: Mutator) -> str:
        match by.chance.randrange(4):
            case 0:
                token = by.text(self.house.tokens["lis"], [self.house.tokens["raw"]], 3)
                headers = {"Authorization": _field(by.of(["Bearer ", "bearer ", "Bearer  ", "Basic ", ""]) + token)}
                return str((await self.http("GET", "/graphql?query={__typename}", headers)).status or "closed")
            case 1:
                ticket = quote(by.text(self.house.names["TICKET1"], most=3))
                return str(
                    (await self.http("GET", f"/stream/{self.house.names['SONG1']}?ticket={ticket}", {})).status
                    or "closed"
                )
            case _:
                return await self._walk(by)

    async def _walk(self, by: Mutator) -> str:
        op = self.house.provider
        op.spoil = None
        if by.chance.random() < 0.01:
            op.spoil = by
        gone = await self.http("GET", "/auth/oidc", {})
        if gone.status != 302:
            return str(gone.status or "closed")
        op.spoil = None
        try:
            answer = op.say_yes(SimpleNamespace(url=gone.headers["location"]), code=f"c{by.chance.random()}")
        except (KeyError, ValueError):
            return "302 elsewhere"
        op.claims |= {"groups": ["a", "b"]}
        if by.chance.random() < 0.5:
            op.claims = by.tree(op.claims)
            if not isinstance(op.claims, dict):
                op.claims = {}
        if by.chance.random() < 0.5:
            op.spoil = by
        cookie = gone.headers["set-cookie"].partition(";")[0]
        if by.chance.random() < 0.25:
            cookie = by.text(cookie, most=2)
        query = urlencode(answer)
        if by.chance.random() < 0.25:
            query = quote(by.text(query, most=2), safe="&=%")
        back = await self.http("GET", f"/auth/oidc/callback?{query}", {"Cookie": _field(cookie)})
        op.spoil = None
        if back.status == 302 and "/enter/" in back.headers.get("location", ""):
            code = back.headers["location"].rpartition("/")[2]
            redeem = "mutation($c: String!) { redeemSignIn(code: $c) { token user { username email } } }"
            await self.graphql(redeem, "raw", c=by.text(code) if by.chance.random() < 0.3 else code)
        return str(back.status or "closed")


@cache
def _events() -> list[Any]:
    return [json.loads(path.read_bytes()) for path in sorted((ROOT / "tests" / "billing" / "events").glob("*.json"))]


class Deliveries(Kind):
    """What says it comes from Stripe: signed well with spoiled things inside, or signed by a spoiled hand."""

    name, share, lanes, door = "webhooks", 5, 3, "/webhooks/stripe"

    async def throw(self, by: Mutator) -> str:
        event = by.of(_events())
        event = event | {"id": f"evt_{by.chance.randrange(10**12)}"} if isinstance(event, dict) else event
        body = by.json(event).encode("utf-8", "replace") if by.chance.random() < 0.8 else by.data(dumped(event))
        signature = sign(body, "whsec_for_tests", at_s=int(time.time()))
        if by.chance.random() < 0.2:
            signature = by.text(signature, most=2)
        headers = {"Stripe-Signature": _field(signature), "Content-Type": "application/json"}
        return str((await self.http("POST", "/webhooks/stripe", headers, body)).status or "closed")


class Forms(Kind):
    """What browsers send to the pages behind links, and words of tables as CSV."""

    name, share, lanes, door = "forms, pages, CSV", 3, 3, "/unsubscribe, /appeal, /export, /covers …"
    samples: ClassVar[list[str]] = [
        "a=1&b=2",
        "text=I+did+not&token=x",
        "email=a%40b.c&password=x",
        "List-Unsubscribe=One-Click",
    ]

    async def throw(self, by: Mutator) -> str:
        if by.chance.random() < 0.4:
            path = by.of(["/export/{}.csv?{}", "/covers/{}?{}", "/share/{}?{}", "/join/{}?{}", "/billing/success?{}{}",
                          "/lyrics/{}.vtt?{}", "/waveform/{}?{}", "/web/{}?{}", "/{}?{}", "/hls/{}/{}"])  # fmt: skip
            words = by.text("days=7&from=2026-01-01&to=2026-02-01&size=64&format=webp&points=100&v=1&first=5")
            what = quote(by.text(by.of(["top-songs", "x", "player/index.html", "search/a"]), most=2), safe="/")
            headers = self.house.bearer("raw") if by.chance.random() < 0.6 else {}
            answer = await self.http("GET", path.format(what or "x", quote(words, safe="&=")), headers)
            if answer.status == 401:
                await self.house.come_again(self.line, "raw")
            return str(answer.status or "closed")
        body = by.data(by.of(self.samples).encode())
        kinds = [
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/plain",
            "application/json",
            "",
        ]
        path = by.of(["/unsubscribe/x", "/appeal/x", "/verify", "/reset", "/graphql", "/keep"])
        return str((await self.http("POST", path, {"Content-Type": by.of(kinds)}, body)).status or "closed")


def _field(value: str) -> str:
    """A header's value on one line: what breaks lines is the raw requests' business."""
    return "".join(sign if sign >= " " else "?" for sign in value)[:6000].encode("utf-8", "replace").decode()
