"""The players' door over the real house: who is let in, what is refused and how, and how a socket ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from realtime.player.crowd import CrowdLimits
from realtime.player.limits import PlayerLimits
from realtime.player.verbs import Followed, Verbs
from services.playlists.making import PlaylistDraft
from services.rates import Rate
from tests.realtime.player.street import alone, open_street
from tests.realtime.small_house import until


class Bench:
    """Operations made for these tests: one that waits, one that breaks, a topic that is told by hand."""

    def __init__(self):
        self.verbs = Verbs()
        self.release = asyncio.Event()
        self.waiting = 0
        self.ran = []
        self.left = []
        self.queues = []
        self.closed = 0
        self.verbs.verb("test.note")(self._note)
        self.verbs.verb("test.wait")(self._wait)
        self.verbs.verb("test.bug")(self._bug)
        self.verbs.verb("test.leave")(self._leave)
        self.verbs.topic("state")(self._open)

    async def _note(self, player, id, body):
        self.ran.append(id)
        return {"text": body.text("text", most=5, default="-"), "pad": "x" * body.integer("pad", 0, 10**6, default=0)}

    async def _wait(self, player, id, body):
        self.waiting += 1
        await self.release.wait()
        self.ran.append(id)

    async def _bug(self, player, id, body):
        raise RuntimeError("a secret path in a message")

    async def _leave(self, player, id, body):
        async def farewell():
            self.left.append(id)

        player.on_leaving("test", farewell)

    async def _open(self, player, id, body):
        queue = asyncio.Queue()
        self.queues.append(queue)

        async def states():
            try:
                while (item := await queue.get()) is not None:
                    yield item
            finally:
                self.closed += 1

        return Followed(states(), seen_as=body.maybe_text("seen"))


@pytest.fixture
def bench():
    return Bench()


async def test_hello_tells_who_one_is_and_what_the_house_allows(tmp_path):
    async with open_street(tmp_path) as street:
        ann = await street.rig.sign_in("ann")
        async with street.player() as player:
            answer = await player.ask("hello", token=ann.token)
            now = answer["server"].pop("now")
            assert answer == {
                "re": "1",
                "ok": True,
                "user": ann.user.id,
                "guest": False,
                "server": {"epoch": street.parts.house_time.epoch},
                "limits": {"maxFrameBytes": 64_000, "framesPerSecond": 100.0, "maxFollowed": 64},
                "expiresAt": "2026-06-01T12:15:00.000+00:00",
            }
            later = (await player.ask("ping", "2"))["now"]
            assert now <= later < now + 5000


REFUSED = [
    ("{", 4400, "A frame is one JSON object"),
    ("[1]", 4400, "A frame is one JSON object"),
    (b"{}", 4400, "Frames are text"),
    ({"id": "1"}, 4400, "A frame has an op"),
    ({"op": "ping"}, 4400, "A frame has an id of 1 to 64 characters"),
    ({"op": "ping", "id": "x" * 65}, 4400, "A frame has an id of 1 to 64 characters"),
    ({"op": "ping", "id": "1", "pad": "é" * 32_000}, 1009, "A frame has at most 64000 bytes"),
    ({"op": "follow", "id": "1", "topic": "queue"}, 4401, "Unauthorized: say hello first"),
    ({"op": "nonsense", "id": "1"}, 4401, "Unauthorized: say hello first"),
    ({"op": "hello", "id": "1"}, 4400, "hello has a token, or the token of a room's guest link."),
    ({"op": "hello", "id": "1", "token": 7}, 4400, "token is a text of 1 to 4096 characters."),
    ({"op": "hello", "id": "1", "token": "bad"}, 4403, "Forbidden: Sign in again."),
]


async def test_what_is_no_conversation_is_closed_with_its_name(tmp_path):
    async with open_street(tmp_path) as street:
        for frame, code, reason in REFUSED:
            async with street.player() as player:
                await player.send(frame)
                assert await player.closed() == (code, reason), frame


@pytest.fixture
async def one_street(tmp_path):
    async with open_street(tmp_path) as street:
        yield street


async def test_a_second_hello_is_one_too_many(one_street):
    ann = await one_street.rig.sign_in("ann")
    async with one_street.greeted(ann) as player:
        await player.send({"op": "hello", "id": "2", "token": ann.token})
        assert await player.closed() == (4429, "Too many hellos")


async def test_a_silent_client_is_closed_in_time(tmp_path):
    async with open_street(tmp_path, limits=PlayerLimits(hello_s=0.0)) as street, street.player() as player:
        assert await player.closed() == (4408, "No hello in time")


async def test_errors_have_names_and_keep_the_socket(tmp_path, bench, log_watch):
    log_watch.expect("player operation failed")
    async with alone(tmp_path, verbs=bench.verbs) as (_, player):
        unknown = await player.ask("nonsense", "2")
        assert unknown["error"] == {
            "code": "UNKNOWN_OP",
            "field": "op",
            "message": "There is no such operation.",
        }
        wrong = await player.ask("test.note", "3", text="too long")
        assert wrong["error"] == {
            "code": "INVALID",
            "field": "text",
            "message": "text is a text of 1 to 5 characters.",
        }
        bug = await player.ask("test.bug", "4")
        assert (bug["error"]["code"], bug["error"]["message"]) == ("INTERNAL", "Something went wrong")
        nothing = await player.ask("follow", "5", topic="nothing:1")
        assert nothing["error"]["code"] == "NOT_FOUND"
        assert (await player.ask("test.note", "6", text="fine"))["text"] == "fine"


async def test_operations_run_in_the_order_in_which_they_came(tmp_path, bench):
    async with open_street(tmp_path, verbs=bench.verbs, limits=PlayerLimits(max_waiting=3)) as street:
        ann = await street.rig.sign_in("ann")
        async with street.player() as player:
            # Not waiting for the answer to hello, and more than may wait at once.
            await player.send({"op": "hello", "id": "h", "token": ann.token})
            await player.send({"op": "test.wait", "id": "w"})
            for number in range(20):
                await player.send({"op": "test.note", "id": str(number)})
            bench.release.set()
            answered = [(await player.receive())["re"] for _ in range(22)]
            assert answered == ["h", "w", *map(str, range(20))]
            assert bench.ran == ["w", *map(str, range(20))]


async def test_a_token_that_runs_out_closes_unless_it_is_renewed(tmp_path):
    async with open_street(tmp_path) as street:
        rig = street.rig
        ann, bob = await rig.sign_in("ann"), await rig.sign_in("bob")
        async with street.greeted(ann) as stays, street.greeted(ann) as leaves, street.greeted(bob) as wrong:
            rig.clock.turn(600)
            fresh = await rig.house.accounts.signing_in.refresh(ann.refresh_token)
            answer = await stays.ask("renew", "2", token=fresh.token)
            assert answer["ok"] is True
            assert answer["expiresAt"] > "2026-06-01T12:15"
            await wrong.send({"op": "renew", "id": "2", "token": fresh.token})
            assert await wrong.closed() == (4403, "Forbidden: this socket belongs to somebody else")
            rig.clock.turn(301)
            for session in list(street.sockets._sockets):
                session._tick()
            assert await leaves.closed() == (4403, "Forbidden: the token has expired")
            assert (await stays.ask("ping", "3"))["ok"] is True


async def test_the_end_of_a_session_closes_its_players_at_once(one_street):
    rig = one_street.rig
    phone, tablet = await rig.sign_in("ann"), await rig.sign_in("bob")
    async with one_street.greeted(phone) as one, one_street.greeted(tablet) as other:
        await rig.house.accounts.signing_in.log_out(await rig.house.accounts.viewer_for(phone.token))
        assert await one.closed() == (4403, "Forbidden: the session has ended")
        assert (await other.ask("ping", "2"))["ok"] is True


async def test_a_topic_is_told_after_its_answer_and_until_it_is_unfollowed(tmp_path, bench):
    async with alone(tmp_path, verbs=bench.verbs) as (_, player):
        await player.send({"op": "follow", "id": "2", "topic": "state:1"})
        assert await player.receive() == {"re": "2", "ok": True, "topic": "state:1"}
        [queue] = bench.queues
        queue.put_nowait({"rev": 1})
        assert await player.event() == {"ev": "state", "rev": 1}
        assert (await player.ask("unfollow", "3", topic="state:1"))["followed"] is True
        assert (await player.ask("unfollow", "4", topic="state:1"))["followed"] is False
        await until(lambda: bench.closed == 1)
        await player.ask("follow", "5", topic="state:2")
        bench.queues[1].put_nowait(None)
        assert await player.event() == {"ev": "unfollowed", "topic": "state:2"}


async def test_a_thousandth_follower_costs_no_second_frame(tmp_path, bench):
    async with open_street(tmp_path, verbs=bench.verbs) as street:
        ann = await street.rig.sign_in("ann")
        async with street.greeted(ann) as one, street.greeted(ann) as other, street.greeted(ann) as alone:
            for player, seen in ((one, "member"), (other, "member"), (alone, "host")):
                await player.ask("follow", "2", topic="state:1", seen=seen)
            before = street.parts.frames.made
            for queue in bench.queues:
                queue.put_nowait({"rev": 1, "text": "é"})
            for player in (one, other, alone):
                assert await player.event() == {"ev": "state", "rev": 1, "text": "é"}
            assert street.parts.frames.made - before == 2


async def test_a_slow_player_is_told_the_newest_state_and_every_answer(tmp_path, bench):
    limits = PlayerLimits(outbox_frames=4, frame_burst=10_000)
    crowd = CrowdLimits(user_rate=Rate(0, 1))
    async with alone(tmp_path, verbs=bench.verbs, limits=limits, crowd=crowd, client={"max_queue": 1}) as (
        _,
        player,
    ):
        await player.ask("follow", "f", topic="state:1")
        for number in range(40):
            await player.send({"op": "test.note", "id": str(number), "pad": 400_000})
        for rev in range(1, 2001):
            bench.queues[0].put_nowait({"rev": rev, "pad": "x" * 1000})
        answers, revs = [], []
        while len(answers) < 40 or revs[-1:] != [2000]:
            frame = await player.receive()
            answers += [frame["re"]] if "re" in frame else []
            revs += [frame["rev"]] if "ev" in frame else []
        assert answers == [str(number) for number in range(40)]
        assert revs == sorted(set(revs))


async def test_a_player_that_reads_nothing_is_let_go_with_its_code(tmp_path, bench):
    limits = PlayerLimits(slow_client_s=0.2, frame_burst=10_000)
    crowd = CrowdLimits(user_rate=Rate(0, 1))
    async with alone(tmp_path, verbs=bench.verbs, limits=limits, crowd=crowd, client={"max_queue": 1}) as (
        street,
        player,
    ):
        [session] = street.sockets._sockets
        said = []
        close = session._wire.close
        session._wire.close = lambda code, reason: (said.append((code, reason)), close(code, reason))
        for number in range(60):
            await player.send({"op": "test.note", "id": str(number), "pad": 1_000_000})
        await until(lambda: said)
        assert said == [(4490, "Too slow: read faster or follow less")]
        assert session._writer.waiting_bytes <= 2_100_000
        player.ws.transport.abort()


async def test_farewells_are_said_however_the_socket_ends(tmp_path, bench):
    async with open_street(tmp_path, verbs=bench.verbs) as street:
        ann = await street.rig.sign_in("ann")
        async with street.greeted(ann) as one:
            await one.ask("test.leave", "closed")
        async with street.greeted(ann) as two:
            await two.ask("test.leave", "dropped")
            two.ws.transport.abort()
        await until(lambda: len(bench.left) == 2)
        async with street.greeted(ann) as three:
            await three.ask("test.leave", "aborted")
            await three.send({"op": "test.wait", "id": "w"})
            [session] = street.sockets._sockets
            await until(lambda: bench.waiting == 1)
            await session.abort()
        assert bench.left == ["closed", "dropped", "aborted"]


async def test_an_operation_in_hand_ends_although_its_player_left(tmp_path, bench):
    async with alone(tmp_path, verbs=bench.verbs) as (street, player):
        await player.send({"op": "test.wait", "id": "w"})
        await until(lambda: bench.waiting == 1)
        [session] = street.sockets._sockets
        await player.ws.close()
        await until(lambda: session._is_gone)
        bench.release.set()
        await until(lambda: bench.ran == ["w"])
        await until(lambda: len(street.sockets) == 0)


async def test_floods_are_refused_by_person_and_then_shown_the_door(tmp_path, bench):
    crowd = CrowdLimits(user_rate=Rate(1.0, 5))
    limits = replace(PlayerLimits(), hasty=3)
    async with open_street(tmp_path, verbs=bench.verbs, limits=limits, crowd=crowd) as street:
        ann = await street.rig.sign_in("ann")
        async with street.greeted(ann) as one, street.greeted(ann) as other:
            for number in range(5):
                assert (await one.ask("test.note", str(number)))["ok"] is True
            refused = await other.ask("test.note", "2")
            assert refused["error"] == {
                "code": "TOO_MANY",
                "retryAfter": 1.0,
                "message": "You asked for much in a short time; try again later.",
            }
            street.rig.clock.turn(1)
            assert (await other.ask("test.note", "3"))["ok"] is True
            for number in range(3):
                await one.send({"op": "test.note", "id": f"late {number}"})
            assert await one.closed() == (4429, "Too frequent: wait as long as you are told")


async def test_one_person_and_one_address_hold_so_many_sockets(tmp_path):
    crowd = CrowdLimits(per_user=1, per_address=2)
    async with open_street(tmp_path, crowd=crowd) as street:
        ann = await street.rig.sign_in("ann")
        async with street.greeted(ann), street.player() as second:
            async with street.player() as third:
                assert await third.closed() == (1013, "Too many sockets of your address")
            await second.send({"op": "hello", "id": "1", "token": ann.token})
            assert await second.closed() == (1013, "You have 1 sockets open; close one first.")
        await until(lambda: len(street.sockets) == 0)
        async with street.greeted(ann) as again:
            assert (await again.ask("ping", "2"))["ok"] is True


async def test_so_many_topics_and_no_more(tmp_path, bench):
    async with alone(tmp_path, verbs=bench.verbs, limits=PlayerLimits(max_followed=2)) as (_, player):
        for number in (1, 2, 2):
            assert (await player.ask("follow", "f", topic=f"state:{number}"))["ok"] is True
        assert (await player.ask("follow", "f", topic="state:3"))["error"]["code"] == "TOO_MANY"


async def test_a_playlist_is_followed_by_its_revision_until_it_is_gone(tmp_path):
    async with alone(tmp_path) as (street, player):
        house = street.house
        [owner] = [session.viewer for session in street.sockets._sockets]
        made = await house.playlist_making.create(owner, PlaylistDraft("Road"))
        await player.ask("follow", topic=f"playlist:{made.id}")
        assert await player.event() == {
            "ev": "playlist", "id": made.id, "rev": made.rev, "name": "Road", "songCount": 0, "totalDurationMs": 0,
        }  # fmt: skip
        await player.ask("follow", topic=f"playlist:{made.id}", rev=made.rev)
        await house.playlist_making.update(owner, made.id, {"name": "Rail"})
        told = await player.event()
        assert (told["name"], told["rev"]) == ("Rail", made.rev + 1)
        # Missed while another process could not be heard, and read anew.
        await street.rig.store.playlists.update({"_id": made.id}, {"$inc": {"rev": 1}, "$set": {"name": "River"}})
        assert street.newsroom.look_again() == 1
        assert (await player.event())["name"] == "River"
        await house.playlist_making.delete(owner, made.id)
        gone = await player.event()
        assert (gone["ev"], gone["topic"], gone["error"]["code"]) == ("unfollowed", f"playlist:{made.id}", "NOT_FOUND")
        assert (await player.ask("follow", topic=f"playlist:{made.id}"))["error"]["code"] == "NOT_FOUND"


async def test_a_farewell_that_never_ends_does_not_keep_the_process_from_ending(tmp_path, log_watch):
    log_watch.expect("sockets torn down")
    verbs = Verbs()

    @verbs.verb("linger")
    async def linger(player, _, body):
        player.on_leaving("linger", asyncio.Event().wait)

    async with alone(tmp_path, verbs=verbs, limits=PlayerLimits(farewell_s=3600)) as (street, player):
        assert (await player.ask("linger"))["ok"] is True
        async with asyncio.timeout(10):
            await street.sockets.drain(0, 0.1)
        assert (len(street.sockets), len(street.parts.crowd)) == (0, 0)


async def test_what_was_asked_is_done_before_a_stopping_process_closes(tmp_path):
    verbs, may_end = Verbs(), asyncio.Event()

    @verbs.verb("work")
    async def work(player, _, body):
        await may_end.wait()

    async with alone(tmp_path, verbs=verbs) as (street, player):
        for id in ("first", "second"):
            await player.send({"op": "work", "id": id})
        await player.send({"op": "ping", "id": "third"})
        await asyncio.sleep(0.1)
        draining = asyncio.create_task(street.sockets.drain(5), name="drain")
        await asyncio.sleep(0.05)
        may_end.set()
        assert [(frame["re"], frame["ok"]) for frame in [await player.receive() for _ in range(3)]] == [
            ("first", True),
            ("second", True),
            ("third", True),
        ]
        assert (await player.closed())[0] == 1001
        await draining


async def test_a_hello_that_comes_too_often_leaves_no_socket_behind(tmp_path):
    async with open_street(tmp_path, crowd=CrowdLimits(address_rate=Rate(0.01, 2))) as street:
        ann = await street.rig.sign_in("ann")
        async with street.player() as player:
            for id in ("1", "2"):
                await player.ask("ping", id)
            await player.send({"op": "hello", "id": "3", "token": ann.token})
            assert (await player.closed())[0] == 1013
