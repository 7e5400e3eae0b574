"""Where the rivals come from: a throwaway environment each for Python and Node under `.services/`, made when missing.

Nothing of it is a requirement of ours. A name that cannot be installed is left out, with a word.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

PLACE = Path(__file__).parent.parent.parent / ".services" / "graph-rivals"
PYTHON = (
    "strawberry-graphql==0.341.2",
    "ariadne==1.1.1",
    "uvicorn==0.54.0",
    "uvloop==0.23.0",
    "httptools==0.9.0",
    "orjson",
)
NODE = ("graphql@16.15.0", "graphql-jit@0.8.9", "@apollo/server@5.5.1", "mercurius@16.10.1", "fastify@5.12.8")


def python() -> Path | str:
    """The interpreter of the rivals' environment, or why there is none."""
    place = PLACE / "python"
    interpreter = place / "bin" / "python"
    if not (place / "made").exists():
        shutil.rmtree(place, ignore_errors=True)
        venv.create(place, with_pip=True)
        made = subprocess.run([interpreter, "-m", "pip", "-q", "install", *PYTHON], capture_output=True, text=True)
        if made.returncode:
            return f"pip: {made.stderr.strip()[-200:]}"
        (place / "made").touch()
    return interpreter


def node() -> Path | str:
    """The folder with the packages of Node, or why there is none."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        return "node is not installed"
    place = PLACE / "node"
    if not (place / "made").exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        (place / "package.json").write_text('{"private": true}', encoding="utf-8")
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *NODE]
        made = subprocess.run(command, cwd=place, capture_output=True, text=True)
        if made.returncode:
            return f"npm: {made.stderr.strip()[-200:]}"
        (place / "made").touch()
    return place


if __name__ == "__main__":
    sys.stdout.write(f"{python()}\n{node()}\n")
