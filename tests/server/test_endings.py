"""Whether the processes before ended well: told by marks, and seen to at the next start."""

import asyncio
import json
import os
import signal

from server.endings import FOLDER, Endings


def test_only_a_process_that_did_not_end_well_is_told_of_until_it_was_seen_to(tmp_path):
    first, second, third, fourth = (Endings(tmp_path) for _ in range(4))
    assert (first.begin(), second.begin()) == (0, 0)
    first.end()
    _, lock = second._own
    os.close(lock)  # as the end of a process does, however it ends
    assert (third.begin(), fourth.begin()) == (1, 1), "until it was seen to"
    third.settled()
    for each in (third, fourth):
        each.end()
    assert list((tmp_path / FOLDER).iterdir()) == []


async def test_what_a_killed_server_left_is_looked_through_at_the_next_start_and_only_then(own_server):
    def told():
        lines = (json.loads(line) for line in own_server.log.read_text().splitlines())
        return [line for line in lines if line["message"].startswith("a process was killed")]

    own_server.settings["TUTTI_SERVER_LOG_FORMAT"] = "json"
    for number, seen in ((signal.SIGTERM, 0), (signal.SIGKILL, 0), (signal.SIGTERM, 1), (signal.SIGTERM, 1)):
        await asyncio.to_thread(own_server.start)
        assert len(told()) == seen
        own_server.stop(number)
    assert list((own_server.data / FOLDER).iterdir()) == []
