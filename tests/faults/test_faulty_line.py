"""The line that the faults run through does what it says, or they would prove nothing."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from tests.faults.faulty_line import FaultyLine

pytestmark = pytest.mark.faults


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(4096):
            self.request.sendall(data)


class Echoes(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A reset is what these tests are about."""


@pytest.fixture
def line() -> Iterator[FaultyLine]:
    with Echoes(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        with FaultyLine(server.server_address[1]) as line:
            yield line
        server.shutdown()
        thread.join()


def call(line: FaultyLine) -> socket.socket:
    return socket.create_connection(("127.0.0.1", line.port), timeout=5)


def said(caller: socket.socket, words: bytes) -> bytes:
    caller.sendall(words)
    return caller.recv(4096)


def test_an_open_line_passes_everything(line):
    with call(line) as caller:
        assert said(caller, b"one") == b"one"
        assert said(caller, b"two") == b"two"
    assert line.connections == 1


def test_a_refused_line_resets_who_talks_and_takes_nobody_until_it_is_open_on_the_same_port(line):
    port = line.port
    with call(line) as caller:
        assert said(caller, b"one") == b"one"
        line.refuse()
        with pytest.raises(ConnectionResetError):
            said(caller, b"two")
    with pytest.raises(ConnectionRefusedError):
        call(line)
    line.open()
    assert line.port == port
    with call(line) as caller:
        assert said(caller, b"three") == b"three"


def test_a_slow_line_waits_both_ways(line):
    line.slow(0.1)
    with call(line) as caller:
        begun = time.monotonic()
        assert said(caller, b"one") == b"one"
    assert time.monotonic() - begun >= 0.2


def test_a_half_open_line_takes_callers_and_swallows_what_they_say(line):
    line.half_open()
    with call(line) as caller:
        caller.settimeout(0.3)
        with pytest.raises(TimeoutError):
            said(caller, b"one")
        line.open()
        caller.settimeout(5)
        with pytest.raises(ConnectionResetError):
            caller.recv(1)
    with call(line) as caller:
        assert said(caller, b"two") == b"two"


def test_a_cut_line_gives_so_many_bytes_and_a_reset(line):
    line.cut_after(4)
    with call(line) as caller:
        assert said(caller, b"abcdefgh") == b"abcd"
        with pytest.raises(ConnectionResetError):
            caller.recv(1)
    line.open()
    with call(line) as caller:
        assert said(caller, b"whole") == b"whole"
