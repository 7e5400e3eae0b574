"""The servers of tests/server, for backups of them."""

from tests.server.conftest import library, music, own_server  # noqa: F401
