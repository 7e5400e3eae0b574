"""Files of an exam: both forms, how they are told apart, and what is said of a bad line."""

import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.discovery.collaborative.paper import Form, read_paper
from services.errors import Invalid


@pytest.fixture
def paper(tmp_path):
    """Reads a paper of these two texts."""

    def read(train: str | bytes, test: str | bytes, form: Form | None = None):
        for name, text in (("train", train), ("test", test)):
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_paper(tmp_path / "train", tmp_path / "test", form)

    return read


def test_lists_are_read(paper):
    read = paper("0 5 6 7\n1 5\n2\n3 6 6 5\n", "0 8 5\n1 6\n2 \n9 7\n")
    assert read.form is Form.LISTS
    # Items in the order in which they come: 5 6 7; the 8 is new. Who has nothing in the first file is nobody there.
    assert read.train.counts.toarray().tolist() == [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
    assert read.people.tolist() == [0, 1, -1]
    assert [each.tolist() for each in read.wanted] == [[0, 3], [1], [2]]
    assert (read.strangers, read.unknown, read.known_already, read.held_back) == (1, 1, 1, 4)


def test_counts_are_read(paper):
    read = paper("u\ta\t3\nu\tb\t1.5\nv\ta\t10\nv\tb\t0\n", "u\tc\t2\nv\tb\t1\nv\tc\t0\n")
    assert read.form is Form.COUNTS
    assert read.train.counts.toarray().tolist() == [[3, 1.5], [10, 0]]
    assert (read.people.tolist(), [each.tolist() for each in read.wanted]) == ([0, 1], [[2], [1]])


@pytest.mark.parametrize(
    ("train", "form"),
    [
        ("1 2 3\n2 3 4\n", Form.LISTS),
        ("1 2 3\n1 3 4\n2 2 1\n", Form.COUNTS),
        ("1 2 3\n1 3 4\n2 2\n", Form.LISTS),
        ("1 a b\n1 c d\n", Form.LISTS),
        ("user item plays\n1 2 3\n1 3 4\n", Form.COUNTS),
        ("1 2\n1 3\n2 3\n", Form.LISTS),
        ("1 2 nan\n1 3 4\n1 4 inf\n", Form.LISTS),
    ],
)
def test_counts_are_three_fields_the_last_a_number_and_users_that_come_again(paper, train, form):
    assert paper(train, "1 2 3\n").form is form


def test_the_form_can_be_said(paper):
    assert paper("1 2 3\n2 3 4\n", "1 4 1\n", Form.COUNTS).train.counts.toarray().tolist() == [[3, 0], [0, 4]]
    assert paper("1 2 3\n1 3 4\n", "1 4\n", Form.LISTS).train.counts.toarray().tolist() == [[1, 1, 1]]
    assert paper("1 2\n1 3 2\n", "1 4\n", Form.COUNTS).train.counts.toarray().tolist() == [[1, 2]]


def test_a_heading_is_left_out_and_pairs_come_twice_are_added_up(paper):
    read = paper("user item plays\na x 3\na x 4\nb y 1\n", "user item plays\na y 1\n")
    assert read.train.counts.toarray().tolist() == [[7, 0], [0, 1]]


def test_marks_of_order_line_ends_comments_blank_lines_and_packing_do_not_matter(paper):
    plain = paper("1 2 3 4\n2 3\n", "1 5\n2 4\n")
    odd = "\ufeff# who what\r\n\r\n 1\t2  3 4 \r\n\t\r\n2 3".encode()
    for train in (odd, gzip.compress(odd)):
        read = paper(train, b"1 5\r\n# end\r\n2 4")
        assert read.train.counts.toarray().tolist() == plain.train.counts.toarray().tolist()
        assert [each.tolist() for each in read.wanted] == [each.tolist() for each in plain.wanted]


@pytest.mark.parametrize(
    ("train", "test", "form", "said"),
    [
        ("", "1 2\n", None, "train: there is nothing in it"),
        ("# nothing\n\n", "1 2\n", None, "train: there is nothing in it"),
        ("1 2\n", "", None, "test: there is nothing in it"),
        ("1,2\n", "1 2\n", None, "train:1: no line names an item; fields stand apart by blanks or tabs"),
        ("1 2\n", "1 2 0\n", Form.COUNTS, "test: nothing is held back in it"),
        ("1 2 0\n", "1 2\n", Form.COUNTS, "train: nobody has anything in it"),
        ("1 2 3\n\n1 2 x\n", "1 2\n", Form.COUNTS, "train:3: 'x' is no count"),
        ("1 2 3\n1 2 -4\n", "1 2\n", None, "train:2: '-4' is no count"),
        ("1 2 3\n1 2 3\n", "# x\n1 2 3\n1 2 3 4\n", None, "test:3: has 4 fields where `user item count` has three"),
        ("1 2 3\n1 2 3\n", "1\n1 2 3", None, "test:1: has 1 fields where `user item count` has three"),
        (b"1 2\n2 \xff\n", "1 2\n", None, "train:2: is no text in UTF-8"),
        (b"\xff\xfe1\x00 \x002\x00", "1 2\n", None, "train:1: is no text in UTF-8"),
        (b"\x1f\x8b\x08rest", "1 2\n", None, "train: is packed, and damaged: "),
        (gzip.compress(b"1 2\n" * 99, mtime=0)[:-12], "1 2\n", None, "train: is packed, and damaged: "),
        ("1 2\n1 " + "3" * 1001, "1 2\n", None, "train:2: a field of more than 1000 characters is no id"),
        ("1 2 5 881\n1 3 4 882\n1 4 1 9\n", "1 2\n", None, "train: every line has four fields and users come again"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(paper, tmp_path, train, test, form, said):
    with pytest.raises(Invalid) as refused:
        paper(train, test, form)
    assert str(refused.value).startswith(f"{tmp_path}/{said}")


ids = st.text("abc01é:/", min_size=1, max_size=3)


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(ids, st.sets(ids, min_size=1), min_size=1),
    st.dictionaries(ids, st.sets(ids, min_size=1), min_size=1),
)
def test_whatever_is_written_as_lists_is_read_back(tmp_path_factory, train, test):
    folder = tmp_path_factory.mktemp("paper")
    for name, people in (("train", train), ("test", test)):
        lines = [f"{user} {' '.join(items)}" for user, items in people.items()]
        (folder / name).write_text("\n".join(lines), "utf-8")
    read = read_paper(folder / "train", folder / "test", Form.LISTS)
    assert read.train.users == len(train)
    assert read.train.counts.nnz == sum(map(len, train.values()))
    assert read.held_back == sum(map(len, test.values()))
    assert read.strangers == len(test.keys() - train.keys())
    had = set().union(*train.values())
    assert read.unknown == len(set().union(*test.values()) - had)
    assert read.known_already == sum(len(items & train.get(user, set())) for user, items in test.items())
    assert sorted(np.diff(read.train.counts.indptr)) == sorted(map(len, train.values()))
