"""The device that docs/downloads.md shows how to write works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.downloads.place import SYNC, Place

PAGE = Path(__file__).parent.parent.parent / "docs" / "downloads.md"


def documented() -> dict[str, Any]:
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names


async def test_the_documented_device_keeps_a_playlist_in_step(place: Place) -> None:
    names = documented()
    playlist = await place.playlist("Long", "Third", "Long")
    asked = await place.request(playlist=playlist, format="MP3", quality="HIGH")
    await place.ready(asked["id"])
    ranges: list[str] = []

    async def fetch(path: str, headers: dict[str, str]) -> bytes:
        ranges.append(headers.get("Range", ""))
        answer = await place.fetch(path, "ann", headers=headers)
        assert answer.code in (200, 206), answer.body
        return bytes(answer.body)

    keys = (await place.fetch("/.well-known/jwks.json")).body
    device = names["Device"](asked["id"], fetch, keys)
    await device.follow()
    await device.collect()
    assert device.order == [place.songs[title] for title in ("Long", "Third", "Long")]
    assert all(names["is_whole"](device.files[item["etag"]], item) for item in device.items.values())
    assert len(device.files) == 2
    # Half of a song is lost and another was damaged: what is here is not fetched again.
    long, third = (device.items[place.songs[title]] for title in ("Long", "Third"))
    device.files[long["etag"]] = device.files[long["etag"]][:1000]
    ranges.clear()
    await device.collect()
    assert ranges == ["bytes=1000-"]
    assert names["is_whole"](device.files[long["etag"]], long)
    assert not names["is_whole"](b"\0" + device.files[third["etag"]][1:], third)
    await place.remove(playlist, "Third")
    await place.add(playlist, "Short")
    await place.ask(SYNC, "ann", id=asked["id"], known=device.revision)
    await place.ready(asked["id"])
    await device.follow()
    await device.collect()
    assert sorted(device.items) == sorted([place.songs["Long"], place.songs["Short"]])
    assert set(device.files) == {item["etag"] for item in device.items.values()}
    assert device.order == (await place.ask(SYNC, "ann", id=asked["id"], known=0))["download"]["order"]


async def test_a_manifest_that_was_tampered_with_is_refused(place: Place) -> None:
    verified = documented()["verified"]
    asked = await place.request(songs=[place.songs["Short"]])
    body = (await place.fetch(asked["manifestUrl"])).body.decode()
    keys = (await place.fetch("/.well-known/jwks.json")).body
    assert verified(body, keys)["licence"]["deviceId"] == "phone"
    payload = re.findall(r'"payload":"([^"]+)"', body)[0]
    forged = body.replace(payload, payload[:40] + ("A" if payload[40] != "A" else "B") + payload[41:])
    with pytest.raises(jwt.InvalidSignatureError):
        verified(forged, keys)


def test_keys_follow_the_secrets_and_rotate() -> None:
    from services.downloads.signing import ManifestKeys

    old, new = b"o" * 32, b"n" * 32
    before, after = ManifestKeys([old]), ManifestKeys([new, old])
    assert before.public["keys"] == after.public["keys"][1:] == ManifestKeys([old]).public["keys"]
    signed = before.sign({"a": 1})
    key = jwt.PyJWK(after.public["keys"][1])
    assert jwt.PyJWS().decode(signed.compact, key, algorithms=["EdDSA"]) == b'{"a":1}'
    assert "d" not in before.public["keys"][0]
    with pytest.raises(ValueError, match="32 bytes"):
        ManifestKeys([b"short"])
