"""The servers of tests/server, for what stands in front of them."""

from tests.server.conftest import library, music, own_server  # noqa: F401
