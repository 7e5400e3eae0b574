"""The command line: which command was meant, with which words; hands over to `server/commands/` or to serving.

Every failure a person can cause ends in one readable line on standard error and exit code 1 (2 for wrong words).
"""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from server.config import BadConfiguration, load_settings
from server.even_loop import even_loop
from server.settings import Settings

SHIPPED = Path(__file__).parent.parent / "config.yaml"

Command = Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, int]]


def parser() -> argparse.ArgumentParser:
    """Every command and its words."""
    config = argparse.ArgumentParser(add_help=False)
    config.add_argument(
        "--config", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="settings (default: config.yaml)"
    )
    top = argparse.ArgumentParser(
        prog="run.py", parents=[config], description="Tutti, a self-hosted music streaming platform. Serves by default."
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    serving = commands.add_parser("serve", parents=[config], help="serve (the default)")
    # How a supervisor starts its processes; not for people.
    serving.add_argument("--line", type=int, help=argparse.SUPPRESS)
    serving.add_argument("--doors", type=_numbers, help=argparse.SUPPRESS)
    bring = commands.add_parser("import", parents=[config], help="import folders of music")
    bring.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a folder or an audio file")
    bring.add_argument("--watch", action="store_true", help="stay and keep up with changes")
    bring.add_argument(
        "--allow-empty", action="store_true", help="hide a library's songs even when its folder is empty now"
    )
    admin = commands.add_parser("create-admin", parents=[config], help="make an administrator")
    admin.add_argument("--email", help="asked for when left out")
    admin.add_argument("--username", help="asked for when left out")
    admin.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    seed = commands.add_parser("seed", parents=[config], help="fill an empty data folder with a made-up library")
    seed.add_argument("--scale", default="small", metavar="NAME", help="tiny, small, medium (50,000 songs) or large")
    seed.add_argument("--seed", type=int, default=1, metavar="N", help="another number makes another library")
    seed.add_argument("--as-of", type=_day, metavar="DATE", help="the day the library's last play is before (today)")
    analyse = commands.add_parser("analyse", parents=[config], help="measure the sounds that wait, now")
    analyse.add_argument("--all", action="store_true", help="measure every sound again")
    tier = commands.add_parser("set-tier", parents=[config], help="give an account a subscription, or end it")
    tier.add_argument("login", metavar="ACCOUNT", help="its e-mail or username")
    tier.add_argument("tier", choices=("free", "premium", "family", "student"), help="what it gets")
    tier.add_argument("--days", type=int, metavar="N", help="for so many days (without an end when left out)")
    factor = commands.add_parser(
        "reset-second-factor", parents=[config], help="take the second step of signing in off an account"
    )
    factor.add_argument("login", metavar="ACCOUNT", help="its e-mail or username")
    factor.add_argument("--reason", default="by the machine's owner", help="for the audit log")
    bills = commands.add_parser("billing", help="bring in what Stripe's webhooks lost")
    chores = bills.add_subparsers(dest="work", metavar="WORK", required=True)
    replay = chores.add_parser("replay", parents=[config], help="ask Stripe for its events again")
    replay.add_argument("--since", type=_day, required=True, metavar="DATE", help="since that day, at most 30 days ago")
    chores.add_parser("reconcile", parents=[config], help="hold bills and subscriptions against Stripe's")
    commands.add_parser("reindex", parents=[config], help="make the search index again")
    files = commands.add_parser("files", help="verify kept files, or move them to another store")
    works = files.add_subparsers(dest="work", metavar="WORK", required=True)
    verify = works.add_parser("verify", parents=[config], help="find rot, orphans, missing and changed files")
    verify.add_argument("--repair", action="store_true", help="mend what is Tutti's own; libraries are left alone")
    verify.add_argument("--quick", action="store_true", help="look at names, sizes and times; read nothing")
    move = works.add_parser("move", parents=[config], help="copy everything kept to another store, then switch")
    move.add_argument("--to", choices=("s3", "local"), required=True, help="where to")
    exam = commands.add_parser(
        "evaluate-recommender", parents=[config], help="the recommender sits an exam on two files of who took what"
    )
    exam.add_argument(
        "--train", required=True, type=Path, metavar="FILE", help="`user item [item …]` or `user item count`"
    )
    exam.add_argument("--test", required=True, type=Path, metavar="FILE", help="what was held back, in the same form")
    exam.add_argument("--top", default=20, type=_top, metavar="K", help="how many each user is shown (20)")
    exam.add_argument("--format", choices=("lists", "counts"), help="which of both forms (found out when left out)")
    exam.add_argument("--json", action="store_true", help="print JSON instead of a table")
    commands.add_parser("check", parents=[config], help="configuration, ffmpeg, stores and versions")
    return top


def main(words: Sequence[str]) -> int:
    """Run the command that the words name; its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal or log that cannot show a song's name gets it escaped.
            stream.reconfigure(errors="backslashreplace")
    asked = parser().parse_args(words)
    file: Path = getattr(asked, "config", SHIPPED)
    try:
        settings = load_settings(file)
    except BadConfiguration as fault:
        for line in fault.faults:
            print(f"configuration: {line}", file=sys.stderr)
        return 1
    try:
        with asyncio.Runner(loop_factory=even_loop) as runner:
            return runner.run(_command(_meant(settings, asked))(settings, asked))
    except KeyboardInterrupt:
        return 130
    except OSError as fault:
        print(f"run.py: {fault.filename or 'the system'}: {fault.strerror or fault}", file=sys.stderr)
        return 1


def _meant(settings: Settings, asked: argparse.Namespace) -> str | None:
    """The command's name; serving by several processes is another one, to which the product itself is not loaded."""
    name: str | None = asked.command
    alone = settings.server.processes == 1 or getattr(asked, "line", None) is not None
    return name if alone or name not in (None, "serve") else "supervise"


def _command(name: str | None) -> Command:
    # Imported when called for: `check` must be able to tell that a package is missing or broken.
    if name == "import":
        from server.commands.import_music import import_music

        return import_music
    if name == "analyse":
        from server.commands.analyse import analyse

        return analyse
    if name == "create-admin":
        from server.commands.create_admin import create_admin

        return create_admin
    if name == "set-tier":
        from server.commands.set_tier import set_tier

        return set_tier
    if name == "reset-second-factor":
        from server.commands.reset_second_factor import reset_second_factor

        return reset_second_factor
    if name == "reindex":
        from server.commands.reindex import reindex

        return reindex
    if name == "evaluate-recommender":
        from server.commands.evaluate_recommender import evaluate_recommender

        return evaluate_recommender
    if name == "billing":
        from server.commands.billing import billing

        return billing
    if name == "check":
        from server.commands.check import check

        return check
    if name == "files":
        from server.commands.files import files

        return files
    if name == "seed":
        from server.commands.seed import seed

        return seed
    if name == "supervise":
        from server.commands.supervise import supervise

        return supervise
    from server.commands.serve import serve

    return serve


def _numbers(text: str) -> list[int]:
    return [int(each) for each in text.split(",")]


def _top(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 1000")
    return int(text)


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write YYYY-MM-DD") from None
