"""Settings of the GraphQL door: how much a document may ask, and how often.

Owns names, defaults, bounds and meanings. Refuses to know where a value came from.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.sections.setting import setting


@dataclass(frozen=True, slots=True)
class GraphqlSettings:
    """Bounds of the GraphQL door."""

    max_depth: int = setting(15, "Deepest nesting of a query.", least=2, most=100)
    max_cost: int = setting(
        20_000, "Highest price of a query, about one per record it may touch.", least=100, most=10_000_000
    )
    timeout_seconds: float = setting(15.0, "How long one operation may run.", least=0.1, most=600)
    introspection: str = setting(
        "auto",
        "Whether clients may read the schema; `auto` says yes except in production.",
        choices=("auto", "on", "off"),
    )
    max_tokens: int = setting(2_000, "Most words and signs in a document.", least=50, most=1_000_000)
    max_characters: int = setting(50_000, "Longest document, in characters.", least=500, most=10_000_000)
    max_aliases: int = setting(200, "Most aliases in a document.", least=1, most=100_000)
    max_directives: int = setting(100, "Most directives in a document; one place takes five.", least=1, most=100_000)
    max_root_fields: int = setting(100, "Most fields that one operation asks at its top.", least=1, most=10_000)
    max_batch: int = setting(10, "Most requests in one JSON array.", least=1, most=1_000)
    report_cost: bool = setting(
        False, "Tell the price of every answer in `extensions.cost`; clients can ask for it themselves too."
    )
    rate_per_second: float = setting(
        2_000.0,
        "Cost a second that one signed-in person may ask for, on average; 0 means no bound.",
        least=0,
        most=10_000_000,
    )
    rate_burst: int = setting(200_000, "Cost that they may ask for at once.", least=100, most=1_000_000_000)
    anonymous_rate_per_second: float = setting(
        1_000.0,
        "The same for people who are not signed in, by address (IPv6 by its network of 64 bits).",
        least=0,
        most=10_000_000,
    )
    anonymous_rate_burst: int = setting(100_000, "Cost that they may ask for at once.", least=100, most=1_000_000_000)
    persisted_queries: int = setting(
        1_000,
        "How many documents are remembered by the hash under which a client registered them; 0 remembers none.",
        least=0,
        most=100_000,
    )
    compile_after: int = setting(
        2,
        "Compile an operation into Python when it is asked for this often (the same text again); 0 never does.",
        least=0,
        most=1_000_000,
    )
    cache_bytes: int = setting(
        16_000_000,
        "Memory for whole answers to people who are not signed in, forgotten as soon as the catalogue changes; 0 keeps "
        "none.",
        least=0,
        most=10_000_000_000,
    )
    cache_seconds: int = setting(
        300, "Most seconds that such an answer is kept, whatever the schema allows.", least=0, most=86_400
    )
    allow_list: str = setting(
        "",
        "A folder of `*.graphql` files or a JSON file: only the documents in it may run. Empty lets every one run. "
        "Relative to the working folder.",
    )
