"""A client as anybody could write one: GraphQL over HTTP, streams by range, subscriptions over the socket."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

from tornado.httpclient import AsyncHTTPClient
from websockets.asyncio.client import connect

PASSWORD = "a fine long password"


class Client:
    """One person at one server."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.token: str | None = None
        self.refresh_token: str | None = None
        self.user_id: str | None = None

    async def fetch(self, path: str, **words):
        """Any path, with the token when there is one; HTTP errors are answers."""
        headers = dict(words.pop("headers", {}))
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return await AsyncHTTPClient().fetch(self.base + path, headers=headers, raise_error=False, **words)

    async def ask(self, query: str, **variables):
        """The whole GraphQL response."""
        body = json.dumps({"query": query, "variables": variables})
        answer = await self.fetch("/graphql", method="POST", body=body, headers={"Content-Type": "application/json"})
        return json.loads(answer.body)

    async def get(self, query: str, **variables):
        """The data of a response without errors."""
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def register(self, name: str) -> None:
        """A new account, signed in."""
        data = await self.get(
            """mutation($e: String!, $u: String!, $p: String!) {
                register(email: $e, username: $u, password: $p) { user { id } token refreshToken } }""",
            e=f"{name}@example.com",
            u=name,
            p=PASSWORD,
        )
        self._keep(data["register"])

    async def log_in(self, name: str) -> None:
        """Sign in to an account that is there."""
        data = await self.get(
            "mutation($e: String!, $p: String!) { login(email: $e, password: $p) { user { id } token refreshToken } }",
            e=f"{name}@example.com",
            p=PASSWORD,
        )
        self._keep(data["login"])

    def _keep(self, signed_in) -> None:
        self.token = signed_in["token"]
        self.refresh_token = signed_in["refreshToken"]
        self.user_id = signed_in["user"]["id"]

    @asynccontextmanager
    async def subscription(self, query: str, **variables):
        """A function that awaits the next message of one subscription."""
        address = self.base.replace("http", "ws") + "/graphql"
        async with connect(address, subprotocols=["graphql-transport-ws"]) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": {"token": self.token}}))
            assert json.loads(await socket.recv())["type"] == "connection_ack"
            payload = {"query": query, "variables": variables}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))

            async def following():
                return json.loads(await socket.recv())

            yield following
