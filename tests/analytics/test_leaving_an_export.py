"""Somebody asks for a table and leaves: the export ends, and the log has nothing to tell."""

import asyncio
from types import SimpleNamespace

from services.viewer import Role
from tests.catalogue_rig import PASSWORD, rig, serving

__all__ = ["rig"]


async def test_whoever_leaves_in_the_middle_of_a_table_is_no_error(rig, monkeypatch):
    await rig.sign_up("boss", Role.ADMIN)
    token = (await rig.house.accounts.signing_in.log_in(None, email="boss@example.com", password=PASSWORD)).token
    gone, ended = asyncio.Event(), asyncio.Event()

    async def parts():
        try:
            for _ in range(50):
                yield "a,b\n"
                await gone.wait()
                await asyncio.sleep(0.01)
        finally:
            ended.set()

    made = SimpleNamespace(file_name="users.csv", parts=parts())
    monkeypatch.setattr(rig.house.figure_exports, "export", lambda *_, **__: made)
    async with serving(rig) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(client.base.rpartition(":")[2]))
        asked = f"GET /export/users.csv HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
        writer.write(asked.encode())
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
        writer.transport.abort()
        gone.set()
        # Long enough for the next part to be written to nobody.
        await asyncio.sleep(0.3)
        await made.parts.aclose()
    assert ended.is_set()
