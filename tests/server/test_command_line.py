"""The command line as a person meets it when something is wrong: one readable line, an exit code, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.warm_python import ROOT, RUN, warm_python


@pytest.fixture
def command(tmp_path):
    """Runs `run.py` with these words and settings on a data folder of its own; its exit code and what it said."""

    def run(*words: str | bytes, **settings: str) -> tuple[int, str, str]:
        environ = {key: value for key, value in os.environ.items() if not key.startswith("TUTTI_")}
        environ |= {"TUTTI_STORAGE_DATA_DIR": str(tmp_path / "data"), "TUTTI_SERVER_PORT": "0"}
        environ |= {"TUTTI_LIBRARY_DEMO": "false", **settings}
        if any(name.startswith("PYTHON") for name in settings):
            cold = [sys.executable, str(RUN), *words]
            done = subprocess.run(cold, env=environ, capture_output=True, text=True, timeout=60, check=False)
        else:
            done = warm_python().run(RUN, *words, env=environ)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout, done.stderr

    return run


def test_check_tells_every_part_that_does_not_work(command, tmp_path):
    (tmp_path / "data").write_text("a file")
    code, out, _ = command("check", TUTTI_AUDIO_FFMPEG="/bin/false")
    verdicts = {line[:14].strip(): line[15:] for line in out.splitlines()}
    assert code == 1
    assert verdicts["ffmpeg"] == "WRONG does not work: ffmpeg ended with status 1"
    assert verdicts["documents"] == f"WRONG {tmp_path}/data: File exists"


def test_a_program_that_is_not_ffmpeg_keeps_the_server_from_starting(command):
    code, out, err = command(TUTTI_AUDIO_FFMPEG="/bin/false")
    assert (code, out) == (1, "")
    assert err.endswith("Tutti cannot start: /bin/false does not work as ffmpeg: ffmpeg ended with status 1\n")


@pytest.mark.parametrize("words", [("import", "."), ("create-admin", "--email=a@b.co", "--username=bob")])
def test_a_data_folder_that_cannot_be_made_is_told_by_its_path(command, tmp_path, words):
    (tmp_path / "data").write_text("a file")
    code, _, err = command(*words, *(["--password-stdin"] if words[0] == "create-admin" else []))
    assert code == 1
    assert f"{tmp_path}/data: File exists" in err


def test_a_damaged_store_is_told(command, tmp_path):
    command("import", str(tmp_path))
    file = tmp_path / "data" / "tutti.db"
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)  # the first page, which SQLite knows its file by, stays
    file.write_bytes(content)
    code, _, err = command("import", str(tmp_path))
    assert code == 1
    assert "database disk image is malformed" in err


def test_a_secret_file_without_a_secret_is_told(command, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret.key").write_bytes(b"\xff" * 100)
    code, _, err = command()
    assert code == 1
    assert f"Tutti cannot start: {tmp_path}/data/secret.key holds no secret" in err


def test_what_is_neither_folder_nor_audio_is_not_imported(command, tmp_path):
    os.mkfifo(tmp_path / "pipe.mp3")
    (tmp_path / "notes.txt").write_text("x")
    paths = (tmp_path / "pipe.mp3", tmp_path / "notes.txt", os.fsencode(tmp_path) + b"/\xff")
    # One after the other: of imports side by side one is told that the other is running.
    told = [command("import", path) for path in paths]
    assert [code for code, _, _ in told] == [1, 1, 1]
    assert [err.partition(str(tmp_path))[2] for _, _, err in told] == [
        "/pipe.mp3 is neither a folder nor an audio file.\n",
        "/notes.txt is neither a folder nor an audio file.\n",
        "/\ufffd: the name is not valid UTF-8; rename it.\n",
    ]


def test_names_cannot_command_the_terminal_and_may_be_more_than_it_can_show(command, tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    (music / "a\n\x1b[31m東.mp3").write_bytes(b"no sound" * 100)
    code, out, _ = command("import", str(music), PYTHONIOENCODING="ascii")
    assert code == 0
    assert out.splitlines()[0].startswith("1 file in ")
    assert out.splitlines()[-1].startswith(str(music) + "/a\\n\\x1b[31m\\u6771.mp3: ")


STAYING = """
import asyncio
from server.signals import stop_on_signals

async def stay():
    stop = asyncio.Event()
    stop_on_signals(stop)
    print("here", flush=True)
    await stop.wait()
    print("finishing", flush=True)
    await asyncio.Event().wait()

asyncio.run(stay())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_a_process_that_is_still_finishing(number):
    process = subprocess.Popen([sys.executable, "-c", STAYING], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        for line in ("here\n", "finishing\n"):
            assert process.stdout.readline() == line
            process.send_signal(number)
    assert process.wait(timeout=30) == -number


def test_an_address_that_only_the_client_refuses_is_told(command):
    code, out, _ = command("check", TUTTI_STORAGE_MONGODB_URI="mongodb://a:b,c:d")
    assert code == 1
    assert "documents      WRONG storage.mongodb.uri cannot be used: Port contains non-digit characters" in out


def test_a_python_without_the_packages_is_told_where_they_are():
    done = subprocess.run([sys.executable, "-S", str(RUN), "check"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"yaml is not installed for {sys.executable}.\n")


def test_a_second_factor_of_nobody_cannot_be_taken_off(command):
    code, out, err = command("reset-second-factor", "nobody@example.com")
    assert (code, out, err.splitlines()[-1]) == (1, "", "Nothing was changed: There is no such user.")
