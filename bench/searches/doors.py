"""A real server over the bench's library in a process of its own, and one kept-alive connection to it.

Owns starting, asking over HTTP and ending it. Refuses to know what is asked.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.stream_servers import cpu_seconds

RUN = Path(__file__).parent.parent.parent / "run.py"
ADDRESS = re.compile(r"plays at\s+http://127\.0\.0\.1:(\d+)")
QUIET_SECONDS = 2.0
PATIENCE_S = 600.0


class Server:
    """`run.py serve` over `data`, killed with the block."""

    def __init__(self, data: Path) -> None:
        own = {"TUTTI_STORAGE_DATA_DIR": str(data), "TUTTI_SERVER_PORT": "0", "TUTTI_LIBRARY_DEMO": "false"}
        # One client asks as a crowd does, and must not be asked to wait.
        own["TUTTI_GRAPHQL_ANONYMOUS_RATE_BURST"] = "1000000000"
        environ = {key: value for key, value in os.environ.items() if not key.startswith("TUTTI_")} | own
        self._log = (data.parent / "server.log").open("w")
        self._child = subprocess.Popen(
            [sys.executable, str(RUN)], env=environ, stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        assert self._child.stdout is not None
        port = next((int(found[1]) for line in self._child.stdout if (found := ADDRESS.search(line))), None)
        if port is None:
            raise SystemExit("the server did not start:\n" + (data.parent / "server.log").read_text())
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Content-Type": "application/json"}

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._child.send_signal(signal.SIGTERM)
        self._child.wait(60)
        assert self._child.stdout is not None
        self._child.stdout.close()
        self._log.close()

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The whole answer to a document."""
        body = json.dumps({"query": document, "variables": variables})
        self._connection.request("POST", "/graphql", body, self.headers)
        answer: dict[str, Any] = json.loads(self._connection.getresponse().read())
        return answer

    def cpu_seconds(self) -> float:
        """Processor time of the server until now."""
        return cpu_seconds([self._child.pid])

    def memory_mb(self) -> float:
        """What the server has resident, in MB."""
        status = Path(f"/proc/{self._child.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0.0

    def settle(self) -> float:
        """Wait until the server has opened and proved its index and rests; how many seconds that took."""
        begun = time.monotonic()
        used = self.cpu_seconds()
        while time.monotonic() - begun < PATIENCE_S:
            time.sleep(QUIET_SECONDS)
            now = self.cpu_seconds()
            if now - used < 0.1 * QUIET_SECONDS:
                return time.monotonic() - begun - QUIET_SECONDS
            used = now
        raise SystemExit("the server does not come to rest")
