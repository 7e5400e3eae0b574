"""Archives: what goes in comes out, nothing half is left, and none that is not whole is believed."""

import io
import tarfile
from datetime import UTC, datetime

import orjson
import pytest

from storage.archive.layout import BadArchive, Manifest, as_line, from_line
from storage.archive.reading import ArchiveReader
from storage.archive.writing import ArchiveWriter

ROWS = [
    {"_id": "a", "at": datetime(2026, 1, 31, 12, 0, 0, 5000, UTC), "n": 2**62, "f": 1.0, "deep": [{"x": None}, True]},
    {"_id": "b\n\x00é", "text": "two\nlines"},
]


@pytest.fixture
def archive(tmp_path):
    target = tmp_path / "house.tar"
    with ArchiveWriter(target, Manifest("0.1.0", "2026-01-31", "SQLite", ["0001"])) as writer:
        writer.begin_documents()
        writer.add_lines(as_line(row) for row in ROWS)
        writer.end_documents("songs", len(ROWS))
        writer.add_bytes("files/images/ab/ab-1.jpg", b"picture" * 1000)
        writer.finish()
    return target


def verified(path):
    with ArchiveReader(path) as archive:
        archive.verify(lambda *_: None)
        return archive.manifest, [row for batch in archive.documents("songs") for row in batch], archive.keys


def test_what_goes_in_comes_out_and_nothing_else_is_left(archive):
    manifest, rows, keys = verified(archive)
    assert rows == ROWS
    assert [type(row.get("f")) for row in rows] == [float, type(None)]
    assert (keys, manifest.documents, manifest.migrations) == (["images/ab/ab-1.jpg"], {"songs": 2}, ["0001"])
    assert [each.name for each in archive.parent.iterdir()] == ["house.tar"]
    assert archive.stat().st_mode & 0o777 == 0o600


def test_an_archive_is_never_written_over_and_one_broken_off_leaves_nothing(archive, tmp_path):
    before = archive.read_bytes()
    with pytest.raises(FileExistsError):
        ArchiveWriter(archive, Manifest("", "", "", []))
    with pytest.raises(RuntimeError), ArchiveWriter(tmp_path / "other.tar", Manifest("", "", "", [])) as writer:
        writer.begin_documents()
        raise RuntimeError
    assert archive.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["house.tar"]


def test_every_cut_and_every_changed_byte_is_found(archive):
    whole = archive.read_bytes()
    manifest_at = whole.index(b'"members"')
    for cut in (0, 100, 512, 1000, len(whole) // 3, manifest_at - 200, manifest_at + 20):
        archive.write_bytes(whole[:cut])
        with pytest.raises(BadArchive):
            verified(archive)
    # In the documents, in a picture, in the manifest.
    for at in (520, whole.index(b"picture") + 3, whole.index(b'"members') + 3):
        changed = bytearray(whole)
        changed[at] ^= 0x20
        archive.write_bytes(bytes(changed))
        with pytest.raises(BadArchive):
            verified(archive)


def forged(path, members, manifest=None):
    with tarfile.open(path, "w") as tar:
        told = {name: [len(data), "0" * 64] for name, data in members.items()}
        fields = {"format": 1, "version": "", "made_at": "", "engine": "", "migrations": [], "documents": {}}
        manifest = orjson.dumps({**fields, "members": told, **(manifest or {})})
        for name, data in {**members, "manifest.json": manifest}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.parametrize(
    ("members", "manifest"),
    [
        ({"files/../../etc/passwd": b"x"}, None),
        ({"files//etc/passwd": b"x"}, None),
        ({"elsewhere": b"x"}, None),
        ({}, {"documents": {"songs": 1}}),
        ({}, {"documents": {"../songs": 1}, "members": {}}),
        ({}, {"format": 2}),
        ({}, {"members": {"files/images/a.jpg": [1, ""]}}),
        ({}, {"members": 3}),
    ],
)
def test_names_that_lead_elsewhere_and_false_manifests_are_refused(tmp_path, members, manifest):
    with pytest.raises(BadArchive):
        ArchiveReader(forged(tmp_path / "bad.tar", members, manifest))


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"_id": 1}', b'{"_id": "a", "at": {"$time": "soon"}}', b"{"])
def test_a_line_without_a_document_is_refused(line):
    with pytest.raises(BadArchive):
        from_line(line)
