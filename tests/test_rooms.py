"""The house's walls: imports point one way, and a room is only entered from the rooms that may."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# What each room may import besides itself. `graph` is open to `handlers` because /graphql is a door of its own.
MAY_ENTER = {
    "run": {"server"},
    "server": {"handlers", "realtime", "graph", "services", "storage"},
    "handlers": {"realtime", "graph", "services", "storage.records"},
    "realtime": {"graph", "services", "storage.records"},
    "graph": {"services", "storage.records"},
    "services": {"storage"},
    "storage": set(),
}
ONLY_THE_ROOT_ENTERS = {"realtime", "graph"}
FILES = [
    file for room in MAY_ENTER for file in ([ROOT / "run.py"] if room == "run" else sorted((ROOT / room).rglob("*.py")))
]


def imports(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_point_right(file):
    room = file.relative_to(ROOT).parts[0].removesuffix(".py")
    allowed = MAY_ENTER[room] | {room}
    for name in imports(file):
        top = name.split(".")[0]
        if top in MAY_ENTER:
            assert any(name == entry or name.startswith(f"{entry}.") for entry in allowed) or name == "storage", (
                f"{room} may not enter {name}"
            )


COMPOSITION = {"answers.py", "app.py", "doors.py", "figures.py", "players.py", "roles_page.py"}
"""The composition root and what it is made of."""


def test_only_the_composition_root_enters_every_room():
    for file in sorted((ROOT / "server").rglob("*.py")):
        rooms = {name.split(".")[0] for name in imports(file)} & ONLY_THE_ROOT_ENTERS
        assert not rooms or file.name in COMPOSITION, f"{file.name} enters {rooms}"


def test_records_know_only_records():
    for file in sorted((ROOT / "storage" / "records").glob("*.py")):
        for name in imports(file):
            if name.split(".")[0] in MAY_ENTER:
                assert name.startswith("storage.records"), f"{file.name} imports {name}"


STARTS_PROCESSES = (
    "services/audio/ffmpeg.py",
    "services/discovery/learning/learner.py",
    "server/supervisor.py",
    "handlers/bundle.py",
)


def test_child_processes_start_in_these_files_only():
    for file in FILES:
        if file.relative_to(ROOT).as_posix() in STARTS_PROCESSES:
            continue
        for name in imports(file):
            assert name.split(".")[0] != "subprocess", f"{file} imports subprocess"
        assert "create_subprocess" not in file.read_text(encoding="utf-8"), f"{file} starts a child process"


MOST_LINES = 300
STILL_LONGER: set[str] = set()
"""What is yet to be divided by its nouns; nothing may be added."""


def test_a_file_has_at_most_300_lines():
    files = [*FILES, *sorted((ROOT / "bench").rglob("*.py"))]
    lengths = {file.relative_to(ROOT).as_posix(): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {name for name, lines in lengths.items() if lines > MOST_LINES} == STILL_LONGER
