"""What is made for one caller goes out compressed to those who take it, save where secrets come from."""

import gzip
import json

import pytest

from handlers.compressed import LEAST_BYTES, LOOP_BYTES
from tests.server.client import Client

LONG = " ".join(f"{'n' * 300}{number}: __typename" for number in range(6))
SCHEMA = "{ __schema { types { name description fields { name description } } } }"


async def asked(server, query, **headers):
    body = json.dumps({"query": query}) if isinstance(query, str) else json.dumps(query)
    headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"} | headers
    return await Client(server.base).fetch(
        "/graphql", method="POST", body=body, headers=headers, decompress_response=False
    )


@pytest.mark.parametrize("query", [f"{{ {LONG} }}", SCHEMA])
async def test_a_long_answer_is_compressed_and_the_same(server, query):
    squeezed = await asked(server, query)
    plain = await asked(server, query, **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers and len(plain.body) >= LEAST_BYTES
    assert (squeezed.headers["Content-Encoding"], gzip.decompress(squeezed.body)) == ("gzip", plain.body)
    assert "Accept-Encoding" in plain.headers["Vary"] and "Accept-Encoding" in squeezed.headers["Vary"]
    assert len(squeezed.body) < len(plain.body) / 2
    assert (len(plain.body) > LOOP_BYTES) is (query == SCHEMA)


async def test_a_short_answer_goes_out_as_it_is(server):
    answer = await asked(server, "{ __typename }")
    assert "Content-Encoding" not in answer.headers and json.loads(answer.body)["data"]["__typename"] == "Query"


async def test_answers_that_can_hold_a_token_are_never_compressed(server):
    for query in (f"mutation {{ {LONG} }}", [{"query": f"{{ {LONG} }}"}, {"query": f"mutation {{ {LONG} }}"}]):
        answer = await asked(server, query)
        assert answer.code == 200 and len(answer.body) >= LEAST_BYTES
        assert "Content-Encoding" not in answer.headers
    only_queries = await asked(server, [{"query": f"{{ {LONG} }}"}])
    assert only_queries.headers["Content-Encoding"] == "gzip"


async def test_events_are_not_compressed(server):
    answer = await asked(server, f"{{ {LONG} }}", Accept="text/event-stream")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert "Content-Encoding" not in answer.headers and b"event: complete" in answer.body


async def test_the_page_is_compressed_and_names_the_words_of_its_reader(server):
    headers = {"Accept-Encoding": "gzip", "Accept-Language": "xx, de-AT;q=0.8, en;q=0.5"}
    answer = await Client(server.base).fetch("/", headers=headers, decompress_response=False)
    page = gzip.decompress(answer.body).decode() if answer.headers.get("Content-Encoding") else answer.body.decode()
    if "language/" in page:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "/web/player/language/de/frame.json" in page and "/language/en/" not in page
        assert "Accept-Language" in answer.headers["Vary"]
