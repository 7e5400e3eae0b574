"""The supervisor over real, small processes: they die, come back, are renewed, and nobody knocks in vain meanwhile."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from server.config import BadConfiguration, load_settings
from server.merged_figures import merged
from server.supervisor import CannotStart, Supervisor
from tests.realtime.small_house import until

DOORKEEPER = Path(__file__).with_name("doorkeeper.py")


class Gate:
    """Three small processes at one port."""

    def __init__(self, folder):
        self.orders = folder / "orders"
        self.orders.write_text("live")
        self.door = socket.create_server(("127.0.0.1", 0))

        def words(line, doors):
            return [sys.executable, "-S", str(DOORKEEPER), str(line), str(doors[0]), str(self.orders)]

        self.supervisor = Supervisor(words, [self.door], 3, drain_s=2)

    async def knock(self):
        """The pid of who answered."""
        reader, writer = await asyncio.open_connection(*self.door.getsockname())
        answer = await reader.read()
        writer.close()
        return int(answer)


@pytest.fixture
async def gate(tmp_path):
    gate = Gate(tmp_path)
    yield gate
    await gate.supervisor.stop()
    gate.door.close()


async def test_a_killed_process_is_replaced_and_the_others_serve_meanwhile(gate, log_watch, caplog):
    log_watch.expect("a process died")
    await gate.supervisor.start()
    first = gate.supervisor.pids
    assert len(set(first)) == 3
    os.kill(first[1], signal.SIGKILL)
    answers = {await gate.knock() for _ in range(20)}
    assert answers <= {*first} | {*gate.supervisor.pids}
    await until(lambda: len(gate.supervisor.pids) == 3 and gate.supervisor.pids[1] != first[1])
    assert [gate.supervisor.pids[at] for at in (0, 2)] == [first[0], first[2]]
    assert gate.supervisor.restarts == 1
    [line] = [each for each in caplog.records if each.name == "tutti.supervisor"]
    assert (line.code, line.place) == (-9, 1)


async def test_renewal_replaces_each_and_no_knock_fails(gate):
    await gate.supervisor.start()
    first = {*gate.supervisor.pids}
    renewal = asyncio.create_task(gate.supervisor.renew())
    answered = set()
    while not renewal.done():
        answered.add(await gate.knock())
    await renewal
    assert not first & {*gate.supervisor.pids}
    assert answered <= first | {*gate.supervisor.pids}
    assert gate.supervisor.restarts == 0


async def test_a_new_process_that_does_not_start_leaves_the_old_ones_at_work(gate, log_watch):
    log_watch.expect("a new process did not start")
    await gate.supervisor.start()
    first = gate.supervisor.pids
    gate.orders.write_text("die")
    await gate.supervisor.renew()
    assert gate.supervisor.pids == first
    assert await gate.knock() in first


async def test_a_first_process_that_ends_is_the_end_of_the_start(gate):
    gate.orders.write_text("die")
    with pytest.raises(CannotStart) as fault:
        await gate.supervisor.start()
    assert fault.value.code == 3
    assert gate.supervisor.pids == []


def test_figures_of_several_processes_stand_side_by_side():
    own = '# HELP a_total A.\n# TYPE a_total counter\na_total{door="x"} %d\n'
    text = merged({"0": own % 3, "1": own % 4}).decode()
    assert 'a_total{door="x",process="0"} 3.0' in text
    assert 'a_total{door="x",process="1"} 4.0' in text
    assert text.count("# TYPE a_total counter") == 1


def test_several_processes_without_redis_are_refused_by_the_settings_name():
    with pytest.raises(BadConfiguration, match=r"server\.processes is 3: .* realtime\.redis_url must be set"):
        load_settings(None, {"TUTTI_SERVER_PROCESSES": "3"})
    several = {"TUTTI_SERVER_PROCESSES": "3", "TUTTI_REALTIME_REDIS_URL": "redis://127.0.0.1"}
    assert load_settings(None, several).server.processes == 3
