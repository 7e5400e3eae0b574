"""Where the contestants that are not ours come from: a cache folder outside the tree, filled at the first run.

Each is pinned. What cannot be had is said in a word, and the bench goes on without it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

PACKAGES = {"socket.io": "4.8.4", "@socket.io/redis-adapter": "8.3.0", "redis": "6.3.1"}
CENTRIFUGE = "github.com/centrifugal/centrifuge@v0.40.1"
INSTALL_S = 300
"""Building Centrifuge compiles a good deal of Go, once."""


def socket_io() -> Path | str:
    """The folder that holds Socket.IO; or why it cannot be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    place = _place("socket.io")
    note = place / "package.json"
    if not note.exists() or json.loads(note.read_text()).get("dependencies") != PACKAGES:
        shutil.rmtree(place / "node_modules", ignore_errors=True)
        note.write_text(json.dumps({"private": True, "dependencies": PACKAGES}))
    if not (place / "node_modules").exists():
        trouble = _done(place, ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"])
        if trouble:
            return trouble
    return place


def centrifuge() -> Path | str:
    """The program over Centrifuge, the engine of Centrifugo; or why it cannot be had."""
    source = Path(__file__).with_name("centrifuge.go").read_text()
    place = _place(CENTRIFUGE.rpartition("@")[2])
    program, main = place / "centrifuge", place / "main.go"
    if program.exists() and main.read_text() == source:
        return program
    if shutil.which("go") is None:
        return "Go is not installed"
    main.write_text(source)
    (place / "go.mod").write_text("module bench\n")
    for words in (["go", "get", CENTRIFUGE], ["go", "build", "-o", program.name, "."]):
        trouble = _done(place, words)
        if trouble:
            program.unlink(missing_ok=True)
            return trouble
    return program


def _place(name: str) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    place = cache / "tutti-bench" / name
    place.mkdir(parents=True, exist_ok=True)
    return place


def _done(place: Path, words: list[str]) -> str:
    """Nothing when it went well."""
    try:
        done = subprocess.run(words, cwd=place, capture_output=True, timeout=INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        return f"{words[0]} took too long"
    return f"{words[0]} {words[1]} failed" if done.returncode else ""
