"""What a house of the tests is told so that it does only what it is asked for.

Owns settings, by their variables' names without TUTTI_. As shipped a house measures what is new, starts encoders
beforehand and encodes likely songs when nothing else is to be done: that is proven where it is the point, and costs
more than the test everywhere else. Its ffmpeg is the one installed beside Tutti, which starts sooner.
"""

from __future__ import annotations

import os

from tests.sound_tool import QUICK_FFMPEG

IDLE = {"ANALYSIS_BACKGROUND": "false", "AUDIO_READY_ENCODERS": "0", "AUDIO_IDLE_CACHE_PERCENT": "0"}
COMPILE_AFTER = os.environ.get("TUTTI_TEST_PLANS", "1")
"""When the tests' operations are compiled: `1` at once, so that everything is asked of plans, `0` never."""
QUIET = {**IDLE, "AUDIO_FFMPEG": QUICK_FFMPEG, "GRAPHQL_COMPILE_AFTER": COMPILE_AFTER}
