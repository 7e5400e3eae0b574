"""The page of the API: behind nothing, with an example for each root field that runs as it stands."""

import base64
import hashlib
import io
import math
import re
import struct
import wave
from base64 import b32decode
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from graph.api_page import PAGE, page, without_example
from graph.bind import needed_role
from graph.build import build_schema
from graph.examples import FOLDER, BadExample, examples, read_example, root_fields
from services.factors.codes import STEP_S, code_at
from services.identities.providers import preset
from services.offers.rules import OfferRules
from services.students.rules import StudentRules
from services.viewer import NOBODY, Role
from storage.records.fingerprint import Fingerprint
from storage.records.sign_in_code import SignInCode
from tests.billing.till import furnish_bought
from tests.catalogue_rig import file_of, furnish, small_house

SHOWN = examples()
SCHEMA = build_schema()
FIELDS = root_fields(SCHEMA)
_COUNTED = re.compile("chart|trend|top|popular|genre|artist|radar|analytics", re.IGNORECASE)
"""Fields that answer what jobs have counted."""
_BOUGHT = re.compile("billing|plan|payment|(checkout|portal)Session|(cancel|resume)Subscription", re.IGNORECASE)
"""Fields about a subscription that is paid for: whoever asks has bought one of a stand-in."""


def test_every_root_field_has_an_example():
    lacking = [f"  write docs/examples/{name}.graphql, then run `make docs`" for name in without_example(SCHEMA, SHOWN)]
    assert lacking == [], (
        "these root fields have no example; graph/examples.py tells how one is written, and the ids are those of "
        "tests/catalogue_rig.py:\n" + "\n".join(lacking)
    )


def test_every_example_is_about_a_root_field():
    left = [f"docs/examples/{name}.graphql" for name in SHOWN if name not in FIELDS]
    assert left == [], "these examples are of fields that are gone: delete them"


def test_the_page_is_the_schema():
    assert PAGE.read_text(encoding="utf-8") == page(SCHEMA, SHOWN), "docs/api.md is behind: run `make docs`"


@pytest.fixture
async def schooled(tmp_path):
    """The example house, which knows a school, has a trial, and to which somebody has just come back by a provider."""
    rules = {"student_rules": StudentRules(("uni.example",)), "offer_rules": OfferRules(14)}
    providers = (preset("google", client_id="tutti"),)
    async with small_house(tmp_path, providers=providers, **rules) as house:
        await furnish(house)
        code = hashlib.sha256(b"the-code-of-the-way-back").hexdigest()
        soon = house.clock.now() + timedelta(minutes=2)
        back = SignInCode(code, "google", "s1", soon, "nora@example.com", True, "Nora")
        await house.store.sign_in_codes.insert(back)
        yield house


@pytest.mark.parametrize("name", sorted(SHOWN))
async def test_an_example_runs(schooled, name):
    music = schooled
    example = SHOWN[name]
    role = Role(example.role) if example.role else needed_role(FIELDS[name][1])
    viewer = NOBODY if role == Role.ANYONE and not example.steps else await music.sign_up("example", *_roles(role))
    if viewer.signed_in:
        viewer = replace(viewer, tier="premium")
    if name == "verifyEmailCode":
        await music.store.users.update({"_id": viewer.user_id}, {"$set": {"is_verified": False}})
    if name in ("songDuplicates", "duplicateSongs"):
        await _sounds_like(music, "s1", "s2")
        await music.house.sound_grouping.catch_up()
    if _BOUGHT.search(name):
        await furnish_bought(music, viewer, is_over=name == "createCheckoutSession")
    people = {None: viewer}
    for by in {step.by for step in [*example.steps, example.then] if step and step.by}:
        people[by] = await music.sign_up(by, Role.ARTIST, Role.MODERATOR, Role.ADMIN)
    variables = {**example.variables, **({example.sound: _sound()} if example.sound else {})}
    for step in example.steps:
        await _settled(music, example)
        answer = await music.ask(step.document, people[step.by], **_used(step.document, variables))
        assert ("errors" in answer) == step.is_refused, answer
        data = answer["errors"][0] if step.is_refused else answer["data"]
        for variable, place in step.keep.items():
            variables[variable] = _at(data, place)
        for variable, what in step.mails.items():
            await _settled(music, example)
            variables[variable] = await _mailed(music, what)
        for variable, secret in step.codes.items():
            # A code is good once, and there is a new one every half minute.
            music.clock.turn(STEP_S)
            variables[variable] = code_at(b32decode(variables[secret]), music.clock.epoch_ms() / 1000)
    variables["mailedCode"] = await _mailed_code(music)
    await _settled(music, example)
    if role == Role.ANYONE:
        viewer = NOBODY
    if re.match(r"\s*subscription\b", example.document):
        await _runs_as_subscription(music, example, people, variables)
        return
    answer = await music.ask(example.document, viewer, **_used(example.document, variables))
    assert "errors" not in answer, f"docs/examples/{name}.graphql: {answer['errors']}"
    found = answer["data"][example.field]
    assert found is not None, f"docs/examples/{name}.graphql answers nothing: use ids that exist"
    assert _fullness(found), f"docs/examples/{name}.graphql answers an empty list: bring something about before"


async def _mailed(music, what):
    """Of the latest mail, what stands behind # in its link, or its code."""
    await music.house.password_change.settled()
    [mail] = await music.store.outbox.find({}, sort=[("created_at", -1), ("_id", -1)], limit=1)
    return re.search(r"#(\S+)" if what == "link" else r"code: (\d+)", mail.text).group(1)


async def _sounds_like(music, *song_ids):
    """Songs with one and the same fingerprint."""
    words = np.arange(2_000, dtype="<u4") * 2_654_435_761
    for song_id in song_ids:
        payload = f"sound of {song_id}"
        await music.store.audio_files.insert(file_of(song_id, payload_hash=payload))
        await music.store.songs.update({"_id": song_id}, {"$set": {"file_id": f"f-{song_id}"}})
        told = base64.b64encode(words.astype("<u4").tobytes()).decode()
        await music.store.fingerprints.insert(Fingerprint(payload, 1, 180_000, told, [1, 2, 3]))


async def _runs_as_subscription(music, example, people, variables):
    stream = await music.listen(example.document, people[None], **_used(example.document, variables))
    assert not isinstance(stream, dict), stream
    try:
        if example.then is not None:
            document = example.then.document
            await music.data(document, people[example.then.by], **_used(document, variables))
            await _settled(music, example)
        answer = await anext(stream)
        assert "errors" not in answer, answer
        assert answer["data"][example.field] is not None, answer
    finally:
        await stream.aclose()


async def _settled(music, example):
    """What the jobs of the house would do in time."""
    house = music.house
    await house.announcer.settled()
    if _COUNTED.search(example.field):
        await house.roll_ups.fold()
        await house.chart_making.make()
        await house.listeners.recount()
    if "search" in example.field.lower():
        await house.indexing.catch_up()
        await house.search_trends.count()
    if example.field.startswith("admin"):
        house.import_now.ready([Path("/srv/music")], None)
        house.error_log.note("error", "tutti.mail", "a mail was not sent")
        house.slow_log.note("graphql", "query { albums }", 400)
    music.clock.turn(1)


async def _mailed_code(music):
    """The digits in the last mail."""
    mails = await music.store.outbox.find({}, sort=[("created_at", -1)], limit=1)
    return next(iter(re.findall(r"Your code: (\d{8})", mails[0].text if mails else "")), "")


def _sound():
    """A second of a tone, as base64."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join(struct.pack("<h", round(9000 * math.sin(0.35 * i))) for i in range(8000)))
    return base64.b64encode(file.getvalue()).decode()


def _fullness(found):
    """Whether something can be seen in an answer: a list, or the first list of a page, is not empty."""
    if isinstance(found, list):
        return found != []
    if isinstance(found, dict) and "edges" in found:
        return found["edges"] != []
    return True


def _roles(role):
    return () if role in (Role.ANYONE, Role.LISTENER) else (role,)


def _used(document, variables):
    return {name: value for name, value in variables.items() if re.search(rf"\${name}\b", document)}


def _at(data, place):
    for step in place.split("."):
        data = data[int(step)] if step.isdigit() else data[step]
    return data


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("query { songs { totalCount } }", "must hold one operation that asks song"),
        ("query { song", "Syntax Error"),
        ("# keep: a = b\nquery { song { id } }", "after a `first`"),
        ("# variables: {a\nquery { song { id } }", "not JSON"),
    ],
)
def test_a_bad_example_says_what_to_change(tmp_path, text, fault):
    path = tmp_path / "song.graphql"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadExample, match=re.escape(fault)):
        read_example(path)


def test_the_examples_lie_where_the_page_says():
    assert (FOLDER / "song.graphql").is_file()
