"""The keys to an object store stay with us: in no log line, at any level, and in no answer, whatever the store does."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import traceback
from typing import Any

import pytest
from PIL import Image
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from services.errors import Unavailable
from services.viewer import Role
from tests.downloads.place import Place, open_place
from tests.server.conftest import Process

ACCESS, SECRET = "AKIDTHEHOUSESOWNKEY", "the-secret-that-is-nobodys-business"
UPLOAD = """mutation($a: ID!, $f: String!) { uploadSong(title: "Far", artistId: $a, audioFile: $f) { song { id } } }"""


class Lines(logging.Handler):
    """Every line with all that a formatter could show of it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        self.lines.append(f"{record.getMessage()} {vars(record)!r} {trace}")


class Suspicious(RequestHandler):
    """A store that knows another secret: it refuses, and repeats all that it was told, as real ones do."""

    def initialize(self, signatures: list[str]) -> None:
        self.signatures = signatures

    def _refuse(self, *_: str) -> None:
        told = self.request.headers.get("Authorization", "")
        self.signatures.append(told.rpartition("Signature=")[2])
        self.set_status(403)
        self.set_header("Content-Type", "application/xml")
        headers = "".join(f"{name.lower()}:{value}\n" for name, value in self.request.headers.get_all())
        self.finish(
            "<?xml version='1.0' encoding='UTF-8'?><Error><Code>SignatureDoesNotMatch</Code>"
            f"<Message>The signature of {ACCESS} does not match {told}.</Message>"
            f"<AWSAccessKeyId>{ACCESS}</AWSAccessKeyId>"
            f"<StringToSign>{told}</StringToSign><SignatureProvided>{self.signatures[-1]}</SignatureProvided>"
            f"<CanonicalRequest>{headers}</CanonicalRequest></Error>"
        )

    get = put = head = post = delete = _refuse  # type: ignore[assignment]


async def walked(place: Place) -> list[tuple[str, int, str]]:
    """Everything here that asks the store, by every way there is: what was done, the status, and all that was told."""
    house, store, told = place.house, place.store, []

    async def note(name: str, path: str, who: str | None = None, **options: Any) -> None:
        answer = await place.fetch(path, who, **options)
        told.append((name, answer.code, f"{list(answer.headers.get_all())} {answer.body!r}"))

    await note("ready", "/readyz")
    song = await store.songs.get(place.songs["Short"])
    await store.audio_files.update({"_id": song.file_id}, {"$set": {"path": "files:uploads/songs/ab/x.wav"}})
    for quality in ("lossless", "low"):
        await note("stream", f"/stream/{song.id}?quality={quality}", "ann")
    await note("hls", f"/hls/{song.id}/master.m3u8", "ann")
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(picture, "PNG")
    with pytest.raises(Unavailable) as refused:
        await house.pictures.keep(picture.getvalue(), field="image")
    shown = "".join(traceback.format_exception(refused.value))
    told.append(("picture", refused.value.status, shown + repr(refused.value) + str(refused.value.extensions)))
    await store.users.update({"_id": place.ids["ann"]}, {"$set": {"roles": [Role.ADMIN.value]}})
    await house.accounts.sessions.end_all(place.ids["ann"])
    await place.sign_in()
    data = base64.b64encode(next(place.music.rglob("04 Fourth.wav")).read_bytes()).decode()
    artist = (await store.albums.get(place.album)).artist_id
    refusal = await place.ask(UPLOAD, "ann", a=artist, f=data)
    told.append(("upload", 0, json.dumps(refusal)))
    tally = await house.analysing.run()
    told.append(("measuring", 0, repr(tally)))
    assert tally.away == 1
    asked = await place.request(songs=[song.id], format="ORIGINAL")
    told.append(("download", 0, json.dumps(asked)))
    await note("metrics", "/metrics")
    return told


@pytest.mark.parametrize("store", ["closed", "suspicious"])
async def test_no_credential_is_in_any_line_or_answer(tmp_path, store, log_watch):
    log_watch.expect("")
    signatures: list[str] = []
    [listening] = bind_sockets(0, "127.0.0.1")
    port = listening.getsockname()[1]
    server = HTTPServer(Application([(r".*", Suspicious, {"signatures": signatures})], log_function=lambda _: None))
    if store == "closed":
        listening.close()
    else:
        server.add_sockets([listening])
    settings = {
        "FILES_BACKEND": "s3",
        "FILES_S3_ENDPOINT": f"http://127.0.0.1:{port}",
        "FILES_S3_BUCKET": "house",
        "FILES_S3_ACCESS_KEY": ACCESS,
        "FILES_S3_SECRET_KEY": SECRET,
        "FILES_S3_ADDRESSING": "path",
        "FILES_S3_ATTEMPTS": "1",
    }
    lines, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    try:
        async with open_place(tmp_path, **settings) as place:
            told = await walked(place)
    finally:
        root.removeHandler(lines)
        root.setLevel(level)
    process = Process(tmp_path / "data", {f"TUTTI_{name}": value for name, value in settings.items()})
    check = await asyncio.to_thread(process.command, "check")
    printed = check.stdout + check.stderr
    server.stop()
    await server.close_all_connections()
    statuses = [(name, status) for name, status, _ in told if status]
    assert statuses[:2] == [("ready", 503), ("stream", 503)]
    assert ("picture", 503) in statuses
    assert len(lines.lines) > 20
    assert "WRONG" in printed
    assert (len(signatures) >= 5) == (store == "suspicious")
    everything = [*lines.lines, *(text for _, _, text in told), printed]
    for word in (ACCESS, SECRET, "Signature=", "StringToSign", *filter(None, signatures)):
        assert [text for text in everything if word in text] == []
