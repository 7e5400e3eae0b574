"""What a download's file is: any format that a stream has, and a file to keep whoever sends it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from services.audio.renditions import Format
from tests.downloads.place import Place, chunks_of, open_place


async def test_a_download_can_be_asked_for_in_every_format_that_is_streamed(place: Place) -> None:
    told = await place.ask('{ __type(name: "DownloadFormat") { enumValues { name } } }', "ann")
    assert {value["name"] for value in told["enumValues"]} == {format.name for format in Format}


async def test_flac_is_prepared_and_its_bytes_are_those_of_the_manifest(place: Place) -> None:
    asked = await place.request(album=place.album, quality="LOSSLESS", format="FLAC")
    done = await place.ready(asked["id"])
    assert (done["state"], done["readyCount"]) == ("READY", 4)
    manifest = await place.manifest(done["manifestUrl"], None)
    assert {item["contentType"] for item in manifest["items"]} == {"audio/flac"}
    for item in manifest["items"]:
        got = await place.fetch(item["url"], "ann")
        assert (got.code, got.headers["ETag"], got.body[:4]) == (200, item["etag"], b"fLaC")
        assert got.headers["X-Tutti-Rendition"].startswith("flac;")
        assert (len(got.body), hashlib.sha256(got.body).hexdigest()) == (item["size"], item["sha256"])
        assert chunks_of(got.body, item["chunkBytes"]) == item["chunks"]
        tail = await place.fetch(item["url"], "ann", headers={"Range": f"bytes={item['size'] // 2}-"})
        assert (tail.code, tail.body) == (206, got.body[item["size"] // 2 :])


async def test_a_download_left_to_the_server_in_front_is_a_file_to_keep(tmp_path: Path) -> None:
    async with open_place(tmp_path, FILES_ACCEL=f"/kept={tmp_path / 'music'}") as place:
        asked = await place.request(songs=[place.songs["Short"]], format="ORIGINAL")
        done = await place.ready(asked["id"])
        kept = await place.fetch(done["items"][0]["url"], "ann")
        assert kept.headers["X-Accel-Redirect"].startswith("/kept/")
        assert kept.headers["Content-Disposition"].startswith("attachment; filename=")
        played = await place.fetch(f"/stream/{place.songs['Short']}?format=original", "ann")
        assert played.headers["X-Accel-Redirect"] == kept.headers["X-Accel-Redirect"]
        assert played.headers["Content-Disposition"].startswith("inline; filename=")


async def test_a_download_sent_to_the_store_is_a_file_to_keep(place: Place) -> None:
    class Signed:
        async def address(self, method: str, disposition: str) -> str:
            return f"https://store.example/a?as={quote(disposition)}"

    for opened in (place.house.download_fetching, place.house.deliveries):
        opened.open = _far(opened.open, Signed())
    asked = await place.request(songs=[place.songs["Short"]], format="ORIGINAL")
    done = await place.ready(asked["id"])
    for url, word in ((done["items"][0]["url"], "attachment"), (f"/stream/{place.songs['Short']}", "inline")):
        sent = await place.fetch(url, "ann", follow_redirects=False)
        assert sent.code == 307
        assert unquote(sent.headers["Location"]).partition("as=")[2].startswith(f"{word}; filename=")


def _far(plain: Any, store: Any) -> Any:
    async def open(*words: Any, **named: Any) -> Any:
        sound = await plain(*words, **named)
        sound.far = store
        return sound

    return open
