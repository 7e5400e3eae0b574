"""Tutti's command line: `python run.py` serves, `python run.py --help` tells the rest."""

import sys

from server.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
