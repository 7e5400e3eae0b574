from __future__ import annotations

import errno
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.accounts.secrets import load_or_create_secret
from services.accounts.tokens import Tokens


def test_a_secret_is_made_once_and_kept_for_its_owner_alone(tmp_path, clock):
    path = tmp_path / "data" / "secret.key"
    secret = load_or_create_secret(path)
    assert len(secret) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_secret(path) == secret
    assert [entry.name for entry in path.parent.iterdir()] == ["secret.key"]
    Tokens([secret], clock)
    assert load_or_create_secret(tmp_path / "other.key") != secret


def test_eight_first_starts_at_once_agree(tmp_path):
    path = tmp_path / "secret.key"
    line = threading.Barrier(8)

    def start() -> str:
        line.wait(5)
        return load_or_create_secret(path)

    with ThreadPoolExecutor(8) as pool:
        secrets = [future.result() for future in [pool.submit(start) for _ in range(8)]]
    assert len(set(secrets)) == 1
    assert os.listdir(tmp_path) == ["secret.key"]


@pytest.mark.parametrize("refuse", ["EPERM", "ENOTSUP"])
def test_a_file_system_without_hard_links_will_do(tmp_path, monkeypatch, refuse):
    def no_links(*_):
        raise OSError(getattr(errno, refuse), "no links here")

    monkeypatch.setattr(os, "link", no_links)
    secret = load_or_create_secret(tmp_path / "secret.key")
    assert load_or_create_secret(tmp_path / "secret.key") == secret
    assert os.listdir(tmp_path) == ["secret.key"]


def test_without_hard_links_too_the_secret_that_came_first_wins(tmp_path, monkeypatch):
    path = tmp_path / "secret.key"

    def another_start(*_):
        path.write_text("y" * 40)
        path.chmod(0o600)
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", another_start)
    assert load_or_create_secret(path) == "y" * 40


@pytest.mark.parametrize("content", ["", "too short", "x" * 31])
def test_a_file_with_too_little_in_it_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "secret.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ValueError, match=r"secret\.key must hold a secret of at least 32 bytes"):
        load_or_create_secret(path)
    assert path.read_text() == content


def test_a_file_that_others_can_read_is_told_to_the_log(tmp_path, log_watch):
    log_watch.expect("^WARNING tutti.accounts: the secret file can be read by others$")
    path = tmp_path / "secret.key"
    path.write_text("x" * 40 + "\n")
    path.chmod(0o644)
    assert load_or_create_secret(path) == "x" * 40
