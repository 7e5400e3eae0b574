"""What somebody at a terminal reads when the doors are open: where to go. Imports nothing of the product."""

from __future__ import annotations

from collections.abc import Sequence

from server.terminal import say


def welcome(host: str, port: int, demo_accounts: Sequence[str] = (), demo_password: str = "") -> None:
    """Tell the addresses, and how to sign in where there are demo accounts."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "") else "[::1]" if host == "::" else host
    say()
    say(f"  Tutti plays at   http://{shown}:{port}")
    say(f"  GraphQL          http://{shown}:{port}/graphql")
    if demo_accounts:
        say(f"  Demo accounts    {', '.join(demo_accounts)}")
        say(f"                   password {demo_password}")
    say("  Your own music   python run.py import FOLDER")
    say("  Ctrl-C stops.")
    say()
