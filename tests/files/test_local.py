"""The folder: nothing half written is ever seen or left."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta

import pytest

from storage.files import FilesAway, LocalFiles
from storage.files import folder as folder_module

KEY = "images/ab/abcd-640.jpg"


@pytest.fixture
def files(tmp_path):
    return LocalFiles(tmp_path / "kept")


def all_names(files):
    return sorted(path.name for path in files.root.rglob("*") if path.is_file())


async def test_a_full_disk_leaves_what_was_there(files, monkeypatch, tmp_path):
    await files.put(KEY, b"before")
    source = tmp_path / "s"
    source.write_bytes(b"after")

    def full(fd):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(folder_module.os, "fsync", full)
    for put in (files.put(KEY, b"after"), files.put_file(KEY, source), files.put_content("images", b"after", "jpg")):
        with pytest.raises(FilesAway, match="No space left") as told:
            await put
        assert told.value.code == "STORAGE_FULL"
    monkeypatch.undo()
    assert await files.get(KEY) == b"before"
    assert all_names(files) == ["abcd-640.jpg"]


async def test_what_a_killed_write_left_is_swept_and_never_listed(files):
    await files.put(KEY, b"whole")
    left = files.root / "images" / "ab" / ".part-0123456789abcdef"
    left.write_bytes(b"half")
    assert [facts.key async for facts in files.list()] == [KEY]
    now = datetime.now(UTC)
    assert await files.sweep(now - timedelta(hours=1)) == 0
    assert await files.sweep(now + timedelta(hours=1)) == 1
    assert all_names(files) == ["abcd-640.jpg"]


async def test_data_is_on_disk_before_it_gets_its_name_and_the_name_before_put_returns(files, monkeypatch):
    order = []
    fsync, replace = os.fsync, folder_module.Path.replace

    def synced(fd):
        order.append(("sync", "folder" if os.path.isdir(f"/proc/self/fd/{fd}") else "file"))
        fsync(fd)

    def replaced(self, target):
        order.append(("name", target.name))
        return replace(self, target)

    monkeypatch.setattr(folder_module.os, "fsync", synced)
    monkeypatch.setattr(folder_module.Path, "replace", replaced)
    await files.put("images/ab/x.jpg", b"1")
    # The three new folders' entries too: ab, images and the root they were made in.
    assert order[:2] == [("sync", "file"), ("name", "x.jpg")]
    assert order[2:] == [("sync", "folder")] * 4


async def test_a_linked_file_costs_no_second_copy(files, tmp_path):
    source = tmp_path / "staged"
    source.write_bytes(b"sound")
    await files.put_file(KEY, source, may_link=True)
    assert files.local_path(KEY).stat().st_ino == source.stat().st_ino
    await files.put_file(KEY, source, may_link=True)
    assert all_names(files) == ["abcd-640.jpg"]
    await files.put_file("images/ab/copy.jpg", source)
    assert files.local_path("images/ab/copy.jpg").stat().st_ino != source.stat().st_ino
