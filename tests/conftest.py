"""What every test stands on: a fresh loop, async fixtures, and silence in the logs.

`pytest-tornasync` runs `async def` tests; its own loop fixture predates today's Tornado, so ours takes its place. A
task left running, or a log line at WARNING or above that the test did not announce, fails the test.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import logging
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from tornado.ioloop import IOLoop

from graph import plan_memory
from tests.quiet_house import COMPILE_AFTER
from tests.services.exercised import lines as exercised_lines

if sys.dont_write_bytecode:
    # Where bytecode is not to be kept beside the sources, a third of a run is compiling: every worker each
    # test, every server a test starts the whole product. It is kept in the environment's own folder instead.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(sys.prefix) / "bytecode")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

# What is imported and collected is kept: looking through it for garbage finds none. It begins with the tests.
gc.disable()

# A thread of algebra for each core only waits for the others here: the workers have the cores already.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

plan_memory.COMPILE_AFTER = int(COMPILE_AFTER)

# Other examples each time, so that fewer a time find the same; `--hypothesis-profile=long` for those who can wait.
settings.register_profile("quick", max_examples=50, deadline=None)
settings.register_profile("long", max_examples=2000, deadline=None)
settings.load_profile("quick")


@pytest.fixture(autouse=True)
def io_loop() -> Iterator[IOLoop]:
    """A loop of this test's own; what is still running at its end is cancelled and reported."""
    asyncio_loop = asyncio.new_event_loop()
    asyncio.set_event_loop(asyncio_loop)
    loop = IOLoop(asyncio_loop=asyncio_loop, make_current=False)

    async def enter() -> None:
        loop._make_current()

    asyncio_loop.run_until_complete(enter())
    yield loop
    left = [task for task in asyncio.all_tasks(asyncio_loop) if not task.done()]
    names = [f"{task.get_name()}: {task.get_coro()}" for task in left]
    for task in left:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        asyncio_loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    asyncio_loop.run_until_complete(asyncio_loop.shutdown_asyncgens())
    asyncio_loop.run_until_complete(asyncio_loop.shutdown_default_executor())
    loop.close(all_fds=False)
    asyncio.set_event_loop(None)
    if names:
        pytest.fail("left running: " + "; ".join(names))


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef, request):
    """Let fixtures be `async def`, with or without a `yield`, on the test's loop."""
    function = fixturedef.func
    if inspect.isasyncgenfunction(function):

        def run_generator(*args, **kwargs):
            loop = request.getfixturevalue("io_loop")
            generator = function(*args, **kwargs)
            value = loop.run_sync(generator.__anext__)

            def finish() -> None:
                with contextlib.suppress(StopAsyncIteration):
                    loop.run_sync(generator.__anext__)

            request.addfinalizer(finish)
            return value

        fixturedef.func = run_generator
    elif inspect.iscoroutinefunction(function):

        def run_coroutine(*args, **kwargs):
            return request.getfixturevalue("io_loop").run_sync(lambda: function(*args, **kwargs))

        fixturedef.func = run_coroutine
    try:
        return (yield)
    finally:
        fixturedef.func = function


_REAPED = re.compile(r"^WARNING asyncio: Unknown child process pid \d+, will report returncode 255$")
"""asyncio closes a child's transport by asking whether the child has ended, and its own waiting thread may come second:
both are Python's, and nobody waits for that child any more."""


class LogWatch(logging.Handler):
    """Collects lines at WARNING and above; `expect(pattern)` announces one."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self._expected: list[re.Pattern[str]] = []
        self._seen: set[re.Pattern[str]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        text = f"{record.levelname} {record.name}: {record.getMessage()}"
        if record.exc_info and record.exc_info[0] is not None:
            text += f" ({record.exc_info[0].__name__}: {record.exc_info[1]})"
        self.lines.append(text)

    def expect(self, pattern: str) -> None:
        """This test causes a line that matches `pattern`, at least once."""
        self._expected.append(re.compile(pattern))

    def verdict(self) -> list[str]:
        """What is wrong: lines nobody announced, announcements that never came."""
        wrong = []
        for line in self.lines:
            if _REAPED.search(line):
                continue
            matching = [pattern for pattern in self._expected if pattern.search(line)]
            self._seen.update(matching)
            if not matching:
                wrong.append(f"unexpected log line: {line}")
        wrong += [f"log line never came: {p.pattern}" for p in self._expected if p not in self._seen]
        return wrong


@pytest.fixture(autouse=True)
def log_watch(io_loop: IOLoop) -> Iterator[LogWatch]:
    """Fails the test on a log line at WARNING or above that it did not announce with `log_watch.expect`."""
    watch = LogWatch()
    root = logging.getLogger()
    root.addHandler(watch)
    yield watch
    root.removeHandler(watch)
    wrong = watch.verdict()
    if wrong:
        pytest.fail("\n".join(wrong))


def pytest_collection_finish() -> None:
    """Everything imported and collected stays to the end: looking through it for garbage took a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which real services this run met."""
    for line in exercised_lines():
        terminalreporter.write_line(line)
