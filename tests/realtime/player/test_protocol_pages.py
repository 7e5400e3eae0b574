"""The pages about `/ws` cannot lie: each example goes through a real socket, in order, and the answer is compared."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from realtime.player import core_verbs, library_verbs
from realtime.player.verbs import Verbs
from services.notifications import kinds
from services.playlists.making import PlaylistDraft
from tests.catalogue_rig import furnish
from tests.realtime.player.street import open_street

PAGES = sorted((Path(__file__).parents[3] / "docs" / "protocol").glob("*.md"))
STEP = re.compile(r"^(→|←)\n```json\n(.*?)\n```", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```json\n(.*?)\n```", re.MULTILINE | re.DOTALL)
DECODER = json.JSONDecoder()
ANY = "…"
RUN = ("player", "devices", "presence", "notifications")


def fits(shown, got):
    """Whether what came is what the page shows; `…` is any text, and 0 any number where a time is told."""
    if isinstance(shown, dict):
        return (
            isinstance(got, dict)
            and shown.keys() == got.keys()
            and all(
                isinstance(got[key], float) if (key, value) == ("now", 0) else fits(value, got[key])
                for key, value in shown.items()
            )
        )
    if isinstance(shown, list):
        return isinstance(got, list) and len(shown) == len(got) and all(map(fits, shown, got))
    return isinstance(got, str) if shown == ANY else shown == got


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem in RUN], ids=lambda page: page.stem)
async def test_every_example_of_the_page_is_true(page, tmp_path):
    steps = STEP.findall(page.read_text())
    assert steps
    async with open_street(tmp_path) as street:
        signed_in = await street.rig.sign_in("bob")
        viewer = await street.house.accounts.viewer_for(signed_in.token)
        made = await street.house.playlist_making.create(viewer, PlaylistDraft("Road"))
        await furnish(street.rig)
        friend = await street.rig.sign_up("friend")
        await street.rig.following(viewer.user_id, friend.user_id)
        await street.house.now_playing.report(friend, "s1")
        news = kinds.followed(await street.rig.store.users.get(viewer.user_id))
        await street.house.notifications.tell(replace(news, message="ann follows you now."), [viewer.user_id])
        note = await street.rig.store.notifications.first({"user_id": viewer.user_id})
        given = {"$TOKEN": signed_in.token, "$PLAYLIST": made.id, "$FRIEND": friend.user_id, "$NOTE": note.id}
        async with street.player() as player:
            if page.stem == "notifications":
                await player.ask("hello", token=signed_in.token)
            for arrow, text in steps:
                for name, value in given.items():
                    text = text.replace(name, value)
                frame = orjson.loads(text)
                if arrow == "→":
                    await player.send(frame)
                else:
                    got = await player.receive()
                    assert fits(frame, got), (frame, got)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(player.ws.recv(), 0.05)


def frames_of(text):
    """The frames of one block, in order: one JSON value after another."""
    frames, at = [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        frame, at = DECODER.raw_decode(text, at)
        frames.append(frame)
    return frames


def likewise(shown, got, where=""):
    """Where what came has other members than what the page shows, None where it has not. Values may differ."""
    if isinstance(shown, dict) and isinstance(got, dict):
        if shown.keys() != got.keys():
            return f"{where}: {sorted(shown.keys() ^ got.keys())}"
        return next(filter(None, (likewise(shown[key], got[key], f"{where}.{key}") for key in shown)), None)
    if isinstance(shown, list) and isinstance(got, list):
        return likewise(shown[0], got[0], where) if shown and got else None
    return None if isinstance(got, dict) == isinstance(shown, dict) else where


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem not in RUN], ids=lambda page: page.stem)
async def test_every_operation_on_the_page_is_one_and_answers_have_the_members_shown(page, tmp_path):
    blocks = [frames_of(block) for block in BLOCK.findall(page.read_text())]
    asked, whole = 0, {}
    async with open_street(tmp_path) as street:
        await furnish(street.rig)
        ann = await street.rig.sign_in("ann")
        async with street.greeted(ann) as player:
            made = await player.ask("room.create", name="Kitchen", songIds=["s1"])
            await player.ask("queue.play", songIds=["s1", "s2", "s3"])
            names = {"ROOM": made["roomId"], "ANN": ann.user.id, "SONG": "s2", "01KB…": "s3"}
            for block in blocks:
                answers = {}
                for frame in block:
                    text = orjson.dumps(frame).decode()
                    for name, value in names.items():
                        text = text.replace(f'"{name}"', f'"{value}"')
                    frame = orjson.loads(text)
                    if "op" in frame:
                        if frame.get("contextId"):
                            frame["contextId"] = "dawn"
                        assert frame["op"] in street.parts.verbs.names
                        answer = await player.ask(frame.pop("op"), frame.pop("id"), **frame)
                        answers[answer["re"]] = answer
                        asked += 1
                        if "topic" in answer:
                            while not {"queue", "room", "from"} & (event := await player.event()).keys():
                                pass
                            whole[event["ev"]] = event
                    elif "re" in frame and frame["re"] in answers:
                        got = answers.pop(frame["re"])
                        assert likewise(frame, got) is None, (frame, got)
                        assert frame.get("error", {}).get("code") == got.get("error", {}).get("code")
                    elif "ev" in frame and frame["ev"] in whole and ("room" in frame or "queue" in frame):
                        assert likewise(frame, whole[frame["ev"]]) is None, (frame, whole)
                # An answer that the page does not show may refuse what is not there, but not how it was asked.
                assert [got for got in answers.values() if got.get("error", {}).get("code") == "INVALID"] == []
    assert asked >= 2


def test_the_page_names_every_operation_of_its_family():
    page = next(page for page in PAGES if page.stem == "player").read_text()
    joined = Verbs(core_verbs.verbs, library_verbs.verbs)
    assert [name for name in joined.names if f'"op": "{name}"' not in page] == []
    assert [kind for kind in joined.topics if f"`{kind}:" not in page] == []
