"""The composition root: doors, sockets and schedule around the services. The only file that may enter every room.

Owns the order in which a server starts, and how it stops: no new work, then streams and sockets get their time, then
everything that was started is stopped in reverse, from any half-started state.
"""

from __future__ import annotations

import logging
from pathlib import Path

log = logging.getLogger("tutti.server")

WEB = Path(__file__).parent.parent / "web"
