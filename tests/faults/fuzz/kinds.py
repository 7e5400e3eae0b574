"""What a kind of garbage is: how one input is made and thrown, and what may come back."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, ClassVar

from tests.faults.fuzz.house import FuzzedHouse
from tests.faults.fuzz.mutator import Mutator
from tests.faults.fuzz.wire import Answer, Closed, Line


class Trouble(AssertionError):
    """Something came back that may not."""


class Kind:
    """One kind, thrown from several lanes at once; each lane is one object of it."""

    name: ClassVar[str]
    share: ClassVar[int]
    """How many of a hundred inputs are of this kind."""
    lanes: ClassVar[int] = 4
    batch: ClassVar[int] = 1
    """Inputs of one throw."""
    door: ClassVar[str]

    def __init__(self, house: FuzzedHouse, lane: int) -> None:
        self.house = house
        self.lane = lane
        self.line = Line(house.port)
        self.told: Counter[str] = Counter()

    async def throw(self, by: Mutator) -> str:
        """Make one input and throw it; what came back, in a word. Trouble for what may not."""
        raise NotImplementedError

    async def leave(self) -> None:
        """Hang up."""
        await self.line.close()

    async def http(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        """One request over this lane's line; a clean hanging up is status 0."""
        try:
            answer = await self.line.ask(method, path, headers, body)
        except Closed:
            return Answer(0)
        self.look(answer, path)
        return answer

    def look(self, answer: Answer, about: Any) -> None:
        """Trouble for a 5xx that is no refusal of ours, and for whatever says INTERNAL."""
        if (answer.status >= 500 and not _refused(answer)) or b'"INTERNAL"' in answer.body:
            raise Trouble(f"{answer.status} {answer.body[:600]!r} for {str(about)[:500]}")

    async def graphql(self, query: str, who: str, **variables: Any) -> dict[str, Any]:
        """A proper request with spoiled variables; signs in again where that has become necessary."""
        headers = {"Content-Type": "application/json"} | self.house.bearer(who)
        answer = await self.http("POST", "/graphql", headers, dumped({"query": query, "variables": variables}))
        if answer.status == 401:
            await self.house.come_again(self.line, who)
        try:
            told = json.loads(answer.body)
        except ValueError:
            return {"errors": [{"extensions": {"code": f"HTTP {answer.status}"}}]}
        return told if isinstance(told, dict) and ("errors" in told or "data" in told) else {"errors": [told]}


NAMED = {"BILLING_AWAY", "BILLING_MISCONFIGURED", "SOURCE_BROKEN", "UNAVAILABLE"}
"""A 503 with one of these says what is missing: Stripe, a provider, sound that can be decoded."""


def _refused(answer: Answer) -> bool:
    try:
        return answer.status == 503 and json.loads(answer.body)["error"]["code"] in NAMED
    except (ValueError, LookupError, TypeError):
        return answer.status == 503 and b"does not answer just now" in answer.body


def dumped(value: Any) -> bytes:
    """JSON in which whatever a text may hold is written out."""
    return json.dumps(value).encode()


def outcome(told: dict[str, Any]) -> str:
    """How GraphQL answered, in a word."""
    errors = told.get("errors")
    if not errors:
        return "taken"
    code = errors[0].get("extensions", {}).get("code") if isinstance(errors[0], dict) else None
    return f"refused {code}" if code else "refused"
