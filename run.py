"""Tutti's command line: `python run.py` serves, `python run.py --help` tells the rest."""

import sys

if __name__ == "__main__":
    try:
        from server.command_line import main

        sys.exit(main(sys.argv[1:]))
    except ModuleNotFoundError as missing:
        sys.exit(
            f"{missing.name} is not installed for {sys.executable}.\n"
            "`make run` installs everything into .venv; then use .venv/bin/python run.py"
        )
