"""The importer of beets, run as its users run it: without asking, without looking anything up, files left in place."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).parent.parent / ".services" / "bench" / "beets"
VERSION = "2.14.1"
LONGEST_S = 1200
CONFIG = """import:
    copy: no
    write: no
    quiet: yes
    autotag: no
    incremental: yes
    log: /dev/null
plugins: []
"""


@dataclass(frozen=True, slots=True)
class Beets:
    """A beets of its own environment."""

    program: Path

    @classmethod
    def fetched(cls) -> Beets | None:
        """Ours from the last time, or fetched now; None where neither is to be had."""
        program = HOME / "bin" / "beet"
        if not program.exists():
            print(f"fetching beets {VERSION} ...", flush=True)
            try:
                subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
                install = [str(HOME / "bin" / "python"), "-m", "pip", "install", "-q", f"beets=={VERSION}"]
                subprocess.run(install, check=True, timeout=300)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
                return None
        return cls(program)

    def bring_in(self, music: Path, data: Path) -> float:
        """Import a folder into the library at `data`; the seconds it took."""
        data.mkdir(exist_ok=True)
        (data / "config.yaml").write_text(
            f"directory: {music}\nlibrary: {data / 'library.db'}\n{CONFIG}", encoding="utf-8"
        )
        began = time.perf_counter()
        subprocess.run(
            [str(self.program), "import", "-A", "-q", str(music)],
            env=os.environ | {"BEETSDIR": str(data)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=LONGEST_S,
        )
        return time.perf_counter() - began
