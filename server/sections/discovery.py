"""Settings of discovery: what the learning of what goes together may take.

Owns names, defaults, bounds and meanings. Refuses to know where a value came from.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.sections.setting import setting


@dataclass(frozen=True, slots=True)
class DiscoverySettings:
    """Learning from what everybody plays."""

    training: bool = setting(
        True, "Learn what goes together from everybody's plays; without it, content and popularity recommend."
    )
    least_listeners: int = setting(5, "With fewer people nothing is learned.", least=2, most=1_000_000)
    training_rows: int = setting(
        20_000_000,
        "Most rows that one training reads, one for each person and song; 16 bytes of disk each while it lasts.",
        least=1_000,
        most=1_000_000_000,
    )
    training_memory_mb: int = setting(
        4_000, "Most memory of the process that learns, in megabytes; 0 for no bound.", least=0, most=1_000_000
    )
    training_seconds: float = setting(7_200.0, "How long one training may learn.", least=1, most=604_800)
