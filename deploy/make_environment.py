"""Makes the virtual environment that `make` works in: `python3 deploy/make_environment.py FOLDER`.

Runs under whatever Python is there, before anything is installed, so it stands on the standard library alone.
"""

import subprocess
import sys

LEAST = (3, 11)


def main(folder: str) -> int:
    """Make it; 1 with a readable reason when this Python cannot."""
    if sys.version_info < LEAST:
        print("Tutti needs Python 3.11 or newer; this is %d.%d (try: make PYTHON=python3.12)" % sys.version_info[:2])
        return 1
    print("Setting up Python packages in %s (once, about a minute) ..." % folder, flush=True)
    for module in ("venv", "virtualenv"):
        made = subprocess.run([sys.executable, "-m", module, folder], capture_output=True, text=True, check=False)
        if made.returncode == 0:
            pip = [folder + "/bin/python", "-m", "pip", "install", "--quiet", "--upgrade", "pip>=25.1"]
            return subprocess.run(pip, check=False).returncode
    print("This Python can make no virtual environment. On Debian and Ubuntu: sudo apt install python3-venv")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
