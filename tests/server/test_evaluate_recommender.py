"""`evaluate-recommender` as a person meets it: a table, JSON, a readable line when a file is not what it should be."""

import json

import pytest

from tests.server.test_command_line import command

__all__ = ["command"]


@pytest.fixture
def files(tmp_path):
    train, test = tmp_path / "train.txt", tmp_path / "test.txt"
    train.write_text(
        "".join(f"u{n} {' '.join(f's{n % 2 + 2 * k}' for k in range(6) if k != n % 5)}\n" for n in range(30))
    )
    test.write_text("".join(f"u{n} s{n % 2 + 2 * (n % 5)}\n" for n in range(30)) + "new s1\n")
    return "evaluate-recommender", "--train", str(train), "--test", str(test)


def test_the_table_has_the_shipped_model_and_the_simple_ones(command, files):
    code, out, err = command(*files, "--top", "3")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Read as `user item [item …]` lines (--format says otherwise)."
    assert lines[1] == "To learn from: 30 users, 12 items, 150 pairs (41.7 % of all)."
    assert lines[2] == "Held back: 31 pairs of 31 users."
    assert lines[3] == "1 of these users are not in the first file: they are shown what is popular."
    rows = {line.split()[0]: line.split()[1:] for line in lines[8:12]}
    assert list(rows) == ["tutti", "item-kNN", "popularity", "random"]
    assert float(rows["tutti"][0]) > 0.95
    assert any(line.startswith("The recipe found: ") for line in lines)


def test_it_can_be_read_by_programs(command, files):
    code, out, _ = command(*files, "--json", "--format", "lists")
    said = json.loads(out)
    assert code == 0
    assert (said["format"], said["top"], said["users"], said["items"], said["pairs"]) == ("lists", 20, 30, 12, 150)
    assert (said["examined"], said["heldBack"], said["strangers"]) == (31, 31, 1)
    assert [each["model"] for each in said["results"]] == ["tutti", "item-kNN", "popularity", "random"]
    assert set(said["results"][0]) == {"model", "recall", "ndcg", "coverage", "novelty", "people", "seconds", "recipe"}


def test_what_is_wrong_is_one_line(command, files, tmp_path):
    code, out, err = command(*files, "--format", "counts")
    assert (code, out) == (1, "")
    assert err == f"There is no exam: {tmp_path}/train.txt:1: has 6 fields where `user item count` has three\n"
    code, out, err = command(*files[:-1], str(tmp_path / "gone"))
    assert (code, out, err) == (1, "", f"run.py: {tmp_path}/gone: No such file or directory\n")
    code, out, err = command(*files[:-1], str(tmp_path))
    assert (code, out, err) == (1, "", f"run.py: {tmp_path}: Is a directory\n")
    for top in ("0", "1001", "x", "-3"):
        code, out, err = command(*files, f"--top={top}")
        assert (code, out) == (2, "")
        assert f"'{top}' is no number from 1 to 1000" in err
