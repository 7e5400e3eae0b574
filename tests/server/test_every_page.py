"""What every door says to a browser: no page of the house runs what is not the house's, nor leads anywhere else."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient

from server.doors import make_rules
from tests.server.client import Client

DOORS = Path(__file__).resolve().parents[2] / "server" / "doors.py"
STYLES_OF_ITS_OWN = {"/graphql"}
"""GraphiQL's editor writes styles while it runs; no other page may."""
OUTSIDE = "https://elsewhere.example/"
_GROUP = re.compile(r"\((\?:)?([^()]*(?:\([^()]*\)[^()]*)*)\)")


def addresses() -> list[str]:
    """One address for each door of the table, its parts filled in with what is nothing."""
    nothing: Any = SimpleNamespace(crowd=None)
    rules = make_rules(
        {},
        executor=nothing,
        sockets=nothing,
        streams=nothing,
        limits=nothing,
        players=nothing,
        socket_manners=nothing,
        readiness=nothing,
        figures=nothing,
        demo=False,
        bundled=False,
    )
    patterns = [rule.matcher.regex.pattern for rule in rules if hasattr(rule.matcher, "regex")]
    return sorted({path for pattern in patterns for path in filled(pattern)})


def filled(pattern: str) -> list[str]:
    """Addresses that a pattern takes: the first words of each choice, `nothing` for whatever else."""
    text = pattern.rstrip("$").replace("\\.", ".").replace("\\/", "/")
    if text.startswith("(?:/|"):
        return ["/", "/search", "/album/nothing"]
    choice = re.search(r"\(([\w|-]+)\)", text)
    if choice and "|" in choice[1]:
        return [path for word in choice[1].split("|") for path in filled(text.replace(choice[0], word, 1))]
    return [re.sub(r"\([^()]*\)", "nothing", text)]


@pytest.fixture(scope="module")
def doors() -> list[str]:
    return addresses()


def test_the_walk_knows_every_door(doors):
    written = len(re.findall(r"\bdoor\(", DOORS.read_text(encoding="utf-8"))) - len(
        re.findall(r"import door", DOORS.read_text(encoding="utf-8"))
    )
    assert len(doors) >= written
    assert all(path.startswith("/") and "(" not in path and "[" not in path for path in doors)


async def test_every_page_runs_nothing_but_the_houses_own(server, doors):
    pages = []
    for path in doors:
        answer = await AsyncHTTPClient().fetch(
            server.base + path, headers={"Accept": "text/html,*/*"}, raise_error=False, follow_redirects=False
        )
        headers = answer.headers
        policy = headers.get("Content-Security-Policy", "")
        assert headers.get("X-Content-Type-Options") == "nosniff", path
        assert "frame-ancestors 'none'" in policy and headers.get("X-Frame-Options") == "DENY", path
        assert headers.get("Referrer-Policy") in ("same-origin", "no-referrer"), path
        assert "default-src 'none'" in policy, path
        script = re.search(r"script-src ([^;]*)", policy)
        assert script is None or not re.search(r"unsafe|\*|https?:|data:", script[1]), (path, script[1])
        assert "'unsafe-inline'" not in policy or path in STYLES_OF_ITS_OWN, path
        assert "Server" not in headers, path
        assert "Set-Cookie" not in headers or path.startswith("/auth/"), path
        if headers.get("Content-Type", "").startswith("text/html"):
            body = answer.body.decode()
            pages.append(path)
            assert not re.search(r"""\son\w+\s*=\s*["']|javascript:""", body), path
            own = body.replace(server.base, "")
            assert not re.search(r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""", own), path
    assert len(pages) >= 10


async def test_no_door_leads_out_of_the_house_whatever_it_is_told(server, doors):
    told = "&".join(
        f"{name}={OUTSIDE}" for name in ("next", "to", "url", "return", "redirect", "redirect_uri", "continue")
    )
    for path in [*doors, f"//{OUTSIDE[8:]}", "/%2F%2Felsewhere.example/", "/\\elsewhere.example"]:
        answer = await Client(server.base).fetch(f"{path}?{told}", follow_redirects=False)
        assert "elsewhere" not in answer.headers.get("Location", ""), path


async def test_a_forged_host_is_in_no_address_that_the_house_writes(server):
    for host in ("elsewhere.example", "elsewhere.example:80", 'a"><script>', "[::1"):
        answer = await AsyncHTTPClient().fetch(
            f"{server.base}/share/nothing", headers={"Host": host}, raise_error=False, follow_redirects=False
        )
        assert b"<script" not in answer.body
        home = await AsyncHTTPClient().fetch(
            f"{server.base}/auth/nothing", headers={"Host": host}, raise_error=False, follow_redirects=False
        )
        assert "elsewhere" not in home.headers.get("Location", "")
